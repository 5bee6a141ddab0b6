"""Where the log of another store and the one here part, and what of it is not here."""

from __future__ import annotations

import sqlite3

from sync import check
from sync.chain import Chain
from sync.names import replica_name
from sync.problems import CHAIN_BROKEN, FORK, SyncError
from sync.replica import log


def difference(db: sqlite3.Connection, schema: str, here: log.Tip, there: log.Tip) -> SyncError:
    """Why two logs of one name disagree: the source does not hold together (HW-2010), or there was a fork
    (HW-2011)."""
    name = replica_name(there.replica)
    whole = Chain()
    check.stretch(db, schema, there.replica, 1, there.number, whole)
    if whole.digest != there.digest:
        return SyncError(CHAIN_BROKEN, name)
    theirs = log.headers(db, there.replica, 1, there.number, schema)
    ours = log.headers(db, there.replica, 1, here.number)
    first = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False), 1) if a != b), len(ours) + 1)
    return SyncError(FORK, f"{name}-{first}", replica=name, count=len(theirs) - first + 1)
