"""Completeness: of each replica's log, how many changes were made, how many are here, and where the others were last
seen.

How many were made is known from evidence alone: what is here, what somebody else was seen to have (`Sighting`), what
came by itself (excerpts), what was set aside, and what a change names as its record or parent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sync.change import read_header
from sync.forks import known as branches
from sync.names import NUMBER_BITS, NUMBER_MASK, change_key, replica_name, replica_number
from sync.replica import Replica, excerpt, log, notes, quarantine, sighting
from sync.replica.sighting import Sighting


@dataclass(slots=True)
class LogState:
    """One replica's log as far as it is known here.

    `made`: at least so many changes exist. `here`: all from 1 to this number. `apart`: how many of the missing ones
    are here by themselves, without their log. `aside`: how many were set aside. `seen`: who had more than is here,
    the one with most first. `signed`: up to here the author's signature proves it. `safe`: up to here a backup of
    this replica holds it. `arrived`: ISO time at which the last change came. `kept_at`: the hub that keeps what is not
    here and gives this replica the part of it that it needs; `""` where what is missing should come."""

    replica: str
    made: int = 0
    here: int = 0
    apart: int = 0
    aside: int = 0
    signed: int = 0
    safe: int = 0
    arrived: str = ""
    kept_at: str = ""
    seen: list[Sighting] = field(default_factory=list)

    @property
    def missing(self) -> tuple[int, int] | None:
        """First and last number that is not here; None when nothing is known to be missing."""
        return (self.here + 1, self.made) if self.made > self.here else None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; `changes` is `here`, `last_seen` the sighting with most."""
        first = self.seen[0] if self.seen else None
        return {
            "replica": self.replica,
            "made": self.made,
            "changes": self.here,
            "missing": list(self.missing) if self.missing else None,
            "apart": self.apart,
            "set_aside": self.aside,
            "signed": self.signed,
            "safe": self.safe,
            "arrived": self.arrived,
            "kept_at": self.kept_at,
            "last_seen": {"source": first.source, "number": first.number, "at": first.at} if first else None,
        }


@dataclass(frozen=True, slots=True)
class Received:
    """What a hub has of this replica's own log, by its own word: `number` changes at `at`; `whole` when these are
    all, and the same (the digests agree)."""

    hub: str
    number: int
    at: str
    whole: bool


def completeness(replica: Replica) -> list[LogState]:
    """The state of each log of which anything is known here, by the name of the replica."""
    found: dict[int, LogState] = {}

    def of(number: int) -> LogState:
        return found.setdefault(number, LogState(replica_name(number)))

    safe = dict(replica.db.execute("SELECT replica, number FROM backed_up").fetchall())
    for number, tip in log.tips(replica.db).items():
        state = of(number)
        state.here = state.made = tip.number
        state.signed, state.safe = tip.signed, safe.get(number, 0)
        state.arrived = log.arrived_at(replica.db, number << NUMBER_BITS | tip.number)
    for seen in sighting.rows(replica.db):
        if branches.covers(replica, replica_name(seen.replica), seen.number, seen.digest):
            continue
        state = of(seen.replica)
        state.made = max(state.made, seen.number)
        if seen.number > state.here:
            state.seen.append(seen)
    for number, highest in [*excerpt.tips(replica.db).items(), *_named(replica).items()]:
        if not branches.covers(replica, replica_name(number), highest):
            of(number).made = max(of(number).made, highest)
    for number, (count, highest) in _aside(replica).items():
        state = of(number)
        state.aside = count
        state.made = max(state.made, highest)
    _count_apart(replica, found)
    _keep(replica, found)
    return [found[number] for number in sorted(found)]


def received(replica: Replica) -> list[Received]:
    """What others said that they have of this replica's own log, the latest first."""
    own = replica_number(replica.name)
    tip = log.tip(replica.db, own)
    found = [
        Received(seen.source, seen.number, seen.at, (seen.number, seen.digest) == (tip.number, tip.digest))
        for seen in sighting.rows(replica.db)
        if seen.replica == own
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _named(replica: Replica) -> dict[int, int]:
    """The highest number of each replica that a change here names as its record or parent."""
    names: set[str] = set()
    for table in ("change", "excerpt"):
        for (text,) in replica.db.execute(f"SELECT header FROM {table} WHERE record IS NOT NULL"):
            header = read_header(text)
            names.update((header.record, *header.parents))
    found: dict[int, int] = {}
    for key in map(change_key, names):
        number = key >> NUMBER_BITS
        found[number] = max(found.get(number, 0), key & NUMBER_MASK)
    return found


def _aside(replica: Replica) -> dict[int, tuple[int, int]]:
    """Of the changes of each replica that were set aside and are not here: how many, and the highest number of those
    that are no branch of a log."""
    found: dict[int, tuple[int, int]] = {}
    for each in quarantine.rows(replica.db):
        if each.replica:
            number = replica_number(each.replica)
            count, highest = quarantine.not_here(replica.db, each.id, number)
            before = found.get(number, (0, 0))
            found[number] = before[0] + count, max(before[1], 0 if each.fork else highest)
    return found


def _count_apart(replica: Replica, found: dict[int, LogState]) -> None:
    rows = replica.db.execute("SELECT id >> 24, count(*) FROM excerpt GROUP BY 1")
    for number, count in rows.fetchall():
        found[number].apart = count


def _keep(replica: Replica, found: dict[int, LogState]) -> None:
    """Of a replica that is given what concerns it: what it lacks of others is at its hub, unless somebody else was seen
    to have it, or it was set aside here."""
    hubs = notes.names(replica.db, notes.CURSOR)
    own = set(replica.own_names())
    for state in found.values():
        others = any(seen.source not in hubs for seen in state.seen)
        if hubs and state.missing and state.replica not in own and not others and not state.aside:
            state.kept_at = state.seen[0].source if state.seen else hubs[0]
