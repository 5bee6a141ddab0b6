"""Sealing: what only one replica, the hub, can open (`docs/bundle-format.md`, "Sealing").

ECDH between a key pair made for this one occasion and the hub's sealing key, HKDF-SHA256 to a key for each part,
AES-256-GCM over frames that are numbered and of which the last is marked. Nothing here that Web Crypto cannot do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync import keys
from sync.canonical import encode, from_base64url, sha
from sync.problems import SEAL_BROKEN, SyncError

FRAME = 1 << 20  # plain bytes of a frame; the last may be shorter
TAG = 16

Find = Callable[[str], "keys.PrivateKey | None"]
"""The private sealing key of a replica, None when it is not at hand."""


@dataclass(frozen=True, slots=True)
class Lid:
    """What a reader needs beside the private key: public halves (SubjectPublicKeyInfo as base64url) of the recipient's
    key and of the one made for this occasion, and `about`, texts that the keys are bound to."""

    to: str
    once: str
    about: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Names this sealing; stands in every key and in every frame."""
        return sha(encode(["sealed", "1", self.to, self.once, *self.about]))


def lid_for(to: str, about: tuple[str, ...]) -> tuple[Lid, bytes]:
    """A lid for a recipient's public sealing key, and the secret that both sides can work out."""
    once = keys.generate()
    secret = once.exchange(ec.ECDH(), _public(to))
    return Lid(to, keys.public_text(once), about), secret


def secret_of(lid: Lid, private: keys.PrivateKey) -> bytes:
    """The secret of a lid for whoever has the private half of `lid.to`; HW-2046 when this is another key."""
    if keys.public_text(private) != lid.to:
        raise SyncError(SEAL_BROKEN)
    return private.exchange(ec.ECDH(), _public(lid.once))


def _public(text: str) -> ec.EllipticCurvePublicKey:
    try:
        return keys.load_public(text)
    except ValueError:
        raise SyncError(SEAL_BROKEN) from None


def sealed_size(size: int) -> int:
    """Bytes of a sealed part with `size` plain ones."""
    return size + TAG * max(1, -(-size // FRAME))


class _Frames:
    """Cipher, associated data and numbers of one part."""

    def __init__(self, lid: Lid, secret: bytes, part: str) -> None:
        salt = from_base64url(lid.digest)
        key = HKDF(SHA256(), 32, salt, f"homeward part {part}".encode()).derive(secret)
        self.cipher = AESGCM(key)
        self.beside = f"{lid.digest} {part}".encode()
        self._number = 0

    def nonce(self, last: bool) -> bytes:
        """Twelve bytes: the frame's number, and whether it is the last."""
        number = self._number
        self._number += 1
        return number.to_bytes(11, "big") + bytes([last])


class Sealer:
    """Seals one part as its bytes come; `out` takes the sealed ones."""

    def __init__(self, lid: Lid, secret: bytes, part: str, out: Callable[[bytes], object]) -> None:
        self._frames = _Frames(lid, secret, part)
        self._out = out
        self._rest = bytearray()

    def write(self, data: bytes) -> None:
        """The next plain bytes."""
        self._rest += data
        while len(self._rest) > FRAME:  # a full frame waits: it may be the last
            self._frame(bytes(self._rest[:FRAME]), last=False)
            del self._rest[:FRAME]

    def end(self) -> None:
        """Nothing more comes."""
        self._frame(bytes(self._rest), last=True)

    def _frame(self, data: bytes, *, last: bool) -> None:
        frames = self._frames
        self._out(frames.cipher.encrypt(frames.nonce(last), data, frames.beside))


def opened(lid: Lid, secret: bytes, part: str, size: int, read: Callable[[int], bytes]) -> Iterator[bytes]:
    """The plain bytes of a part of `size` sealed ones, frame by frame; `read` gives exactly as many as it is asked
    for. HW-2046 for what is not as it was sealed."""
    frames = _Frames(lid, secret, part)
    left = size
    while True:
        data = read(min(left, FRAME + TAG))
        left -= len(data)
        try:
            yield frames.cipher.decrypt(frames.nonce(last=not left), data, frames.beside)
        except InvalidTag:
            raise SyncError(SEAL_BROKEN, part) from None
        if not left:
            return
