"""The tables that every `X-tables.db` has, beside those of the forms, and the statements that make all of
them.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from sqlite_utils import Database

from forms import Form

from .columns import RECORD_COLUMNS, FormTables, Table
from .views import views

LAYOUT = "3"
"""Raised when the shape of these tables or the meaning of a check changes: everything is then built again."""

STANDARD: dict[str, dict[str, str]] = {
    # key -> text: the plan that the tables follow, the cursor into the replica
    "meta": {"key": "TEXT", "value": "TEXT"},
    # every record, also those whose form is not known here
    "record": {"form_id": "TEXT", **RECORD_COLUMNS},
    # why an answer is missing
    "reason": {"_record": "TEXT", "path": "TEXT", "reason": "TEXT"},
    # answers in conflict; '' is delete against edit
    "conflict": {"_record": "TEXT", "path": "TEXT", "showing": "TEXT", "versions": "INTEGER"},
    # what the form says against a record; a record without a row here passed
    "check_problem": {"_record": "TEXT", "path": "TEXT", "code": "TEXT", "number": "TEXT", "message": "TEXT"},
    # the form's verdict by content, taken once: problems as JSON [[path, code, number, message], …]
    "verdict": {"digest": "TEXT", "problems": "TEXT"},
    # one row: the round of this database
    "survey_round": {"ref_year": "INTEGER", "ref_date": "TEXT", "name": "TEXT"},
}
KEYS = {"meta": "key", "record": "_record", "verdict": "digest"}
PYTHON_TYPES = {"TEXT": str, "INTEGER": int, "REAL": float}


class Plan:
    """What an `X-tables.db` must hold for a set of forms: tables, views, and a digest of both."""

    def __init__(
        self, current: Sequence[Form], versions: Iterable[Form], tables: Mapping[str, FormTables]
    ) -> None:
        self.tables = dict(tables)
        self.versions = {form.id: form for form in versions}
        self.views = views(current, self.tables)
        self.signature = hashlib.sha256(
            json.dumps(
                [LAYOUT, {table.name: table.sql() for table in self.form_tables()}, self.views],
                sort_keys=True,
            ).encode()
        ).hexdigest()

    def form_tables(self) -> list[Table]:
        """Tables of all forms and repeats."""
        every = [table for tables in self.tables.values() for table in tables.tables.values()]
        return list({table.name: table for table in every}.values())  # a repeat that moved has one table


def create(db: Database, plan: Plan) -> None:
    """Drops what is there and makes all tables and views, empty. The caller holds the transaction."""
    for kind, name in db.execute(
        "SELECT type, name FROM sqlite_master WHERE type IN ('view', 'table')"
    ).fetchall():
        if not name.startswith("sqlite_"):
            db.execute(f'DROP {kind.upper()} "{name}"')
    for name, columns in STANDARD.items():
        make(db, name, columns, KEYS.get(name))
    for table in plan.form_tables():
        make(db, table.name, table.sql(), "" if table.repeat else "_record")
    for name, select in plan.views.items():
        db.create_view(name, select)
    set_meta(db.conn, "plan", plan.signature)


def make(db: Database, name: str, columns: Mapping[str, str], key: str | None) -> None:
    """One table; without a key an index on `_record`, by which a record's rows are taken out."""
    db.table(name).create({column: PYTHON_TYPES[kind] for column, kind in columns.items()}, pk=key or None)
    if not key and "_record" in columns:
        db.table(name).create_index(["_record"])


def meta(connection: sqlite3.Connection, key: str) -> str:
    """A value of `meta`; '' where there is none, or no such table yet."""
    if not connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'meta' AND type = 'table'"
    ).fetchone():
        return ""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
    return str(row[0]) if row else ""


def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Sets a value of `meta`."""
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [key, value])
