"""The ways that a log took: what is here under its own name, and what went on from it under the names of branches."""

from __future__ import annotations

from collections.abc import Iterator

from sync.branch import Branch
from sync.chain import Chain
from sync.forks.strand import PART, Strand
from sync.names import replica_number
from sync.replica import Replica, documents, log

_DEPTH = 32  # of branches of branches


def ways(hub: Replica, name: str, last: int, depth: int = _DEPTH) -> Iterator[list[str]]:
    """The headers from 1 to `last` of every way that a log took as far as that, in its own numbers and names."""
    replica = replica_number(name)
    if log.tip(hub.db, replica).number >= last:
        yield log.headers(hub.db, replica, 1, last)
    for branch in documents.branches(hub.db, name):
        if branch.number <= last and depth:
            common = log.headers(hub.db, replica, 1, branch.number - 1)
            for rest in ways(hub, branch.name, last - branch.number + 1, depth - 1):
                yield common + [branch.restore(text) for text in rest]


def way_before(hub: Replica, branch: Branch, strand: Strand) -> list[str] | None:
    """What a strand that begins within a branch follows, in the branch's own numbers and names; None when it follows
    nothing of that branch."""
    for way in ways(hub, branch.name, strand.first - branch.number):
        chain = log.chain_at(hub.db, log.Tip(replica_number(branch.replica), branch.number - 1, ""))
        chain.add([branch.restore(text) for text in way])
        if goes_on(strand, chain):
            return way
    return None


def goes_on(strand: Strand, chain: Chain) -> bool:
    """Whether a strand follows what this chain ends with."""
    if chain.number != strand.first - 1:
        return False
    return strand.run_on(chain, strand.first, strand.last).digest == strand.digest


def chain_of(hub: Replica, branch: Branch, last: int) -> Chain:
    """The chain of the store that made a branch, up to a number, as far as the branch goes by its own name here."""
    chain = log.chain_at(hub.db, log.Tip(replica_number(branch.replica), branch.number - 1, ""))
    replica = replica_number(branch.name)
    for start in range(1, last - branch.number + 2, PART):
        headers = log.headers(hub.db, replica, start, min(last - branch.number + 1, start + PART - 1))
        chain.add([branch.restore(text) for text in headers])
    return chain
