"""A supervisor's stick as it comes in at night: twelve databases, and not all of them in order."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from collector import app_db
from collector.accounts import people
from collector.library import current_form, install_library
from forms.library import load
from sync import Replica, merge
from sync.replica.schema import migrations

TEAM = {
    "an": "安小川",
    "bo": "薄文",
    "chen": "陈禾",
    "ding": "丁一",
    "fu": "傅青",
    "gao": "高岩",
    "hu": "胡月",
    "jin": "金河",
    "kang": "康宁",
    "lin": "林海",
}
"""Who has an account at the hub. `mei` records too and has none."""

TRUNCATED, CLONE, LAST_YEAR, MERGED, IN_WAL = "gao.db", "an copy.db", "hu.db", "jin.db", "kang.db"
LATE = 5  # records that stand in the WAL only
WENT_ON = 8  # records that An made after the copy; whoever has the copy made half as many
VILLAGES = [f"v:1405219019{number:02d}" for number in range(8)]
SAID = ("yes", "no", "household", "12", "2018", "2018-03-11", "农家乐", "村头超市", "35.68123", "修理加工")


@dataclass(frozen=True)
class Stick:
    """The hub, the folder with the twelve, and how many records of each sound one the hub does not have."""

    hub: Path
    folder: Path
    fresh: dict[str, int]


class Recorder:
    """Fills the databases of a team, in the built-in form of a business."""

    def __init__(self, folder: Path, records: int, photos: int, photo_bytes: int) -> None:
        self.folder, self.records = folder, records
        self.photos, self.photo_bytes = photos, photo_bytes
        self.random = random.Random(12)
        self.layout = load("business").layout

    def device(self, name: str) -> Path:
        """A new database with its records and photos."""
        path = self.folder / f"{name}.db"
        with Replica.create(path) as replica:
            with replica.transaction():
                install_library(replica)
            self.record(replica, name, self.records)
            for _ in range(self.photos):
                replica.put_media(self.random.randbytes(self.photo_bytes), "image/jpeg")
        return path

    def record(self, replica: Replica, author: str, count: int) -> None:
        """More records."""
        form = current_form(replica, "business").version_id
        with replica.transaction():
            for number in range(count):
                scopes = [f"p:{author}", VILLAGES[number // 40 % len(VILLAGES)]]
                replica.save(form=form, answers=self.answers(), author=author, scopes=scopes)

    def answers(self) -> dict[str, str]:
        """Six of ten questions answered, one to three founders."""
        found: dict[str, str] = {}
        self._fill(self.layout, "", found)
        return found

    def _fill(self, layout: Sequence[Any], prefix: str, found: dict[str, str]) -> None:
        for entry in layout:
            if isinstance(entry, str) or len(entry) == 1:
                path = entry if isinstance(entry, str) else entry[0]
                if self.random.random() < 0.6:
                    found[prefix + path] = self.random.choice(SAID)
                continue
            for number in range(self.random.randrange(1, 4)):
                instance = f"{prefix}{entry[0]}[k{number}f3]"
                found[instance] = f"a{number}"
                self._fill(entry[1], f"{instance}/", found)


def build(folder: Path, records: int = 300, photos: int = 6, photo_bytes: int = 300_000) -> Stick:
    """The stick in `folder/stick`, the hub beside it; `records` of each device, each with some photos."""
    stick = folder / "stick"
    stick.mkdir(parents=True)
    recorder = Recorder(stick, records, photos, photo_bytes)
    hub = folder / "office" / "hub.db"
    with Replica.create(hub) as replica, replica.transaction():
        install_library(replica)
    fresh = {f"{name}.db": records for name in ("bo", "chen", "ding", "fu", "lin", "mei")}
    for path in fresh:
        recorder.device(Path(path).stem)
    fresh["an.db"] = records + WENT_ON
    _clone(recorder)
    truncated = recorder.device(Path(TRUNCATED).stem)
    with truncated.open("r+b") as file:
        file.truncate(truncated.stat().st_size * 2 // 3)
    _to_last_year(recorder.device(Path(LAST_YEAR).stem))
    fresh[LAST_YEAR] = records
    with Replica.open(hub) as replica:
        merge(replica, [recorder.device(Path(MERGED).stem)])
    fresh[MERGED] = 0
    _leave_wal(recorder)
    fresh[IN_WAL] = records + LATE
    _accounts(hub)
    return Stick(hub, stick, fresh)


def _accounts(hub: Path) -> None:
    with closing(app_db.connect(app_db.path_for(hub))) as connection:
        for username, name in TEAM.items():
            people.add(connection, username, f"{username}-password", name=name, person_id=username)
        people.add(connection, "fang", "fang-password", name="方主任", role="supervisor")


def _clone(recorder: Recorder) -> None:
    """An's database was copied, and both went on."""
    original = recorder.device("an")
    copy = recorder.folder / CLONE
    shutil.copy(original, copy)
    for path, count in ((original, WENT_ON), (copy, WENT_ON // 2)):
        with Replica.open(path) as replica:
            recorder.record(replica, "an", count)


def _to_last_year(path: Path) -> None:
    """Turn a database into one of schema version 1, as its migration alone makes it."""
    old = path.with_suffix(".old")
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        migrations.apply(Database(db), stop_before="0002_roads")
        db.execute("ATTACH ? AS new", (str(path),))
        for table in ("meta", "change", "log", "block", "arrival", "document", "content", "media"):
            db.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
        db.execute("DETACH new")
    old.replace(path)


def _leave_wal(recorder: Recorder) -> None:
    """Copy a database that is open in WAL mode: its last records stand in the WAL beside it."""
    name = Path(IN_WAL).stem
    path = recorder.device(name)
    with Replica.open(path) as replica:
        replica.db.execute("PRAGMA journal_mode = wal")
        replica.db.execute("PRAGMA wal_autocheckpoint = 0")
        recorder.record(replica, name, LATE)
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", f"{path}.copy{end}")
    for end in ("", "-wal"):
        Path(f"{path}.copy{end}").replace(f"{path}{end}")
