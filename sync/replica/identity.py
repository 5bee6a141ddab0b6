"""Under which name a store writes, and when that name must not be used any more.

A name stands for one log. Where others are known to have more of it than is here, or another text of it, the store
was copied or set back: what it wrote next would be a second log of that name. It takes a new name before it writes."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass

from sync.names import NUMBER_BITS, NUMBER_MASK

COPIED = "copied"  # another copy went on under the same name
BEHIND = "behind"  # others have more of the own log than is here
BACKUP = "backup"  # the file is a backup: the original went on
ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Renewal:
    """Why a name is not used any more: `why` (`COPIED` …), `number` of the first change that is not this store's or
    not here (0: not known), `source` where that was seen, `at` ISO time."""

    name: str
    why: str
    number: int
    source: str
    at: str


def is_backup(renewal: object) -> bool:
    """Whether this is what stands under `renewal` in the `meta` of a backup that nobody went on with."""
    return isinstance(renewal, str) and f'"why": "{BACKUP}"' in renewal


def pending(db: sqlite3.Connection) -> Renewal | None:
    """Why this store takes a new name before it writes again; None when it goes on."""
    row = db.execute("SELECT value FROM meta WHERE key = 'renewal'").fetchone()
    return Renewal(**json.loads(row[0])) if row else None


def former(db: sqlite3.Connection) -> list[Renewal]:
    """The names under which this store wrote before, the oldest first."""
    row = db.execute("SELECT value FROM meta WHERE key = 'former'").fetchone()
    return [Renewal(**each) for each in json.loads(row[0])] if row else []


def await_renewal(db: sqlite3.Connection, renewal: Renewal) -> None:
    """Note that the store must not write under this name again. The first reason counts."""
    _put(db, "renewal", json.dumps(asdict(renewal)), "DO NOTHING")


def renewed(db: sqlite3.Connection, name: str, renewal: Renewal) -> None:
    """Note the new name, and the old one with its reason."""
    before = [asdict(each) for each in former(db)]
    _put(db, "former", json.dumps([*before, asdict(renewal)]))
    _put(db, "replica", name)
    db.execute("DELETE FROM meta WHERE key = 'renewal'")


def _put(
    db: sqlite3.Connection, key: str, value: str, else_: str = "DO UPDATE SET value = excluded.value"
) -> None:
    db.execute(f"INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) {else_}", (key, value))


def overtaken(db: sqlite3.Connection, replica: int, tip: int) -> tuple[int, str] | None:
    """`(number, source)` when something here shows that the own log once went on beyond its tip: who was seen to
    have more of it, or a change that speaks of such a record."""
    row = db.execute(
        "SELECT number, source FROM sighting WHERE replica = ? AND number > ? ORDER BY number DESC LIMIT 1",
        (replica, tip),
    ).fetchone()
    if row:
        return int(row[0]), str(row[1])
    base = replica << NUMBER_BITS
    for table in ("change", "excerpt"):
        query = f"SELECT max(record), id >> 24 FROM {table} WHERE record BETWEEN ? AND ?"
        record, by = db.execute(query, (base | tip + 1, base | NUMBER_MASK)).fetchone()
        if record is not None:
            return record & NUMBER_MASK, str(by)
    return None
