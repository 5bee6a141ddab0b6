"""The same records as replica files and as plain tables: what the benchmarks of the merge are measured on."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from benchmarks.bench_merge import answers_of
from forms.library import load
from sync import Replica, chain
from sync.canonical import encode, encode_trusted, sha
from sync.change import new_salt
from sync.clock import clock_at
from sync.layout import Layout
from sync.names import NUMBER_BITS, change_key, replica_number
from sync.replica import log

TYPES = ("TEXT", "INTEGER", "REAL", "TEXT", "TEXT")
START = 1_790_000_000_000  # milliseconds: the first clock
POOL = 2_000  # different sets of answers; salts make every payload another
VILLAGES = [f"v:1405219019{number:02d}" for number in range(8)]


@dataclass(frozen=True)
class Shape:
    """A form as the benchmark needs it: its layout, and answers packed by it."""

    form_id: str
    layout: list[Any]
    pool: list[list[Any]]

    @property
    def columns(self) -> list[str]:
        """Column definitions of the plain typed table, one for each member of the layout; repeats as JSON."""
        return [
            f"c{n} {'TEXT' if self.repeated(n) else TYPES[n % len(TYPES)]}" for n in range(len(self.layout))
        ]

    def repeated(self, place: int) -> bool:
        """Whether a member of the layout is a repeat."""
        return not isinstance(self.layout[place], str) and len(self.layout[place]) == 2

    def typed(self, values: Sequence[Any]) -> list[str | None]:
        """The same answers for the plain table."""
        row = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
        return [value or None for value in row] + [None] * (len(self.layout) - len(row))


def short_form() -> Shape:
    """25 answers, as `bench_merge` has them."""
    chance = random.Random(25)
    return Shape("bench", [f"/data/c{n}" for n in range(25)], [answers_of(chance) for _ in range(POOL)])


def business_form() -> Shape:
    """The built-in `business` form: its layout, six of ten questions answered, one to three instances a repeat."""
    chance = random.Random(26)
    layout = list(load("business").layout)
    return Shape("business", layout, [_fill(layout, chance) for _ in range(POOL)])


def _fill(layout: Sequence[Any], chance: random.Random) -> list[Any]:
    values: list[Any] = []
    answers = answers_of(chance)
    for place, entry in enumerate(layout):
        if not isinstance(entry, str) and len(entry) == 2:
            instances = range(chance.randrange(1, 4))
            values.append([[f"k{n}f{place}", f"a{n}", _fill(entry[1], chance)] for n in instances])
        else:
            values.append(answers[place % len(answers)] if chance.random() < 0.6 else "")
    while values and not values[-1]:
        values.pop()
    return values


@dataclass(frozen=True)
class Edit:
    """An edit to be: of which record (a change's name), which member of the layout, the clock in seconds."""

    record: str
    member: int
    second: int


class Device:
    """One replica, and the plain table of the same records under instanceIDs (`uuid:…`), as surveys
    key them.

    It is filled without the checks of `Replica.save`: the merge checks every byte of it, so what is written
    wrongly here is not measured but refused."""

    def __init__(self, folder: Path, name: str, shape: Shape) -> None:
        self.path, self.plain = folder / f"{name}.db", folder / f"{name}-plain.db"
        self.shape = shape
        Layout.compile(shape.layout)
        with Replica.create(self.path) as replica:
            self.form = replica.put_form(shape.form_id, "1", b"<xform/>", shape.layout)
            self.name = replica.name
        self.number = 0
        self.scopes = [encode(["p:" + name, village]) for village in VILLAGES]
        self.author = sha(name)[:12]
        db = sqlite3.connect(self.plain)
        db.execute(f"CREATE TABLE record (id TEXT PRIMARY KEY, {', '.join(shape.columns)})")
        db.close()

    def create(self, count: int, *, plain: bool = True) -> list[str]:
        """Add records; their names."""
        first = self.number + 1
        self._write(((None, n) for n in range(count)), plain)
        return [f"{self.name}-{number}" for number in range(first, first + count)]

    def edit(self, edits: Iterable[Edit], *, plain: bool = True) -> None:
        """Add edits, each with the record's creation as parent."""
        self._write(((edit, n) for n, edit in enumerate(edits)), plain)

    def copy_log(self, other: Device) -> None:
        """Hold another device's changes too, as a device holds what it was given to edit."""
        with Replica.open(self.path) as replica:
            replica.db.execute("ATTACH ? AS other", (str(other.path),))
            for table in ("change", "log", "block"):
                replica.db.execute(f"INSERT INTO {table} SELECT * FROM other.{table}")
            replica.db.execute(
                "INSERT INTO arrival (first, last, at) SELECT first, last, at FROM other.arrival"
            )

    def _write(self, wanted: Iterator[tuple[Edit | None, int]], plain: bool) -> None:
        rows: list[log.Row] = []
        typed: list[list[str | None]] = []
        with Replica.open(self.path) as replica, replica.transaction():
            for edit, n in wanted:
                row, values = self._change(edit, n)
                rows.append(row)
                name = edit.record if edit else f"{self.name}-{self.number}"
                typed.append([f"uuid:{uuid5(NAMESPACE_OID, name)}", *self.shape.typed(values)])
                if len(rows) == 50 * chain.BLOCK:
                    self._store(replica.db, rows, typed if plain else [])
                    rows, typed = [], []
            self._store(replica.db, rows, typed if plain else [])

    def _change(self, edit: Edit | None, n: int) -> tuple[log.Row, list[Any]]:
        self.number += 1
        number = self.number
        values = list(self.shape.pool[(number * 7 + len(self.name)) % POOL])
        changed = ["*"]
        if edit:
            values[edit.member] = f"{number}"
            changed = [self.shape.layout[edit.member]]
        payload = encode_trusted(["1", new_salt(), values, [], changed, []])
        clock = clock_at(START + (edit.second if edit else n) * 1000, n % 7)
        record, parents = (edit.record, f'["{edit.record}"]') if edit else ("", "[]")
        scopes = self.scopes[number // 40 % len(self.scopes)]  # a village, then the next
        header = (
            f'["1","{self.name}","{number}","{record}","{self.form}",{parents},"{clock}","{self.author}",'
            f'"edit",{scopes},"{sha(payload)}"]'
        )
        key = replica_number(self.name) << NUMBER_BITS | number
        return (key, change_key(record) if record else None, header, payload), values

    def _store(self, db: sqlite3.Connection, rows: list[log.Row], typed: list[list[str | None]]) -> None:
        if not rows:
            return
        before = log.tip(db, replica_number(self.name))
        digest, blocks = log.extend(db, before.replica, before, [row[2] for row in rows])
        db.executemany("INSERT INTO change (id, record, header, payload) VALUES (?, ?, ?, ?)", rows)
        tip = log.Tip(before.replica, before.number + len(rows), digest)
        log.advance(db, tip, blocks)
        log.arrive(db, before.replica, before.number + 1, tip.number, "2026-01-01T00:00:00.000Z")
        if typed:
            plain = sqlite3.connect(self.plain)
            marks = ", ".join("?" * len(typed[0]))
            plain.executemany(f"INSERT OR REPLACE INTO record VALUES ({marks})", typed)
            plain.commit()
            plain.close()


def creates(folder: Path, shape: Shape, devices: int, records: int) -> list[Device]:
    """`records` records made on `devices` devices."""
    made = [Device(folder, f"d{n}", shape) for n in range(devices)]
    for device in made:
        device.create(records // devices)
    return made


def mixed(folder: Path, shape: Shape, devices: int, changes: int) -> list[Device]:
    """A tenth are edits: of a fiftieth of `changes` shared records, each edited on five devices at once."""
    base = Device(folder, "base", shape)
    shared = base.create(changes // 50)
    made = [Device(folder, f"d{n}", shape) for n in range(devices)]
    edits: list[list[Edit]] = [[] for _ in made]
    chance = random.Random(27)
    for place, record in enumerate(shared):
        for turn in range(5):
            member = chance.randrange(len(shape.layout))
            edits[(place + turn * (devices // 5)) % devices].append(
                Edit(record, member, 90_000 + place + turn)
            )
    for device, mine in zip(made, edits, strict=True):
        device.copy_log(base)
        device.create((changes - len(shared) - 5 * len(shared)) // devices)
        device.edit(mine)
    return [base, *made]


def concurrent(folder: Path, shape: Shape, devices: int, records: int) -> tuple[Device, list[Device]]:
    """`records` records of one device, and `devices` others that each edited all of them at once."""
    base = Device(folder, "base", shape)
    shared = base.create(records, plain=False)
    made = [Device(folder, f"d{n}", shape) for n in range(devices)]
    chance = random.Random(28)
    for turn, device in enumerate(made):
        device.edit(
            [Edit(record, chance.randrange(len(shape.layout)), 90_000 + turn) for record in shared],
            plain=False,
        )
    return base, made
