"""What SQLite and the system say of a file, as a numbered problem."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.problems import (
    DAMAGED_FILE,
    DISK_FULL,
    HUB_UNWRITABLE,
    NOT_SQLITE,
    NOT_WRITABLE,
    Problem,
    SyncError,
)

_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT}
_SURROUNDINGS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_PROTOCOL,
}


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
_LITTLE = 1 << 20
"""Bytes free, with less of which a fault of input or output is put down to the disk being full: SQLite does not say
which it was, and what it had written of a journal is let go of before anybody looks."""


def problem_of(error: sqlite3.Error, place: str) -> Problem | None:
    """HW-2004 or HW-2006 for a file that is damaged, HW-2101 for a full disk, HW-2028 for one that is locked, read-only
    or out of reach; None when the fault lies in the statement, that is in the program.

    Result codes: https://www.sqlite.org/rescode.html; an extended code holds the plain one in its last byte.
    """
    if is_full(error, place):
        return Problem(DISK_FULL, place, {"reason": str(error)})
    code = _code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return Problem(NOT_SQLITE, place)
    if code in _CORRUPT:
        return Problem(DAMAGED_FILE, place, {"reason": str(error)})
    if code in _SURROUNDINGS:
        return Problem(HUB_UNWRITABLE, place, {"reason": str(error)})
    return None


def is_full(error: BaseException, place: str | Path) -> bool:
    """Whether an error means that the disk on which `place` lies is full."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    code = _code(error)
    return code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and 0 <= _free(Path(place)) < _LITTLE)


def surroundings(error: sqlite3.Error | OSError, path: Path) -> Problem | None:
    """HW-2101 when the disk of a file is full, HW-2102 when it or its folder may be read and not written to; None when
    the error has another cause."""
    if is_full(error, path):
        return Problem(DISK_FULL, str(path), {"reason": str(error)})
    if isinstance(error, OSError) and error.errno not in _NO_RIGHT:
        return None
    # SQLite reports a journal that it may not make as a file that it cannot open.
    for place in (path.absolute().parent, path):
        if place.exists() and not _may(place, os.W_OK) and _may(place, os.R_OK):
            return Problem(NOT_WRITABLE, str(place))
    return None


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """A disk that turns out to be full while the block writes to `place` is told by that name (HW-2101): the error
    itself names what was read, or nothing."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if is_full(error, place):
            raise SyncError(DISK_FULL, str(place), reason=error) from error
        raise


def _code(error: BaseException) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _free(path: Path) -> int:
    """Bytes free where a path lies, or is to lie; -1 when that cannot be told."""
    try:
        return shutil.disk_usage(path if path.exists() else path.absolute().parent).free
    except OSError:
        return -1


def _may(path: Path, right: int) -> bool:
    return os.access(path, right, effective_ids=os.access in os.supports_effective_ids)
