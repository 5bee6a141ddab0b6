"""`X-app.db`: what never leaves this machine (accounts, sessions, device tokens, keys, drafts of no-script
pages).

Each part that keeps something here has its own set of append-only named migrations and hands it to `register`
when its
module is loaded; all sets are applied when the file is opened for the first time in a process.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sqlite_utils import Database, Migrations

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
    `transaction`. Raises `Problem` HW-3026 for a file that is none, damaged, locked or out of reach."""
    path = path.resolve()
    try:
        with _lock:
            if (path, len(_sets)) not in _ready or not path.exists():
                _migrate(path)
                _ready.add((path, len(_sets)))
        return _open(path)
    except (sqlite3.DatabaseError, OSError) as error:
        raise Problem("HW-3026", str(path), reason=error) from error


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
