"""What a replica hands over: the logs that the other side lacks, documents that it does not hold, and, to those who
are given no whole logs, the changes that concern them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sync import canonical
from sync.change import ERASES, Header, read_header
from sync.interest import Interest, matches, may_name
from sync.names import NUMBER_BITS, NUMBER_MASK, replica_name, replica_number
from sync.replica import Document, Replica, documents, log
from sync.transfer.lines import LogHead, Medium, Pairs, Writer, log_line

PART = 256  # changes read at once: of a megabyte each they still fit into one text of SQLite
ROOM = 12_000_000  # characters of one batch: about 4 MB compressed
SCANNED = 200_000  # changes looked at for one answer
DocumentKey = tuple[str, str, str, str]  # kind, name, id, added


def document_keys(replica: Replica, scopes: Collection[str] | None = None) -> list[DocumentKey]:
    """`(kind, name, id, added)` of the documents that carry one of the scopes or none (None: all), sorted. Kinds
    that a hub makes for one replica (`documents.LOCAL`) are never among them."""
    rows = replica.db.execute("SELECT kind, name, id, added, scopes FROM document ORDER BY kind, name, id")
    wanted = None if scopes is None else frozenset(scopes)
    return [
        (kind, name, id_, added)
        for kind, name, id_, added, tags in rows
        if kind not in documents.LOCAL
        and (wanted is None or tags == "[]" or matches(wanted, canonical.decode(tags)))
    ]


def documents_digest(keys: Collection[DocumentKey]) -> str:
    """One text for a set of documents: equal sets, equal digests."""
    return canonical.sha(canonical.encode([list(key) for key in sorted(keys)]))


def documents_lacking(replica: Replica, wanted: Collection[DocumentKey]) -> Iterator[Document]:
    """The documents with these keys, in the order in which they came here."""
    keys = set(wanted)
    rows = replica.db.execute("SELECT seq, kind, name, id, added FROM document ORDER BY seq").fetchall()
    for seq, *key in rows:
        if tuple(key) in keys:
            yield documents.at(replica.db, seq)


def media_known(replica: Replica, beginnings: Collection[str] | None = None) -> Iterator[Medium]:
    """Every medium that is known here, or those whose digest begins with one of these (two letters each)."""
    for digest, media_type, size, added in replica.db.execute(
        "SELECT sha256, type, size, added FROM media ORDER BY sha256"
    ):
        if beginnings is None or digest[:2] in beginnings:
            yield Medium(digest, media_type, size, added)


def media_digests(replica: Replica) -> dict[str, str]:
    """First two letters of a medium's digest → one text for the set of the media known here that begin so: two
    sides find what they do not have in common without naming every medium."""
    running: dict[str, Any] = {}
    for (digest,) in replica.db.execute("SELECT sha256 FROM media ORDER BY sha256"):
        running.setdefault(digest[:2], sha256()).update(bytes.fromhex(digest))
    return {first: canonical.to_base64url(each.digest())[:11] for first, each in running.items()}


@dataclass(frozen=True, slots=True)
class Lack:
    """What of a log can be handed over: changes `first` to `last`."""

    replica: str
    first: int
    last: int

    @property
    def keys(self) -> tuple[int, int]:
        """First and last key."""
        base = replica_number(self.replica) << NUMBER_BITS
        return base | self.first, base | self.last


def lacking(replica: Replica, has: Mapping[str, int], most: int = NUMBER_MASK) -> list[Lack]:
    """For each log here of which the other side has less: the next stretch that can be handed over, about `most`
    changes long.

    A log whose key is known is cut only where its author signed, and what was not signed stays here; own changes
    whose payload was released are not handed over, nor what follows them."""
    found = (_lack(replica, number, has, tip.number, most) for number, tip in log.tips(replica.db).items())
    return [lack for lack in found if lack is not None]


def batch(replica: Replica, has: Mapping[str, int], most: int, room: int) -> list[Lack]:
    """Of what can be handed over the next about `most` changes, with texts of about `room` characters."""
    found = []
    for number, tip in log.tips(replica.db).items():
        if most <= 0 or room <= 0:
            break
        known = has.get(replica_name(number), 0)
        if known < tip.number:
            fits, used = fitting(replica, number, known, min(most, tip.number - known), room)
            lack = _lack(replica, number, has, tip.number, fits)
            if lack is not None:
                found.append(lack)
                count = lack.last - lack.first + 1
                most -= count
                # A signature may have drawn the end elsewhere.
                room -= used if count == fits else fitting(replica, number, known, count, 1 << 62)[1]
    return found


def fitting(replica: Replica, number: int, known: int, most: int, room: int) -> tuple[int, int]:
    """How many of the next `most` changes of a log after `known` have together at most `room` characters (at
    least one), and how many they have."""
    base = number << NUMBER_BITS
    size = "length(header) + coalesce(length(payload), 4)"
    ends = (base | known + 1, base | known + most)
    total = replica.db.execute(f"SELECT sum({size}) FROM change WHERE id BETWEEN ? AND ?", ends).fetchone()[0]
    if (total or 0) <= room:
        return most, int(total or 0)
    count = used = 0
    for (each,) in replica.db.execute(
        f"SELECT {size} FROM change WHERE id BETWEEN ? AND ? ORDER BY id", ends
    ):
        if count and used + each > room:
            break
        count, used = count + 1, used + each
    return count, used


def _lack(replica: Replica, number: int, has: Mapping[str, int], tip: int, most: int) -> Lack | None:
    name = replica_name(number)
    known = has.get(name, 0)
    last = _cut(replica, number, known, tip, most) if known < tip else known
    return Lack(name, known + 1, last) if last > known else None


def _cut(replica: Replica, number: int, known: int, tip: int, most: int) -> int:
    db, base = replica.db, number << NUMBER_BITS
    released = db.execute(
        "SELECT min(id) & 16777215 FROM released WHERE id BETWEEN ? AND ?", (base | known + 1, base | tip)
    ).fetchone()[0]
    end = tip if released is None else released - 1
    wanted = min(end, known + most)
    if documents.public_key(db, replica_name(number)) is None:
        return wanted
    # The last signature within reach; else the next one, however far.
    row = db.execute(
        "SELECT max(CASE WHEN id <= ?2 THEN id END), min(id) FROM signature WHERE id BETWEEN ?1 AND ?3",
        (base | known + 1, base | wanted, base | end),
    ).fetchone()
    cut = row[0] if row[0] is not None else row[1]
    return known if cut is None else int(cut) & NUMBER_MASK


def signatures(replica: Replica, has: Mapping[str, tuple[int, int]]) -> list[LogHead]:
    """For each log of which the other side has all that is signed here, but not the signature: the signature alone.
    `has`: name → (number, highest signed number) there."""
    found = []
    for number, tip in log.tips(replica.db).items():
        name = replica_name(number)
        known, signed = has.get(name, (0, 0))
        if signed < tip.signed <= known and documents.public_key(replica.db, name) is not None:
            found.append(LogHead(name, 0, 0, "", tip.signed, tip.signature))
    return found


def head_of(replica: Replica, lack: Lack) -> LogHead:
    """The line before a stretch."""
    number = replica_number(lack.replica)
    row = replica.db.execute("SELECT text FROM signature WHERE id = ?", (lack.keys[1],)).fetchone()
    digest = log.digest_at(replica.db, number, lack.last)
    return LogHead(lack.replica, lack.first, lack.last, digest, *((lack.last, row[0]) if row else (0, "")))


def write(
    replica: Replica, out: Writer, lack: Lack, step: Callable[[int], object] = lambda count: None
) -> None:
    """Write a stretch: before it the erasures of records in it whose payloads are gone. `step` is told how many
    more changes were read."""
    proofs = _erasures(replica, lack)
    for start in range(0, len(proofs), PART):
        out.excerpts(proofs[start : start + PART])
    out.line(log_line(head_of(replica, lack)))
    first, last = lack.keys
    for start in range(first, last + 1, PART):
        end = min(last, start + PART - 1)
        count = end - start + 1
        (text,) = replica.db.execute(_LINES, (start, end)).fetchone()
        out.raw(text, 2 * count)
        step(count)


# As `lines.pair_lines`, and in half the time: what is stored is what travels.
_LINES = (
    "SELECT CAST(group_concat(header || char(10) || coalesce(payload, 'null') || char(10), '') AS BLOB)"
    " FROM (SELECT header, payload FROM change WHERE id BETWEEN ? AND ? ORDER BY id)"
)


def _erasures(replica: Replica, lack: Lack) -> Pairs:
    if replica.db.execute("SELECT 1 FROM erased LIMIT 1").fetchone() is None:
        return []
    rows: Pairs = []
    for table in ("change", "excerpt"):
        rows += replica.db.execute(
            f"SELECT header, payload FROM {table} WHERE record IN (SELECT coalesce(record, id) FROM change"
            " WHERE id BETWEEN ? AND ? AND payload IS NULL) AND instr(header, ?)",
            (*lack.keys, ERASES),
        ).fetchall()
    return rows


def concerning(
    replica: Replica, interest: Interest, cursor: str, apart_from: str, most: int, room: int = ROOM
) -> tuple[list[tuple[Header, str, str | None]], str, bool]:
    """Changes that concern somebody and came here after `cursor` (`""`: from the beginning), apart from the log of
    their own replica: `(changes, cursor for the next call, whether there is more)`. At most `most`, with texts of
    about `room` characters, and out of the next `SCANNED` changes.

    A cursor is a hint: one of another interest, or of a state of this replica that is no more (it was restored),
    starts again."""
    whose = canonical.short_id(canonical.encode([interest.digest, apart_from]))
    seq, offset = _read_cursor(replica, whose, cursor)
    own = replica_number(apart_from) if apart_from else -1
    names = may_name(interest)
    found: list[tuple[Header, str, str | None]] = []
    scanned = 0
    for next_seq, first, last in log.ranges_after(replica.db, seq):
        if last >= first and first >> NUMBER_BITS != own:
            for _, _, text, payload in log.in_range(replica.db, first + offset, last):
                if len(found) >= most or room <= 0 or scanned >= SCANNED:
                    return found, _cursor(replica, whose, seq, offset), True
                offset += 1
                scanned += 1
                if any(name in text for name in names) and interest.wants(header := read_header(text)):
                    found.append((header, text, payload))
                    room -= len(text) + len(payload or "")
        seq, offset = next_seq, 0
    return found, _cursor(replica, whose, seq, offset), False


def _cursor(replica: Replica, whose: str, seq: int, offset: int) -> str:
    return ".".join((str(seq), str(offset), whose, _mark(replica, seq)))


def _mark(replica: Replica, seq: int) -> str:
    """What tells the row of `arrival` apart from another one that took its number after a restore."""
    row = replica.db.execute("SELECT first, last, at FROM arrival WHERE seq = ?", (seq,)).fetchone()
    return canonical.short_id(canonical.encode([str(member) for member in row])) if row else "0"


def _read_cursor(replica: Replica, whose: str, cursor: str) -> tuple[int, int]:
    parts = cursor.split(".")
    if len(parts) != 4 or not all(
        part.isdecimal() and part.isascii() and len(part) < 16 for part in parts[:2]
    ):
        return 0, 0
    seq, offset = int(parts[0]), int(parts[1])
    return (seq, offset) if cursor == _cursor(replica, whose, seq, offset) else (0, 0)
