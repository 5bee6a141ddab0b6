"""Notes: what a replica remembers for itself beside its log, in the table `meta`. Never handed on."""

from __future__ import annotations

import sqlite3

CURSOR = "cursor"  # how far the changes of a hub that gives what concerns this replica were read, by the hub's name
LEFT = "left"  # when answers last left this replica: derived tables are then made anew
MEDIA_LEFT = "media left"  # media of records that left, whose files are to go once the hub has them
TOGETHER = "together"  # the intakes of one merge, by the first of them


def get(db: sqlite3.Connection, kind: str, name: str = "") -> str:
    """A note; `""` where there is none."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_key(kind, name),)).fetchone()
    return str(row[0]) if row else ""


def names(db: sqlite3.Connection, kind: str) -> list[str]:
    """The names under which there is a note of a kind."""
    rows = db.execute("SELECT key FROM meta WHERE key GLOB ? ORDER BY key", (f"{kind}:*",))
    return [key.partition(":")[2] for (key,) in rows]


def put(db: sqlite3.Connection, kind: str, value: str, name: str = "") -> None:
    """Set a note; `""` takes it away."""
    if value:
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_key(kind, name), value))
    else:
        db.execute("DELETE FROM meta WHERE key = ?", (_key(kind, name),))


def _key(kind: str, name: str) -> str:
    return f"{kind}:{name}" if name else kind
