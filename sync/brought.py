"""What came in one go, counted: new records by form, other changes by kind, whose they are."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sync.change import read_header
from sync.names import NUMBER_BITS, replica_name, replica_number
from sync.replica import Replica, intake, log


@dataclass(slots=True)
class Brought:
    """`records`: new records by the name of their form (by the id of the form version where that is not known here).
    `kinds`: the other changes by kind (`edit`, `settle`, `delete`, `review`, `withdraw`, `erase`). `people`: changes by
    author, `recorded` the new records among them; `devices`: changes by replica."""

    records: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    recorded: Counter[str] = field(default_factory=Counter)
    devices: Counter[str] = field(default_factory=Counter)

    @property
    def changes(self) -> int:
        """All of it."""
        return self.records.total() + self.kinds.total()

    def add(self, other: Brought) -> None:
        """Count another one's too."""
        self.records += other.records
        self.kinds += other.kinds
        self.people += other.people
        self.recorded += other.recorded
        self.devices += other.devices

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        names = ("records", "kinds", "people", "recorded", "devices")
        return {name: dict(sorted(getattr(self, name).items())) for name in names}


def brought(hub: Replica, id_: int | None) -> Brought:
    """What an intake brought; nothing for None (what came brought no change)."""
    found = Brought()
    if id_ is None:
        return found
    forms: Counter[str] = Counter()
    for first, last, _ in intake.ranges(hub.db, id_):
        found.devices[replica_name(first >> NUMBER_BITS)] += last - first + 1
        for created, form, author, kind in _facts(hub.db, first, last):
            found.people[author] += 1
            if created:
                forms[form] += 1
                found.recorded[author] += 1
            else:
                found.kinds[kind] += 1
    for key, record, _ in intake.excerpts(hub.db, id_):
        row = log.one(hub.db, key)
        header = read_header(row[2]) if row else None
        if header is not None:
            found.people[header.author] += 1
            found.devices[header.replica] += 1
            if key == record:
                forms[header.form] += 1
                found.recorded[header.author] += 1
            else:
                found.kinds[header.kind] += 1
    for form, count in forms.items():
        found.records[hub.form_id(form) or form] += count
    return found


def author_of(hub: Replica, replica: str) -> str:
    """Who made the latest change of a log that is here; `""` when nothing of it is."""
    number = replica_number(replica)
    row = log.one(hub.db, number << NUMBER_BITS | log.tip(hub.db, number).number)
    return read_header(row[2]).author if row else ""


_FORM, _AUTHOR = 9, 13  # of the pieces between the quotation marks of a creation's header


def _facts(db: sqlite3.Connection, first: int, last: int) -> Iterator[tuple[bool, str, str, str]]:
    """`(creates, form, author, kind)` of each change of a range."""
    query = "SELECT record IS NULL, header FROM change WHERE id BETWEEN ? AND ? ORDER BY id"
    for created, text in db.execute(query, (first, last)):
        if created and "\\" not in text:
            pieces = text.split('"', _AUTHOR + 1)
            yield True, pieces[_FORM], pieces[_AUTHOR], "edit"
        else:
            header = read_header(text)
            yield bool(created), header.form, header.author, header.kind
