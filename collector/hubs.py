"""Hubs that this computer syncs with: addresses and tokens, table `hub` of the app database."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database, Migrations

from . import app_db

migrations = Migrations("homeward-hubs")
app_db.register(migrations)


@migrations()
def create_hub(db: Database) -> None:
    """One row for each person who enrolled this replica at a hub; `used` ISO time in UTC."""
    db.table("hub").create(
        {"url": str, "replica": str, "username": str, "token": str, "used": str},
        pk=("url", "replica", "username"),
        not_null={"token", "used"},
        strict=True,
    )


@dataclass(frozen=True)
class Access:
    """How a replica speaks to a hub, for whom."""

    url: str
    replica: str
    username: str
    token: str


def keep(connection: sqlite3.Connection, access: Access) -> None:
    """Remembers a token, and that it was used last."""
    connection.execute(
        "INSERT OR REPLACE INTO hub (url, replica, username, token, used) VALUES (?, ?, ?, ?, ?)",
        [access.url, access.replica, access.username, access.token, datetime.now(UTC).isoformat()],
    )


def find(connection: sqlite3.Connection, url: str, replica: str, username: str = "") -> Access | None:
    """The token for a hub: of this person, or without one of who used it last."""
    row = connection.execute(
        "SELECT url, replica, username, token FROM hub WHERE url = ? AND replica = ? AND (? = '' OR username = ?)"
        " ORDER BY used DESC LIMIT 1",
        [url, replica, username.strip().lower(), username.strip().lower()],
    ).fetchone()
    return Access(*row) if row else None


def forget(connection: sqlite3.Connection, access: Access) -> None:
    """Throws a token away that the hub does not take any more."""
    connection.execute(
        "DELETE FROM hub WHERE url = ? AND replica = ? AND username = ?",
        [access.url, access.replica, access.username],
    )
