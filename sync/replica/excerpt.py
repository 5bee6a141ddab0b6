"""Excerpts: changes of others that came by scope, without the logs that they stand in.

A field device is given the reviews, corrections and erasures that concern its people, and nobody else's answers. Each
is checked against its own header; no chain covers them, and they are never handed on. A change that comes with its
log takes the place of its excerpt."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from sync.change import Header, read_header
from sync.interest import Interest
from sync.names import change_key


def put(db: sqlite3.Connection, changes: Iterable[tuple[Header, str, str | None]], at: str) -> set[int]:
    """Keep excerpts `(header, its text, payload)` that are not here yet; the records that they speak of."""
    rows = [(change_key(h.name), change_key(h.record), text, payload) for h, text, payload in changes]
    fresh = [row for row in rows if not _here(db, row[0])]
    if not fresh:
        return set()
    seq = db.execute("INSERT INTO arrival (first, last, at) VALUES (0, -1, ?)", (at,)).lastrowid
    db.executemany(
        "INSERT INTO excerpt (id, record, seq, header, payload) VALUES (?, ?, ?, ?, ?)",
        [(row[0], row[1], seq, *row[2:]) for row in fresh],
    )
    return {row[1] for row in fresh}


def _here(db: sqlite3.Connection, key: int) -> bool:
    query = "SELECT 1 FROM change WHERE id = ?1 UNION ALL SELECT 1 FROM excerpt WHERE id = ?1"
    return db.execute(query, (key,)).fetchone() is not None


def overtaken(db: sqlite3.Connection, first: int, last: int) -> None:
    """Drop the excerpts of changes that came with their log."""
    db.execute("DELETE FROM excerpt WHERE id BETWEEN ? AND ?", (first, last))


def keep_only(db: sqlite3.Connection, interest: Interest) -> set[int]:
    """Drop what no longer concerns this replica (its assignment changed); the records that were touched."""
    rows = db.execute("SELECT id, record, header FROM excerpt").fetchall()
    lost = [(id_, record) for id_, record, text in rows if not interest.wants(read_header(text))]
    db.executemany("DELETE FROM excerpt WHERE id = ?", [(id_,) for id_, _ in lost])
    return {record for _, record in lost}


def arrived_with(db: sqlite3.Connection, seq: int) -> list[int]:
    """Records of the excerpts that came with one row of `arrival`."""
    return [row[0] for row in db.execute("SELECT record FROM excerpt WHERE seq = ? ORDER BY id", (seq,))]


def tips(db: sqlite3.Connection) -> dict[int, int]:
    """The highest number that excerpts name, by replica number."""
    rows = db.execute("SELECT id >> 24, max(id & 16777215) FROM excerpt GROUP BY 1")
    return dict(rows.fetchall())


def count(db: sqlite3.Connection) -> int:
    """How many excerpts are here."""
    return int(db.execute("SELECT count(*) FROM excerpt").fetchone()[0])
