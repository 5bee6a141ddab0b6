"""Checking a stretch of another replica's log before any of it is taken: headers, payloads, chain,
signature."""

from __future__ import annotations

import binascii
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256

from sync.canonical import sha
from sync.change import ERASE, HEADER, PAYLOAD_LIMIT, check_header
from sync.names import NUMBER_BITS, change_key, change_name, replica_name
from sync.problems import GAP, HEADER_MALFORMED, PAYLOAD_CHANGED, RECORD_TOO_LARGE, SyncError

_BLOCK = 64


@dataclass(slots=True)
class Stretch:
    """A checked stretch: its headers in order, the records that its changes other than creations touch, and
    those of which a payload is not there (record → one such change)."""

    headers: list[str] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    bare: dict[int, int] = field(default_factory=dict)


def stretch(db: sqlite3.Connection, schema: str, replica: int, first: int, last: int) -> Stretch:
    """Read and check changes `first` to `last` of a log in an attached file.

    Raises HW-2014 for a gap, HW-2009 for a header that is not what its place says, HW-2008 for a changed
    payload, and for one that is not there although nobody erased its record (as far as `schema` or the
    replica itself knows)."""
    base = replica << NUMBER_BITS
    cursor = db.execute(
        f"SELECT id, record, header, payload FROM {schema}.change WHERE id BETWEEN ? AND ? ORDER BY id",
        (base | first, base | last),
    )
    with closing(cursor) as rows:  # an open cursor would keep the file from being detached
        found = _read(rows, replica, first, last)
    for record, change in found.bare.items():
        if not any(_erased(db, each, record) for each in {schema, "main"}):
            raise SyncError(PAYLOAD_CHANGED, change_name(change))
    return found


def _erased(db: sqlite3.Connection, schema: str, record: int) -> bool:
    rows = db.execute(f"SELECT header FROM {schema}.change WHERE record = ?", (record,)).fetchall()
    matches = (HEADER.fullmatch(header) for (header,) in rows if isinstance(header, str))
    return any(match is not None and match["kind"] == ERASE for match in matches)


def _read(rows: sqlite3.Cursor, replica: int, first: int, last: int) -> Stretch:
    base = replica << NUMBER_BITS
    result = Stretch()
    name, number = replica_name(replica), first
    while part := rows.fetchmany(_BLOCK):
        for id_, record, header, payload in part:
            if id_ != base | number:
                raise SyncError(GAP, f"{name}-{number}", found=change_name(id_))
            if not isinstance(header, str) or not isinstance(payload, str | None):
                raise SyncError(HEADER_MALFORMED, f"{name}-{number}")
            named = check_header(header, name, number)
            if record is not None:
                result.touched.add(record)
            # The column is a copy of what the header says.
            if (change_key(named) if named else None) != record:
                raise SyncError(HEADER_MALFORMED, f"{name}-{number}")
            if payload is None:
                result.bare[id_ if record is None else record] = id_
            number += 1
        _compare([row for row in part if row[3] is not None])
        result.headers += [row[2] for row in part]
    if number <= last:
        raise SyncError(GAP, f"{name}-{number}", found="")
    return result


def _compare(part: Sequence[tuple[int, int | None, str, str]]) -> None:
    """Compare payload hashes with those in the headers, a block at a time; look closer only when one
    differs."""
    if not part:
        return
    payloads = [row[3] for row in part]
    digests = [sha256(payload.encode()).digest() for payload in payloads]
    named = [row[2][-45:-2] for row in part]
    # 43 characters and an "A" are 33 bytes: the hash and a zero. One decoding serves the whole block.
    decoded = binascii.a2b_base64("A".join(named).translate(_URL) + "A")
    if decoded == b"\0".join(digests) + b"\0" and max(map(len, payloads)) <= PAYLOAD_LIMIT // 4:
        return
    for id_, _, header, payload in part:
        if sha(payload) != header[-45:-2]:
            raise SyncError(PAYLOAD_CHANGED, change_name(id_))
        size = len(payload.encode())
        if size > PAYLOAD_LIMIT:
            raise SyncError(RECORD_TOO_LARGE, change_name(id_), size=size, limit=PAYLOAD_LIMIT)


_URL = str.maketrans("-_", "+/")
