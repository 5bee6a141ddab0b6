"""Another replica's file, read and never written: attached to the hub's connection as `src`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlite_utils import Database

from sync.names import NUMBER_BITS, NUMBER_MASK, replica_name
from sync.problems import CHAIN_BROKEN, DAMAGED_FILE, OTHER_PROGRAM, SAME_FILE, UNREADABLE_FILE, SyncError
from sync.replica import documents, media
from sync.replica.connection import Head, check_file, check_head, check_schema
from sync.replica.log import Tip
from sync.replica.schema import READ_FROM_SOURCE, migrations

SCHEMA = "src"


def attached(db: sqlite3.Connection, path: Path, hub: Path) -> AbstractContextManager[None]:
    """Attach a source as `src` while the block runs, in a transaction that has read nothing else yet.

    Raises HW-2002 to HW-2007 for a file that is no replica, HW-2024 for the hub's own file.
    """
    place = str(path)
    head, status = check_file(place)
    if os.path.samestat(status, os.stat(hub)):
        raise SyncError(SAME_FILE, place)
    if _needs_copy(place, head):
        return _attached_copy(db, path)
    check_head(head, place)
    return _Attached(db, path, "ro")


@contextmanager
def _attached_copy(db: sqlite3.Connection, path: Path) -> Iterator[None]:
    with TemporaryDirectory(prefix="homeward-") as folder:
        try:
            copy = _copy(path, Path(folder))
        except OSError as error:
            raise SyncError(UNREADABLE_FILE, str(path), reason=error.strerror or error) from None
        with _Attached(db, copy, "rw"):
            check_schema(db, str(path), SCHEMA)
            yield


def _needs_copy(path: str, head: Head) -> bool:
    """Whether SQLite would have to write beside the file to read it: a journal to roll back, or a WAL to
    index."""
    beside = os.access(f"{path}-journal", os.F_OK) or os.access(f"{path}-wal", os.F_OK)
    return beside or head.write == 2 or head.read == 2


def _copy(path: Path, folder: Path) -> Path:
    """The database with its journal or WAL, copied to where SQLite may write."""
    for end in ("", "-journal", "-wal"):
        part = Path(f"{path}{end}")
        if part.exists():
            shutil.copyfile(part, folder / f"source.db{end}")
    return folder / "source.db"


class _Attached:
    """A file attached as `src`; `mode` is `ro` for the file itself, `rw` for a copy in our hands."""

    def __init__(self, db: sqlite3.Connection, path: Path, mode: str) -> None:
        self._db, self._place = db, f"{path.absolute().as_uri()}?mode={mode}"

    def __enter__(self) -> None:
        self._db.execute(f"ATTACH ? AS {SCHEMA}", (self._place,))
        self._db.execute("BEGIN")

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        _close_cursors(error)
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._db.execute(f"DETACH {SCHEMA}")


def _close_cursors(error: BaseException | None) -> None:
    """Let go of the cursors that the frames of an error still hold: an open one keeps the file from being
    detached."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


@dataclass(slots=True)
class Shown:
    """What an attached file has to show. `other`: one of its logs is not, to this tip, what is here."""

    tips: list[Tip]
    other: bool
    documents: list[documents.Marked]
    media: list[media.Row]


_TABLES = f"SELECT group_concat(sql, ';') FROM {SCHEMA}.sqlite_master"  # of what has a statement
_END = f"(SELECT max(id) FROM {SCHEMA}.change), EXISTS (SELECT 1 FROM {SCHEMA}.media)"
_LOGS = f"SELECT replica, tip, digest, signed, signature, {_END} FROM {SCHEMA}.log ORDER BY replica"
_NEXT = f"SELECT id FROM {SCHEMA}.change WHERE id > ? ORDER BY id LIMIT 1"


