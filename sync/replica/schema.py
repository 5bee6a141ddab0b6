"""The tables of `replica.db`, as append-only named migrations.

A change is one integer key (`replica << 24 | number`), its header and payload stored as the text that was
hashed. Only records with more than their creation have a row in `state`. See `docs/data-model.md`, "In
SQLite"."""

from __future__ import annotations

import json
from typing import Any

from sqlite_utils import Migrations

from sync.names import CHANGE, change_key, replica_number

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
}
# Of the second version: what a replica holds beyond whole logs, and what it remembers of roads and others.
ADDED = {
    # Changes of others that came by scope, without the log that they stand in; `record` is the creating change
    # also of a creation, `seq` the row of `arrival` that they came with. Never what stands in `change` too.
    "excerpt": (
        "CREATE TABLE excerpt (id INTEGER PRIMARY KEY, record INTEGER NOT NULL, seq INTEGER NOT NULL,"
        " header TEXT NOT NULL, payload TEXT)"
    ),
    # Every signature that came, so that a log can be handed on in the pieces that its author signed.
    "signature": "CREATE TABLE signature (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    # Records of which an erase is known here: whatever comes of them later loses its payload at once.
    "erased": "CREATE TABLE erased (record INTEGER PRIMARY KEY)",
    # Media that were destroyed with the record that they belonged to, not to be fetched again.
    "gone": "CREATE TABLE gone (sha256 TEXT PRIMARY KEY) WITHOUT ROWID",
    # Own changes whose payload left this replica, after the hub had it safe.
    "released": "CREATE TABLE released (id INTEGER PRIMARY KEY, hub TEXT NOT NULL, at TEXT NOT NULL)",
    # Who was last seen to have how much of a log; `digest` may be empty (a parent that names it).
    "sighting": (
        "CREATE TABLE sighting (replica INTEGER NOT NULL, source TEXT NOT NULL, number INTEGER NOT NULL,"
        " digest TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (replica, source)) WITHOUT ROWID"
    ),
    # What came by which road: the rows of `arrival` from `first` to `last`.
    "intake": (
        "CREATE TABLE intake (id INTEGER PRIMARY KEY, at TEXT NOT NULL, road TEXT NOT NULL,"
        " source TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
        " undone TEXT NOT NULL DEFAULT '')"
    ),
    # How much of each log the last backup of this file holds.
    "backed_up": (
        "CREATE TABLE backed_up (replica INTEGER PRIMARY KEY, number INTEGER NOT NULL, at TEXT NOT NULL)"
    ),
}
# Of the third version: what was set aside, log by log and whole.
ASIDE = {
    # What was not taken, with the reason. Of a log: its `replica`, the numbers `first` to `last` of what was kept, the
    # chain's digest at both (`start` where a fork begins, else ''), the last signature that came with it. `resolved`
    # is ISO time and `outcome` says how, both '' while it is open.
    "quarantine": (
        "CREATE TABLE quarantine (id INTEGER PRIMARY KEY, at TEXT NOT NULL, source TEXT NOT NULL,"
        " problem TEXT NOT NULL, replica INTEGER, first INTEGER NOT NULL DEFAULT 0,"
        " last INTEGER NOT NULL DEFAULT 0, start TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '',"
        " signed INTEGER NOT NULL DEFAULT 0, signature TEXT NOT NULL DEFAULT '',"
        " resolved TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '')"
    ),
    # The changes that were kept of it; `number` is the place in the log, `record` the key that the header names.
    "kept": (
        "CREATE TABLE kept (id INTEGER PRIMARY KEY, aside INTEGER NOT NULL, number INTEGER NOT NULL,"
        " record INTEGER, header TEXT NOT NULL, payload TEXT)"
    ),
}
TABLES |= ADDED | ASIDE
FIRST_QUARANTINE = (
    "CREATE TABLE quarantine (id INTEGER PRIMARY KEY, at TEXT NOT NULL, source TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, problem TEXT NOT NULL, changes TEXT NOT NULL, UNIQUE (fingerprint))"
)
INDEXES = {
    "change_record": "CREATE INDEX change_record ON change (record) WHERE record IS NOT NULL",
    "document_id": "CREATE INDEX document_id ON document (id)",
    "arrival_first": "CREATE INDEX arrival_first ON arrival (first)",
    "excerpt_record": "CREATE INDEX excerpt_record ON excerpt (record)",
    "kept_aside": "CREATE UNIQUE INDEX kept_aside ON kept (aside, number)",
    "kept_record": "CREATE INDEX kept_record ON kept (record) WHERE record IS NOT NULL",
}
LATER_INDEXES = ("excerpt_record", "kept_aside", "kept_record")
# The tables that a merge reads from a source; their definition must be ours to the letter.
READ_FROM_SOURCE = ("meta", "change", "log", "block", "document", "content", "media")

