"""Stores that are copied, set back and used on."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from sync import Replica, keys, merge, verify
from sync.forks.mend import mend


def write(replica: Replica, form: str, *names: str, **more: str) -> list[str]:
    """Records with these names; their names as records."""
    return [replica.save(form=form, answers={"/data/name": name}, author="p", **more) for name in names]


def edit(replica: Replica, form: str, record: str, value: str) -> str:
    """Answer the name of a record anew."""
    answers = dict(replica.state(record).answers) | {"/data/name": value}
    return replica.save(record=record, form=form, answers=answers, author="p")


def copied(replica: Replica, path: Path) -> Path:
    """The file copied as somebody with a file manager copies it, while nobody writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(replica.path, path)
    return path


def values(replica: Replica) -> list[str]:
    """The name of each record that shows, sorted."""
    return sorted(state.answers.get("/data/name", "") for state in replica.states() if not state.deleted)


def signed(replica: Replica) -> keys.PrivateKey:
    """A key for a store, its log signed so far."""
    key = keys.generate()
    replica.sign_tip(key)
    return key


def problems(hub: Replica, *sources: Replica) -> list[str]:
    """Merge stores into a hub; the numbers of what was set aside."""
    report = merge(hub, [source.path for source in sources])
    return [problem.code for source in report.sources for problem in source.problems]


def meet(stores: Iterable[Replica], *, mending: bool = True) -> None:
    """All merge all, and mend, until nothing changes any more."""
    every = list(stores)
    for _ in range(6):
        before = [store.state_digest() for store in every]
        for store in every:
            merge(store, [other.path for other in every if other is not store])
            if mending:
                mend(store)
        if before == [store.state_digest() for store in every]:
            return
    raise AssertionError("they never agree")


def sound(*stores: Replica) -> None:
    """Each proves itself, and all say the same."""
    for store in stores:
        assert verify(store).problems == []
    assert len({store.state_digest() for store in stores}) == 1
