"""The private key of this computer's replica: in `X-app.db`, never in the replica itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from sync import Replica, keys
from sync.replica import documents
from sync.transfer.client import check_key

from . import app_db

_SETTING = "private key of "


def own_key(connection: sqlite3.Connection, replica: Replica) -> keys.PrivateKey:
    """The key of the replica, made at the first call.

    Raises `SyncError` HW-2055 when the replica is known by another key: `X-app.db` was lost, or this is a copy of
    another computer's database."""
    name = _SETTING + replica.name
    kept = app_db.setting(connection, name)
    key = keys.generate() if kept is None else _read(kept)
    check_key(replica, key)
    if kept is None:
        connection.execute(
            "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING", [name, keys.to_pem(key)]
        )
        key = _read(str(app_db.setting(connection, name)))
    return key


def signer(connection: sqlite3.Connection, replica: Replica) -> keys.PrivateKey | None:
    """The key with which the replica's own changes are signed as they are written; None for one that was never enrolled
    anywhere, or is known by a key that is not here."""
    kept = app_db.setting(connection, _SETTING + replica.name)
    if kept is None:
        return None
    known = documents.public_key(replica.db, replica.name)
    key = _read(kept)
    return key if known in (None, keys.public_text(key)) else None


def open_to_write(path: Path) -> Replica:
    """A replica of this computer that signs what is written to it, once it has a key."""
    replica = Replica.open(path)

    def key() -> keys.PrivateKey | None:
        beside = app_db.path_for(path)
        if not beside.exists():
            return None
        with closing(app_db.connect(beside)) as connection:
            return signer(connection, replica)

    replica.signer = key
    return replica


@lru_cache(maxsize=8)
def _read(pem: str) -> keys.PrivateKey:
    return keys.from_pem(pem)
