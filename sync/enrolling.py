"""Enrolling a phone by a one-time code: the code as it is read and typed, the fingerprint of a hub's key, what a hub
signs to prove itself, and the short number that two people compare. Pure; its twin is
`collector/static/app/sync/enrolment.js`, and both reproduce `tests/vectors/enrolment.json`."""

from __future__ import annotations

import hashlib
import re
import secrets

from sync.canonical import encode, from_base64url, to_base64url

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32: no letter that looks like a digit
SECRET = 10
"""Letters of a code that nobody can guess: 50 bits, valid for minutes, and every guess asks the hub."""
CHECK = 6
"""Letters of the fingerprint that a person types: 30 bits. Whoever scans gets all of it."""
DIGITS = 6
_LOOKS_LIKE = str.maketrans("oil", "011")


def new_code() -> str:
    """A secret of `SECRET` letters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SECRET))


def fingerprint(public: str) -> str:
    """SHA-256 of a public key (SubjectPublicKeyInfo as base64url) as base64url, 43 characters."""
    return to_base64url(hashlib.sha256(from_base64url(public)).digest())


def fragment(code: str, public: str) -> str:
    """What stands behind the `#` of the address in a QR code: the secret, and the hub's whole fingerprint."""
    return f"{code}.{fingerprint(public)}"


def typed(code: str, public: str) -> str:
    """The same for typing, in groups of four: the secret, and the first letters of the fingerprint."""
    number = int.from_bytes(hashlib.sha256(from_base64url(public)).digest(), "big") >> (256 - 5 * CHECK)
    check = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(CHECK)))
    letters = f"{code}{check}".upper()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def read_secret(text: str) -> str:
    """The secret of a code that was scanned or typed, in whatever case and grouping; `""` for what is none."""
    letters = re.sub(r"[\s\-]", "", text.partition(".")[0]).lower().translate(_LOOKS_LIKE)[:SECRET]
    return letters if len(letters) == SECRET and set(letters) <= set(ALPHABET) else ""


def proof_text(hub: str, nonce: str, at: str) -> str:
    """What a hub signs when it is asked who it is."""
    return encode(["hub", hub, nonce, at])


def trial_text(replica: str, nonce: str) -> str:
    """What a device signs as a record on trial, which the hub checks and throws away."""
    return encode(["trial", replica, nonce])


def confirmation(code: str, hub: str, hub_public: str, replica: str, public: str) -> str:
    """The six digits that the phone and the supervisor's page show: of the secret and of both sides' keys and names."""
    text = encode(["confirm", code, hub, hub_public, replica, public])
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    return f"{number % 10**DIGITS:0{DIGITS}d}"
