"""Devices that may sync: table `device` of the app database.

A device is one browser's replica in the hands of one person. Its token is shown once, at enrolment, and
kept here only
as a hash. Two people who share a phone have a token each for the same replica.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database, Migrations

from .. import app_db
from ..problems import Problem

migrations = Migrations("homeward-devices")
app_db.register(migrations)


@migrations()
def create_device(db: Database) -> None:
    """One row for each enrolment; `token_sha` SHA-256 of the bearer token, `spki` the public key as
    base64url."""
    db.table("device").create(
        {"token_sha": str, "replica": str, "person": str, "spki": str, "created": str, "used": str},
        pk="token_sha",
        not_null={"replica", "person", "spki", "created", "used"},
        foreign_keys=[("person", "person", "id")],
        strict=True,
    )
    db.table("device").create_index(["replica"])


@dataclass(frozen=True)
class Device:
    """An enrolled device: the replica that it is and the id of the person who holds the token."""

    replica: str
    person: str
    spki: str


def enrol(connection: sqlite3.Connection, replica: str, person: str, spki: str) -> str:
    """Enrols a replica for a person and returns the token. A new enrolment of the same two ends the old
    token.

    Raises `Problem` HW-3401 when another key already stands for this replica.
    """
    token = secrets.token_urlsafe(32)
    now = _now()
    with app_db.transaction(connection):
        found = connection.execute(
            "SELECT spki FROM device WHERE replica = ? AND spki <> ?", [replica, spki]
        ).fetchone()
        if found:
            raise Problem("HW-3401", replica)
        connection.execute("DELETE FROM device WHERE replica = ? AND person = ?", [replica, person])
        connection.execute(
            "INSERT INTO device (token_sha, replica, person, spki, created, used) VALUES (?, ?, ?, ?, ?, ?)",
            [_sha(token), replica, person, spki, now, now],
        )
    return token


def by_token(connection: sqlite3.Connection, token: str) -> Device | None:
    """The device that holds this token, or None. Notes the day of its last use."""
    row = connection.execute(
        "SELECT replica, person, spki, used FROM device WHERE token_sha = ?", [_sha(token)]
    ).fetchone()
    if row is None:
        return None
    if row["used"][:10] < _now()[:10]:  # once a day, so that asking does not write
        connection.execute("UPDATE device SET used = ? WHERE token_sha = ?", [_now(), _sha(token)])
    return Device(row["replica"], row["person"], row["spki"])


def revoke(connection: sqlite3.Connection, person: str) -> int:
    """Ends the tokens of a person on every device, as when one was lost; returns how many. The devices stay
    theirs: signing in again on one gives it a new token."""
    return connection.execute(
        "UPDATE device SET token_sha = 'ended ' || replica || ' ' || person WHERE person = ?", [person]
    ).rowcount


def people_of(connection: sqlite3.Connection, replica: str) -> set[str]:
    """Everybody who has enrolled on this replica, and so may be the author of its changes."""
    return {
        row["person"] for row in connection.execute("SELECT person FROM device WHERE replica = ?", [replica])
    }


def _sha(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
