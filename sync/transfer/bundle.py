"""Reading a bundle: what it says of itself, whether it is whole, and taking it (`docs/bundle-format.md`).

A byte that is not as it was written, anywhere in the file, and nothing of it is taken."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from sync.change import ERASES
from sync.problems import (
    BAD_LINES,
    BUNDLE_CUT,
    BUNDLE_DAMAGED,
    CUT_SHORT,
    NOT_A_BUNDLE,
    SEAL_BROKEN,
    SEALED_TO_OTHER,
    UNREADABLE_FILE,
    SyncError,
)
from sync.replica import Document
from sync.replica.connection import MAGIC as SQLITE_MAGIC
from sync.transfer import manifest as manifests
from sync.transfer import seal, zips
from sync.transfer.lines import Excerpts, Part, Reader, Stretch, unpacked
from sync.transfer.manifest import Manifest, PartInfo

SUFFIX = ".homeward"
DRAFTS_LIMIT = 64 << 20
_PIECE = 1 << 18
_ROOM = 256 << 20  # bytes that lines may unpack to,
_RATIO = 100  # and for each byte of them so many more

Progress = Callable[[int, int], object]  # bytes read, of at most so many


def is_bundle(path: Path) -> bool:
    """Whether a file is to be read as a bundle: by its name where that tells, else by how it begins."""
    if path.suffix == ".db" or not path.is_file():  # to open a pipe would wait for somebody who writes to it
        return False
    try:
        with path.open("rb") as file:
            head = file.read(len(SQLITE_MAGIC))
    except OSError:
        return False
    if path.suffix == SUFFIX:
        return head != SQLITE_MAGIC
    return head.startswith(zips.MAGIC)


@dataclass(slots=True)
class Bundle:
    """A bundle that is open. `text` are the bytes of the manifest, `signature` those beside it."""

    path: Path
    file: BinaryIO
    size: int
    manifest: Manifest
    text: bytes
    signature: bytes
    starts: dict[str, int] = field(repr=False)
    secret: bytes | None = field(default=None, repr=False)
    progress: Progress | None = None
    reading: str = ""  # the part that is being read
    done: int = 0

    # The file

    def read(self, length: int) -> bytes:
        """Exactly so many bytes from here. HW-2002 when the file is out of reach, HW-2041 when it ends before."""
        data = _read(self.file, self.path, length)
        self.done += length
        if self.progress:
            of = (3 if self.manifest.seal else 2) * self.size  # to be checked, opened, taken
            self.progress(min(self.done, of), of)
        return data

    def pieces(self, part: PartInfo) -> Iterator[bytes]:
        """The bytes of a part as they stand in the file, from here; HW-2040 at the end when they are not those of
        the manifest."""
        running, left = sha256(), part.size
        while left:
            piece = self.read(min(left, _PIECE))
            left -= len(piece)
            running.update(piece)
            yield piece
        if running.hexdigest() != part.sha256:
            raise SyncError(BUNDLE_DAMAGED, str(self.path), part=part.name)

    # The key

    def unlock(self, find: seal.Find | None) -> None:
        """Get ready to read sealed parts. HW-2045 when the key is not at hand."""
        lid = self.manifest.seal
        if lid is None or self.secret is not None:
            return
        private = find(self.manifest.hub) if find else None
        if private is None:
            raise SyncError(SEALED_TO_OTHER, str(self.path), hub=self.manifest.hub or "?")
        self.secret = seal.secret_of(lid, private)

    def plain(self, part: PartInfo) -> Iterator[bytes]:
        """The bytes that were put into a part."""
        self.reading = part.name
        self.file.seek(self.starts[part.name])
        if self.manifest.seal is None:
            yield from self.pieces(part)
            return
        if self.secret is None:
            raise SyncError(SEALED_TO_OTHER, str(self.path), hub=self.manifest.hub or "?")
        # Each frame proves itself, and its place.
        yield from seal.opened(self.manifest.seal, self.secret, part.name, part.size, self.read)

    # What is in it

    def parts(self) -> Iterator[Part]:
        """Documents, media that are known, changes, in their order; HW-2040 when they are not what the manifest says.

        Of changes without their log those alone that say why payloads are gone."""
        found = _Found(self.manifest)
        lines = [part for part in self.manifest.parts if part.is_lines]
        room = _ROOM + _RATIO * sum(part.size for part in lines)
        for part in lines:
            pieces = found.counted(unpacked(self.plain(part), room - found.unpacked))
            for each in Reader(pieces, packed=False).parts():
                found.see(each, str(self.path), part.name)
                yield each
        if not found.fits():
            raise SyncError(BUNDLE_DAMAGED, str(self.path), part=manifests.MANIFEST)

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Lines that cannot be read to their end are a bundle that is damaged (HW-2040)."""
        try:
            yield
        except SyncError as error:
            if error.problem.code not in (BAD_LINES, CUT_SHORT):
                raise
            raise SyncError(BUNDLE_DAMAGED, str(self.path), part=self.reading) from error

    def drafts(self) -> bytes:
        """What was not finished, as it was given; `b""` where there is nothing."""
        for part in self.manifest.parts:
            if part.name == manifests.DRAFTS:
                if part.size > DRAFTS_LIMIT:
                    raise SyncError(BUNDLE_DAMAGED, str(self.path), part=part.name)
                return b"".join(self.plain(part))
        return b""

    def medium(self, part: PartInfo) -> tuple[str, io.BufferedReader]:
        """Digest and bytes of a medium. What is read is not checked against the digest."""
        plain = self.plain(part)
        if self.manifest.seal is None:
            return part.medium, _stream(plain)
        head = next(plain, b"")
        return head[:32].hex(), _stream(_joined(head[32:], plain))

    # Whether it is whole

    def check_bytes(self) -> None:
        """Read the file from end to end: every byte is one that the manifest names, or follows from it."""
        self.file.seek(0)
        central, at = sha256(), 0
        for part in (*self.manifest.parts, *_tail_parts(self)):
            entry = zips.Entry()
            header = self.read(zips.local_length(part.name))
            left = part.size
            while left:
                piece = self.read(min(left, _PIECE))
                entry.add(piece)
                left -= len(piece)
            if entry.sha256 != part.sha256 or header != zips.local_header(part.name, part.size, entry.crc):
                raise SyncError(BUNDLE_DAMAGED, str(self.path), part=part.name)
            central.update(zips.central_record(part.name, part.size, entry.crc, at))
            at = self.file.tell()
        found = sha256()
        while left := self.size - zips.TAIL - self.file.tell():
            found.update(self.read(min(left, _PIECE)))
        if found.digest() != central.digest():
            raise SyncError(BUNDLE_DAMAGED, str(self.path), part="ZIP")

    def check_sealed(self) -> None:
        """Open every sealed medium: sums alone do not show whether it belongs here, and is what it says (HW-2046)."""
        for part in self.manifest.parts if self.manifest.seal else ():
            if part.medium:
                digest, stream = self.medium(part)
                if file_digest(stream, "sha256").hexdigest() != digest:
                    raise SyncError(SEAL_BROKEN, part.name)


