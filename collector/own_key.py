"""The private key of this computer's replica: in `X-app.db`, never in the replica itself."""

from __future__ import annotations

import sqlite3

from sync import Replica, keys
from sync.transfer.client import check_key

from . import app_db

_SETTING = "private key of "


def own_key(connection: sqlite3.Connection, replica: Replica) -> keys.PrivateKey:
    """The key of the replica, made at the first call.

    Raises `SyncError` HW-2055 when the replica is known by another key: `X-app.db` was lost, or this is a copy of
    another computer's database."""
    name = _SETTING + replica.name
    kept = app_db.setting(connection, name)
    key = keys.generate() if kept is None else keys.from_pem(kept)
    check_key(replica, key)
    if kept is None:
        connection.execute(
            "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING", [name, keys.to_pem(key)]
        )
        key = keys.from_pem(str(app_db.setting(connection, name)))
    return key
