"""Intakes: what came by which road, so that it can be shown and undone."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from sync.replica import notes

FILE, BUNDLE, HTTP = "file", "bundle", "http"
UNDO = "undo"
"""The road of what this replica wrote to undo an intake; its `source` is the id of that one."""

_COLUMNS = "SELECT id, at, road, source, first, last, undone FROM intake"


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in one go: the rows of `arrival` from `first` to `last` (none where `last` is less: an undo that had
    nothing to write); `undone` is ISO time, `""` where it was not."""

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
    if last == seq and road != UNDO:
        return None
    cursor = db.execute(
        "INSERT INTO intake (at, road, source, first, last) VALUES (?, ?, ?, ?, ?)",
        (at, road, source, seq + 1, last),
    )
    return cursor.lastrowid


def rows(db: sqlite3.Connection) -> list[Intake]:
    """All intakes, the latest first."""
    return [Intake(*row) for row in db.execute(f"{_COLUMNS} ORDER BY id DESC")]


def one(db: sqlite3.Connection, id_: int) -> Intake | None:
    """The intake with this id."""
    row = db.execute(f"{_COLUMNS} WHERE id = ?", (id_,)).fetchone()
    return Intake(*row) if row else None


def mark(db: sqlite3.Connection, intake: Intake, at: str) -> None:
    """Note that an intake is undone (at `at`, ISO time) or in force again (`""`), and of one that undoes another
    that this one is the contrary."""
    db.execute("UPDATE intake SET undone = ? WHERE id = ?", (at, intake.id))
    undoes = one(db, int(intake.source)) if intake.road == UNDO else None
    if undoes:
        mark(db, undoes, "" if at else intake.at)


def ranges(db: sqlite3.Connection, id_: int | None = None) -> list[tuple[int, int, int]]:
    """`(first, last, intake)`: the key ranges of the changes that came with one intake or with any, sorted. Excerpts
    stand in none."""
    found = db.execute(
        "SELECT a.first, a.last, i.id FROM intake AS i CROSS JOIN arrival AS a ON a.seq BETWEEN i.first AND i.last"
        " WHERE a.last >= a.first AND (?1 IS NULL OR i.id = ?1) ORDER BY a.first",
        (id_,),
    )
    return found.fetchall()


def excerpts(db: sqlite3.Connection, id_: int | None = None) -> list[tuple[int, int, int]]:
    """`(key, record, intake)` of the excerpts that came with one intake or with any, and are still here."""
    found = db.execute(
        "SELECT e.id, e.record, i.id FROM excerpt AS e JOIN intake AS i ON e.seq BETWEEN i.first AND i.last"
        " WHERE ?1 IS NULL OR i.id = ?1 ORDER BY e.id",
        (id_,),
    )
    return found.fetchall()


def source_of(db: sqlite3.Connection, key: int) -> str:
    """By which source a change came here; `""` when it was made here, or that is not known."""
    row = db.execute(
        "SELECT i.source FROM arrival AS a JOIN intake AS i ON a.seq BETWEEN i.first AND i.last"
        " WHERE a.first <= ?1 AND a.last >= ?1",
        (key,),
    ).fetchone()
    return str(row[0]) if row else ""


def note_together(db: sqlite3.Connection, ids: Collection[int]) -> None:
    """Note that these intakes came by one merge."""
    notes.put(db, notes.TOGETHER, " ".join(map(str, sorted(ids))), str(min(ids)))


def together(db: sqlite3.Connection) -> list[tuple[int, ...]]:
    """The intakes of each merge that brought several."""
    found = (notes.get(db, notes.TOGETHER, name) for name in notes.names(db, notes.TOGETHER))
    return [tuple(map(int, text.split())) for text in found]


def undone_by(db: sqlite3.Connection, id_: int) -> int | None:
    """The intake that took this one back, and was not taken back itself; None when there is none."""
    query = "SELECT max(id) FROM intake WHERE road = ? AND source = ? AND undone = ''"
    found: int | None = db.execute(query, (UNDO, str(id_))).fetchone()[0]
    return found
