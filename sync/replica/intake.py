"""Intakes: what came by which road, so that it can be shown and undone."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

FILE, BUNDLE, HTTP = "file", "bundle", "http"


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in one go: the rows of `arrival` from `first` to `last`; `undone` is ISO time, `""` where it was
    not."""

    id: int
    at: str
    road: str
    source: str
    first: int
    last: int
    undone: str = ""


def before(db: sqlite3.Connection) -> int:
    """The last row of `arrival` now: to be asked before anything is taken."""
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM arrival").fetchone()[0])


def note(db: sqlite3.Connection, at: str, road: str, source: str, seq: int) -> int | None:
    """Note what arrived after row `seq` (inside the transaction that took it); its id, None when nothing did."""
    last = before(db)
    if last == seq:
        return None
    cursor = db.execute(
        "INSERT INTO intake (at, road, source, first, last) VALUES (?, ?, ?, ?, ?)",
        (at, road, source, seq + 1, last),
    )
    return cursor.lastrowid


def rows(db: sqlite3.Connection) -> list[Intake]:
    """All intakes, the latest first."""
    found = db.execute("SELECT id, at, road, source, first, last, undone FROM intake ORDER BY id DESC")
    return [Intake(*row) for row in found]


def source_of(db: sqlite3.Connection, key: int) -> str:
    """By which source a change came here; `""` when it was made here, or that is not known."""
    row = db.execute(
        "SELECT i.source FROM arrival AS a JOIN intake AS i ON a.seq BETWEEN i.first AND i.last"
        " WHERE a.first <= ?1 AND a.last >= ?1",
        (key,),
    ).fetchone()
    return str(row[0]) if row else ""
