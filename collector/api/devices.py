"""Devices that may sync: table `device` of the app database.

A device is one browser's replica in the hands of one person. Its token is shown once, at enrolment, and
kept here only
as a hash. Two people who share a phone have a token each for the same replica.

One that enrolled by a code waits until a supervisor has compared its number (`collector.enrol`); a replica that was
reported lost is listed in `lost_device`, whoever holds it.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
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


@migrations()
def create_device_author(db: Database) -> None:
    """Ids under which a laptop's own accounts wrote before it was enrolled: nobody's here."""
    db.table("device_author").create({"replica": str, "author": str}, pk=("replica", "author"), strict=True)


@migrations()
def create_device_before(db: Database) -> None:
    """The name that a replica had before: it was copied or set back, and goes on under a new one."""
    db.table("device_before").create(
        {"replica": str, "before": str}, pk="replica", not_null={"before"}, strict=True
    )


CONFIRMED, WAITING, REJECTED, LOST = "confirmed", "waiting", "rejected", "lost"
"""How a device stands: trusted; enrolled by a code, and nobody has compared its number; compared, and it was another's;
reported lost."""


@migrations()
def add_standing(db: Database) -> None:
    """How a device stands, but for `LOST`, which is its replica's: a row for each in `lost_device`, `by` the id of who
    reported it (`""`: on the command line)."""
    db.execute("ALTER TABLE device ADD COLUMN standing TEXT NOT NULL DEFAULT 'confirmed'")
    db.table("lost_device").create(
        {"replica": str, "at": str, "by": str}, pk="replica", not_null={"at", "by"}, strict=True
    )


@dataclass(frozen=True)
class Device:
    """An enrolled device: the replica that it is, the id of the person who holds the token, how it stands; `created`
    and `used` ISO times (`used` to the day)."""

    replica: str
    person: str
    spki: str
    standing: str = CONFIRMED
    created: str = ""
    used: str = ""


def enrol(
    connection: sqlite3.Connection, replica: str, person: str, spki: str, standing: str = CONFIRMED
) -> str:
    """Enrols a replica for a person and returns the token. A new enrolment of the same two ends the old
    token.

    Raises `Problem` HW-3401 when another key already stands for this replica, HW-3488 when it was reported lost: then
    only a code brings it back (`standing` is `WAITING`).
    """
    with app_db.transaction(connection):
        return put(connection, replica, person, spki, standing)


def put(connection: sqlite3.Connection, replica: str, person: str, spki: str, standing: str) -> str:
    """As `enrol`, inside a transaction of the caller's."""
    token = secrets.token_urlsafe(32)
    now = _now()
    found = connection.execute(
        "SELECT spki FROM device WHERE replica = ? AND spki <> ?", [replica, spki]
    ).fetchone()
    if found:
        raise Problem("HW-3401", replica)
    if standing == CONFIRMED and is_lost(connection, replica):
        raise Problem("HW-3488", replica)
    connection.execute("DELETE FROM device WHERE replica = ? AND person = ?", [replica, person])
    connection.execute(
        "INSERT INTO device (token_sha, replica, person, spki, created, used, standing)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [_sha(token), replica, person, spki, now, now, standing],
    )
    return token


COLUMNS = "replica, person, spki, standing, created, used"


def by_token(connection: sqlite3.Connection, token: str) -> Device | None:
    """The device that holds this token, or None. Notes the day of its last use."""
    row = connection.execute(f"SELECT {COLUMNS} FROM device WHERE token_sha = ?", [_sha(token)]).fetchone()
    if row is None:
        return None
    if row["used"][:10] < _now()[:10]:  # once a day, so that asking does not write
        connection.execute("UPDATE device SET used = ? WHERE token_sha = ?", [_now(), _sha(token)])
    return _device(connection, row)


def everyone(connection: sqlite3.Connection) -> list[Device]:
    """All devices, by person and the day of their enrolment."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM device ORDER BY person, created, replica").fetchall()
    return [_device(connection, row) for row in rows]


def held_by(connection: sqlite3.Connection, replica: str, person: str) -> Device | None:
    """A replica in the hands of a person, or None."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM device WHERE replica = ? AND person = ?", [replica, person]
    ).fetchone()
    return _device(connection, row) if row else None


def _device(connection: sqlite3.Connection, row: sqlite3.Row) -> Device:
    found = Device(*row)
    # A code leads a lost device back, but only as one that waits.
    if found.standing == CONFIRMED and is_lost(connection, found.replica):
        return replace(found, standing=LOST)
    return found


