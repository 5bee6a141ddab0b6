"""Media that arrive in pieces: `media/.parts/` holds the beginning of each until the rest is here.

A part belongs to the medium and not to who sends it: whoever comes, over whichever road, goes on where it
ends. It becomes the medium only when its whole length is here and its digest is right."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple, Protocol

from sync.problems import BAD_PIECE, MEDIA_CHANGED, PART_ENDS_ELSEWHERE, SyncError
from sync.replica import media

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


FOLDER = ".parts"
KEPT_DAYS = 30
"""A part that nobody went on with for so long is given up: a phone is weeks in a valley, but comes back."""

_PIECE = 1 << 16  # read before the lock is taken: nobody waits for another's slow line


class Held(NamedTuple):
    """What is here of a medium: bytes from its beginning, and whether that is all of it."""

    size: int
    complete: bool


class Source(Protocol):
    """What a piece is read from. It may end anywhere: what came until then counts."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


def received(folder: Path, digest: str) -> Held:
    """How much of a medium is in a media folder; HW-2032 when the digest is none."""
    for path, complete in ((media.file_of(folder, digest), True), (_part(folder, digest), False)):
        try:
            return Held(path.stat().st_size, complete)
        except FileNotFoundError:
            continue
    return Held(0, False)


def append(folder: Path, digest: str, offset: int, source: Source, total: int) -> Held:
    """Take what `source` brings of a medium of `total` bytes, from `offset` on; never more than the rest.

    What came is on the disk when this returns, also when it is less than the rest. A medium that is here
    already is left as it is, so a piece may be repeated.

    Raises HW-2060 when the part does not end at `offset` (`end` in its parameters says where it does),
    HW-2061 for an offset outside of the medium, HW-2032 for no digest, HW-2025 when all is here and the
    digest is another: the part is thrown away then, as nobody can tell which of its bytes are wrong."""
    media.file_of(folder, digest)
    if not 0 <= offset <= total:
        raise SyncError(BAD_PIECE, digest, offset=offset, total=total)
    _prepare(folder, digest)
    with _locked(folder, digest):
        held = _settle(folder, digest, total)
    if not held.complete and held.size != offset:
        raise SyncError(PART_ENDS_ELSEWHERE, digest, end=held.size)
    while not held.complete and held.size < total:
        piece = source.read(min(_PIECE, total - held.size))
        if not piece:
            break
        held = _write(folder, digest, held.size, piece)
    with _locked(folder, digest):
        return _settle(folder, digest, total)


def take(folder: Path, digest: str, source: BinaryIO) -> Held:
    """Take a medium from a file that is at hand whole, from where the part here ends.

    Raises HW-2025 when the file is not what its name says."""
    total = source.seek(0, os.SEEK_END)
    while True:
        start = min(received(folder, digest).size, total)
        source.seek(start)
        try:
            held = append(folder, digest, start, source, total)
        except SyncError as error:
            # Somebody else was faster, or what they began was wrong and is gone now.
            if error.problem.code == PART_ENDS_ELSEWHERE or (
                error.problem.code == MEDIA_CHANGED and start > 0
            ):
                continue
            raise
        if held.complete:
            return held
        raise SyncError(MEDIA_CHANGED, digest)  # it became shorter while it was read


def drop(folder: Path, digest: str) -> None:
    """Throw away what has arrived of a medium that is not here whole."""
    if _part(folder, digest).exists():
        with _locked(folder, digest):
            _part(folder, digest).unlink(missing_ok=True)


def sweep(folder: Path, days: float = KEPT_DAYS) -> int:
    """Throw away parts that nobody went on with for `days`, and files that a killed process left half
    written; returns how many."""
    oldest = time.time() - days * 86_400
    found = [path for path in (folder / FOLDER).glob("*") if media.SHA256.fullmatch(path.name)]
    swept = 0
    for path in found:
        with _locked(folder, path.name):
            swept += _unlink_older(path, oldest)
    return swept + sum(_unlink_older(path, oldest) for path in folder.glob(f"{media.TEMPORARY}*"))


def _unlink_older(path: Path, oldest: float) -> bool:
    try:
        if path.stat().st_mtime >= oldest:
            return False
    except FileNotFoundError:  # it was completed meanwhile
        return False
    path.unlink(missing_ok=True)
    return True


def _part(folder: Path, digest: str) -> Path:
    return folder / FOLDER / digest


def _prepare(folder: Path, digest: str) -> None:
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    if not received(folder, digest).size:  # a new one is the occasion to clear away old ones
        sweep(folder)


@contextmanager
def _locked(folder: Path, digest: str) -> Generator[None]:
    """One at a time at a part, in whatever process or thread; closing the file gives the lock back.

    The lock is a file of its own, shared by media whose digests begin alike: the part itself is renamed and
    removed, and a lock on it would then lock nothing."""
    with (folder / FOLDER / f"lock-{digest[:2]}").open("ab") as file:
        _lock(file)
        yield


def _write(folder: Path, digest: str, end: int, piece: bytes) -> Held:
    """Write at the true end and nowhere else, unless another sender completed the medium meanwhile."""
    with _locked(folder, digest):
        held = received(folder, digest)
        if held.complete:
            return held
        if held.size != end:
            raise SyncError(PART_ENDS_ELSEWHERE, digest, end=held.size)
        with _part(folder, digest).open("ab") as file:
            file.write(piece)
    return Held(end + len(piece), False)


def _settle(folder: Path, digest: str, total: int) -> Held:
    """Bring a part to the disk, and into its place when its whole length is here (under the lock)."""
    part = _part(folder, digest)
    held = received(folder, digest)
    if held.complete:
        part.unlink(missing_ok=True)
        return held
    if held.size == 0 < total:
        return held
    with part.open("ab") as file:
        os.fsync(file.fileno())
    if held.size < total:
        return held
    with part.open("rb") as file:
        found = file_digest(file, "sha256").hexdigest()
    if found != digest:
        part.unlink()
        raise SyncError(MEDIA_CHANGED, digest)
    media.place(folder, part, digest)
    return Held(held.size, True)