class _Found:
    """What was read of the lines, compared with the manifest."""

    def __init__(self, manifest: Manifest) -> None:
        self._wanted = {log.replica: (log.first, log.last) for log in manifest.logs if log.count}
        self._spans: dict[str, tuple[int, int]] = {}
        self._documents = manifest.counts.documents
        self._known = manifest.counts.known
        self.unpacked = 0

    def counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The same pieces."""
        for piece in pieces:
            self.unpacked += len(piece)
            yield piece

    def see(self, part: Part, place: str, name: str) -> None:
        """One more part of the lines; HW-2040 where it does not belong."""
        if isinstance(part, Stretch):
            head = part.head
            first, last = self._wanted.get(head.replica, (1, 0))
            done = self._spans.get(head.replica, (first, first - 1))[1]
            fits = head.first == done + 1 and head.first <= head.last <= last
            self._spans[head.replica] = (first, head.last)
        elif isinstance(part, Document):
            self._documents -= 1
            fits = self._documents >= 0
        elif isinstance(part, Excerpts):
            fits = all(ERASES in header for header, _ in part.changes)
        else:
            self._known -= 1
            fits = self._known >= 0
        if not fits:
            raise SyncError(BUNDLE_DAMAGED, place, part=name)

    def fits(self) -> bool:
        """Whether all of it came."""
        return self._spans == self._wanted and not self._documents and not self._known


def _joined(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


class _Pieces(io.RawIOBase):
    """Pieces as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _stream(pieces: Iterator[bytes]) -> io.BufferedReader:
    return io.BufferedReader(_Pieces(pieces), _PIECE)


def _read(file: BinaryIO, path: Path, length: int) -> bytes:
    try:
        data = file.read(length)
    except OSError as error:
        raise SyncError(UNREADABLE_FILE, str(path), reason=error.strerror or error) from None
    if len(data) < length:
        raise SyncError(BUNDLE_CUT, str(path))
    return data


