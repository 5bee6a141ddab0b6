"""The change log: appending, tips and digests, arrival order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sync import chain
from sync.names import NUMBER_BITS, NUMBER_MASK, replica_number
from sync.problems import LOG_FULL, SyncError

Row = tuple[int, int | None, str, str | None]  # id, record, header, payload


@dataclass(frozen=True, slots=True)
class Tip:
    """How far a replica's log is known: highest number, digest there, number and text of the last
    signature."""

    replica: int
    number: int
    digest: str
    signed: int = 0
    signature: str = ""


def tips(db: sqlite3.Connection, schema: str = "main") -> dict[int, Tip]:
    """The tip of every log in the file, by replica number."""
    rows = db.execute(f"SELECT replica, tip, digest, signed, signature FROM {schema}.log ORDER BY replica")
    return {row[0]: Tip(*row) for row in rows}


def tips_beside(db: sqlite3.Connection, schema: str) -> list[tuple[Tip, Tip]]:
    """The tip of every log in an attached file, after what is here of the same log (number 0 for nothing)."""
    here = tips(db)
    return [(here.get(number, Tip(number, 0, "")), there) for number, there in tips(db, schema).items()]


def tip(db: sqlite3.Connection, replica: int) -> Tip:
    """The tip of one log; number 0 and digest `""` when nothing of it is here."""
    row = db.execute(
        "SELECT replica, tip, digest, signed, signature FROM log WHERE replica = ?", (replica,)
    ).fetchone()
    return Tip(*row) if row else Tip(replica, 0, "")


def headers(db: sqlite3.Connection, replica: int, first: int, last: int, schema: str = "main") -> list[str]:
    """Headers `first` to `last` of a log, in order."""
    base = replica << NUMBER_BITS
    rows = db.execute(
        f"SELECT header FROM {schema}.change WHERE id BETWEEN ? AND ? ORDER BY id",
        (base | first, base | last),
    )
    return [row[0] for row in rows]


def block_digest(db: sqlite3.Connection, replica: int, number: int, schema: str = "main") -> str:
    """Digest at the end of the last full block before `number`'s block; `""` when it is in the first."""
    last = chain.block_start(number) - 1
    if last < 1:
        return ""
    row = db.execute(
        f"SELECT digest FROM {schema}.block WHERE id = ?", (replica << NUMBER_BITS | last,)
    ).fetchone()
    return str(row[0]) if row else ""


def blocks(db: sqlite3.Connection, replica: int) -> list[tuple[int, str]]:
    """`(number, digest)` at the end of each full block of a log."""
    base = replica << NUMBER_BITS
    query = "SELECT id & 16777215, digest FROM block WHERE id BETWEEN ? AND ? ORDER BY id"
    return db.execute(query, (base, base | NUMBER_MASK)).fetchall()


def digest_at(db: sqlite3.Connection, replica: int, number: int, schema: str = "main") -> str:
    """The chain digest at any number that the file holds."""
    if number < 1:
        return ""
    part = headers(db, replica, chain.block_start(number), number, schema)
    return chain.link(block_digest(db, replica, number, schema), part)


def chain_at(db: sqlite3.Connection, before: Tip) -> chain.Chain:
    """The chain of a log at its tip, ready to grow."""
    number = before.number
    closed = block_digest(db, before.replica, number + 1)
    unfinished = headers(db, before.replica, chain.block_start(number + 1), number)
    return chain.Chain(number, closed, unfinished)


def extend(
    db: sqlite3.Connection, replica: int, before: Tip, added: Sequence[str]
) -> tuple[str, list[tuple[int, str]]]:
    """Digest after appending headers to a log, and the `(id, digest)` rows of the blocks that became full."""
    grown = chain_at(db, before)
    grown.add(added)
    return grown.digest, blocks_of(replica, grown)


def blocks_of(replica: int, grown: chain.Chain) -> list[tuple[int, str]]:
    """The `(id, digest)` rows of the blocks that became full."""
    base = replica << NUMBER_BITS
    return [(base | number, digest) for number, digest in grown.full]


def advance(db: sqlite3.Connection, tip_: Tip, blocks: Sequence[tuple[int, str]]) -> None:
    """Store a log's new tip and the digests of its full blocks."""
    db.execute(
        "INSERT OR REPLACE INTO log (replica, tip, digest, signed, signature) VALUES (?, ?, ?, ?, ?)",
        (tip_.replica, tip_.number, tip_.digest, tip_.signed, tip_.signature),
    )
    db.executemany("INSERT INTO block (id, digest) VALUES (?, ?)", blocks)
    if tip_.signature:
        db.execute(
            "INSERT OR REPLACE INTO signature (id, text) VALUES (?, ?)",
            (tip_.replica << NUMBER_BITS | tip_.signed, tip_.signature),
        )


def cut(db: sqlite3.Connection, replica: int, number: int) -> None:
    """Take a log out of the file from a number on, with all that speaks of those places in it."""
    base = replica << NUMBER_BITS
    ends = (base | number, base | NUMBER_MASK)
    digest = digest_at(db, replica, number - 1)
    for table in ("change", "block", "signature"):
        db.execute(f"DELETE FROM {table} WHERE id BETWEEN ? AND ?", ends)
    # The rows of `arrival` keep their places: cursors stand at them.
    db.execute("UPDATE arrival SET last = ?1 - 1 WHERE first < ?1 AND last BETWEEN ?1 AND ?2", ends)
    db.execute("UPDATE arrival SET first = 0, last = -1 WHERE first BETWEEN ? AND ?", ends)
    signed = db.execute(
        "SELECT id & 16777215, text FROM signature WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1",
        (base, base | number - 1),
    ).fetchone()
    if number > 1:
        advance(db, Tip(replica, number - 1, digest, *(signed or (0, ""))), [])
        db.execute("UPDATE backed_up SET number = min(number, ?) WHERE replica = ?", (number - 1, replica))
    else:
        db.execute("DELETE FROM log WHERE replica = ?", (replica,))
        db.execute("DELETE FROM backed_up WHERE replica = ?", (replica,))


