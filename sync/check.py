"""Checking a stretch of another replica's log before any of it is taken: headers, payloads, chain.

This is the inner loop of every merge. It goes block by block and looks at a change by itself only where it is no
creation like the ones before it, or where a block as a whole does not come out right."""

from __future__ import annotations

import binascii
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256

from sync.canonical import sha
from sync.chain import Chain
from sync.change import (
    ERASE,
    ERASES,
    HEADER_LIMIT,
    PAYLOAD_LIMIT,
    Header,
    check_header,
    parse_header,
    payload_matches,
)
from sync.names import CHANGE, NUMBER_BITS, change_name, replica_name
from sync.problems import GAP, HEADER_MALFORMED, PAYLOAD_CHANGED, RECORD_TOO_LARGE, RELEASED, SyncError
from sync.replica.released import within
from sync.replica.schema import TABLES

Row = tuple[int, int | None, str, bytes | None]  # id, record, header, bytes of the payload


@dataclass(slots=True)
class Stretch:
    """A checked stretch: the form versions that it names, how many of its changes are no creations, the records
    that it erases, and those of which a payload is not there (record → one such change)."""

    forms: set[str] = field(default_factory=set)
    later: int = 0
    erases: set[int] = field(default_factory=set)
    bare: dict[int, int] = field(default_factory=dict)


def stretch(
    db: sqlite3.Connection, schema: str, replica: int, first: int, last: int, chain: Chain
) -> Stretch:
    """Read and check changes `first` to `last` of a log in a file, and let `chain`, which ends before `first`,
    run on over them.

    Raises HW-2014 for a gap, HW-2009 for a header that is not what its place says, HW-2008 for a changed
    payload, and for one that is not there although nobody erased its record (as far as `schema` or the
    replica itself knows), HW-2038 for one that an attached file has released."""
    found = bare_stretch(db, schema, replica, first, last, chain)
    released = None
    for record in found.bare:
        if not any(is_bare_by_right(db, each, record) for each in {schema, "main"}):
            base = replica << NUMBER_BITS
            if released is None:
                released = within(db, schema, base | first, base | last)
            _refuse_bare(db, schema, record, (base | first, base | last), released)
    return found


def _refuse_bare(
    db: sqlite3.Connection,
    schema: str,
    record: int,
    ends: tuple[int, int],
    released: Mapping[int, tuple[str, str]],
) -> None:
    """The fault of payloads that are not there although their record was not erased. A replica's own that it
    released are none."""
    rows = db.execute(
        f"SELECT id FROM {schema}.change WHERE id BETWEEN ? AND ? AND payload IS NULL"
        " AND coalesce(record, id) = ? ORDER BY id",
        (*ends, record),
    )
    for (id_,) in rows.fetchall():
        if id_ not in released:
            raise SyncError(PAYLOAD_CHANGED, change_name(id_))
        if schema != "main":
            hub, at = released[id_]
            raise SyncError(RELEASED, change_name(id_), hub=hub[:40], at=at[:40])


def bare_stretch(
    db: sqlite3.Connection, schema: str, replica: int, first: int, last: int, chain: Chain
) -> Stretch:
    """As `stretch`, whether or not payloads that are not there are missing by right."""
    base = replica << NUMBER_BITS
    # The bytes of a payload are hashed as they are; a column that holds no text drops out and leaves a gap.
    cursor = db.execute(
        f"SELECT id, record, header, CAST(payload AS BLOB) FROM {schema}.change WHERE id BETWEEN ? AND ?"
        " AND typeof(header) = 'text' AND typeof(payload) IN ('text', 'null') ORDER BY id",
        (base | first, base | last),
    )
    reading = Reading(replica, first, chain)
    with closing(cursor) as rows:  # an open cursor would keep the file from being detached
        while part := rows.fetchmany(chain.room):
            reading.take(part)
    if reading.number <= last:
        raise SyncError(GAP, f"{reading.name}-{reading.number}", found="")
    return reading.found


def is_bare_by_right(db: sqlite3.Connection, schema: str, record: int) -> bool:
    """Whether an erase of a record, whose payload is not there, stands in a file."""
    return bool(erases_of(db, schema, record))


