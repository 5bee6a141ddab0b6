"""Accounts: the table `person` of the app database and what is asked of it.

A person is named by an opaque id of 8 characters, which stands as the author in every change; user name and
display
name never leave this machine. `villages` are the codes of a person's assignment; empty means all villages.
"""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlite_utils import Database, Migrations

from .. import app_db
from ..problems import Problem

ROLES = ("administrator", "supervisor", "enumerator")
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32, as in the names of replicas
ALL = "*"
PASSWORD_MIN = 8
"""Characters; NIST SP 800-63B-4 asks for length and against rules of composition."""

USERNAME = re.compile(r"[\w.\-]{1,40}")

migrations = Migrations("homeward-accounts")
app_db.register(migrations)
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's figures for argon2id


@dataclass(frozen=True)
class Person:
    """An account. `id` 8 characters; `role` one of `ROLES`; `villages` codes, empty for all; `former` codes that were
    taken away (`ALL` for all that are not `villages`)."""

    id: str
    username: str
    name: str
    role: str
    villages: tuple[str, ...]
    former: tuple[str, ...] = ()

    def may(self, *roles: str) -> bool:
        """Has one of the roles."""
        return self.role in roles

    @property
    def supervises(self) -> bool:
        """Sees the records of everybody."""
        return self.role != "enumerator"

    def works_in(self, village: str) -> bool:
        """The village is in this person's assignment."""
        return not self.villages or village in self.villages

    def scopes(self, village: str = "") -> tuple[str, ...]:
        """The tags of a record that this person makes in a village."""
        return tuple(sorted({f"p:{self.id}", *([f"v:{village}"] if village else [])}))


@migrations()
def create_person(db: Database) -> None:
    """Accounts. `villages` is a JSON array of codes; `password` an argon2id hash in PHC format."""
    db.table("person").create(
        {
            "id": str,
            "username": str,
            "name": str,
            "role": str,
            "villages": str,
            "password": str,
            "created": str,
        },
        pk="id",
        not_null={"username", "name", "role", "villages", "password", "created"},
        strict=True,
    )
    db.table("person").create_index(["username"], unique=True)


@migrations()
def add_former(db: Database) -> None:
    """`former` is a JSON array of the villages that were taken away, so that their records leave a field device."""
    db.execute("ALTER TABLE person ADD COLUMN former TEXT NOT NULL DEFAULT '[]'")


def _person(row: sqlite3.Row) -> Person:
    return Person(
        row["id"],
        row["username"],
        row["name"],
        row["role"],
        tuple(json.loads(row["villages"])),
        tuple(json.loads(row["former"])),
    )


COLUMNS = "id, username, name, role, villages, former"


def add(
    connection: sqlite3.Connection,
    username: str,
    password: str,
    *,
    name: str = "",
    role: str = "enumerator",
    villages: Iterable[str] = (),
    person_id: str = "",
) -> Person:
    """Adds an account and returns it. `person_id` keeps the id of a person who has one elsewhere.

    Raises `Problem`: HW-3014 name taken, HW-3015 password too short, HW-3016 unknown role, HW-3020 user name
    malformed.
    """
    username = username.strip()
    if not USERNAME.fullmatch(username):
        raise Problem("HW-3020", username)
    _check_password(username, password)
    if role not in ROLES:
        raise Problem("HW-3016", role, roles=", ".join(ROLES))
    codes = tuple(dict.fromkeys(villages))
    new_id = person_id or "".join(secrets.choice(ALPHABET) for _ in range(8))
    with app_db.transaction(connection):
        if connection.execute("SELECT 1 FROM person WHERE username = ?", [username.lower()]).fetchone():
            raise Problem("HW-3014", username)
        connection.execute(
            "INSERT INTO person (id, username, name, role, villages, password, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                new_id,
                username.lower(),
                name or username,
                role,
                json.dumps(codes),
                hasher.hash(password),
                _now(),
            ],
        )
    return Person(new_id, username.lower(), name or username, role, codes)


def assign(connection: sqlite3.Connection, username: str, villages: Iterable[str]) -> Person:
    """Gives an account other villages (none: all) and remembers which were taken away. Raises `Problem` HW-3022 when
    there is no such account."""
    codes = tuple(dict.fromkeys(villages))
    with app_db.transaction(connection):
        before = by_username(connection, username)
        if before is None:
            raise Problem("HW-3022", username)
        lost = {*before.former, *(before.villages or (ALL,))} if codes else set()
        former = tuple(sorted(lost.difference(codes)))
        connection.execute(
            "UPDATE person SET villages = ?, former = ? WHERE id = ?",
            [json.dumps(codes), json.dumps(former), before.id],
        )
    return replace(before, villages=codes, former=former)


def set_password(connection: sqlite3.Connection, username: str, password: str) -> Person:
    """Gives an account a new password. Raises `Problem`: HW-3022 no such account, HW-3015 password too
    short."""
    person = by_username(connection, username)
    if person is None:
        raise Problem("HW-3022", username)
    _check_password(username, password)
    connection.execute("UPDATE person SET password = ? WHERE id = ?", [hasher.hash(password), person.id])
    return person


def _check_password(username: str, password: str) -> None:
    if len(password) < PASSWORD_MIN:
        raise Problem("HW-3015", username, least=PASSWORD_MIN)


def everybody(connection: sqlite3.Connection) -> list[Person]:
    """All accounts by user name."""
    return [_person(row) for row in connection.execute(f"SELECT {COLUMNS} FROM person ORDER BY username")]


def by_id(connection: sqlite3.Connection, person_id: str) -> Person | None:
    """The account with this id."""
    row = connection.execute(f"SELECT {COLUMNS} FROM person WHERE id = ?", [person_id]).fetchone()
    return _person(row) if row else None


def by_username(connection: sqlite3.Connection, username: str) -> Person | None:
    """The account with this user name."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM person WHERE username = ?", [username.strip().lower()]
    ).fetchone()
    return _person(row) if row else None


def by_password(connection: sqlite3.Connection, username: str, password: str) -> Person | None:
    """The account that this name and password open, or None. Takes equally long when there is no such
    name."""
    row = connection.execute(
        f"SELECT {COLUMNS}, password FROM person WHERE username = ?", [username.strip().lower()]
    ).fetchone()
    try:
        hasher.verify(row["password"] if row else _nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return _person(row) if row else None


_NOBODY: list[str] = []


def _nobody() -> str:
    if not _NOBODY:
        _NOBODY.append(hasher.hash(secrets.token_urlsafe(16)))
    return _NOBODY[0]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
