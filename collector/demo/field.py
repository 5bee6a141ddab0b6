"""Field databases of the demonstration: three people record the county, meet, and disagree."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

from forms import Session
from forms import library as forms_library
from forms.attached import memory_lists, read_file
from sync import Replica, merge
from sync.names import replica_number

from ..library import LIST_KIND, install_library
from .filling import Filler, SeededContext
from .plans import form_of, plan
from .world import TEAM, Business, Inn, Unit, Visit, World

PEOPLE = {"an": "dem0an01", "bo": "dem0b002", "chen": "dem0ch03"}
"""Ids of the enumerators, which stand as authors in their changes."""

BEGIN = datetime(2021, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))
"""The survey goes on in spring, when the data year is over."""

UIDS = {"business": "/data/business_uid", "inn": "/data/inn_uid"}
Progress = Callable[[int], object]


def install(replica: Replica) -> None:
    """Forms, lists, and a round that says of itself that its data are made up."""
    (row, *_) = read_file(forms_library.lists()["round.csv"], "round.csv").rows
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*row, "synthetic"], lineterminator="\n")
    writer.writeheader()
    writer.writerow({**row, "synthetic": "yes"})
    replica.put_document(LIST_KIND, "round.csv", text.getvalue().encode())
    install_library(replica)


class Field:
    """Records a world into `folder/NAME.db`, one for each enumerator."""

    def __init__(self, world: World, folder: Path, seed: int, progress: Progress) -> None:
        self.world = world
        self.folder = folder
        self.rng = Random(f"{seed} field")  # noqa: S311 - reproducible examples, not secrets
        self.progress = progress
        self.lists = memory_lists(read_file(data, name) for name, data in forms_library.lists().items())
        self.rows: dict[str, list[dict[str, str]]] = {"businesses": [], "inns": []}
        self.forms = {name: forms_library.load(name) for name in forms_library.names()}
        self.fillers = {name: Filler(form, self.lists, self.rng) for name, form in self.forms.items()}
        self.replicas: dict[str, Replica] = {}

    def path(self, who: str) -> Path:
        """The database of an enumerator."""
        return self.folder / f"{who}.db"

    def make(self) -> None:
        """All databases, from nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for who in TEAM:
            self.replicas[who] = Replica.create(self.path(who), self.replica_name())
            install(self.replicas[who])
        try:
            for who in TEAM:
                self.record_all(who)
            # The laptops met: who comes later in the row has what the one before had recorded until then.
            for taker, giver in zip(TEAM[1:], TEAM, strict=False):
                merge(self.replicas[taker], [self.path(giver)])
            self.edit_all()
        finally:
            for replica in self.replicas.values():
                replica.close()

    def replica_name(self) -> str:
        """A name of a replica from the seed."""
        name = "0" + "".join(self.rng.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(7))
        replica_number(name)
        return name

    def record_all(self, who: str) -> None:
        """What one person recorded, village by village."""
        order = {village.code: place for place, village in enumerate(self.world.villages)}
        mine = [unit for unit in self.world.units() if unit.enumerator == who]
        mine.sort(key=lambda unit: order[unit.village.code])  # stable: in a village, employers come first
        first = min((order[unit.village.code] for unit in mine), default=0)
        with self.replicas[who].transaction():
            moment, today = BEGIN, -1
            for unit in mine:
                day = order[unit.village.code] - first
                moment = BEGIN + timedelta(days=day) if day != today else moment + timedelta(minutes=24)
                today = day
                self.record(who, unit, moment)
                self.progress(1)

    def record(self, who: str, unit: Unit, moment: datetime) -> None:
        """One record, filled in through its form."""
        form_id = form_of(unit)
        context = SeededContext(
            self.rng, moment.isoformat(timespec="milliseconds"), who, self.replicas[who].name
        )
        session = self.fillers[form_id].fill(plan(unit, self.rng), context)
        answers, reasons = session.finalise()
        unit.uid = answers.get(UIDS.get(form_id, ""), "")
        for name, row in session.entities():
            self.rows[name].append(row)
            self.lists.put(name, self.rows[name])
        unit.record = self.replicas[who].save(
            form=session.form.id,
            answers=answers,
            reasons=reasons,
            author=PEOPLE[who],
            scopes=(f"v:{unit.village.code}", f"p:{PEOPLE[who]}"),
            at=moment,
        )

    def edit_all(self) -> None:
        """Edits made after the laptops had met, by two people who did not see each other's; and deletions."""
        later = BEGIN + timedelta(days=30)
        for number, unit in enumerate(self.world.units()):
            at = later + timedelta(minutes=number)
            if unit.fate == "deleted":
                self.replicas[unit.enumerator].delete(
                    unit.record, "重复登记（示例）", author=PEOPLE[unit.enumerator], at=at
                )
            elif unit.fate == "conflict":
                path, values = contested(unit)
                for who, value in zip((unit.enumerator, unit.fate_with), values, strict=True):
                    self.edit(who, unit, {path: value}, at)
            elif unit.fate == "merged":
                self.edit(unit.enumerator, unit, {"/data/g_result/notes": "电话回访过（示例）"}, at)
                self.edit(unit.fate_with, unit, {"/data/g_env/story_willing": "yes"}, at)

    def edit(self, who: str, unit: Unit, changes: dict[str, str], at: datetime) -> None:
        """An edit in one person's database."""
        replica = self.replicas[who]
        state = replica.state(unit.record)
        context = SeededContext(self.rng, at.isoformat(timespec="milliseconds"), who, replica.name)
        session = Session(self.forms[form_of(unit)], self.lists, state.answers, state.reasons, context)
        for path, value in changes.items():
            session.answer(path, value)
        answers, reasons = session.finalise()
        replica.save(
            record=unit.record, form=state.form, answers=answers, reasons=reasons, author=PEOPLE[who], at=at
        )


def contested(unit: Unit) -> tuple[str, tuple[str, str]]:
    """An answer and the two values that two people gave it."""
    if isinstance(unit, Business):
        return "/data/g_work/workers_total", ("12", "15")
    if isinstance(unit, Inn):
        return "/data/g_inn/rooms", ("9", "11")
    if isinstance(unit, Visit):
        return "/data/g_people/returned_workers", ("21", "24")
    raise TypeError(type(unit).__name__)
