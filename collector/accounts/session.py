"""Who is signed in: sessions kept on the server and revocable, named by a random token in the signed cookie.

Also the throttle of sign-in: after `ATTEMPTS` wrong passwords for one name within `WINDOW`, that name waits.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, g, request
from flask import session as cookie
from sqlite_utils import Database, Migrations

from .. import app_db
from ..problems import Problem
from ..replica_access import app_connection
from .people import Person, by_id

LIFETIME = timedelta(days=180)
"""Of a session since it was last used: an enumerator is weeks without the hub and must not find the door
locked."""
ATTEMPTS = 8
WINDOW = timedelta(minutes=15)

P = ParamSpec("P")
R = TypeVar("R")

migrations = Migrations("homeward-sessions")
app_db.register(migrations)


@migrations()
def create_session(db: Database) -> None:
    """Sessions by SHA-256 of their token, and wrong passwords of the last minutes; times in ISO, UTC."""
    db.table("session").create(
        {"token_sha": str, "person": str, "created": str, "used": str},
        pk="token_sha",
        not_null={"person", "created", "used"},
        foreign_keys=[("person", "person", "id")],
        strict=True,
    )
    db.table("wrong_password").create(
        {"id": int, "username": str, "at": str}, pk="id", not_null={"username", "at"}, strict=True
    )


def begin(person: Person) -> None:
    """Signs a person in: a new session, its token in the cookie."""
    end()
    token = secrets.token_urlsafe(32)
    now = _stamp()
    connection = app_connection()
    with app_db.transaction(connection):
        connection.execute("DELETE FROM session WHERE used < ?", [_stamp(-LIFETIME)])
        connection.execute("DELETE FROM wrong_password WHERE username = ?", [person.username])
        connection.execute(
            "INSERT INTO session (token_sha, person, created, used) VALUES (?, ?, ?, ?)",
            [_sha(token), person.id, now, now],
        )
    cookie["token"] = token
    cookie.permanent = True
    g.person = person


def end() -> None:
    """Signs out: the session is gone from the server, whoever holds its token."""
    token = cookie.pop("token", None)
    g.person = None
    if token:
        app_connection().execute("DELETE FROM session WHERE token_sha = ?", [_sha(token)])


def revoke(connection: sqlite3.Connection, person_id: str) -> int:
    """Ends all sessions of a person; returns how many."""
    return connection.execute("DELETE FROM session WHERE person = ?", [person_id]).rowcount


def current_person() -> Person | None:
    """Who is signed in, or None."""
    if "person" not in g:
        g.person = _load()
    person: Person | None = g.person
    return person


def _load() -> Person | None:
    token = cookie.get("token")
    if not token:
        return None
    connection = app_connection()
    row = connection.execute("SELECT person, used FROM session WHERE token_sha = ?", [_sha(token)]).fetchone()
    if row is None or row["used"] < _stamp(-LIFETIME):
        return None
    if row["used"] < _stamp(-timedelta(days=1)):  # once a day, so that reading pages does not write
        connection.execute("UPDATE session SET used = ? WHERE token_sha = ?", [_stamp(), _sha(token)])
    return by_id(connection, row["person"])


def signed_in() -> Person:
    """Who is signed in. Raises `Problem` HW-3002 when nobody is."""
    person = current_person()
    if person is None:
        raise Problem("HW-3002")
    return person


def login_required(view: Callable[P, R]) -> Callable[P, R]:
    """The view asks for a signed-in person; the error page of HW-3002 offers to sign in and keeps what was
    posted."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        signed_in()
        return view(*args, **kwargs)

    return guarded


def role_required(*roles: str, otherwise: str = "HW-3004") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The view asks for one of the roles: HW-3002 signed out, `otherwise` another role."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not signed_in().may(*roles):
                raise Problem(otherwise, request.path)
            return view(*args, **kwargs)

        return guarded

    return decorate


def note_wrong_password(username: str) -> None:
    """Remembers a wrong password."""
    connection = app_connection()
    with app_db.transaction(connection):
        connection.execute("DELETE FROM wrong_password WHERE at < ?", [_stamp(-WINDOW)])
        connection.execute(
            "INSERT INTO wrong_password (username, at) VALUES (?, ?)",
            [username.strip().lower()[:200], _stamp()],
        )


def must_wait(username: str) -> bool:
    """There were too many wrong passwords for this name of late."""
    found = app_connection().execute(
        "SELECT count(*) FROM wrong_password WHERE username = ? AND at >= ?",
        [username.strip().lower(), _stamp(-WINDOW)],
    )
    return bool(found.fetchone()[0] >= ATTEMPTS)


def _sha(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _stamp(offset: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) + offset).isoformat(timespec="seconds")


def init_app(app: Flask) -> None:
    """Gives templates `person`."""

    @app.context_processor
    def helpers() -> dict[str, Any]:
        return {"person": current_person()}
