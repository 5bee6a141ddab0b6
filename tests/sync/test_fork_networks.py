"""Random copies of copies, used on, delivered and mended anywhere: all hubs end up with everything, once, and equal."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import Replica, merge, verify
from sync.forks.mend import mend
from tests.sync.conftest import LAYOUT

STORES, HUBS = 4, 2
who, which = st.integers(0, STORES - 1), st.integers(0, HUBS - 1)
step = st.one_of(
    st.tuples(st.just("write"), who, st.integers(1, 3)),
    st.tuples(st.just("edit"), who, st.integers(0, 9)),
    st.tuples(st.just("copy"), who, st.just(0)),
    st.tuples(st.just("deliver"), who, which),
    st.tuples(st.just("deliver"), who, which),
    st.tuples(st.just("show"), who, which),
    st.tuples(st.just("meet"), who, who),
    st.tuples(st.just("mend"), which, st.just(0)),
    st.tuples(st.just("hubs"), which, st.just(0)),
    st.tuples(st.just("review"), which, st.integers(0, 9)),
)


class World:
    """A field database with its copies, and hubs. Every value that is written is written once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stores = [self.create("store0")]
        self.hubs = [self.create(f"hub{n}") for n in range(HUBS)]
        forms = {each.put_form("test", "1", b"<x/>", LAYOUT) for each in (*self.stores, *self.hubs)}
        (self.form,) = forms
        self.values: list[str] = []
        self.created: list[str] = []

    def create(self, name: str) -> Replica:
        return Replica.create(self.folder / f"{name}.db")

    def value(self) -> str:
        self.values.append(f"v{len(self.values)}")
        return self.values[-1]

    def do(self, kind: str, one: int, two: int) -> None:
        store = self.stores[one % len(self.stores)]
        if kind == "write":
            for _ in range(two):
                self.created.append(self.value())
                store.save(form=self.form, answers={"/data/name": self.created[-1]}, author="p")
        elif kind == "edit":
            shown = [state for state in store.states() if state.created]
            if shown:
                record = shown[two % len(shown)].record
                store.save(record=record, form=self.form, answers={"/data/name": self.value()}, author="p")
        elif kind == "copy":
            if len(self.stores) < STORES:
                path = self.folder / f"store{len(self.stores)}.db"
                shutil.copy(store.path, path)
                self.stores.append(Replica.open(path))
        elif kind == "deliver":
            merge(self.hubs[two], [store.path])
        elif kind == "show":
            merge(store, [self.hubs[two].path])
        elif kind == "meet":
            other = self.stores[two % len(self.stores)]
            if other is not store:
                merge(store, [other.path])
        else:
            self.at_hub(kind, self.hubs[one], two)

    def at_hub(self, kind: str, hub: Replica, two: int) -> None:
        if kind == "mend":
            mend(hub)
        elif kind == "hubs":
            merge(hub, [other.path for other in self.hubs if other is not hub])
        else:
            shown = [state.record for state in hub.states() if state.created]
            if shown:
                hub.review(shown[two % len(shown)], "approved", author="s")

    def end(self) -> None:
        """All meet and mend, until nothing changes."""
        every = [*self.hubs, *self.stores]
        for _ in range(8):
            before = [store.state_digest() for store in every]
            for store in every:
                merge(store, [other.path for other in every if other is not store])
                mend(store)
            if len(set(before)) == 1 and before == [store.state_digest() for store in every]:
                return
        raise AssertionError("they never agree")

    def close(self) -> None:
        for store in (*self.hubs, *self.stores):
            store.close()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(step, min_size=5, max_size=30))
def test_random_forks_mended_anywhere_converge(steps: list[tuple[Any, ...]]) -> None:
    """Whoever copies, writes, delivers and mends where and when: in the end every store proves itself, all states are
    equal, each record was created once, nothing that was written is missing, and nothing waits."""
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name))
        try:
            for each in [("write", 0, 1), ("copy", 0, 0), *steps]:
                world.do(*each)
            world.end()
            for store in (*world.hubs, *world.stores):
                report = verify(store)
                assert report.problems == []
                assert store.quarantined() == []
                created = [
                    json.loads(payload)[2][0]
                    for (payload,) in store.db.execute("SELECT payload FROM change WHERE record IS NULL")
                ]
                assert sorted(created) == sorted(world.created)
                payloads = "".join(row[0] for row in store.db.execute("SELECT payload FROM change"))
                assert [value for value in world.values if f'"{value}"' not in payloads] == []
        finally:
            world.close()
