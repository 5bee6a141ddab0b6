"""Uploads that passed the check and wait for a word: tables `form_upload` and `form_upload_file` of the app database.

A person has one at a time, for a day at most. What is refused never comes here.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database, Migrations

from .. import app_db
from .file import File

KEPT = timedelta(days=1)

migrations = Migrations("own_forms")
app_db.register(migrations)


@migrations()
def upload_tables(db: Database) -> None:
    """The first version of the tables."""
    db.execute(
        "CREATE TABLE form_upload (id TEXT PRIMARY KEY, person TEXT NOT NULL, created TEXT NOT NULL) STRICT"
    )
    db.execute(
        """
        CREATE TABLE form_upload_file (
            upload TEXT NOT NULL REFERENCES form_upload (id) ON DELETE CASCADE,
            place INTEGER NOT NULL,  -- 0 for the form, 1 and on for what it attaches
            name TEXT NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (upload, place)
        ) STRICT
        """
    )


def keep(db: sqlite3.Connection, person: str, form: File, attached: Sequence[File]) -> str:
    """Keeps an upload in the place of an earlier one of this person; returns its id."""
    id_ = secrets.token_urlsafe(16)
    now = datetime.now(UTC)
    with app_db.transaction(db):
        db.execute(
            "DELETE FROM form_upload WHERE person = ? OR created < ?", (person, (now - KEPT).isoformat())
        )
        db.execute(
            "INSERT INTO form_upload (id, person, created) VALUES (?, ?, ?)", (id_, person, now.isoformat())
        )
        db.executemany(
            "INSERT INTO form_upload_file (upload, place, name, data) VALUES (?, ?, ?, ?)",
            [(id_, place, file.name, file.data) for place, file in enumerate((form, *attached))],
        )
    return id_


def get(db: sqlite3.Connection, id_: str, person: str) -> tuple[File, list[File]] | None:
    """Form and attached files of an upload of this person; None when it is gone, too old or somebody else's."""
    oldest = (datetime.now(UTC) - KEPT).isoformat()
    rows = db.execute(
        "SELECT f.name, f.data FROM form_upload_file AS f JOIN form_upload AS u ON u.id = f.upload"
        " WHERE u.id = ? AND u.person = ? AND u.created >= ? ORDER BY f.place",
        (id_, person, oldest),
    ).fetchall()
    files = [File(row["name"], row["data"]) for row in rows]
    return (files[0], files[1:]) if files else None


def drop(db: sqlite3.Connection, id_: str, person: str) -> None:
    """Lets an upload go."""
    db.execute("DELETE FROM form_upload WHERE id = ? AND person = ?", (id_, person))
