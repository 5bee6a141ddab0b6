"""How far each log is here, in each of the copies that went on under its name: what two stores tell each other so that
neither sends what the other has, and a copy's own part comes too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sync.forks.phone import branches, reaches
from sync.names import replica_name, replica_number
from sync.replica import Replica, documents, log, quarantine
from sync.replica.quarantine import DROPPED

Reach = tuple[int, str]  # a number, and the chain's digest there


def reach(hub: Replica) -> dict[str, list[Reach]]:
    """By replica: how far its log is here, then how far each branch is that has a name of its own or is set aside, in
    the numbers and digests of the store that made it."""
    found = {replica_name(number): [(tip.number, tip.digest)] for number, tip in log.tips(hub.db).items()}
    for name in dict.fromkeys(branch.replica for branch in documents.branches(hub.db)):
        found.setdefault(name, []).extend(branches(hub, name))
    for entry in quarantine.rows(hub.db):
        if entry.fork:
            found.setdefault(entry.replica, []).append((entry.last, entry.digest))
    return found


def several(hub: Replica) -> set[str]:
    """The logs that are known here to have gone several ways."""
    named = {branch.replica for branch in documents.branches(hub.db)}
    return named | {entry.replica for entry in quarantine.rows(hub.db) if entry.fork}


def set_aside(hub: Replica, name: str) -> list[Reach]:
    """How far each branch of a log is set aside here."""
    aside = quarantine.of_log(hub.db, replica_number(name))
    return [(entry.last, entry.digest) for entry in aside if entry.fork and not entry.resolved]


def lacks(hub: Replica, theirs: Mapping[str, Reach]) -> dict[str, list[Reach]]:
    """Of the logs of another store, by their ends there, those that are not here as they are there, each with what is
    here of it (`reach`)."""
    here = reach(hub)
    return {name: here.get(name, []) for name, end in theirs.items() if not _holds(hub, name, *end)}


def _holds(hub: Replica, name: str, number: int, digest: str) -> bool:
    replica = replica_number(name)
    if number <= log.tip(hub.db, replica).number and log.digest_at(hub.db, replica, number) == digest:
        return True
    aside = (
        each for each in quarantine.of_log(hub.db, replica) if each.fork and each.outcome in ("", DROPPED)
    )
    if any((entry.last, entry.digest) == (number, digest) for entry in aside):
        return True
    return any(reaches(hub, branch, number, digest) for branch in documents.branches(hub.db, name))


def covers(hub: Replica, name: str, number: int, digest: str = "") -> bool:
    """Whether a change that a log does not reach here is here under the name of a branch of it. Without a digest: of
    some branch."""
    if number <= log.tip(hub.db, replica_number(name)).number:
        return False
    ends = branches(hub, name)
    return any(
        number <= end if not digest else (number, digest) == (end, there) for end, there in ends
    ) or any(
        bool(digest and reaches(hub, branch, number, digest)) for branch in documents.branches(hub.db, name)
    )


def common(replica: Replica, name: str, theirs: Iterable[Reach]) -> int:
    """Up to which number a log here is one that another store has, by its `reach`; 0 when they agree at none of its
    ends: they part before, and it takes the log from its beginning to say where."""
    number = replica_number(name)
    tip = log.tip(replica.db, number).number
    ends = (end for end, digest in theirs if end <= tip and log.digest_at(replica.db, number, end) == digest)
    return max(ends, default=0)
