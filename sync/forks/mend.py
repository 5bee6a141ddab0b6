"""Mending: what happened to a store and to what was set aside in it, what can be done about it, and doing it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from sync.branch import Branch
from sync.clock import local_minute
from sync.forks.arrive import is_signed, keep_branch, prove, strand_of
from sync.forks.difference import difference
from sync.forks.guard import speaking
from sync.forks.settle import admit, issue, settle
from sync.forks.strand import SourceStrand, Strand
from sync.names import NUMBER_BITS, NUMBER_MASK, change_key, change_name, replica_name
from sync.problems import FORK, NOTHING_KEPT, RESOLVED, Problem, SyncError
from sync.replica import Replica, documents, erasure, intake, log, quarantine
from sync.replica.identity import Renewal
from sync.replica.quarantine import DROPPED, NAMED, Quarantined
from sync.replica.store import now
from sync.source import SCHEMA, attached, check_tables
from sync.transfer.rules import Rules, Taken

BRANCH = "branch"  # copies of another store went on under one name; one of them was set aside
OWN = "own"  # this store and a copy of it went on under one name
BEHIND = "behind"  # others have more of this store's log than is here
RENEWAL = "renewal"  # this store must not write under its name
LOG = "log"  # a log was set aside for something else
FILE = "file"  # a file, a document or a medium was set aside


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it should be. `what`: `BRANCH` …; `id` its number in the quarantine (0: none).

    Of two logs of one name: `replica` is the name, `number` the first change where they differ or of which only the
    other has anything, `here` and `aside` how many changes this store and the other have from there on, `origin` where
    those that are here came from (`""`: not known, or made here); `name` the name that the branch gets, `signed`
    whether its store vouches for it, `spoken_of` the records that both made under one name and that a third spoke of:
    it may have meant either. `source` and `at` say where and when it was seen, `problem` why it was set aside,
    `renewal` why the own name is not used any more."""

    what: str
    id: int = 0
    replica: str = ""
    number: int = 0
    here: int = 0
    aside: int = 0
    records: int = 0
    name: str = ""
    signed: bool = True
    spoken_of: tuple[str, ...] = ()
    origin: str = ""
    source: str = ""
    at: str = ""
    problem: Problem | None = None
    renewal: Renewal | None = None


@dataclass(slots=True)
class Mended:
    """What was done: the findings that are over, how many changes were taken or issued again; and what stands against
    the others, by their numbers in the quarantine."""

    done: list[Finding] = field(default_factory=list)
    taken: int = 0
    refused: dict[int, Problem] = field(default_factory=dict)


def look(hub: Replica) -> list[Finding]:
    """What there is to mend, as far as this store knows by itself."""
    renewal = hub.outdated()
    found = [] if renewal is None else [Finding(RENEWAL, replica=renewal.name, renewal=renewal)]
    return found + [_finding(hub, entry) for entry in hub.quarantined()]


def _finding(hub: Replica, entry: Quarantined) -> Finding:
    seen = {"id": entry.id, "source": entry.source, "at": entry.at, "problem": entry.problem}
    if not entry.replica:
        return Finding(FILE, **seen)  # type: ignore[arg-type]
    strand = strand_of(hub, entry)
    of_log = seen | {
        "replica": entry.replica,
        "number": entry.first,
        "aside": entry.count,
        "records": _records(hub.db, strand),
        "signed": is_signed(hub, strand),
    }
    if not entry.fork:
        return Finding(LOG, **of_log)  # type: ignore[arg-type]
    tip = log.tip(hub.db, strand.replica).number
    said = dict.fromkeys(change_name(record) for record, _ in speaking(hub.db, strand.replica, entry.first))
    of_fork = {
        "here": max(0, tip - entry.first + 1),
        "name": _branch(strand, entry).name,
        "spoken_of": tuple(said),
        "origin": intake.source_of(hub.db, strand.replica << NUMBER_BITS | entry.first),
    }
    return Finding(BRANCH, **of_log, **of_fork)  # type: ignore[arg-type]


def _branch(strand: Strand, entry: Quarantined) -> Branch:
    return Branch(strand.name, entry.first, entry.start or strand.digest_at(entry.first))


def _records(db: sqlite3.Connection, strand: Strand) -> int:
    """How many records the changes of a strand speak of."""
    base = strand.replica << NUMBER_BITS
    query = f"SELECT count(DISTINCT coalesce(record, {base} | number)) FROM ({strand.select})"
    return int(db.execute(query).fetchone()[0])


def compare(hub: Replica, path: Path) -> list[Finding]:
    """What another file shows of this store's own log; nothing is taken and nothing written. Raises HW-2002 to HW-2007
    for a file that is no replica, HW-2024 for the store's own."""
    found: list[Finding] = []
    own = hub.own_names()
    with attached(hub.db, path, hub.path):
        check_tables(hub.db, str(path))
        for here, there in log.tips_beside(hub.db, SCHEMA):
            if replica_name(there.replica) in own:
                found += _compared(hub, here, there, str(path))
    return found


