"""The demonstration on disk: field databases, a hub with accounts, a release, the books."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from forms import library as forms_library
from forms.attached import read_file
from sync import Replica, merge

from .. import app_db
from ..accounts import people
from ..problems import Problem
from ..release import release
from ..review import review_records
from .books import books
from .field import PEOPLE, Field, install
from .maker import Maker
from .world import TEAM, Village

FORMAT = 1
"""Counted up when the same seed gives other records, so that an old demonstration is made again."""

SUPERVISOR = "fang"
SUPERVISOR_ID = "dem0fa09"
NAMES = {"an": "安小川（示例）", "bo": "薄文（示例）", "chen": "陈禾（示例）", SUPERVISOR: "方主任（示例）"}


def password(username: str) -> str:
    """The password of a demonstration account. No secret: the servers listen on this computer alone."""
    return f"{username}-example-2020"


@dataclass(frozen=True)
class Recipe:
    """What a demonstration was made from; it is made again when this differs."""

    scale: str
    seed: int
    format: int = FORMAT


class Meter(Protocol):
    """Where progress goes: how far, and the key of the text that names the step."""

    def step(self, key: str, total: int) -> None:
        """A step begins; it has `total` parts."""

    def advance(self, count: int) -> None:
        """So many parts are done."""


class Demo:
    """A demonstration in a folder of its own."""

    def __init__(self, folder: Path, scale: str = "county", seed: int = 1) -> None:
        self.folder = folder
        self.recipe = Recipe(scale, seed)
        self.hub = folder / "hub.db"
        self.field = folder / "field"
        self.public = folder / "public"
        self.mark = folder / "demo.json"

    def sources(self) -> list[Path]:
        """The field databases in the order of the team."""
        return [self.field / f"{who}.db" for who in TEAM]

    def ready(self) -> bool:
        """It lies in the folder already, made from the same recipe and finished."""
        if not self.mark.is_file():
            return False
        return bool(json.loads(self.mark.read_text("utf-8")) == asdict(self.recipe))

    def build(self, meter: Meter) -> bool:
        """Makes it, the first field database merged, approved and released; False when it was there.

        Raises `Problem` HW-3710 for a folder that holds something else: nothing of it is touched.
        """
        if self.ready():
            return False
        self.clear()
        self.folder.mkdir(parents=True, exist_ok=True)
        # Written first, without a recipe: a build that was cut short is known as ours and made again.
        self.mark.write_text("{}\n", "utf-8")
        rows = read_file(forms_library.lists()["villages.csv"], "villages.csv").rows
        world = Maker(rows, self.recipe.scale, self.recipe.seed).make()
        meter.step("demo.step.field", len(world.units()))
        Field(world, self.field, self.recipe.seed, meter.advance).make()
        meter.step("demo.step.hub", 3)
        self.write_json("books.json", books(world))
        with Replica.create(self.hub) as hub:
            install(hub)
        self.accounts(world.villages)
        meter.advance(1)
        self.take(self.sources()[:1])
        meter.advance(2)
        self.write_json("demo.json", asdict(self.recipe))
        return True

    def take(self, sources: Sequence[Path]) -> None:
        """Merges databases into the hub, approves what nothing speaks against, makes a release."""
        with Replica.open(self.hub) as hub:
            merge(hub, sources)
            review_records(hub, "approved", [], author=SUPERVISOR_ID)
            release(hub, self.public)

    def complete(self, meter: Meter) -> None:
        """Merges what is left, approves and releases; a hub that has everything gets no new release."""
        with Replica.open(self.hub) as hub:
            report = merge(hub, self.sources())
        if report.taken:
            meter.step("demo.step.rest", 1)
            self.take(self.sources())
            meter.advance(1)

    def accounts(self, villages: Sequence[Village]) -> None:
        """Accounts on the hub, and for each enumerator on their own database."""
        with closing(app_db.connect(app_db.path_for(self.hub))) as connection:
            people.add(
                connection,
                SUPERVISOR,
                password(SUPERVISOR),
                name=NAMES[SUPERVISOR],
                role="supervisor",
                person_id=SUPERVISOR_ID,
            )
        for who, path in zip(TEAM, self.sources(), strict=True):
            codes = [village.code for village in villages if village.enumerator == who]
            for database in (self.hub, path):
                with closing(app_db.connect(app_db.path_for(database))) as connection:
                    people.add(
                        connection, who, password(who), name=NAMES[who], villages=codes, person_id=PEOPLE[who]
                    )

    def clear(self) -> None:
        """Removes an older demonstration; raises HW-3710 when the folder holds anything that is none."""
        if not self.folder.exists():
            return
        if not self.folder.is_dir() or (any(self.folder.iterdir()) and not self.mark.is_file()):
            raise Problem("HW-3710", str(self.folder))
        if self.mark.is_file():
            shutil.rmtree(self.folder)

    def write_json(self, name: str, value: object) -> None:
        """A JSON file of the demonstration."""
        text = json.dumps(value, ensure_ascii=False, indent=1)
        (self.folder / name).write_text(text + "\n", "utf-8")
