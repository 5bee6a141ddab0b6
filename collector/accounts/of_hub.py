"""Accounts of a field laptop that belong to people of its hub: the same id on both, so that what somebody records here
is theirs there too."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from .. import app_db
from ..problems import Problem
from . import people
from .people import Person

HOLDERS = {"session": "person", "device": "person", "draft": "person"}
"""Tables of the app database that name a person, and the column that does."""


def as_dict(person: Person) -> dict[str, Any]:
    """A person as the hub tells of them: `{"id", "username", "name", "role", "villages"}`."""
    return {
        "id": person.id,
        "username": person.username,
        "name": person.name,
        "role": person.role,
        "villages": list(person.villages),
    }


def read(value: Any) -> Person:
    """A person as a hub tells of them; `ValueError` for anything else."""
    if not isinstance(value, Mapping) or not isinstance(value.get("villages"), list):
        raise ValueError("no person")
    texts = [value.get(name) for name in ("id", "username", "name", "role")]
    if (
        not all(isinstance(text, str) for text in [*texts, *value["villages"]])
        or texts[3] not in people.ROLES
    ):
        raise ValueError("no person")
    return Person(str(texts[0]), str(texts[1]), str(texts[2]), str(texts[3]), tuple(value["villages"]))


def take_in(connection: sqlite3.Connection, person: Person, password: str) -> None:
    """Makes an enumerator who enrolled this database known here, with the password that the hub took. Supervisors only
    on a computer without accounts: a hub has people of its own.

    An account that was made here under the same name before becomes that person's. Raises `Problem` HW-3412 when it is
    no enumerator's."""
    if follow(connection, person):
        return
    same = people.by_username(connection, person.username)
    if same is not None:
        if same.role != "enumerator" or person.supervises:
            raise Problem("HW-3412", person.username)
        _rename(connection, same.id, person.id)
        follow(connection, person)
    elif not person.supervises or not people.everybody(connection):
        people.add(
            connection,
            person.username,
            password,
            name=person.name,
            role=person.role,
            villages=person.villages,
            person_id=person.id,
        )


def follow(connection: sqlite3.Connection, person: Person) -> bool:
    """Brings the account with this id up to what the hub says; False when there is none."""
    done = connection.execute(
        "UPDATE person SET name = ?, role = ?, villages = ? WHERE id = ?",
        [person.name, person.role, json.dumps(person.villages), person.id],
    )
    return bool(done.rowcount)


def _rename(connection: sqlite3.Connection, before: str, after: str) -> None:
    with app_db.transaction(connection):
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("UPDATE person SET id = ? WHERE id = ?", [after, before])
        for table, column in HOLDERS.items():
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone():
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", [after, before])
