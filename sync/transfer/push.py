"""Pushing: one batch of lines, packed by who has it and answered by who takes it (`docs/sync-protocol.md`, "push")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from sync.names import replica_number
from sync.problems import RENEWED
from sync.replica import Document, Replica, log
from sync.transfer import give
from sync.transfer.give import Lack
from sync.transfer.lines import (
    LogHead,
    Medium,
    Part,
    Reader,
    Stretch,
    Writer,
    document_line,
    log_line,
    medium_line,
)
from sync.transfer.take import Receipt, Rules, Taken, take

MOST = 5_000  # changes in a batch, about
PACKED_LIMIT = 64 << 20  # bytes of one request or answer
UNPACKED_LIMIT = 512 << 20  # bytes that may come out of it


@dataclass(slots=True)
class Batch:
    """What goes in one request or answer."""

    documents: list[Document] = field(default_factory=list)
    media: list[Medium] = field(default_factory=list)
    signatures: list[LogHead] = field(default_factory=list)
    stretches: list[Lack] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many changes it holds."""
        return sum(lack.last - lack.first + 1 for lack in self.stretches)

    def __bool__(self) -> bool:
        return bool(self.documents or self.media or self.signatures or self.stretches)

    def write(self, replica: Replica, writer: Writer) -> None:
        """Write it, documents before what names them."""
        for document in self.documents:
            writer.line(document_line(document))
        for medium in self.media:
            writer.line(medium_line(medium))
        for head in self.signatures:
            writer.line(log_line(head))
        for lack in self.stretches:
            give.write(replica, writer, lack)


def pack(replica: Replica, batch: Batch, out: BinaryIO) -> None:
    """The lines of a batch, as one state of the replica gives them; nobody can write meanwhile, so `out` must be a
    file and no wire."""
    writer = Writer(out.write)
    with replica.reading():
        batch.write(replica, writer)
    writer.end()


def fill(documents: Iterable[Document], room: int) -> tuple[list[Document], int]:
    """Of these documents the first that have room (at least one), and the room that is left."""
    chosen: list[Document] = []
    for document in documents:
        if chosen and len(document.data) > room:
            break
        chosen.append(document)
        room -= len(document.data)
    return chosen, room


def receive(
    hub: Replica, pieces: Iterable[bytes], source: str, rules: Rules, *, lang: str = "en"
) -> dict[str, Any]:
    """Take what was pushed, and answer `{"receipts": [[replica, number, digest, at, safe], …], "taken", "already",
    "documents", "problems", "notes"}`: a receipt for each log that stood in it, up to where it stood there and is
    here. `problems` are what was not taken, `notes` speak of what was.

    Raises HW-2036, HW-2037, HW-2015, HW-2025 when nothing of it can be taken."""
    named: dict[str, int] = {}
    taken = take(hub, noting(Reader(pieces, UNPACKED_LIMIT, packed=None).parts(), named), source, rules)
    return {
        "receipts": [receipt.as_list() for receipt in receipts(hub, named)],
        **counts(taken),
        "problems": [problem.as_dict(lang) for problem in taken.problems],
        # That the hub itself goes on under a new name is not the sender's affair.
        "notes": [note.as_dict(lang) for note in taken.notes if note.code != RENEWED],
    }


def counts(taken: Taken) -> dict[str, int]:
    """How much came: `taken`, `already`, `excerpts`, `documents`."""
    return {
        "taken": taken.taken,
        "already": taken.already,
        "excerpts": taken.excerpts,
        "documents": taken.documents,
    }


def noting(parts: Iterable[Part], named: dict[str, int]) -> Iterator[Part]:
    for part in parts:
        if isinstance(part, Stretch):
            named[part.head.replica] = max(part.head.last, part.head.signed, named.get(part.head.replica, 0))
        yield part


def receipts(hub: Replica, named: dict[str, int]) -> list[Receipt]:
    """What is committed here of logs, each up to the number that was named at most."""
    safe = dict(hub.db.execute("SELECT replica, number FROM backed_up"))
    found = []
    for name, last in named.items():
        replica = replica_number(name)
        number = min(log.tip(hub.db, replica).number, last)
        if number:
            digest = log.digest_at(hub.db, replica, number)
            at = log.arrived_at(hub.db, replica << 24 | number)
            found.append(Receipt(name, number, digest, at, safe.get(replica, 0)))
    return found


def accepted(replica: Replica, receipt: list[str]) -> tuple[str, int, int] | None:
    """`(replica, number, safe)` of a receipt that counts: its digest is the one here at that number. None for any
    other."""
    name, number, digest, _, safe = receipt
    if not log.tip(replica.db, replica_number(name)).number >= int(number) > 0:
        return None
    if log.digest_at(replica.db, replica_number(name), int(number)) != digest:
        return None
    return name, int(number), int(safe)
