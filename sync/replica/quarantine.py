"""What a merge set aside, with the reason: a file, or the log of one replica in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from sync.canonical import sha
from sync.problems import Problem


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One thing set aside. `changes` are `(header, payload)` texts that were kept; `at` is ISO time, first
    seen."""

    id: int
    at: str
    source: str
    problem: Problem
    changes: tuple[tuple[str, str | None], ...]


def add(
    db: sqlite3.Connection,
    at: str,
    source: str,
    problem: Problem,
    changes: Sequence[tuple[str, str | None]] = (),
) -> None:
    """Keep a problem and the changes that it is about; the same thing again is not kept twice."""
    kept = json.dumps([list(change) for change in changes], ensure_ascii=True)
    about = json.dumps([problem.code, problem.place, dict(problem.params)], ensure_ascii=True)
    db.execute(
        "INSERT INTO quarantine (at, source, fingerprint, problem, changes) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (fingerprint) DO NOTHING",
        (at, source, sha(about + kept), about, kept),
    )


def rows(db: sqlite3.Connection) -> list[Quarantined]:
    """Everything set aside, oldest first."""
    found = db.execute("SELECT id, at, source, problem, changes FROM quarantine ORDER BY id")
    return [
        Quarantined(
            id_, at, source, Problem(*json.loads(problem)), tuple((h, p) for h, p in json.loads(changes))
        )
        for id_, at, source, problem, changes in found
    ]
