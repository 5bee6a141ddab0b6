"""Where a draft kept on the server was begun: the village of the visit, for a form that does not ask for its village.
Table `draft_village` of the app database."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from sync import Replica

from .. import app_db
from ..villages.registry import registry

migrations = Migrations("fill_begun")
app_db.register(migrations)


@migrations()
def village_table(db: Database) -> None:
    """The first version of the table; a row leaves with its draft."""
    db.execute(
        "CREATE TABLE draft_village (draft TEXT PRIMARY KEY REFERENCES draft (id) ON DELETE CASCADE,"
        " village TEXT NOT NULL) STRICT"
    )


def known(source: Replica, village: str) -> str:
    """The village of an address, "" where the list has none such."""
    return village if village and registry(source).get(village) else ""


def note(db: sqlite3.Connection, draft_id: str, village: str) -> None:
    """Remembers where a draft was begun; the first word counts."""
    if village:
        db.execute("INSERT OR IGNORE INTO draft_village (draft, village) VALUES (?, ?)", (draft_id, village))


def village_of(db: sqlite3.Connection, draft_id: str) -> str:
    """Where a draft was begun; "" where nobody said."""
    row = db.execute("SELECT village FROM draft_village WHERE draft = ?", (draft_id,)).fetchone()
    return str(row[0]) if row else ""
