"""What was set aside, with the reason: a file, or the log of one replica with the changes that were not taken."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sync.change import ERASES
from sync.names import NUMBER_BITS, NUMBER_MASK, replica_name
from sync.problems import FORK, MEDIA_CHANGED, NOT_ASIDE, Problem, SyncError

# How something that was set aside came to its end.
TAKEN = "taken"  # on somebody's word, through the ordinary checks
ARRIVED = "arrived"  # what was kept is here by another road
NAMED = "named"  # a branch that goes by a name of its own now
DROPPED = "dropped"  # thrown away on somebody's word


class Kept(NamedTuple):
    """A change that was kept: its place in the log, the key of the record that its header names (None: it creates
    one, or says nothing that can be read), header and payload."""

    number: int
    record: int | None
    header: str
    payload: str | None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One thing set aside. `at` ISO time, first seen; `source` where it came from.

    Of a log: `replica` (else `""`), the numbers `first` to `last` of the `count` changes kept, `digest` the chain's
    at `last` as it was claimed, `signed` and `signature` the last signature that came with it; of a fork `start`, the
    digest at `first`. `resolved` ISO time and `outcome` (`TAKEN` …), both `""` while it is open."""

    id: int
    at: str
    source: str
    problem: Problem
    replica: str
    first: int
    last: int
    start: str
    digest: str
    signed: int
    signature: str
    resolved: str
    outcome: str
    count: int

    @property
    def fork(self) -> bool:
        """Whether this is a branch of a log that goes on otherwise here."""
        return self.problem.code == FORK and bool(self.replica)


@dataclass(frozen=True, slots=True)
class Claim:
    """What came with the changes of a log: its digest at `last`, and the last signature."""

    replica: int
    first: int
    last: int
    start: str
    digest: str
    signed: int
    signature: str


_COLUMNS = (
    "id, at, source, problem, replica, first, last, start, digest, signed, signature, resolved, outcome,"
    " (SELECT count(*) FROM kept WHERE aside = quarantine.id)"
)


def _quarantined(row: tuple[object, ...]) -> Quarantined:
    id_, at, source, problem, replica, *rest = row
    name = "" if replica is None else replica_name(int(str(replica)))
    return Quarantined(id_, at, source, Problem(*json.loads(str(problem))), name, *rest)  # type: ignore[arg-type]


def rows(db: sqlite3.Connection, *, everything: bool = False) -> list[Quarantined]:
    """What is open, oldest first; with `everything` also what came to its end."""
    where = "" if everything else " WHERE resolved = ''"
    return [_quarantined(row) for row in db.execute(f"SELECT {_COLUMNS} FROM quarantine{where} ORDER BY id")]


def of_log(db: sqlite3.Connection, replica: int) -> list[Quarantined]:
    """What was set aside of one log, open or not, oldest first."""
    found = db.execute(f"SELECT {_COLUMNS} FROM quarantine WHERE replica = ? ORDER BY id", (replica,))
    return [_quarantined(row) for row in found]