def _compared(hub: Replica, here: log.Tip, there: log.Tip, source: str) -> list[Finding]:
    name, least = replica_name(there.replica), min(here.number, there.number)
    strand = SourceStrand(hub.db, SCHEMA, there)
    seen = {"replica": name, "source": source, "at": now(), "signed": is_signed(hub, strand)}
    if not least or log.digest_at(hub.db, there.replica, least) == strand.digest_at(least):
        if there.number == least:
            return []
        return [Finding(BEHIND, number=least + 1, aside=there.number - least, **seen)]  # type: ignore[arg-type]
    problem = difference(hub.db, SCHEMA, here, there).problem
    if problem.code != FORK:
        return [Finding(LOG, problem=problem, **seen)]  # type: ignore[arg-type]
    number = change_key(problem.place) & NUMBER_MASK
    branch = Branch(name, number, log.digest_at(hub.db, there.replica, number))
    counts = {"here": here.number - number + 1, "aside": there.number - number + 1, "name": branch.name}
    return [Finding(OWN, number=number, **counts, **seen)]  # type: ignore[arg-type]


def mend(hub: Replica, ids: Collection[int] | None = None, *, unsigned: bool = False) -> Mended:
    """Take in the branches that were set aside (of these ids; None: all), each under its own name, and take a new name
    where the own one is not to be used any more. Idempotent; each branch is one transaction.

    `unsigned`: also branches that their store's key did not sign."""
    done = Mended()
    tried: set[int] = set()
    while todo := [
        f for f in look(hub) if f.what == BRANCH and f.id not in tried and (ids is None or f.id in ids)
    ]:
        finding = todo[0]
        tried.add(finding.id)
        try:
            done.taken += _issue(hub, quarantine.one(hub.db, finding.id), unsigned=unsigned)
            done.done.append(finding)
        except SyncError as error:
            done.refused[finding.id] = error.problem
        if ids is not None:  # what parts from a branch within a branch belongs to it
            ids = {*ids, *(f.id for f in look(hub) if f.replica == finding.name)}
    renewal = hub.outdated() if ids is None else None
    if renewal:
        hub.renew(renewal)
        done.done.append(Finding(RENEWAL, replica=renewal.name, renewal=renewal))
    hub.settle_stale()
    return done


def _issue(hub: Replica, entry: Quarantined, *, unsigned: bool) -> int:
    """Issue a branch under its own name; how many changes that brought."""
    found = Taken()
    with hub.transaction():
        strand = strand_of(hub, entry)
        branch = _branch(strand, entry)
        if not unsigned:
            prove(hub, strand, branch)
        documents.put_branch(hub.db, branch, hub.tick())
        if not issue(hub, entry, branch, found, unsigned=unsigned):
            strand.check(entry.first, strand.chain_before(entry.first))  # says why
        settle(hub, found)
    erasure.forget_files(hub.media_folder, found.gone)
    return found.taken


def release(hub: Replica, id: int, *, unsigned: bool = False) -> Taken:
    """Try again to take what was set aside, through the ordinary checks; a branch under its own name. `problems` say
    why nothing was taken, and then it stays set aside.

    HW-2074, HW-2075 or HW-2076 for what cannot be released."""
    entry = _open(hub, id)
    if not entry.replica or not entry.count:
        raise SyncError(NOTHING_KEPT, str(id))
    if entry.fork:
        mended = mend(hub, {id}, unsigned=unsigned)
        return Taken(taken=mended.taken, problems=list(mended.refused.values()))
    found = Taken()
    try:
        with hub.transaction():
            if not admit(hub, entry, found, Rules()):
                raise _Refused
            settle(hub, found)
    except _Refused:
        if found.problems[0].code == FORK:
            _set_aside_as_branch(hub, entry, found.problems[0])
        return Taken(problems=found.problems)
    erasure.forget_files(hub.media_folder, found.gone)
    hub.settle_stale()
    return found


def _set_aside_as_branch(hub: Replica, entry: Quarantined, problem: Problem) -> None:
    """What waited for what came before it turned out to belong to another copy."""
    with hub.transaction():
        keep_branch(hub, strand_of(hub, entry), change_key(problem.place) & NUMBER_MASK, entry.source)
        quarantine.resolve(hub.db, entry.id, now(), NAMED)


class _Refused(Exception):
    """What was tried is taken back."""


def drop(hub: Replica, id: int) -> None:
    """Throw away what was set aside. HW-2074 or HW-2076 for what cannot be."""
    _open(hub, id)
    with hub.transaction():
        quarantine.resolve(hub.db, id, now(), DROPPED)


def _open(hub: Replica, id: int) -> Quarantined:
    entry = quarantine.one(hub.db, id)
    if entry.resolved:
        raise SyncError(RESOLVED, str(id), at=local_minute(entry.resolved))
    return entry
