"""Erasing: an `erase` destroys salt and payload of a record's changes and their media, wherever it arrives.

The headers stay, so that the log still proves itself; the erasing change keeps its own payload (the reason). What
comes of an erased record later loses its payload in the transaction that takes it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from sync.change import ERASES
from sync.names import NUMBER_BITS, NUMBER_MASK
from sync.replica import media, parts, quarantine

_DIGEST = re.compile(r'"([0-9a-f]{64})"')
_OF_RECORD = "(id = ?1 OR record = ?1)"


def note(db: sqlite3.Connection, records: Iterable[int]) -> list[str]:
    """Erase these records, of which an erase is here. Returns the digests of media that nothing here names any
    more; their files are to be removed once the transaction is through (`forget_files`)."""
    named: set[str] = set()
    for record in records:
        db.execute("INSERT OR IGNORE INTO erased (record) VALUES (?)", (record,))
        named |= _destroy(db, record)
    return _unnamed(db, named)


def again(db: sqlite3.Connection, first: int, last: int) -> list[str]:
    """As `note`, for what was just taken (keys `first` to `last`) of records that were erased before."""
    if db.execute("SELECT 1 FROM erased LIMIT 1").fetchone() is None:
        return []
    records = db.execute(
        "SELECT record FROM erased WHERE record BETWEEN ?1 AND ?2"
        " UNION SELECT record FROM change WHERE id BETWEEN ?1 AND ?2 AND record IN (SELECT record FROM erased)",
        (first, last),
    ).fetchall()
    return note(db, [record for (record,) in records])


def is_erased(db: sqlite3.Connection, record: int) -> bool:
    """Whether an erase of the record is known here."""
    return db.execute("SELECT 1 FROM erased WHERE record = ?", (record,)).fetchone() is not None


def erased(db: sqlite3.Connection) -> list[int]:
    """All records of which an erase is known here."""
    return [row[0] for row in db.execute("SELECT record FROM erased ORDER BY record")]


def _destroy(db: sqlite3.Connection, record: int) -> set[str]:
    """Destroy the payloads of a record; the media that they named."""
    named: set[str] = set()
    for table, where in (("change", _OF_RECORD), ("excerpt", "record = ?1")):
        left = f"FROM {table} WHERE {where} AND payload IS NOT NULL AND instr(header, ?2) = 0"
        for (payload,) in db.execute(f"SELECT payload {left}", (record, ERASES)):
            named |= named_in(payload)
        # Freed bytes are overwritten: an erased answer must not be found in the file's free pages.
        db.execute(
            f"UPDATE {table} SET payload = NULL WHERE {where} AND payload IS NOT NULL AND instr(header, ?2) = 0",
            (record, ERASES),
        )
    for payload in quarantine.destroy(db, record):
        named.update(_DIGEST.findall(payload))
    return named


def named_in(payload: str) -> set[str]:
    """Media that a payload may name: every text in it that is a digest."""
    return set(_DIGEST.findall(payload))


def _unnamed(db: sqlite3.Connection, digests: set[str]) -> list[str]:
    """Of these media those that no payload names any more: noted as gone, though they may not be here yet."""
    found = sorted(digests - named(db, digests))
    db.executemany("DELETE FROM media WHERE sha256 = ?", [(digest,) for digest in found])
    db.executemany("INSERT OR IGNORE INTO gone (sha256) VALUES (?)", [(digest,) for digest in found])
    return found


def named(db: sqlite3.Connection, digests: set[str]) -> set[str]:
    """Of these media those that a payload here names: one look at every payload, until all are found."""
    found: set[str] = set()
    for table in ("change", "excerpt", "kept"):
        if found == digests:
            break
        for (payload,) in db.execute(f"SELECT payload FROM {table} WHERE payload IS NOT NULL"):
            found.update(digests & named_in(payload))
            if found == digests:
                break
    return found


def named_by(db: sqlite3.Connection, replicas: Iterable[int]) -> set[str]:
    """The digests that the logs of these replicas name, media or not."""
    named: set[str] = set()
    for replica in replicas:
        ends = (replica << NUMBER_BITS, replica << NUMBER_BITS | NUMBER_MASK)
        for (payload,) in db.execute("SELECT payload FROM change WHERE id BETWEEN ? AND ?", ends):
            named.update(_DIGEST.findall(payload or ""))
    return named


def unwanted(db: sqlite3.Connection, digests: Iterable[str], here: set[str] | None = None) -> set[str]:
    """Of media that a source knows of, those that must not come (back): nothing here names them, and they went with
    an erased record, or may have: what its payloads named is not known any more. To be asked when the changes of
    the source are taken. `here`: those of them that are named here, where somebody has looked (`named`)."""
    new = {d for d in digests if db.execute("SELECT 1 FROM media WHERE sha256 = ?", (d,)).fetchone() is None}
    if not new or db.execute("SELECT 1 FROM erased LIMIT 1").fetchone() is None:
        return set()
    wanted = named(db, new) if here is None else new & here
    db.executemany("DELETE FROM gone WHERE sha256 = ?", [(digest,) for digest in wanted])
    return new - wanted


def gone(db: sqlite3.Connection) -> list[str]:
    """The digests of media that were destroyed with their records."""
    return [row[0] for row in db.execute("SELECT sha256 FROM gone ORDER BY sha256")]


def stays_away(db: sqlite3.Connection, digest: str) -> bool:
    """Whether a medium went with an erased record, and nothing here names it: whoever still sends it, it is not
    kept."""
    row = db.execute("SELECT 1 FROM gone WHERE sha256 = ?", (digest,)).fetchone()
    return row is not None and not named(db, {digest})


def forgotten(db: sqlite3.Connection, folder: Path) -> list[str]:
    """Media that went with an erased record and whose files are still there: nobody came to removing them."""
    known = "SELECT sha256 FROM gone WHERE sha256 NOT IN (SELECT sha256 FROM media) ORDER BY sha256"
    return [digest for (digest,) in db.execute(known) if parts.received(folder, digest).size]


def forget_files(folder: Path, digests: Iterable[str]) -> None:
    """Remove the files of media that are gone."""
    for digest in digests:
        media.file_of(folder, digest).unlink(missing_ok=True)
        parts.drop(folder, digest)


def finder(db: sqlite3.Connection, first: int, last: int) -> list[int]:
    """Records that the changes with keys `first` to `last` erase."""
    rows = db.execute(
        "SELECT DISTINCT record FROM change WHERE id BETWEEN ? AND ? AND record IS NOT NULL"
        " AND instr(header, ?)",
        (first, last, ERASES),
    )
    return [row[0] for row in rows]
