"""Key pairs of replicas: ECDSA P-256 with SHA-256, signatures as `r || s` (the form that Web Crypto
gives)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from sync.canonical import decode, encode, from_base64url, to_base64url

PrivateKey = ec.EllipticCurvePrivateKey
KEY_KIND = "key"  # documents that name the public half of a replica's signing key,
SEAL_KIND = "seal"  # of the key for which others seal what only this replica is to read
KINDS = frozenset({KEY_KIND, SEAL_KIND})
_ALGORITHM = ec.ECDSA(hashes.SHA256())


def generate() -> PrivateKey:
    """A new private key. The caller keeps it outside `replica.db` (see `to_pem`)."""
    return ec.generate_private_key(ec.SECP256R1())


def to_pem(key: PrivateKey) -> str:
    """The private key as unencrypted PKCS #8 PEM text."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def from_pem(text: str) -> PrivateKey:
    """A private key from PEM text; `ValueError` when it is no P-256 key."""
    key = serialization.load_pem_private_key(text.encode("ascii"), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a P-256 private key")
    return key


def public_text(key: PrivateKey) -> str:
    """The public half: SubjectPublicKeyInfo as base64url."""
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return to_base64url(spki)


def load_public(text: str) -> ec.EllipticCurvePublicKey:
    """The public key of a SubjectPublicKeyInfo as base64url; `ValueError` when it is no P-256 key."""
    try:
        key = serialization.load_der_public_key(from_base64url(text))
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a P-256 public key")
    return key


def key_document(replica: str, public: str, kind: str = KEY_KIND) -> str:
    """Canonical text of a replica's key document."""
    return encode([kind, replica, public])


def read_key_document(data: bytes, kind: str = KEY_KIND) -> tuple[str, str]:
    """`(replica, public)` of a key document; `ValueError` when it is none of this kind."""
    found, replica, public = decode(data.decode())
    if found != kind or not isinstance(replica, str) or not isinstance(public, str):
        raise ValueError("not a key document")
    return replica, public


def tip_text(replica: str, number: int, digest: str) -> str:
    """What a replica signs: its tip."""
    return encode(["tip", replica, str(number), digest])


def enrol_text(replica: str, whom: str) -> str:
    """What a replica signs where it asks for a token: that it goes by this name, and for whom it asks."""
    return encode(["enrol", replica, whom])


def sign(key: PrivateKey, text: str) -> str:
    """Signature of `text` as 64 bytes in base64url."""
    r, s = decode_dss_signature(key.sign(text.encode(), _ALGORITHM))
    return to_base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def verify(public: str, text: str, signature: str) -> bool:
    """Whether `signature` is one of `text` by the key `public`. False for anything malformed."""
    try:
        raw = from_base64url(signature)
        key = serialization.load_der_public_key(from_base64url(public))
        if len(raw) != 64 or not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key.verify(pair, text.encode(), _ALGORITHM)
    except (ValueError, InvalidSignature):
        return False
    return True
