"""Another replica's file, read and never written: attached to the hub's connection as `src`."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sync.problems import OTHER_PROGRAM, SAME_FILE, UNREADABLE_FILE, SyncError
from sync.replica.connection import check_file, check_schema
from sync.replica.schema import INDEXES, READ_FROM_SOURCE, TABLES

SCHEMA = "src"


@contextmanager
def attached(db: sqlite3.Connection, path: Path, hub: Path) -> Iterator[None]:
    """Attach a source as `src` while the block runs.

    Raises HW-2002 to HW-2007 for a file that is no replica, HW-2024 for the hub's own file.
    """
    check_file(path)
    if hub.exists() and path.samefile(hub):
        raise SyncError(SAME_FILE, str(path))
    if not _needs_copy(path):
        with _attach(db, path, str(path)):
            yield
        return
    with TemporaryDirectory(prefix="homeward-") as folder:
        try:
            copy = _copy(path, Path(folder))
        except OSError as error:
            raise SyncError(UNREADABLE_FILE, str(path), reason=error.strerror or error) from None
        with _attach(db, copy, str(path)):
            yield


def _needs_copy(path: Path) -> bool:
    """Whether SQLite would have to write beside the file to read it: a journal to roll back, or a WAL to
    index."""
    if any(Path(f"{path}{end}").exists() for end in ("-journal", "-wal")):
        return True
    with path.open("rb") as file:
        return 2 in file.read(20)[18:20]  # write and read version: 2 is WAL


def _copy(path: Path, folder: Path) -> Path:
    """The database with its journal or WAL, copied to where SQLite may write."""
    for end in ("", "-journal", "-wal"):
        part = Path(f"{path}{end}")
        if part.exists():
            shutil.copyfile(part, folder / f"source.db{end}")
    return folder / "source.db"


@contextmanager
def _attach(db: sqlite3.Connection, path: Path, place: str) -> Iterator[None]:
    mode = "ro" if str(path) == place else "rw"
    db.execute(f"ATTACH ? AS {SCHEMA}", (f"{path.absolute().as_uri()}?mode={mode}",))
    try:
        check_schema(db, place, SCHEMA)
        _check_tables(db, place)
        yield
    finally:
        db.execute(f"DETACH {SCHEMA}")


def _check_tables(db: sqlite3.Connection, place: str) -> None:
    """What is read must be plain tables defined as ours: no views, generated columns or triggers of a
    stranger."""
    found = {
        (type_, name): sql
        for type_, name, table, sql in db.execute(
            f"SELECT type, name, tbl_name, sql FROM {SCHEMA}.sqlite_master"
        )
        if table in READ_FROM_SOURCE and sql is not None
    }
    wanted = {("table", name): TABLES[name] for name in READ_FROM_SOURCE}
    wanted |= {("index", name): sql for name, sql in INDEXES.items() if name != "arrival_first"}
    if found != wanted:
        raise SyncError(OTHER_PROGRAM, place)