def erases_of(db: sqlite3.Connection, schema: str, record: int) -> list[tuple[Header, str, str]]:
    """`(header, its text, payload)` of the erases of a record that stand in a file, in a log or as an excerpt: each
    whole, so that it proves itself wherever it is taken."""
    found = []
    for table in ("change", "excerpt"):
        if table == "change" or _has_excerpts(db, schema):
            rows = db.execute(f"SELECT header, payload FROM {schema}.{table} WHERE record = ?", (record,))
            erases = (_erase(text, payload, record) for text, payload in rows.fetchall())
            found += [erase for erase in erases if erase is not None]
    return found


def _has_excerpts(db: sqlite3.Connection, schema: str) -> bool:
    """Whether a file has our table of excerpts, to the letter; one of the first version has none."""
    query = f"SELECT sql FROM {schema}.sqlite_master WHERE type = 'table' AND name = 'excerpt'"
    return schema == "main" or db.execute(query).fetchone() == (TABLES["excerpt"],)


def _erase(text: object, payload: object, record: int) -> tuple[Header, str, str] | None:
    if not isinstance(text, str) or not isinstance(payload, str):
        return None
    try:
        header = parse_header(text)
    except SyncError:
        return None
    sound = header.kind == ERASE and header.record == change_name(record) and payload_matches(header, payload)
    return (header, text, payload) if sound else None


# A creation's header is `["1",replica,number` + this many characters that name its form + 16 of clock + what names
# author and scopes + 43 of hash + `"]`.
_FORM = len('","","') + 22 + len('",[],"')
_CLOCK = 16
_HASH = 45
_PARENTS = '",["'
_ENDS = 4096  # at most so many are kept
_CLOCKS = re.compile(r"[0-9a-f]*")
_STANDARD = str.maketrans("+/", "-_")