def _tail_parts(bundle: Bundle) -> list[PartInfo]:
    named = ((manifests.MANIFEST, bundle.text), (manifests.SIGNATURE, bundle.signature))
    return [PartInfo(name, len(data), sha256(data).hexdigest()) for name, data in named]


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """A bundle, its manifest read and nothing else verified.

    HW-2002 for a file that cannot be read, HW-2041 for one that was cut off, HW-2042 for another kind of file, HW-2043
    for a newer version, HW-2040 for one that is damaged."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise SyncError(UNREADABLE_FILE, str(path), reason=error.strerror or error) from None
    with file:
        yield _open(file, path)


def _open(file: BinaryIO, path: Path) -> Bundle:
    place = str(path)
    size = os.fstat(file.fileno()).st_size
    end = zips.read_tail(_at(file, path, size - zips.TAIL, zips.TAIL)) if size >= zips.TAIL else None
    if end is None:
        raise _no_end(file, path, size)
    count, length, offset = end
    lengths = [zips.central_length(name) for name in (manifests.MANIFEST, manifests.SIGNATURE)]
    if offset + length + zips.TAIL != size or length < sum(lengths):
        raise SyncError(BUNDLE_DAMAGED, place, part="ZIP")
    central = _at(file, path, offset + length - sum(lengths), sum(lengths))
    text, signature = (
        _tail_entry(file, path, name, record, min(limit, size))
        for name, record, limit in (
            (manifests.MANIFEST, central[: lengths[0]], manifests.MANIFEST_LIMIT),
            (manifests.SIGNATURE, central[lengths[0] :], manifests.SIGNATURE_LIMIT),
        )
    )
    manifest = manifests.decode(text, place)
    names = [part.name for part in manifest.parts] + [manifests.MANIFEST, manifests.SIGNATURE]
    starts, at = {}, 0
    for part in manifest.parts:
        starts[part.name] = at + zips.local_length(part.name)
        at = starts[part.name] + part.size
    at += sum(map(zips.local_length, names[-2:])) + len(text) + len(signature)
    if (count, length, offset) != (len(names), sum(map(zips.central_length, names)), at):
        raise SyncError(BUNDLE_DAMAGED, place, part=manifests.MANIFEST)
    return Bundle(path, file, size, manifest, text, signature, starts)


def _no_end(file: BinaryIO, path: Path, size: int) -> SyncError:
    """Why a file does not end as a bundle does: an altered byte, another kind of file, or it was cut off."""
    begin = _at(file, path, 0, min(size, len(zips.MAGIC)))
    # Nothing but zeros is what a copy that was broken off may leave.
    if not zips.MAGIC.startswith(begin) and begin.strip(b"\0"):
        return SyncError(NOT_A_BUNDLE, str(path))
    length = min(size, 66_000)
    end = _at(file, path, size - length, length)
    if zips.is_damaged_tail(end):
        return SyncError(BUNDLE_DAMAGED, str(path), part="ZIP")
    return SyncError(NOT_A_BUNDLE if zips.ends_as_zip(end) else BUNDLE_CUT, str(path))


def _at(file: BinaryIO, path: Path, offset: int, length: int) -> bytes:
    file.seek(offset)
    return _read(file, path, length)


def _tail_entry(file: BinaryIO, path: Path, name: str, record: bytes, limit: int) -> bytes:
    found = zips.read_central(name, record)
    if found is None:
        raise SyncError(BUNDLE_DAMAGED, str(path), part=name)
    size, crc, offset = found
    if size > limit or offset > os.fstat(file.fileno()).st_size:
        raise SyncError(BUNDLE_DAMAGED, str(path), part=name)
    header = _at(file, path, offset, zips.local_length(name))
    data = _read(file, path, size)
    if header != zips.local_header(name, size, crc) or crc32(data) != crc:
        raise SyncError(BUNDLE_DAMAGED, str(path), part=name)
    return data


def inspect(path: Path) -> Manifest:
    """What a bundle says of itself; nothing else is verified."""
    with opened(path) as bundle:
        return bundle.manifest


def check(
    path: Path, known: tuple[str, ...] = (), find: seal.Find | None = None, progress: Progress | None = None
) -> Manifest:
    """Verify a bundle from end to end, and return its manifest: every byte, the signature, the lines.

    `known` are public keys that are known to be the writer's. Of a sealed one whose key is not at hand (`find`) the
    lines stay unread. Raises what `opened` raises, HW-2044 or HW-2013 for the signature, HW-2040 for anything that is
    not as it was written."""
    with opened(path) as bundle:
        manifests.check_signature(bundle.signature, bundle.manifest, bundle.text.decode(), known, str(path))
        bundle.progress = progress
        bundle.check_bytes()
        if bundle.manifest.seal is None or (find is not None and find(bundle.manifest.hub) is not None):
            bundle.unlock(find)
            bundle.check_sealed()
            with bundle.whole():
                for _ in bundle.parts():
                    pass
        return bundle.manifest
