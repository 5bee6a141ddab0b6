"""What must not be taken under a name although it follows what is here of it.

A branch that goes by a name of its own is not taken under the old one again. And where a branch was taken out from
under a name after others spoke of its records, no other branch moves in: what was said of one record would be read as
said of another."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sync.chain import Chain
from sync.forks.strand import Strand
from sync.names import NUMBER_BITS, NUMBER_MASK, replica_name
from sync.problems import FORK, SyncError
from sync.replica import Replica, documents, log


def fork(replica: str, number: int, last: int) -> SyncError:
    """HW-2011 for the changes of a log from a number on."""
    return SyncError(FORK, f"{replica}-{number}", replica=replica, count=last - number + 1)


class Guard:
    """Watches one log as it is taken up to `last`."""

    def __init__(self, hub: Replica, tip: log.Tip, last: int) -> None:
        self._name = replica_name(tip.replica)
        self._last = last
        self._due = [b for b in documents.branches(hub.db, self._name) if tip.number < b.number <= last]
        if any(b.number == tip.number + 1 for b in self._due) and spoken_of(hub, tip.replica, tip.number + 1):
            raise fork(self._name, tip.number + 1, last)

    def watch(self, chain: Chain, headers: Sequence[str]) -> None:
        """Before these headers are appended: HW-2011 where one of them begins a branch with a name of its own."""
        for branch in self._due:
            place = branch.number - chain.number
            if 0 < place <= len(headers) and chain.digest_after(headers[:place]) == branch.digest:
                raise fork(self._name, branch.number, self._last)

    def look_at(self, strand: Strand) -> None:
        """As `watch`, for a log that is at hand whole."""
        for branch in self._due:
            if strand.digest_at(branch.number) == branch.digest:
                raise fork(self._name, branch.number, self._last)


def spoken_of(hub: Replica, replica: int, number: int) -> bool:
    """Whether another log speaks of records that this one created from a number on. Of an own log: no matter."""
    return replica_name(replica) not in hub.own_names() and bool(speaking(hub.db, replica, number, 1))


def speaking(db: sqlite3.Connection, replica: int, number: int, most: int = 1 << 24) -> list[tuple[int, int]]:
    """`(record, change)` of other logs about records that a log created from a number on."""
    base = replica << NUMBER_BITS
    rows = db.execute(
        "SELECT record, id FROM change WHERE record BETWEEN ? AND ? AND id NOT BETWEEN ? AND ? ORDER BY 1, 2 LIMIT ?",
        (base | number, base | NUMBER_MASK, base | 1, base | NUMBER_MASK, most),
    )
    return rows.fetchall()
