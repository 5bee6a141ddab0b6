"""The tables of `replica.db`, as append-only named migrations.

A change is one integer key (`replica << 24 | number`), its header and payload stored as the text that was
hashed. Only records with more than their creation have a row in `state`. See `docs/data-model.md`, "In
SQLite"."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Migrations

APPLICATION_ID = 0x486F6D65  # "Home"

TABLES = {
    "meta": "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # `record` is NULL for a creation, else the key of the creating change: a copy of what the header says.
    "change": (
        "CREATE TABLE change (id INTEGER PRIMARY KEY, record INTEGER, header TEXT NOT NULL, payload TEXT)"
    ),
    # What is here of each replica's log, advanced with the changes; `signed` is the number that `signature`
    # covers.
    "log": (
        "CREATE TABLE log (replica INTEGER PRIMARY KEY, tip INTEGER NOT NULL, digest TEXT NOT NULL,"
        " signed INTEGER NOT NULL DEFAULT 0, signature TEXT NOT NULL DEFAULT '')"
    ),
    # Digest after each full block of 64 headers; the id is the key of the block's last change.
    "block": "CREATE TABLE block (id INTEGER PRIMARY KEY, digest TEXT NOT NULL)",
    # In which order changes came here: one row for each unbroken range.
    "arrival": (
        "CREATE TABLE arrival (seq INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,"
        " at TEXT NOT NULL)"
    ),
    # Derived, rebuilt by `verify`: the head that shows, and what lists are sorted and counted by.
    "state": (
        "CREATE TABLE state (record INTEGER PRIMARY KEY, head INTEGER NOT NULL, heads INTEGER NOT NULL,"
        " deleted INTEGER NOT NULL, conflicts INTEGER NOT NULL, review TEXT NOT NULL)"
    ),
    # Records whose row in `state` is behind the log; emptied before anything reads `state`.
    "stale": "CREATE TABLE stale (record INTEGER PRIMARY KEY)",
    "document": (
        "CREATE TABLE document (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL,"
        " name TEXT NOT NULL, scopes TEXT NOT NULL, added TEXT NOT NULL, UNIQUE (kind, name, id))"
    ),
    # The bytes of documents, apart: a document that is put again gets a new date, and its bytes stay.
    "content": "CREATE TABLE content (id TEXT PRIMARY KEY, data BLOB NOT NULL)",
    "media": (
        "CREATE TABLE media (sha256 TEXT PRIMARY KEY, type TEXT NOT NULL, size INTEGER NOT NULL,"
        " added TEXT NOT NULL) WITHOUT ROWID"
    ),
    # What a merge did not take, with the reason; `problem` is JSON, `changes` the headers and payloads it
    # kept.
    "quarantine": (
        "CREATE TABLE quarantine (id INTEGER PRIMARY KEY, at TEXT NOT NULL, source TEXT NOT NULL,"
        " fingerprint TEXT NOT NULL, problem TEXT NOT NULL, changes TEXT NOT NULL, UNIQUE (fingerprint))"
    ),
}
INDEXES = {
    "change_record": "CREATE INDEX change_record ON change (record) WHERE record IS NOT NULL",
    "document_id": "CREATE INDEX document_id ON document (id)",
    "arrival_first": "CREATE INDEX arrival_first ON arrival (first)",
}
# The tables that a merge reads from a source; their definition must be ours to the letter.
READ_FROM_SOURCE = ("meta", "change", "log", "block", "document", "content", "media")

migrations = Migrations("replica")


@migrations(name="0001_first_light")
def first_light(db: Any) -> None:
    """Change log, derived state, documents, media, quarantine."""
    for statement in (*TABLES.values(), *INDEXES.values()):
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")


SCHEMA_VERSION = 1  # number of migrations above, stored as `user_version`
