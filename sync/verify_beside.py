"""What a replica keeps beside its logs, proved: indexes, excerpts, erasures, signatures at every boundary."""

from __future__ import annotations

from collections.abc import Iterator

from sync import keys
from sync.canonical import sha
from sync.change import ERASES, parse_header
from sync.names import NUMBER_BITS, NUMBER_MASK, change_key, change_name, replica_name
from sync.problems import (
    BAD_SIGNATURE,
    ERASE_UNFINISHED,
    HEADER_MALFORMED,
    INDEX_MISSING,
    PAYLOAD_CHANGED,
    Problem,
    SyncError,
)
from sync.replica import Replica, documents, erasure, log, quarantine
from sync.replica.schema import INDEXES


def beside(replica: Replica) -> Iterator[Problem]:
    """Everything that does not hold."""
    yield from _indexes(replica)
    yield from _excerpts(replica)
    yield from (Problem(ERASE_UNFINISHED, change_name(record)) for record in unfinished(replica))
    yield from (
        Problem(ERASE_UNFINISHED, digest) for digest in erasure.forgotten(replica.db, replica.media_folder)
    )
    yield from _signatures(replica)


def repair(replica: Replica) -> int:
    """Build missing indexes and finish erasures; how many things that were."""
    missing = _missing(replica)
    left = unfinished(replica)
    with replica.transaction():
        for name in missing:
            replica.db.execute(INDEXES[name])
        gone = erasure.note(replica.db, left)
        files = erasure.forgotten(replica.db, replica.media_folder)
    erasure.forget_files(replica.media_folder, {*gone, *files})
    return len(missing) + len(left) + len(files)


def _missing(replica: Replica) -> list[str]:
    there = dict(replica.db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'"))
    return [name for name, sql in INDEXES.items() if there.get(name) != sql]


def _indexes(replica: Replica) -> Iterator[Problem]:
    yield from (Problem(INDEX_MISSING, name) for name in _missing(replica))


def unfinished(replica: Replica) -> list[int]:
    """Records that are erased, and are not noted so or still hold something, here or among what was set aside."""
    aside = [record for record in erasure.erased(replica.db) if quarantine.holds(replica.db, record)]
    rows = replica.db.execute(
        "WITH erase (record) AS (SELECT record FROM change WHERE record IS NOT NULL AND instr(header, ?1)"
        " UNION SELECT record FROM excerpt WHERE instr(header, ?1))"
        " SELECT record FROM erase WHERE record NOT IN (SELECT record FROM erased)"
        " OR EXISTS (SELECT 1 FROM change AS c WHERE (c.id = erase.record OR c.record = erase.record)"
        " AND c.payload IS NOT NULL AND NOT instr(c.header, ?1))"
        " OR EXISTS (SELECT 1 FROM excerpt AS e WHERE e.record = erase.record AND e.payload IS NOT NULL"
        " AND NOT instr(e.header, ?1)) ORDER BY record",
        (ERASES,),
    )
    return sorted({*aside, *(row[0] for row in rows)})


def _excerpts(replica: Replica) -> Iterator[Problem]:
    rows = replica.db.execute("SELECT id, record, header, payload FROM excerpt ORDER BY id")
    for id_, record, text, payload in rows:
        try:
            header = parse_header(text)
        except SyncError:
            yield Problem(HEADER_MALFORMED, change_name(id_))
            continue
        sound = payload is None or sha(payload) == header.payload_sha
        if (change_key(header.name), change_key(header.record)) != (id_, record):
            yield Problem(HEADER_MALFORMED, change_name(id_))
        elif not sound or (payload is None and not erasure.is_erased(replica.db, record)):
            yield Problem(PAYLOAD_CHANGED, header.name)


def _signatures(replica: Replica) -> Iterator[Problem]:
    """A log is handed on by the signatures that were kept of it: each must be one."""
    with (
        replica.reading()
    ):  # others may be writing: what was signed since is longer than what was counted before
        tips = log.tips(replica.db)
        rows = replica.db.execute("SELECT id, text FROM signature ORDER BY id").fetchall()
    for id_, text in rows:
        number, name = id_ & NUMBER_MASK, replica_name(id_ >> NUMBER_BITS)
        try:
            public = documents.public_key(replica.db, name)
        except SyncError:
            continue  # said of the document already
        if public is None:
            continue
        tip = tips.get(id_ >> NUMBER_BITS)
        within = tip is not None and number <= tip.number
        digest = log.digest_at(replica.db, id_ >> NUMBER_BITS, number) if within else ""
        if not within or not keys.verify(public, keys.tip_text(name, number, digest), text):
            yield Problem(BAD_SIGNATURE, change_name(id_))
