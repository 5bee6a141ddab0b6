"""Media: photos and sound by SHA-256, in the folder `media/` beside the replica."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from sync.problems import BAD_NAME, MEDIA_CHANGED, SyncError

SHA256 = re.compile(r"[0-9a-f]{64}")
TEMPORARY = ".new-"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Faults of the disk on which media are stored, and not of where they come from."""
_PIECE = 1 << 20
LARGEST = 1 << 53  # bytes of a medium that anybody may speak of

Row = tuple[str, str, int, str]  # sha256, type, size, added


def folder_of(path: Path) -> Path:
    """The media folder of a replica file."""
    return path.parent / "media"


def file_of(folder: Path, digest: str) -> Path:
    """Where a medium lies; HW-2032 when the digest is none."""
    if not SHA256.fullmatch(digest):
        raise SyncError(BAD_NAME, digest)
    return folder / digest[:2] / digest


def store(folder: Path, source: BinaryIO, expected: str = "") -> tuple[str, int]:
    """Write a medium under its digest; `(digest, bytes)`. A file appears whole or not at all; HW-2025 if not
    `expected`."""
    folder.mkdir(parents=True, exist_ok=True)
    running, size = sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix=TEMPORARY, delete=False) as target:
        temporary = Path(target.name)
        try:
            while piece := source.read(_PIECE):
                running.update(piece)
                size += len(piece)
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        except BaseException:
            temporary.unlink()
            raise
    digest = running.hexdigest()
    if expected and digest != expected:
        temporary.unlink()
        raise SyncError(MEDIA_CHANGED, expected)
    place(folder, temporary, digest)
    return digest, size


def place(folder: Path, checked: Path, digest: str) -> None:
    """Give a file whose bytes are checked and on the disk its place in the folder."""
    final = file_of(folder, digest)
    final.parent.mkdir(exist_ok=True)
    checked.replace(final)
    _flush(final.parent)  # the name too: a device deletes its copy on our word
    _flush(folder)


def _flush(folder: Path) -> None:
    """The names in a folder, on the disk (where the system can do that)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def note(db: sqlite3.Connection, digest: str, media_type: str, size: int, added: str) -> bool:
    """Note a medium; returns whether it was not known."""
    cursor = db.execute(
        "INSERT INTO media (sha256, type, size, added) VALUES (?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
        (digest, media_type, size, added),
    )
    return bool(cursor.rowcount)


def type_of(db: sqlite3.Connection, digest: str) -> str | None:
    """The media type that a medium was noted with; None when it is not known here."""
    row = db.execute("SELECT type FROM media WHERE sha256 = ?", (digest,)).fetchone()
    return row[0] if row else None


def sound(row: tuple[object, ...]) -> bool:
    """Whether a stranger's row has the types of ours."""
    digest, media_type, size, added = row
    named = isinstance(digest, str) and bool(SHA256.fullmatch(digest))
    sized = isinstance(size, int) and not isinstance(size, bool) and 0 <= size < LARGEST
    return named and isinstance(media_type, str) and sized and isinstance(added, str)


def rows(db: sqlite3.Connection, schema: str = "main") -> list[Row]:
    """`(sha256, type, size, added)` of every medium, sorted."""
    return db.execute(f"SELECT sha256, type, size, added FROM {schema}.media ORDER BY sha256").fetchall()


def flush_names(folder: Path) -> None:
    """The names in a folder, on the disk: a file that was put there is there after a power cut."""
    _flush(folder)
