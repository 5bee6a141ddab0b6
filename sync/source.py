"""Another replica's file, read and never written: attached to the hub's connection as `src`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlite_utils import Database

from sync.problems import OTHER_PROGRAM, SAME_FILE, UNREADABLE_FILE, SyncError
from sync.replica.connection import check_file, check_head, check_schema
from sync.replica.schema import READ_FROM_SOURCE, migrations

SCHEMA = "src"


@contextmanager
def attached(db: sqlite3.Connection, path: Path, hub: Path) -> Iterator[None]:
    """Attach a source as `src` while the block runs.

    Raises HW-2002 to HW-2007 for a file that is no replica, HW-2024 for the hub's own file.
    """
    head, status = check_file(path)
    if os.path.samestat(status, os.stat(hub)):
        raise SyncError(SAME_FILE, str(path))
    if not _needs_copy(str(path), head):
        with _attach(db, path, str(path), head):
            yield
        return
    with TemporaryDirectory(prefix="homeward-") as folder:
        try:
            copy = _copy(path, Path(folder))
        except OSError as error:
            raise SyncError(UNREADABLE_FILE, str(path), reason=error.strerror or error) from None
        with _attach(db, copy, str(path)):
            yield


def _needs_copy(path: str, head: bytes) -> bool:
    """Whether SQLite would have to write beside the file to read it: a journal to roll back, or a WAL to
    index."""
    beside = os.access(f"{path}-journal", os.F_OK) or os.access(f"{path}-wal", os.F_OK)
    return beside or 2 in head[18:20]  # write and read version: 2 is WAL


def _copy(path: Path, folder: Path) -> Path:
    """The database with its journal or WAL, copied to where SQLite may write."""
    for end in ("", "-journal", "-wal"):
        part = Path(f"{path}{end}")
        if part.exists():
            shutil.copyfile(part, folder / f"source.db{end}")
    return folder / "source.db"


@contextmanager
def _attach(db: sqlite3.Connection, path: Path, place: str, head: bytes | None = None) -> Iterator[None]:
    """`head` is given for the file itself, which is read only; without it `path` is a copy in our hands."""
    mode = "ro" if head else "rw"
    db.execute(f"ATTACH ? AS {SCHEMA}", (f"{path.absolute().as_uri()}?mode={mode}",))
    try:
        if head:
            check_head(head, place)
        else:
            check_schema(db, place, SCHEMA)
        yield
    except BaseException as error:
        _close_cursors(error)
        raise
    finally:
        db.execute(f"DETACH {SCHEMA}")


def _close_cursors(error: BaseException | None) -> None:
    """Let go of the cursors that the frames of an error still hold: an open one keeps the file from being
    detached."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


def check_tables(db: sqlite3.Connection, place: str) -> None:
    """What is read must be plain tables defined as ours: no views, generated columns or triggers of a
    stranger (HW-2005). To be asked in the transaction that reads them."""
    ours, read = _definitions()
    where = f"FROM {SCHEMA}.sqlite_master WHERE sql IS NOT NULL"
    # One text is quicker to compare; another order of making, or a table more, takes a closer look.
    if db.execute(f"SELECT group_concat(sql, ';') {where}").fetchone()[0] == ours:
        return
    found = set(db.execute(f"SELECT type, name, tbl_name, sql {where}"))
    if {row for row in found if row[2] in READ_FROM_SOURCE} != read:
        raise SyncError(OTHER_PROGRAM, place)


@cache
def _definitions() -> tuple[str, set[tuple[str, str, str, str]]]:
    """What `sqlite_master` holds of a new file: the statements, and the rows of what is read from a source."""
    db = sqlite3.connect(":memory:")
    with closing(db):
        migrations.apply(Database(db))
        rows = db.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        ).fetchall()
    return ";".join(row[3] for row in rows), {row for row in rows if row[2] in READ_FROM_SOURCE}


def unreadable(path: Path) -> str:
    """Why a file cannot be read on its own at the moment (somebody writes to it, it is gone); `""` when it
    can."""
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)
        try:
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            db.close()
    except sqlite3.DatabaseError as error:
        return str(error)
    return ""
