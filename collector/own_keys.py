"""The private keys of this machine's replica: settings of the app database, which never leaves the machine.

One signs what the replica hands over; the other opens what others sealed for it. A copy of the replica alone, without
its app database, has neither."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from functools import lru_cache
from pathlib import Path

from sync import Replica, SyncError, keys
from sync.problems import KEY_NOT_HERE
from sync.replica import documents

from . import app_db

_SETTINGS = {keys.KEY_KIND: "signing_key", keys.SEAL_KIND: "sealing_key"}


def stored(connection: sqlite3.Connection, replica: str, kind: str) -> keys.PrivateKey | None:
    """The private key of a replica, of `keys.KINDS`, if it is kept here."""
    text = app_db.setting(connection, f"{_SETTINGS[kind]}:{replica}")
    return _read(text) if text else None


def ensure(connection: sqlite3.Connection, replica: str, kind: str) -> keys.PrivateKey:
    """The same, made at the first call."""
    connection.execute(
        "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [f"{_SETTINGS[kind]}:{replica}", keys.to_pem(keys.generate())],
    )
    found = stored(connection, replica, kind)
    if found is None:
        raise SyncError(KEY_NOT_HERE, replica, replica=replica)
    return found


def signing(replica: Replica) -> keys.PrivateKey | None:
    """The key by which a replica signs; None where it is not used (no app database beside it) and has no key.

    HW-2049 when its public half is known and this is not where the private one is."""
    known = documents.public_key(replica.db, replica.name)
    path = app_db.path_for(replica.path)
    found = None
    if path.exists():
        with _made_or_read(path, known) as connection:
            make = ensure if known is None else stored
            found = make(connection, replica.name, keys.KEY_KIND)
    if known is not None and (found is None or keys.public_text(found) != known):
        raise SyncError(KEY_NOT_HERE, replica.name, replica=replica.name)
    return found


def to_hand_over(connection: sqlite3.Connection, replica: Replica) -> keys.PrivateKey:
    """The key by which a replica that is enrolled somewhere, or enrols others, signs; made at the first call. HW-2049
    as for `signing`."""
    known = documents.public_key(replica.db, replica.name)
    make = ensure if known is None else stored
    found = make(connection, replica.name, keys.KEY_KIND)
    if found is None or known not in (None, keys.public_text(found)):
        raise SyncError(KEY_NOT_HERE, replica.name, replica=replica.name)
    return found


def signer(connection: sqlite3.Connection, replica: Replica) -> keys.PrivateKey | None:
    """The key with which own changes are signed as they are written; None as long as nobody was told a public one, and
    for a replica whose private one is not here."""
    known = documents.public_key(replica.db, replica.name)
    found = None if known is None else stored(connection, replica.name, keys.KEY_KIND)
    return found if found is not None and keys.public_text(found) == known else None


def open_to_write(path: Path) -> Replica:
    """A replica of this computer that signs what is written to it, once somebody knows its key."""
    replica = Replica.open(path)

    def key() -> keys.PrivateKey | None:
        beside = app_db.path_for(path)
        if not beside.exists():
            return None
        with app_db.reading(beside) as connection:
            return signer(connection, replica)

    replica.signer = key
    return replica


def sealing(replica: Replica) -> str:
    """The public key for which others seal what only this replica is to read; made and put among its documents at the
    first call. HW-2049 as for `signing`."""
    known = documents.public_key(replica.db, replica.name, keys.SEAL_KIND)
    with _made_or_read(app_db.path_for(replica.path), known) as connection:
        make = ensure if known is None else stored
        found = make(connection, replica.name, keys.SEAL_KIND)
    if found is None or known not in (None, keys.public_text(found)):
        raise SyncError(KEY_NOT_HERE, replica.name, replica=replica.name)
    public = keys.public_text(found)
    if known is None:
        document = keys.key_document(replica.name, public, keys.SEAL_KIND)
        replica.put_document(keys.SEAL_KIND, replica.name, document.encode())
    return public


def finder(path: Path) -> Callable[[str], keys.PrivateKey | None]:
    """What finds the private sealing key of a replica in the app database beside the replica at `path`."""
    beside = app_db.path_for(path)

    def find(replica: str) -> keys.PrivateKey | None:
        if not beside.exists():
            return None
        with app_db.reading(beside) as connection:
            return stored(connection, replica, keys.SEAL_KIND)

    return find


def _made_or_read(path: Path, known: str | None) -> AbstractContextManager[sqlite3.Connection]:
    """The app database in which a key is made, or, when its public half is `known`, only read."""
    return closing(app_db.connect(path)) if known is None else app_db.reading(path)


@lru_cache(maxsize=8)
def _read(pem: str) -> keys.PrivateKey:
    return keys.from_pem(pem)
