"""Opening the SQLite file of a replica: what it must be, journal mode, migrations."""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlite_utils import Database

from sync.faults import problem_of
from sync.problems import (
    DAMAGED_FILE,
    EMPTY_FILE,
    FILE_EXISTS,
    FUTURE_SCHEMA,
    NOT_SQLITE,
    OTHER_PROGRAM,
    UNREADABLE_FILE,
    Problem,
    SyncError,
)
from sync.replica.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES, migrations

MAGIC = b"SQLite format 3\0"
TIMEOUT_SECONDS = 30.0
PAGE = 8192  # a change is half a kilobyte: in pages of 4,096 an eighth of the file would be left empty

# Without waiting: a pipe on a stick to which nobody writes would hold up the merge for ever.
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_HEAD = struct.Struct(">16xHBB4xII28xI4xI20xI4x")


class Head(NamedTuple):
    """What counts here of the 100 bytes of a database header (https://www.sqlite.org/fileformat.html)."""

    page: int  # bytes of a page; 1 stands for 65,536
    write: int  # 2: a WAL, as in `read`
    read: int
    changes: int
    pages: int  # valid only when `valid_for` equals `changes`
    version: int  # PRAGMA user_version
    application: int  # PRAGMA application_id
    valid_for: int


def wal_is_safe(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite has the repair of the WAL reset race (3.44.6, 3.50.7, 3.51.3 and later).

    Before it, one connection writing while another checkpoints can lose a commit; then a rollback journal is
    used."""
    if version[:2] == (3, 44):
        return version >= (3, 44, 6)
    if version[:2] == (3, 50):
        return version >= (3, 50, 7)
    return version >= (3, 51, 3)


def check_file(path: str | Path) -> tuple[Head, os.stat_result]:
    """The database header of what can be a replica, read before SQLite opens it, and what the system says of
    the file; HW-2002 to HW-2007 for what cannot."""
    try:
        file = os.open(path, _READ)
        try:
            start, status = os.read(file, 100), os.fstat(file)
        finally:
            os.close(file)
    except OSError as error:
        raise SyncError(UNREADABLE_FILE, str(path), reason=error.strerror or error) from None
    if not start:
        raise SyncError(EMPTY_FILE, str(path))
    if len(start) < 100 or not start.startswith(MAGIC):
        raise SyncError(NOT_SQLITE, str(path))
    head = Head(*_HEAD.unpack(start))
    if head.application != APPLICATION_ID and not _has_journal(path):
        raise SyncError(OTHER_PROGRAM, str(path))
    if (
        head.changes == head.valid_for
        and head.pages * (65536 if head.page == 1 else head.page) > status.st_size
        and not _has_journal(path)
    ):
        raise SyncError(DAMAGED_FILE, str(path))
    return head, status


def _has_journal(path: str | Path) -> bool:
    """Whether a journal stands beside the file, so that its header is not the last word."""
    return any(
        beside.exists() and beside.stat().st_size for beside in (Path(f"{path}-wal"), Path(f"{path}-journal"))
    )


def check_schema(connection: sqlite3.Connection, path: str, schema: str = "main") -> int:
    """`user_version` of a replica file; HW-2005 for another program's, HW-2007 for a newer one's."""
    application = connection.execute(f"PRAGMA {schema}.application_id").fetchone()[0]
    version: int = connection.execute(f"PRAGMA {schema}.user_version").fetchone()[0]
    return check_version(application, version, path)


def check_head(head: Head, path: str) -> int:
    """As `check_schema`, from the header of a file without a journal or WAL beside it."""
    return check_version(head.application, head.version, path)


def check_version(application: int, version: int, path: str) -> int:
    """The version when it is one of ours and known; HW-2005 and HW-2007 otherwise."""
    if application != APPLICATION_ID or not 1 <= version < 1 << 31:
        raise SyncError(OTHER_PROGRAM, path)
    if version > SCHEMA_VERSION:
        raise SyncError(FUTURE_SCHEMA, path, version=version, known=SCHEMA_VERSION)
    return version


def create(path: Path, meta: Mapping[str, str]) -> None:
    """A new empty replica file; HW-2030 when there is one already. It appears whole or not at all."""
    if path.exists():
        raise SyncError(FILE_EXISTS, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=".new-") as folder:
        new = Path(folder) / path.name
        connection = _connect(new)
        try:
            migrations.apply(Database(connection))
            connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", meta.items())
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
        try:
            _put(new, path)
        except FileExistsError:
            raise SyncError(FILE_EXISTS, str(path)) from None


def _put(new: Path, path: Path) -> None:
    """Moves a finished file to its name; unlike a rename it never replaces a file that came meanwhile."""
    try:
        path.hardlink_to(new)
    except FileExistsError:
        raise
    except OSError:  # the file systems of sticks (FAT, exFAT) know no second name: claim it first, then move
        path.touch(exist_ok=False)
        new.replace(path)


def open_file(path: Path) -> sqlite3.Connection:
    """A checked connection to an existing replica, migrated to this schema."""
    check_file(path)
    connection: sqlite3.Connection | None = None
    try:
        connection = _plain(path)
        _prepare(connection)
        if check_schema(connection, str(path)) < SCHEMA_VERSION:
            migrations.apply(Database(connection))
        _check_own_tables(connection, path)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # SQLite quotes a damaged schema in its message, and that may be no UTF-8.
        if connection is not None:
            connection.close()
        raise _numbered(error, path) from error
    except SyncError:
        if connection is not None:
            connection.close()
        raise
    return connection


def _numbered(error: sqlite3.DatabaseError | UnicodeDecodeError, path: Path) -> SyncError:
    known = problem_of(error, str(path)) if isinstance(error, sqlite3.DatabaseError) else None
    problem = known or Problem(DAMAGED_FILE, str(path), {"reason": str(error)})
    return SyncError(problem.code, problem.place, **problem.params)


def back_up(path: Path, target: Path) -> None:
    """Copy a replica as it stands, what its WAL holds too, into a new file; nothing is written to it, and whoever
    writes to it meanwhile is waited for. HW-2028 when the copy cannot be written or the file is locked."""
    try:
        with closing(_plain(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.execute("PRAGMA query_only = ON")
            check_schema(source, str(path))
            source.backup(copy)
    except sqlite3.DatabaseError as error:
        raise _numbered(error, path) from error


def _check_own_tables(connection: sqlite3.Connection, path: Path) -> None:
    """HW-2005 for a file that carries our mark but not our tables."""
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    if any(found.get(name) != sql for name, sql in TABLES.items()):
        raise SyncError(OTHER_PROGRAM, str(path))


def _connect(path: Path) -> sqlite3.Connection:
    connection = _plain(path)
    _prepare(connection)
    return connection


def _plain(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path.absolute().as_uri(), uri=True, timeout=TIMEOUT_SECONDS, isolation_level=None)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE}")  # of a new file; an old one keeps its own
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    # What is erased is overwritten, not only let go of.
    connection.execute("PRAGMA secure_delete = ON")
    # FULL: a receipt means that the change survives a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    # A mode is kept in the file: one that is not safe with this SQLite is left behind.
    wanted = "wal" if wal_is_safe() else "delete"
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        connection.execute(f"PRAGMA journal_mode = {wanted}")
