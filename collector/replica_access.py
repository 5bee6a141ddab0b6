"""The replica and the app database of the running request.

Both are opened on first use and closed at the end of the request, in the thread that serves it. A view that
writes
calls one method of the replica (which is one transaction) or uses `app_db.transaction(app_connection())`.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from flask import Flask, current_app, g

from sync import Replica

from . import app_db
from .own_keys import signer


def replica() -> Replica:
    """The replica of this request."""
    if "replica" not in g:
        g.replica = opened = Replica.open(replica_path())
        opened.signer = lambda: signer(app_connection(), opened)
    found: Replica = g.replica
    return found


def app_connection() -> sqlite3.Connection:
    """The connection to `X-app.db` of this request."""
    if "app_connection" not in g:
        g.app_connection = app_db.connect(current_app.config["APP_DB"])
    opened: sqlite3.Connection = g.app_connection
    return opened


def replica_path() -> Path:
    """Where the replica lies."""
    path: Path = current_app.config["REPLICA"]
    return path


def close(error: BaseException | None = None) -> None:
    """Closes what the request opened."""
    opened: Replica | None = g.pop("replica", None)
    if opened is not None:
        opened.close()
    connection: sqlite3.Connection | None = g.pop("app_connection", None)
    if connection is not None:
        connection.close()


def init_app(app: Flask) -> None:
    """Closes both at the end of each request."""
    app.teardown_appcontext(close)