def arrive(db: sqlite3.Connection, replica: int, first: int, last: int, at: str) -> None:
    """Note that an unbroken range of a log came here; `at` is ISO time."""
    base = replica << NUMBER_BITS
    db.execute("INSERT INTO arrival (first, last, at) VALUES (?, ?, ?)", (base | first, base | last, at))


def arrived_at(db: sqlite3.Connection, key: int) -> str:
    """ISO time at which a change was committed here; `""` when it is not here."""
    row = db.execute(
        "SELECT at FROM arrival WHERE first <= ? AND last >= ? ORDER BY first DESC LIMIT 1", (key, key)
    ).fetchone()
    return str(row[0]) if row else ""


def append(
    db: sqlite3.Connection, replica: int, record: int | None, header: str, payload: str, at: str
) -> int:
    """Append one change to a log; its number must be the one after the tip (`next_number`). Returns its
    key."""
    before = tip(db, replica)
    number = before.number + 1
    digest, blocks = extend(db, replica, before, [header])
    key = replica << NUMBER_BITS | number
    db.execute(
        "INSERT INTO change (id, record, header, payload) VALUES (?, ?, ?, ?)", (key, record, header, payload)
    )
    advance(db, Tip(replica, number, digest, before.signed, before.signature), blocks)
    arrive(db, replica, number, number, at)
    return key


def append_all(
    db: sqlite3.Connection, replica: int, rows: Sequence[tuple[int | None, str, str]], at: str
) -> None:
    """Append changes `(record, header, payload)` to a log in one stretch; the first header must carry the number
    after the tip (`next_number`)."""
    if not rows:
        return
    before = tip(db, replica)
    last = before.number + len(rows)
    if last > NUMBER_MASK:
        raise SyncError(LOG_FULL)
    digest, blocks = extend(db, replica, before, [header for _, header, _ in rows])
    first = replica << NUMBER_BITS | before.number + 1
    db.executemany(
        "INSERT INTO change (id, record, header, payload) VALUES (?, ?, ?, ?)",
        [(key, *row) for key, row in enumerate(rows, first)],
    )
    advance(db, Tip(replica, last, digest, before.signed, before.signature), blocks)
    arrive(db, replica, before.number + 1, last, at)


def next_number(db: sqlite3.Connection, replica: int) -> int:
    """The number that the next change of a log takes; HW-2029 when the log is full."""
    number = tip(db, replica).number + 1
    if number > NUMBER_MASK:
        raise SyncError(LOG_FULL)
    return number


def one(db: sqlite3.Connection, key: int) -> Row | None:
    """One change of a log or an excerpt, or None."""
    row: Row | None = db.execute(
        "SELECT id, record, header, payload FROM change WHERE id = ?1 UNION ALL"
        " SELECT id, record, header, payload FROM excerpt WHERE id = ?1",
        (key,),
    ).fetchone()
    return row


def of_record(db: sqlite3.Connection, record: int) -> list[Row]:
    """All changes of a record: its creation, the others in the order of their keys, then excerpts (in which the
    creation too names its record)."""
    rows = db.execute(
        "SELECT id, record, header, payload FROM change WHERE id = ?1 AND record IS NULL UNION ALL"
        " SELECT id, record, header, payload FROM change WHERE record = ?1 UNION ALL"
        " SELECT id, record, header, payload FROM excerpt WHERE record = ?1",
        (record,),
    )
    return rows.fetchall()


def later(db: sqlite3.Connection) -> Iterator[int]:
    """The keys of all changes that began no record, in no order. Read from the index, which holds those alone: the
    table would be read through, payloads and all."""
    yield from (
        row[0]
        for row in db.execute("SELECT id FROM change INDEXED BY change_record WHERE record IS NOT NULL")
    )


def records_with(db: sqlite3.Connection, text: str) -> list[int]:
    """Records of which some payload holds a text (one that JSON does not escape). Reads every payload."""
    rows = db.execute(
        "SELECT DISTINCT coalesce(record, id) FROM change WHERE instr(payload, ?) ORDER BY 1", (text,)
    )
    return [row[0] for row in rows]


def authors_apart_from(db: sqlite3.Connection, replicas: Collection[str]) -> set[str]:
    """Who wrote in the logs of other replicas than these. Reads every header."""
    own = [replica_number(name) for name in replicas]
    rows = db.execute(
        "SELECT DISTINCT json_extract(header, '$[7]') FROM change"
        " WHERE id >> 24 NOT IN (SELECT value FROM json_each(?))",
        (json.dumps(own),),
    )
    return {author for (author,) in rows}


def ranges_after(db: sqlite3.Connection, cursor: int) -> Iterator[tuple[int, int, int]]:
    """`(seq, first, last)` of the ranges that arrived after `cursor`, in order of arrival."""
    yield from db.execute("SELECT seq, first, last FROM arrival WHERE seq > ? ORDER BY seq", (cursor,))


def in_range(db: sqlite3.Connection, first: int, last: int) -> Iterator[Row]:
    """The changes of one range of keys."""
    yield from db.execute(
        "SELECT id, record, header, payload FROM change WHERE id BETWEEN ? AND ? ORDER BY id", (first, last)
    )
