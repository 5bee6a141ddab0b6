"""An SQLite replica of a network: a person at a laptop, and the files that are carried away from it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import NamedTuple

import pytest

from sync import RecordState, Replica, SyncError, keys
from sync.change import ERASES
from sync.interest import Interest
from sync.names import change_key, replica_number
from sync.replica import erasure, excerpt, log, state
from tests.sync.network.clocks import STAMPS, Clock
from tests.sync.network.forms import IDS, NOTHING, VERSIONS, Act, Content, acted, publish, readable


class Draft(NamedTuple):
    """A record as it was when a person began to edit it; what has come since is not seen."""

    record: str
    heads: tuple[str, ...]
    content: Content


_ERASES = "SELECT id FROM change WHERE instr(header, ?)"


class Laptop:
    """A person at a replica. `key` is None for a machine that signs nothing."""

    def __init__(self, path: Path, name: str, clock: Clock, key: keys.PrivateKey | None) -> None:
        self.path, self.clock, self.key = path, clock, key
        self.replica = Replica.create(path, name=name)
        self.drafts: list[Draft] = []
        publish(self.replica, "1")

    def at_work(self) -> Replica:
        """The replica, on this machine's clock."""
        self.clock.world.turn(self.clock)
        return self.replica

    def learn(self, version: str) -> None:
        """A version of the form comes here."""
        publish(self.at_work(), version)

    def knows(self, version: str) -> bool:
        """Whether a version of the form is here."""
        return self.replica.layout(IDS[version]) is not None

    def records(self) -> list[RecordState]:
        """Records of which something is here and that were not erased, in the order of their names."""
        return [each for each in self.replica.states() if not self.has_erased(each.record)]

    def has_erased(self, record: str) -> bool:
        """Whether it is known here that a record was erased."""
        return erasure.is_erased(self.replica.db, change_key(record))

    def editable(self) -> list[RecordState]:
        """Records that the app here could open in their form."""
        return [each for each in self.records() if each.form_id and readable(each.answers)]

    # What a person does

    def create(self, version: str, acts: Sequence[Act], stamp: str) -> str:
        """A new record; returns its name."""
        answers, reasons = acted(NOTHING, acts, version)
        return self.at_work().save(
            form=IDS[version], answers=answers, reasons=reasons, author="anna", scopes=["v:1"],
            clock=STAMPS.get(stamp),
        )  # fmt: skip

    def create_many(self, count: int) -> None:
        """A day's records at once, so that the log passes a block's end."""
        with self.at_work().transaction():
            for number in range(count):
                self.replica.save(form=IDS["1"], answers={"/data/name": str(number)}, author="anna")

    def can_edit(self) -> set[str]:
        """Names of the records that the app here could open."""
        return {each.record for each in self.editable()}

    def begin(self, record: str) -> Draft:
        """Opens a record for editing; the draft may be finished much later."""
        now = self.replica.state(record)
        draft = Draft(record, now.heads, Content(now.answers, now.reasons))
        self.drafts.append(draft)
        return draft

    def finish(self, draft: Draft, acts: Sequence[Act], newest: bool, stamp: str) -> None:
        """Saves a draft, in the form version of what it began from or in the newest one here."""
        form = self.replica.state(draft.record).form
        version = "2" if newest and self.knows("2") else VERSIONS[form] if self.knows(VERSIONS[form]) else "1"
        answers, reasons = acted(draft.content, acts, version)
        erased = self.has_erased(draft.record)
        with pytest.raises(SyncError, match="HW-2035") if erased else nullcontext():
            self.at_work().save(
                record=draft.record, form=IDS[version], answers=answers, reasons=reasons, author="anna",
                parents=draft.heads, clock=STAMPS.get(stamp),
            )  # fmt: skip

    def edit(self, record: str, acts: Sequence[Act], newest: bool) -> None:
        """Edits a record as it is here."""
        self.finish(self.begin(record), acts, newest, "own")

    def use_up_counter(self) -> None:
        """As after 65,535 changes within a millisecond."""
        with self.at_work().transaction():
            self.replica._set_meta("clock", self.clock.used_up())

    def drop_excerpts(self) -> None:
        """Nothing concerns this machine any more that it has not the log of."""
        with self.replica.transaction():
            touched = excerpt.keep_only(self.replica.db, Interest(frozenset()))
            state.refresh(self.replica.db, touched, self.replica.layout)

    def would_forget_an_erase(self, copy: Path) -> bool:
        """Whether an erase in its logs is not in a copy: who is set back to that may be alone in knowing it again."""
        with closing(sqlite3.connect(copy)) as old:
            known = set(old.execute(_ERASES, (ERASES,)))
        return not set(self.replica.db.execute(_ERASES, (ERASES,))) <= known

    # Files

    def sign(self) -> None:
        """Before a file is handed over its own log is signed, where the machine has a key."""
        if self.key and log.tip(self.replica.db, replica_number(self.replica.name)).number:
            self.at_work().sign_tip(self.key)

    def copy(self, path: Path, road: str, only: int = 0) -> Path:
        """A copy of the file: by `vacuum`, by `backup` (the API), or a `part`, one log of it alone."""
        self.sign()
        if road == "backup":
            with closing(sqlite3.connect(path)) as target:
                self.replica.db.backup(target)
            return path
        self.replica.db.execute("VACUUM INTO ?", (str(path),))
        if road == "part":
            _keep_one_log(path, only)
        return path

    def restore(self, copy: Path) -> None:
        """The machine is set back to an older copy of its own file, says so, and goes on under a new name."""
        self.replica.close()
        shutil.copy(copy, self.path)
        self.replica = Replica.open(self.path)
        self.drafts.clear()
        self.sign()
        self.replica.renew()

    def close(self) -> None:
        """Closes the file."""
        self.replica.close()


def _keep_one_log(path: Path, which: int) -> None:
    """Leaves one of the logs of a file: changes whose parents and whose records are elsewhere. Logs that erase
    something stay too, as without them a payload that is gone would be a fault."""
    with closing(sqlite3.connect(path)) as db, db:
        names = [row[0] for row in db.execute("SELECT replica FROM log ORDER BY replica")]
        erasing = db.execute("SELECT DISTINCT id >> 24 FROM change WHERE instr(header, '\"erase\"')")
        kept = {row[0] for row in erasing} | set(names[which % len(names) :][:1])
        for name in set(names) - kept:
            db.execute("DELETE FROM change WHERE id >> 24 = ?", (name,))
            db.execute("DELETE FROM block WHERE id >> 24 = ?", (name,))
            db.execute("DELETE FROM arrival WHERE first >> 24 = ?", (name,))
            db.execute("DELETE FROM log WHERE replica = ?", (name,))
        db.execute("DELETE FROM state")
