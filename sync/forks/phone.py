"""Branches of a device that sends its own log, as `sync.protocol` meets them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sync.branch import Branch
from sync.change import Header
from sync.forks import arrive
from sync.forks.arrive import continued, declared
from sync.forks.guard import fork
from sync.forks.strand import KeptStrand, Strand
from sync.forks.ways import chain_of
from sync.names import change_key, replica_number
from sync.problems import Problem
from sync.replica import Replica, documents, log, quarantine
from sync.replica.quarantine import Claim, Kept
from sync.transfer.rules import Taken

__all__ = [
    "Strand",
    "branches",
    "continued",
    "declared",
    "deliver",
    "disagrees",
    "fork",
    "keep",
    "parted",
    "reaches",
    "strand",
]


def branches(hub: Replica, name: str) -> list[tuple[int, str]]:
    """`(number, digest)` up to which each branch that goes by a name of its own is here, in the numbers and digests
    of the store that made it."""
    found = []
    for branch in documents.branches(hub.db, name):
        issued = log.tip(hub.db, replica_number(branch.name)).number
        if issued:
            last = branch.number + issued - 1
            found.append((last, chain_of(hub, branch, last).digest))
    return found


def disagrees(hub: Replica, name: str, number: int, digest: str) -> bool:
    """Whether the log of a device, with this digest at its end, is known to be none that is here."""
    replica = replica_number(name)
    here = log.tip(hub.db, replica).number
    if number > here or log.digest_at(hub.db, replica, number) == digest:
        return False
    later = (branch for branch in documents.branches(hub.db, name) if branch.number <= number)
    return all(reaches(hub, branch, number, digest) is False for branch in later)


def reaches(hub: Replica, branch: Branch, number: int, digest: str) -> bool | None:
    """Whether a branch has this digest at a number, as its store counts; None when it does not reach it here."""
    last = branch.number + log.tip(hub.db, replica_number(branch.name)).number - 1
    if not branch.number <= number <= last:
        return None
    return chain_of(hub, branch, number).digest == digest


def parted(hub: Replica, name: str) -> bool:
    """Whether copies of a device are known that went on under its name."""
    return bool(documents.branches(hub.db, name)) or any(
        entry.fork and not entry.resolved for entry in quarantine.of_log(hub.db, replica_number(name))
    )


@contextmanager
def strand(
    hub: Replica, headers: Sequence[Header], texts: Sequence[tuple[str, str]], digest: str, signature: str
) -> Iterator[KeptStrand]:
    """Changes that a device sent, at least one, as a strand while the block runs."""
    first, last = headers[0], headers[-1]
    aside = quarantine.loose(hub.db)
    kept = [
        Kept(header.number, None if header.creates else change_key(header.record), *pair)
        for header, pair in zip(headers, texts, strict=True)
    ]
    quarantine.keep(hub.db, aside, kept)
    signed = last.number if signature else 0
    claim = Claim(replica_number(first.replica), first.number, last.number, "", digest, signed, signature)
    yield KeptStrand(hub.db, aside, claim)
    quarantine.forget_changes(hub.db, aside)


def keep(hub: Replica, offered: Strand, problem: Problem) -> Problem:
    """Keep what a device sent of a branch, and say why."""
    found = Taken()
    arrive.arrive(hub, offered, problem, offered.name, found)
    return found.problems[0]


def deliver(hub: Replica, offered: Strand, branch: Branch) -> Taken:
    """Take what a device sent of a branch in under the branch's name."""
    found = Taken()
    arrive.deliver(hub, offered, branch, offered.name, found)
    return found
