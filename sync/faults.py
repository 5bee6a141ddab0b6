"""What SQLite says of a file, as a numbered problem."""

from __future__ import annotations

import sqlite3

from sync.problems import DAMAGED_FILE, HUB_UNWRITABLE, NOT_SQLITE, Problem

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


def problem_of(error: sqlite3.Error, place: str) -> Problem | None:
    """HW-2004 or HW-2006 for a file that is damaged, HW-2028 for one that is locked, read-only, on a full
    disk or out of reach; None when the fault lies in the statement, that is in the program.

    Result codes: https://www.sqlite.org/rescode.html; an extended code holds the plain one in its last byte.
    """
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        return Problem(NOT_SQLITE, place)
    if code in _CORRUPT:
        return Problem(DAMAGED_FILE, place, {"reason": str(error)})
    if code in _SURROUNDINGS:
        return Problem(HUB_UNWRITABLE, place, {"reason": str(error)})
    return None