class Reading:
    """A stretch being read: what of it was found, and the parts of headers that were found sound."""

    def __init__(self, replica: int, first: int, chain: Chain) -> None:
        self.found = Stretch()
        self.name = replica_name(replica)
        self.number = first
        self._base = replica << NUMBER_BITS
        self._chain = chain
        self._forms: set[str] = set()
        self._ends: set[str] = set()
        self._later_ends: set[str] = set()

    def take(self, part: Sequence[Row]) -> None:
        """Check the next rows, at most as many as the chain's block has room for."""
        start = self._base | self.number
        ids, records, headers, payloads = zip(*part, strict=True)
        if ids != tuple(range(start, start + len(part))):
            self._refuse_gap(ids)
        self.take_columns(ids, records, headers, payloads)

    def take_columns(
        self,
        ids: Sequence[int],
        records: Sequence[int | None],
        headers: Sequence[str],
        payloads: Sequence[bytes | None],
    ) -> None:
        """As `take`, for rows that are known to have the ids that come next."""
        if None in payloads:
            self._check_bare(ids, records, headers, payloads)
        else:
            self._check_headers(records, headers)
            _compare(ids, headers, payloads)  # type: ignore[arg-type] # none is None, as was just asked
        self._chain.add(headers)
        self.number += len(ids)

    def _refuse_gap(self, ids: Sequence[int]) -> None:
        for number, id_ in enumerate(ids, self.number):
            if id_ != self._base | number:
                raise SyncError(GAP, f"{self.name}-{number}", found=change_name(id_))

    def _check_headers(self, records: Sequence[int | None], headers: Sequence[str]) -> None:
        """Check headers whose hashes are compared afterwards: what a creation has in common with one that
        was checked whole is not parsed again."""
        clocks: list[str] = []
        forms, ends, start = self._forms, self._ends, f'["1","{self.name}","'
        for number, (record, header) in enumerate(zip(records, headers, strict=True), self.number):
            before = f"{start}{number}"
            at = len(before)
            clock = at + _FORM
            if (
                record is None
                and header.startswith(before)
                and header[at:clock] in forms
                and header[clock + _CLOCK : -_HASH] in ends
                and header.endswith('"]')
            ):
                clocks.append(header[clock : clock + _CLOCK])
            elif record is None or not (text := self._clock_of_later(before, number, record, header)):
                self._check_whole(number, record, header)
            else:
                clocks.append(text)
        if not _CLOCKS.fullmatch("".join(clocks)):
            for number, header in enumerate(headers, self.number):
                check_header(header, self.name, number)

    def _clock_of_later(self, before: str, number: int, record: int, header: str) -> str:
        """The clock of a change with one parent whose form, author, kind and scopes were checked before; `""`
        for one that is to be checked whole."""
        start = f'{before}","{_name_of(record)}","'
        form = len(start)
        parent, end = form + 22 + len(_PARENTS), header.find('"],"', form)
        clock = end + len('"],"')
        if (
            record != self._base | number
            and header.startswith(start)
            and header[form : form + 22] in self.found.forms
            and header[form + 22 : parent] == _PARENTS
            and CHANGE.fullmatch(header, parent, end)
            and header[clock + _CLOCK : -_HASH] in self._later_ends
            and header.endswith('"]')
        ):
            self.found.later += 1
            return header[clock : clock + _CLOCK]
        return ""

    def _check_whole(self, number: int, record: int | None, header: str) -> None:
        named = check_header(header, self.name, number)
        # The column is a copy of what the header says.
        if named != ("" if record is None else _name_of(record)):
            raise SyncError(HEADER_MALFORMED, f"{self.name}-{number}")
        # The form is the fifth text, and no text before it can hold a quotation mark.
        self.found.forms.add(header.split('"', 10)[9])
        # Another header with the same end may be this much longer, by its numbers.
        small = len(header) < HEADER_LIMIT - 64 and len(self._ends) + len(self._later_ends) < _ENDS
        if record is not None:
            self.found.later += 1
            if ERASES in header:
                self.found.erases.add(record)
            elif small:
                self._later_ends.add(header[header.index('],"') + len('],"') + _CLOCK : -_HASH])
        elif small:
            at = len(f'["1","{self.name}","{number}')
            self._forms.add(header[at : at + _FORM])
            self._ends.add(header[at + _FORM + _CLOCK : -_HASH])

    def _check_bare(
        self,
        ids: Sequence[int],
        records: Sequence[int | None],
        headers: Sequence[str],
        payloads: Sequence[bytes | None],
    ) -> None:
        """Check rows of which some lack their payload, one by one."""
        rows = zip(ids, records, headers, payloads, strict=True)
        for number, (id_, record, header, payload) in enumerate(rows, self.number):
            self._check_whole(number, record, header)
            if payload is None:
                self.found.bare[id_ if record is None else record] = id_
            else:
                _compare_one(id_, header, payload)


def _name_of(record: int) -> str | None:
    """The name of a record's key; None for a number that is none."""
    return change_name(record) if 0 < record < 1 << 63 else None


def _compare(ids: Sequence[int], headers: Sequence[str], payloads: Sequence[bytes]) -> None:
    """Compare payload hashes with those in the headers, a block at a time; look closer only when one
    differs."""
    digests = [sha256(payload).digest() for payload in payloads]
    # 32 bytes and a zero are 43 characters and an "A". One encoding serves the whole block.
    named = "A".join([header[-_HASH:-2] for header in headers]) + "A"
    text = binascii.b2a_base64(b"\0".join(digests) + b"\0", newline=False).decode("ascii")
    if text.translate(_STANDARD) != named or max(map(len, payloads)) > PAYLOAD_LIMIT:
        for id_, header, payload in zip(ids, headers, payloads, strict=True):
            _compare_one(id_, header, payload)
    b"\n".join(payloads).decode()  # a text that is no UTF-8 could be hashed, but never read


def _compare_one(id_: int, header: str, payload: bytes) -> None:
    if sha(payload) != header[-_HASH:-2]:
        raise SyncError(PAYLOAD_CHANGED, change_name(id_))
    if len(payload) > PAYLOAD_LIMIT:
        raise SyncError(RECORD_TOO_LARGE, change_name(id_), size=len(payload), limit=PAYLOAD_LIMIT)
    payload.decode()