migrations = Migrations("replica")


@migrations(name="0001_first_light")
def first_light(db: Any) -> None:
    """Change log, derived state, documents, media, quarantine."""
    for name, statement in TABLES.items():
        if name not in ADDED and name not in ASIDE:
            db.execute(statement)
    db.execute(FIRST_QUARANTINE)
    for name, statement in INDEXES.items():
        if name not in LATER_INDEXES:
            db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")


@migrations(name="0002_roads")
def roads(db: Any) -> None:
    """Excerpts by scope, signatures at every boundary, erasures, sightings, intakes, backups."""
    for statement in ADDED.values():
        db.execute(statement)
    db.execute(INDEXES["excerpt_record"])
    db.execute(
        "INSERT INTO signature (id, text) SELECT replica << 24 | signed, signature FROM log WHERE signed"
    )
    erased = (
        'SELECT record FROM change WHERE record IS NOT NULL AND header LIKE \'%","erase",[%\''  # as `erasure`
    )
    db.execute(f"INSERT OR IGNORE INTO erased (record) {erased}")
    db.execute(
        "UPDATE change SET payload = NULL WHERE coalesce(record, id) IN (SELECT record FROM erased)"
        ' AND header NOT LIKE \'%","erase",[%\''
    )
    db.execute("PRAGMA user_version = 2")


@migrations(name="0003_forks")
def forks(db: Any) -> None:
    """What was set aside: log by log, its changes in rows."""
    before = db.execute("SELECT id, at, source, problem, changes FROM quarantine ORDER BY id").fetchall()
    db.execute("DROP TABLE quarantine")
    for statement in ASIDE.values():
        db.execute(statement)
    db.execute(INDEXES["kept_aside"])
    db.execute(INDEXES["kept_record"])
    for id_, at, source, problem, changes in before:
        db.execute(
            "INSERT INTO quarantine (id, at, source, problem) VALUES (?, ?, ?, ?)", (id_, at, source, problem)
        )
        _keep_rows(db, id_, json.loads(changes))
    db.execute("PRAGMA user_version = 3")


def _keep_rows(db: Any, aside: int, changes: list[list[str]]) -> None:
    """What the second version kept of a log as one text: as rows where headers say what they are. What a fork left
    was kept without its digests; merging the file again keeps it whole."""
    rows = []
    for header, payload in changes:
        members = header.split('"', 8)
        if len(members) != 9 or not CHANGE.fullmatch(f"{members[3]}-{members[5]}"):
            continue
        record = change_key(members[7]) if CHANGE.fullmatch(members[7]) else None
        rows.append((replica_number(members[3]), aside, int(members[5]), record, header, payload))
    db.conn.executemany(
        "INSERT OR IGNORE INTO kept (aside, number, record, header, payload) VALUES (?, ?, ?, ?, ?)",
        [row[1:] for row in rows],
    )
    if rows:
        db.execute(
            "UPDATE quarantine SET replica = ?, first = ?, last = ? WHERE id = ?",
            (rows[0][0], min(row[2] for row in rows), max(row[2] for row in rows), aside),
        )


SCHEMA_VERSION = 3  # number of migrations above, stored as `user_version`
