"""What a replica held when a merge into it began."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from sync.problems import HUB_UNWRITABLE, SyncError
from sync.replica import Replica, documents, log

_FEW = 1000  # changes: half a megabyte


class Here:
    """A file that shows no more than this brings nothing, and is passed over without a lock on the replica. It may be
    behind by now, which only means that the replica is asked again.

    Raises HW-2028 when the replica cannot be read."""

    def __init__(self, hub: Replica) -> None:
        try:
            self.tips = log.tips(hub.db)
            self._added = {row[:3]: row[3] for row in documents.marked(hub.db)}
        except sqlite3.DatabaseError as error:
            raise SyncError(HUB_UNWRITABLE, str(hub.path), reason=error) from error

    @property
    def nearly_empty(self) -> bool:
        """Whether there are next to no changes."""
        return sum(tip.number for tip in self.tips.values()) < _FEW

    def has_documents(self, rows: Iterable[documents.Marked]) -> bool:
        """Whether these documents are here, none with an earlier date."""
        for row in rows:
            known, added = self._added.get(row[:3]), row[3]
            if known is None or not isinstance(added, str) or known < added:
                return False
        return True