def look(db: sqlite3.Connection, place: str, here: Mapping[int, Tip]) -> Shown:
    """Look over an attached file, in the transaction that goes on to read it; `here`: the tips of what is here.

    HW-2005 for tables that are not ours, HW-2010 when something stands in its log that its tips do not cover."""
    check_tables(db, place)
    rows = db.execute(_LOGS).fetchall()
    tips = [Tip(*row[:5]) for row in rows]
    other = any(here.get(there.replica) != there for there in tips)
    end, has_media = rows[0][5:] if rows else db.execute(f"SELECT {_END}").fetchone()
    _check_complete(db, tips, end or 0, whole=other or len(tips) > 1)
    return Shown(tips, other, documents.marked(db, SCHEMA), media.rows(db, SCHEMA) if has_media else [])


def _check_complete(db: sqlite3.Connection, tips: Sequence[Tip], end: int, *, whole: bool) -> None:
    """Nothing may stand in the log of a source that its tips do not cover. Not `whole`: its one log is here as it
    stands, and begins where a log begins."""
    position = 0
    for there in tips:
        base = there.replica << NUMBER_BITS
        texts = isinstance(there.digest, str) and isinstance(there.signature, str)
        numbers = isinstance(there.number, int) and isinstance(there.signed, int)
        if not (texts and numbers and 0 <= there.replica < 1 << 39 and 0 < there.number <= NUMBER_MASK):
            raise SyncError(CHAIN_BROKEN, str(there.replica))
        if whole and db.execute(_NEXT, (position,)).fetchone() != (base | 1,):
            raise SyncError(CHAIN_BROKEN, f"{replica_name(there.replica)}-1")
        position = base | there.number
    if end != position:
        raise SyncError(CHAIN_BROKEN, str(end))


def check_tables(db: sqlite3.Connection, place: str) -> None:
    """What is read must be plain tables defined as ours: no views, generated columns or triggers of a
    stranger (HW-2005). HW-2006 for a file that carries our mark and holds no table: it was cut off meanwhile."""
    texts, read = _definitions()
    # One text is quicker to compare; another order of making, or a table more, takes a closer look.
    held = db.execute(_TABLES).fetchone()[0]
    if held is None:
        raise SyncError(DAMAGED_FILE, place)
    if held in texts:
        return
    found = set(
        db.execute(f"SELECT type, name, tbl_name, sql FROM {SCHEMA}.sqlite_master WHERE sql IS NOT NULL")
    )
    if {row for row in found if row[2] in READ_FROM_SOURCE} != read:
        raise SyncError(OTHER_PROGRAM, place)


@cache
def _definitions() -> tuple[set[str], set[tuple[str, str, str, str]]]:
    """What `sqlite_master` holds of a new file: its statements as one text, also as earlier versions had them; the
    rows of what is read from a source."""
    texts: set[str] = set()
    read: set[tuple[str, str, str, str]] = set()
    with closing(sqlite3.connect(":memory:")) as db:
        made = Database(db)
        for following in [*(each.name for each in migrations.pending(made)[1:]), None]:
            migrations.apply(made, stop_before=following)
            rows = db.execute(
                "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            ).fetchall()
            before, read = read, {row for row in rows if row[2] in READ_FROM_SOURCE}
            texts = {*(texts if read == before else ()), ";".join(row[3] for row in rows)}
    return texts, read


def by_log(db: sqlite3.Connection, paths: Sequence[Path], hub: Path) -> list[int]:
    """Places of the files in the order of their logs: of the lowest in each, then of the next."""
    logs = [_logs(db, path, hub) for path in paths]
    return sorted(range(len(paths)), key=logs.__getitem__)


def _logs(db: sqlite3.Connection, path: Path, hub: Path) -> list[int]:
    """Replica numbers of the logs in a file, in order; none for one that cannot be asked as it lies there: what is
    wrong with it, if anything, its merge will say."""
    try:
        head, _ = check_file(path)
        if _needs_copy(str(path), head):
            return []
        with attached(db, path, hub):
            check_tables(db, str(path))
            return [row[0] for row in db.execute(f"SELECT replica FROM {SCHEMA}.log ORDER BY replica")]
    except (SyncError, sqlite3.DatabaseError, UnicodeDecodeError):
        return []


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
