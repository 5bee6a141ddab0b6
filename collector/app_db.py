"""`X-app.db`: what never leaves this machine (accounts, sessions, device tokens, keys, drafts of no-script
pages).

Each part that keeps something here has its own set of append-only named migrations and hands it to `register`
when its
module is loaded; all sets are applied when the file is opened for the first time in a process.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from sqlite_utils import Database, Migrations

from sync import SyncError
from sync.faults import surroundings
from sync.problems import DISK_FULL, NOT_WRITABLE

from .problems import Problem

migrations = Migrations("homeward-app")
_sets: list[Migrations] = [migrations]
_ready: set[tuple[Path, int]] = set()
_lock = Lock()


def register(part: Migrations) -> None:
    """Adds a part's migrations. Call it at module level of the part."""
    if part not in _sets:
        _sets.append(part)


@migrations()
def create_setting(db: Database) -> None:
    """Settings of this machine: key → text, such as the key that signs cookies."""
    db.table("setting").create({"key": str, "value": str}, pk="key", not_null={"value"}, strict=True)


def path_for(replica_path: Path | str) -> Path:
    """`field/anna.db` → `field/anna-app.db`."""
    path = Path(replica_path)
    return path.with_name(f"{path.stem}-app.db")


def connect(path: Path) -> sqlite3.Connection:
    """Opens (and creates or migrates) an app database. Rows are `sqlite3.Row`; autocommit: see
    `transaction`. Raises `Problem` HW-3026 for a file that is none, damaged, locked or out of reach, `SyncError`
    HW-2101 on a full disk and HW-2102 where nothing may be written."""
    path = path.resolve()
    try:
        with _lock:
            if (path, len(_sets)) not in _ready or not path.exists():
                _migrate(path)
                _ready.add((path, len(_sets)))
        return _open(path)
    except (sqlite3.DatabaseError, OSError) as error:
        around = surroundings(error, path)
        if around is not None:  # the file itself is sound: moved away, its keys would be gone
            raise SyncError(around.code, around.place, **around.params) from error
        raise Problem("HW-3026", str(path), reason=error) from error


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to read by, also on a full disk and where nothing may be written: there to a copy in a place of its
    own, since SQLite writes beside a file that it reads. Raises what `connect` raises for any other reason."""
    with ExitStack() as stack:
        try:
            connection = connect(path)
        except SyncError as error:
            if error.problem.code not in (DISK_FULL, NOT_WRITABLE):
                raise
            folder = stack.enter_context(TemporaryDirectory(prefix="homeward-"))
            connection = connect(_copied(path, Path(folder)))
        yield stack.enter_context(closing(connection))


def _copied(path: Path, folder: Path) -> Path:
    """The file and its WAL in another folder."""
    for end in ("", "-wal"):
        part = Path(f"{path}{end}")
        if part.exists():
            shutil.copyfile(part, folder / f"copy.db{end}")
    return folder / "copy.db"


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # answers of drafts that are thrown away
    return connection


def _migrate(path: Path) -> None:
    connection = _open(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        db = Database(connection)
        for part in _sets:
            part.apply(db)
    finally:
        connection.close()
    path.chmod(0o600)  # it holds password hashes and private keys


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One write: commits at the end, rolls back on an error. Takes the write lock at once, so it never
    deadlocks."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def setting(connection: sqlite3.Connection, key: str) -> str | None:
    """The value of a setting, or None."""
    row = connection.execute("SELECT value FROM setting WHERE key = ?", [key]).fetchone()
    return row["value"] if row else None


def secret_key(connection: sqlite3.Connection) -> str:
    """The key that signs cookies of this machine; made at the first call."""
    connection.execute(
        "INSERT INTO setting (key, value) VALUES ('secret_key', ?) ON CONFLICT DO NOTHING",
        [secrets.token_urlsafe(32)],
    )
    return str(setting(connection, "secret_key"))