def set_standing(connection: sqlite3.Connection, replica: str, person: str, standing: str) -> None:
    """Says how a device stands from now on. One that is confirmed is not lost any more; others who were enrolled on it
    sign in again, for a finder may have their tokens."""
    with app_db.transaction(connection):
        connection.execute(
            "UPDATE device SET standing = ? WHERE replica = ? AND person = ?", [standing, replica, person]
        )
        if standing == CONFIRMED and is_lost(connection, replica):
            names = [(name,) for name in names_of(connection, replica)]
            connection.executemany("DELETE FROM lost_device WHERE replica = ?", names)
            connection.execute(
                "UPDATE device SET token_sha = 'ended ' || replica || ' ' || person"
                " WHERE replica = ? AND person <> ?",
                [replica, person],
            )


def report_lost(connection: sqlite3.Connection, replica: str, by: str = "") -> list[str]:
    """Notes that a device is in strange hands; returns the ids of those who were enrolled on it. Where a
    number still waits to be compared, that is over.

    Raises `Problem` HW-3492 when there is no such device."""
    with app_db.transaction(connection):
        rows = connection.execute("SELECT person FROM device WHERE replica = ?", [replica]).fetchall()
        if not rows:
            raise Problem("HW-3492", replica)
        # A token that it had under a name before is in the same hands.
        connection.executemany(
            "INSERT OR IGNORE INTO lost_device (replica, at, by) VALUES (?, ?, ?)",
            [(name, _now(), by) for name in names_of(connection, replica)],
        )
        connection.execute(
            "UPDATE device SET standing = ? WHERE replica = ? AND standing = ?", [REJECTED, replica, WAITING]
        )
    return [row["person"] for row in rows]


def is_lost(connection: sqlite3.Connection, replica: str) -> bool:
    """Whether a replica was reported lost, under whatever name."""
    found = [
        connection.execute("SELECT 1 FROM lost_device WHERE replica = ?", [name]).fetchone()
        for name in names_of(connection, replica)
    ]
    return any(found)


def lost_at(connection: sqlite3.Connection, replica: str) -> str:
    """ISO time at which a replica was reported lost; `""` when it was not."""
    row = connection.execute("SELECT at FROM lost_device WHERE replica = ?", [replica]).fetchone()
    return row["at"] if row else ""


def revoke(connection: sqlite3.Connection, person: str) -> int:
    """Ends the tokens of a person on every device, as when one was lost; returns how many. The devices stay
    theirs: signing in again on one gives it a new token."""
    return connection.execute(
        "UPDATE device SET token_sha = 'ended ' || replica || ' ' || person WHERE person = ?", [person]
    ).rowcount


def people_of(connection: sqlite3.Connection, replica: str) -> set[str]:
    """Everybody who has enrolled on this replica, and so may be the author of its changes."""
    query = "SELECT person FROM device WHERE replica = ? AND standing = ?"
    return {row["person"] for row in connection.execute(query, [replica, CONFIRMED])}


def rename(connection: sqlite3.Connection, replica: str, before: str) -> None:
    """Notes under which name a replica went before."""
    connection.execute(
        "INSERT OR IGNORE INTO device_before (replica, before) VALUES (?, ?)", [replica, before]
    )


def names_of(connection: sqlite3.Connection, replica: str) -> list[str]:
    """The name of a replica, and those that it had before, the latest first."""
    rows = connection.execute(
        "WITH RECURSIVE name (replica) AS (SELECT ? UNION"
        " SELECT b.before FROM device_before AS b JOIN name ON b.replica = name.replica) SELECT replica FROM name",
        [replica],
    )
    return [row["replica"] for row in rows]


def authors_of(connection: sqlite3.Connection, replica: str) -> set[str]:
    """Who may be the author of a replica's changes, under whatever name: those who enrolled on it, and ids of
    accounts that only it knows."""
    names = names_of(connection, replica)
    return {each for name in names for each in people_of(connection, name) | own_authors(connection, name)}


def holders_of(connection: sqlite3.Connection, replica: str) -> list[str]:
    """Ids of those who hold a token for this replica now, under whatever name, sorted."""
    query = "SELECT person FROM device WHERE replica = ? AND standing = ? AND token_sha NOT LIKE 'ended %'"
    names = names_of(connection, replica)
    return sorted({row["person"] for name in names for row in connection.execute(query, [name, CONFIRMED])})


def own_authors(connection: sqlite3.Connection, replica: str) -> set[str]:
    """Ids of accounts that only the device itself knows."""
    rows = connection.execute("SELECT author FROM device_author WHERE replica = ?", [replica])
    return {row["author"] for row in rows}


def add_authors(connection: sqlite3.Connection, replica: str, authors: Iterable[str]) -> None:
    """Lets a device speak for authors that only it knows: those that have no account here and are no other
    device's."""
    connection.executemany(
        "INSERT OR IGNORE INTO device_author (replica, author) SELECT ?1, ?2 WHERE NOT EXISTS"
        " (SELECT 1 FROM person WHERE id = ?2) AND NOT EXISTS"
        " (SELECT 1 FROM device_author WHERE author = ?2 AND replica <> ?1)",
        [(replica, author) for author in authors],
    )


def _sha(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
