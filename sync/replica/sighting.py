"""Sightings: who was last seen to have how much of a log.

A device that says what it has, a bundle's list, a file that was set aside: each is evidence that so many changes were
made, and of where they were last seen. `sync.completeness` says what is missing here by it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sighting:
    """`source` (a replica's name, a path) had a log up to `number`, with `digest` there (`""`: not known), at `at`
    (ISO time)."""

    replica: int
    source: str
    number: int
    digest: str
    at: str


def see(db: sqlite3.Connection, seen: Iterable[Sighting]) -> None:
    """Note sightings; of one source the latest counts."""
    db.executemany(
        "INSERT INTO sighting (replica, source, number, digest, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (replica, source) DO UPDATE SET number = excluded.number, digest = excluded.digest,"
        " at = excluded.at WHERE excluded.at >= at",
        [(each.replica, each.source, each.number, each.digest, each.at) for each in seen],
    )


def rows(db: sqlite3.Connection) -> list[Sighting]:
    """All sightings, by replica, the highest number first, then the latest."""
    found = db.execute(
        "SELECT replica, source, number, digest, at FROM sighting ORDER BY replica, number DESC, at DESC, source"
    )
    return [Sighting(*row) for row in found]
