"""Leaving: what no longer concerns this replica goes from it once the hub has it safe, and comes back when it
concerns it again.

Own changes stay in the log as headers (`released`); excerpts of others are dropped whole. Nothing leaves that the hub
has not said a backup of it covers, and no record that somebody here is still at work on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sync.change import Header, read_header
from sync.interest import Interest
from sync.names import NUMBER_BITS, NUMBER_MASK, change_key, change_name, replica_number
from sync.replica import erasure, excerpt, media, notes, state
from sync.replica.replica import Replica
from sync.replica.store import now


@dataclass(slots=True)
class Left:
    """What went: records that are not here any more, own changes of them, excerpts' records that changed."""

    records: list[str] = field(default_factory=list)
    changes: int = 0
    excerpts: int = 0


def leave(
    replica: Replica,
    interest: Interest,
    safe: Mapping[str, int],
    hub: str,
    busy: Callable[[str], bool] = lambda record: False,
) -> Left:
    """Let go of what the interest no longer names. `safe`: how far the hub `hub` has each log that this replica wrote
    (it may have had other names before), and a backup of it; `busy(record)`: somebody here has begun an edit of it."""
    found = Left()
    with replica.transaction():
        before = excerpt.count(replica.db)
        touched = excerpt.keep_only(replica.db, interest)
        found.excerpts = before - excerpt.count(replica.db)
        ends = {replica_number(each): safe.get(each, 0) for each in replica.own_names()}
        for record, changes in _candidates(replica, interest, ends).items():
            name = change_name(record)
            covered = all(id_ & NUMBER_MASK <= ends[id_ >> NUMBER_BITS] for id_ in changes)
            if covered and _has_left(replica, record, interest) and not busy(name):
                _release(replica.db, changes, hub)
                found.records.append(name)
                found.changes += len(changes)
                touched.add(record)
        if touched:
            state.refresh(replica.db, sorted(touched), replica.layout)
            notes.put(replica.db, notes.LEFT, now())
    return found


def _candidates(replica: Replica, interest: Interest, own: Iterable[int]) -> dict[int, list[int]]:
    """Record → own changes of it with their answers, for records that have an own change which may have left."""
    if not interest.without:
        return {}
    query = (
        "SELECT id, coalesce(record, id), header FROM change WHERE id BETWEEN ? AND ? AND payload IS NOT NULL"
    )
    rows = [
        row
        for number in own
        for row in replica.db.execute(query, (number << NUMBER_BITS, (number << NUMBER_BITS) | NUMBER_MASK))
    ]
    wanted = {record for _, record, text in rows if interest.has_left(read_header(text).scopes)}
    found: dict[int, list[int]] = {}
    for id_, record, _ in rows:
        if record in wanted and not erasure.is_erased(replica.db, record):
            found.setdefault(record, []).append(id_)
    return found


def _has_left(replica: Replica, record: int, interest: Interest) -> bool:
    known = state.changes(replica.db, record, replica.layout)
    return interest.has_left(state.build(change_name(record), known, replica.form_id).scopes)


def _release(db: sqlite3.Connection, changes: Iterable[int], hub: str) -> None:
    named: set[str] = set()
    for id_ in changes:
        named |= erasure.named_in(db.execute("SELECT payload FROM change WHERE id = ?", (id_,)).fetchone()[0])
        db.execute("UPDATE change SET payload = NULL WHERE id = ?", (id_,))
        db.execute("INSERT INTO released (id, hub, at) VALUES (?, ?, ?)", (id_, hub, now()))
    if named:
        _put_media(db, {*media_waiting(db), *named})


def back(replica: Replica, interest: Interest, most: int) -> list[str]:
    """Names of released changes that concern this replica again: to be asked of the hub. At most `most`."""
    rows = replica.db.execute(
        "SELECT r.id, coalesce(c.record, c.id) FROM released AS r CROSS JOIN change AS c ON c.id = r.id"
        " ORDER BY r.id"
    ).fetchall()
    here = {record for record in {row[1] for row in rows} if not _has_left(replica, record, interest)}
    return [change_name(id_) for id_, record in rows if record in here][:most]


def give_back(db: sqlite3.Connection, changes: Iterable[tuple[Header, str, str | None]]) -> set[int]:
    """Put the answers of released changes back, where `(header, its text, payload)` is one of them to the byte and
    the payload was checked; the records that they speak of."""
    found = set()
    for header, text, payload in changes:
        key = change_key(header.name)
        cursor = db.execute(
            "UPDATE change SET payload = ?2 WHERE id = ?1 AND header = ?3 AND payload IS NULL"
            " AND id IN (SELECT id FROM released)",
            (key, payload, text),
        )
        if cursor.rowcount and payload is not None:
            db.execute("DELETE FROM released WHERE id = ?", (key,))
            found.add(change_key(header.record))
    if found:
        notes.put(db, notes.LEFT, now())
    return found


def media_waiting(db: sqlite3.Connection) -> list[str]:
    """Media of records that left, whose files are still here."""
    text = notes.get(db, notes.MEDIA_LEFT)
    found: list[str] = json.loads(text) if text else []
    return found


def _put_media(db: sqlite3.Connection, digests: Iterable[str]) -> None:
    kept = sorted(set(digests))
    notes.put(db, notes.MEDIA_LEFT, json.dumps(kept) if kept else "")


def media_left(replica: Replica, there: Iterable[str]) -> None:
    """Remove the files of media that left, of which the hub is known to have the file (`there`); what a record here
    names again stays."""
    with replica.transaction():
        waiting = media_waiting(replica.db)
        kept = set(waiting) - set(there)
        found = set(waiting) & set(there)
        gone = sorted(found - erasure.named(replica.db, found))
        replica.db.executemany("DELETE FROM media WHERE sha256 = ?", [(digest,) for digest in gone])
        _put_media(replica.db, kept)
    for digest in gone:
        media.file_of(replica.media_folder, digest).unlink(missing_ok=True)
