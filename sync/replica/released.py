"""Own changes whose answers left this replica, after the hub had them safe: which they are.

Their headers stay, so that the log still proves itself. A record of which one was released is not here: lists pass it
over, and asking for it gives HW-2021, until the hub hands the answers back (`sync.replica.leaving`)."""

from __future__ import annotations

import sqlite3

from sync.replica.schema import TABLES


def holds(db: sqlite3.Connection, record: int) -> bool:
    """Whether a record is not here any more."""
    row = db.execute(
        "SELECT 1 FROM released WHERE id = ?1"
        " UNION ALL SELECT 1 FROM change WHERE record = ?1 AND id IN (SELECT id FROM released) LIMIT 1",
        (record,),
    ).fetchone()
    return row is not None


def records(db: sqlite3.Connection) -> frozenset[int]:
    """All records that are not here any more."""
    rows = db.execute(
        "SELECT coalesce(c.record, c.id) FROM released AS r CROSS JOIN change AS c ON c.id = r.id"
    )
    return frozenset(row[0] for row in rows)


def within(db: sqlite3.Connection, schema: str, first: int, last: int) -> dict[int, tuple[str, str]]:
    """Key → (hub, ISO time) of the changes with keys `first` to `last` that a file says it released; none where its
    table is not ours to the letter."""
    sql = db.execute(
        f"SELECT sql FROM {schema}.sqlite_master WHERE type = 'table' AND name = 'released'"
    ).fetchone()
    if sql is None or sql[0] != TABLES["released"]:
        return {}
    rows = db.execute(f"SELECT id, hub, at FROM {schema}.released WHERE id BETWEEN ? AND ?", (first, last))
    return {id_: (str(hub), str(at)) for id_, hub, at in rows}