def one(db: sqlite3.Connection, id_: int) -> Quarantined:
    """One thing set aside; HW-2074 when there is none of this number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM quarantine WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise SyncError(NOT_ASIDE, str(id_))
    return _quarantined(row)


def any_open(db: sqlite3.Connection) -> bool:
    """Whether anything is open."""
    return db.execute("SELECT 1 FROM quarantine WHERE resolved = '' LIMIT 1").fetchone() is not None


def _text(problem: Problem) -> str:
    return json.dumps([problem.code, problem.place, dict(problem.params)], ensure_ascii=True)


def add(db: sqlite3.Connection, at: str, source: str, problem: Problem) -> int:
    """Note a problem of which no change can be kept; the same thing again is not noted twice. Its id."""
    text = _text(problem)
    query = "SELECT id FROM quarantine WHERE problem = ? AND replica IS NULL AND resolved = ''"
    row = db.execute(query, (text,)).fetchone()
    if row:
        return int(row[0])
    insert = "INSERT INTO quarantine (at, source, problem) VALUES (?, ?, ?)"
    return int(db.execute(insert, (at, source, text)).lastrowid or 0)


def add_log(db: sqlite3.Connection, at: str, source: str, problem: Problem, claim: Claim) -> int:
    """Note that a log was set aside; its changes are kept by `keep`. Its id."""
    cursor = db.execute(
        "INSERT INTO quarantine (at, source, problem, replica, first, last, start, digest, signed, signature)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (at, source, _text(problem), *_members(claim)),
    )
    return int(cursor.lastrowid or 0)


def claim_more(db: sqlite3.Connection, id_: int, problem: Problem, claim: Claim) -> None:
    """Note that more came of a log that is set aside."""
    db.execute(
        "UPDATE quarantine SET problem = ?, replica = ?, first = ?, last = ?, start = ?, digest = ?, signed = ?,"
        " signature = ? WHERE id = ?",
        (_text(problem), *_members(claim), id_),
    )


def _members(claim: Claim) -> tuple[int, int, int, str, str, int, str]:
    signature = (claim.signed, claim.signature)
    return claim.replica, claim.first, claim.last, claim.start, claim.digest, *signature


def loose(db: sqlite3.Connection) -> int:
    """In the place of an id: for changes that have not found theirs yet. None are left at the end of a
    transaction."""
    return int(db.execute("SELECT min(0, coalesce(min(aside), 0)) - 1 FROM kept").fetchone()[0])


def keep(db: sqlite3.Connection, id_: int, changes: Sequence[Kept]) -> None:
    """Keep changes of something set aside."""
    db.executemany(
        "INSERT INTO kept (aside, number, record, header, payload) VALUES (?, ?, ?, ?, ?)",
        [(id_, *change) for change in changes],
    )


def keep_from(db: sqlite3.Connection, id_: int, select: str, after: int) -> None:
    """Keep what a SELECT gives as (number, record, header, payload), as far as it comes after a number."""
    db.execute(
        "INSERT INTO kept (aside, number, record, header, payload)"
        f" SELECT {int(id_)}, number, record, header, payload FROM ({select}) WHERE number > ? ORDER BY number",
        (after,),
    )


def changes(db: sqlite3.Connection, id_: int, first: int = 0) -> Generator[Kept]:
    """The changes kept of something set aside, from a number on, in order."""
    found = db.execute(
        "SELECT number, record, header, payload FROM kept WHERE aside = ? AND number >= ? ORDER BY number",
        (id_, first),
    )
    yield from map(Kept._make, found)


def header(db: sqlite3.Connection, id_: int, number: int) -> str | None:
    """The header that was kept at a number, or None."""
    query = "SELECT header FROM kept WHERE aside = ? AND number = ?"
    row = db.execute(query, (id_, number)).fetchone()
    return row[0] if row else None


def weight(db: sqlite3.Connection, id_: int) -> int:
    """Characters of the changes kept of something set aside."""
    query = "SELECT coalesce(sum(length(header) + coalesce(length(payload), 0)), 0) FROM kept WHERE aside = ?"
    return int(db.execute(query, (id_,)).fetchone()[0])


def shows(db: sqlite3.Connection, id_: int, digest: str) -> bool:
    """Whether a change kept of something set aside names a medium."""
    query = "SELECT 1 FROM kept WHERE aside = ? AND instr(payload, ?) LIMIT 1"
    return db.execute(query, (id_, digest)).fetchone() is not None


def hole(db: sqlite3.Connection, id_: int, first: int, last: int) -> int:
    """The first number of a range at which nothing was kept; 0 when nothing is missing."""
    numbers = db.execute(
        "SELECT number FROM kept WHERE aside = ? AND number BETWEEN ? AND ? ORDER BY number",
        (id_, first, last),
    )
    wanted = first
    for (number,) in numbers:
        if number != wanted:
            return wanted
        wanted += 1
    return wanted if wanted <= last else 0


def parts(db: sqlite3.Connection, id_: int, replica: int) -> int:
    """The first number at which something else was kept of a log than stands in it here; 0 when nothing was."""
    row = db.execute(
        "SELECT min(k.number) FROM kept AS k JOIN change AS c ON c.id = ? | k.number"
        " WHERE k.aside = ? AND c.header <> k.header",
        (replica << NUMBER_BITS, id_),
    ).fetchone()
    return row[0] or 0


def not_here(db: sqlite3.Connection, id_: int, replica: int) -> tuple[int, int]:
    """How many of the changes kept of a log are not here, and the highest number of those."""
    count, highest = db.execute(
        "SELECT count(*), max(k.number) FROM kept AS k LEFT JOIN change AS c ON c.id = ? | k.number"
        " WHERE k.aside = ? AND c.header IS NOT k.header",
        (replica << NUMBER_BITS, id_),
    ).fetchone()
    return count, highest or 0


def forget_changes(db: sqlite3.Connection, id_: int) -> None:
    """Destroy what was kept: it is in its log now, or nobody wants it."""
    db.execute("DELETE FROM kept WHERE aside = ?", (id_,))


def came_through(db: sqlite3.Connection, at: str, sources: Sequence[str]) -> None:
    """Note of files that were taken whole now that what stood against them before is over."""
    db.executemany(
        "UPDATE quarantine SET resolved = ?, outcome = ? WHERE source = ? AND replica IS NULL AND resolved = ''",
        [(at, ARRIVED, source) for source in sources],
    )


def of_medium(db: sqlite3.Connection, digest: str) -> list[int]:
    """What is open because the file of a medium was not what its name says."""
    query = "SELECT id FROM quarantine WHERE problem = ? AND replica IS NULL AND resolved = ''"
    return [id_ for (id_,) in db.execute(query, (_text(Problem(MEDIA_CHANGED, digest)),))]


def resolve(db: sqlite3.Connection, id_: int, at: str, outcome: str) -> None:
    """Note how something set aside came to its end. What was kept of it goes."""
    db.execute("UPDATE quarantine SET resolved = ?, outcome = ? WHERE id = ?", (at, outcome, id_))
    forget_changes(db, id_)


_OF_RECORD = (
    "SELECT k.id, k.payload FROM kept AS k JOIN quarantine AS q ON q.id = k.aside WHERE {} AND k.payload IS NOT NULL"
    " AND instr(k.header, ?2) = 0 AND NOT (q.problem LIKE '[\"HW-2011\"%' AND q.replica = ?1 >> 24"
    " AND ?1 & 16777215 >= q.first)"
)

_ERASED = " UNION ALL ".join(
    _OF_RECORD.format(where)
    for where in (
        "k.record = ?1",
        "q.replica = ?1 >> 24 AND k.number = ?1 & 16777215 AND k.record IS NULL",
    )
)


def holds(db: sqlite3.Connection, record: int) -> bool:
    """Whether something is kept that `destroy` would destroy."""
    return db.execute(f"{_ERASED} LIMIT 1", (record, ERASES)).fetchone() is not None


def destroy(db: sqlite3.Connection, record: int) -> list[str]:
    """Destroy the payloads kept of a record that was erased, and return them. Of a fork only where the name means the
    same on both sides: what one side made after they parted is not what the other erased."""
    found = db.execute(_ERASED, (record, ERASES)).fetchall()
    db.executemany("UPDATE kept SET payload = NULL WHERE id = ?", [(id_,) for id_, _ in found])
    return [payload for _, payload in found]


def destroy_erased(db: sqlite3.Connection, id_: int) -> None:
    """Destroy among what is kept the payloads of records that are erased: here, or within what is kept."""
    records = db.execute(
        "SELECT DISTINCT record FROM kept WHERE aside = ? AND record IN (SELECT record FROM erased)", (id_,)
    ).fetchall()
    for (record,) in records:
        destroy(db, record)
    within = db.execute(
        "SELECT record FROM kept WHERE aside = ? AND instr(header, ?)", (id_, ERASES)
    ).fetchall()
    for (record,) in within:
        db.execute(
            "UPDATE kept SET payload = NULL WHERE aside = ?1 AND instr(header, ?2) = 0 AND (record = ?3 OR"
            " record IS NULL AND number = ?3 & ?4 AND ?3 >> ?5 = (SELECT replica FROM quarantine WHERE id = ?1))",
            (id_, ERASES, record, NUMBER_MASK, NUMBER_BITS),
        )
