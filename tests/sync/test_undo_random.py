"""Undoing what came, over random histories."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import RecordState, Replica, merge, verify
from sync.change import Edit, Review
from sync.names import change_name
from sync.replica import intake
from sync.undo import intakes, plan_undo, undo
from tests.sync import oracle
from tests.sync.undo_world import LAPTOPS, PATHS, World, clocks, history, look, looks

pytestmark = pytest.mark.slow
DERIVED = {"/data/label", "/data/founders/age"}

lasting = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def world(given_clocks: list[int]) -> Iterator[World]:
    """A world in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        made = World(Path(folder), given_clocks)
        try:
            yield made
        finally:
            made.close()


@lasting
@given(history, clocks, st.sampled_from(LAPTOPS))
def test_undone_is_as_if_it_had_never_come(steps: list[tuple[Any, ...]], ticks: list[int], who: int) -> None:
    """Whatever an intake brought: undone, every record is as it was before (answers, reasons, open conflicts, what
    is deleted, review), and what the intake began is deleted. Undoing the undoing brings it all back."""
    with world(ticks) as here:
        here.run(steps)
        hub = here.hub
        before = looks(hub)
        brought = merge(hub, [here.replicas[who].path]).sources[0].intake
        if brought is None:
            return
        after = looks(hub)
        planned = plan_undo(hub, brought)
        done = undo(hub, brought, author="s", note="mistake")
        assert done.as_dict() == planned.as_dict() | {"undo": done.id}
        assert done.left == []
        undone = looks(hub)
        assert {name: told for name, told in undone.items() if name in before} == before
        assert all(told["deleted"] for name, told in undone.items() if name not in before)
        assert verify(hub).sound
        if done.id is None:
            return
        undo(hub, done.id, author="s", note="no mistake")
        assert looks(hub) == after
        again = undo(hub, brought, author="s", note="mistake after all")
        assert again.left == []
        assert looks(hub) == undone
        assert verify(hub).sound


@lasting
@given(history, clocks, st.sampled_from(LAPTOPS))
def test_undone_it_travels_and_nothing_comes_back(
    steps: list[tuple[Any, ...]], ticks: list[int], who: int
) -> None:
    """Merging the same file again brings nothing; every replica that takes the hub's file looks like the hub, to the
    digest."""
    with world(ticks) as here:
        here.run(steps)
        hub, laptop = here.hub, here.replicas[who]
        brought = merge(hub, [laptop.path]).sources[0].intake
        if brought is None:
            return
        undo(hub, brought, author="s")
        told = looks(hub)
        assert merge(hub, [laptop.path]).taken == 0
        assert looks(hub) == told
        paths = [each.path for each in here.replicas]
        for each in [*here.replicas, *here.replicas]:
            assert not merge(each, [path for path in paths if path != each.path]).set_aside
        assert len({each.state_digest() for each in here.replicas}) == 1
        assert len(intakes(hub)) >= 2


@lasting
@given(history, clocks, st.permutations(LAPTOPS), st.permutations(range(3)))
def test_several_are_undone_in_any_order(
    steps: list[tuple[Any, ...]], ticks: list[int], order: list[int], turns: list[int]
) -> None:
    """Three intakes one after another, undone in any order: as before the first, where no record that one of them
    began was still held by another. Undone again in any order: as after the last."""
    with world(ticks) as here:
        here.run(steps)
        hub = here.hub
        before = looks(hub)
        found = [merge(hub, [here.replicas[who].path]).sources[0].intake for who in order]
        after = looks(hub)
        done = [undo(hub, found[turn], author="s") for turn in turns if found[turn] is not None]
        left = {why for report in done for _, why in report.left}
        assert left <= {"went_on"}
        assert verify(hub).sound
        if left:
            return
        undone = looks(hub)
        assert {name: told for name, told in undone.items() if name in before} == before
        assert all(told["deleted"] for name, told in undone.items() if name not in before)
        for report in done[::-1] if turns[0] else done:
            if report.id is not None:  # nothing but withdrawals came with that one
                assert undo(hub, report.id, author="s").left == []
        assert looks(hub) == after
        assert verify(hub).sound


@lasting
@given(history, clocks, st.sampled_from(LAPTOPS), history)
def test_what_others_wrote_since_stays(
    steps: list[tuple[Any, ...]], ticks: list[int], who: int, since: list[tuple[Any, ...]]
) -> None:
    """After an intake everybody goes on and comes back. Undone, no answer shows (or disputes) what the intake wrote;
    an answer that others decided is as it was."""
    with world(ticks) as here:
        here.run(steps)
        hub = here.hub
        brought = merge(hub, [here.replicas[who].path]).sources[0].intake
        if brought is None:
            return
        came = brought_by(hub, brought)
        for step in since:
            here.do(*step)
        merge(hub, [here.replicas[laptop].path for laptop in LAPTOPS])
        before = {state.record: (state, told(hub, state.record)) for state in hub.states()}
        report = undo(hub, brought, author="s")
        left = dict(report.left)
        assert set(left.values()) <= {"went_on"}
        for record, (state, rows) in before.items():
            now = hub.state(record)
            if record in left:
                assert record in came
                assert look(now) == look(state)
                continue
            others = without(rows, came)
            if record in came:
                assert now.deleted
                continue
            expected = oracle.fold(record, others, DERIVED)
            assert now.deleted == expected["deleted"]
            if now.deleted:
                continue
            if not any(row["name"] not in came and above(rows, row["name"]) & came for row in content(rows)):
                assert (now.answers, now.reasons) == (expected["answers"], expected["reasons"])
                continue
            rest = flat(record, others)
            for path in PATHS:
                if pruned(rows, path):
                    continue
                if deciders(rows, path) & came:
                    assert said(now, path) == said_by(rest, path), path
                elif not state.deleted:
                    assert said(now, path) == (state.answers.get(path), state.reasons.get(path)), path
        assert verify(hub).sound
        paths = [each.path for each in here.replicas]
        for each in [*here.replicas, *here.replicas]:
            merge(each, [path for path in paths if path != each.path])
        assert len({each.state_digest() for each in here.replicas}) == 1


def brought_by(hub: Replica, id_: int) -> set[str]:
    """The names of the changes of an intake, withdrawals left out."""
    found = set()
    for first, last, _ in intake.ranges(hub.db, id_):
        query = "SELECT id FROM change WHERE id BETWEEN ? AND ? AND header NOT LIKE '%\"withdraw\"%'"
        found |= {change_name(key) for (key,) in hub.db.execute(query, (first, last))}
    return found


Rows = list[dict[str, Any]]


def told(replica: Replica, record: str) -> Rows:
    """The history as the oracle reads it, withdrawals left out."""
    found = []
    for change in replica.history(record):
        header, payload = change.header, change.payload
        row: dict[str, Any] = {
            "name": change.name,
            "kind": header.kind,
            "parents": list(header.parents),
            "clock": header.clock,
        }
        if isinstance(payload, Edit):
            row |= {"answers": payload.answers, "reasons": payload.reasons, "changed": payload.changed}
        elif isinstance(payload, Review):
            row |= {"state": payload.state}
        if header.kind != "withdraw":
            found.append(row)
    return found


def without(rows: Rows, gone: set[str]) -> Rows:
    """The history without some changes; children of those become children of their parents."""
    parents = {row["name"]: row["parents"] for row in rows}

    def above(name: str) -> set[str]:
        return {name} if name not in gone else {n for parent in parents[name] for n in above(parent)}

    return [
        row | {"parents": sorted({n for parent in row["parents"] for n in above(parent)})}
        for row in rows
        if row["name"] not in gone
    ]


def flat(record: str, rows: Rows) -> dict[str, Any]:
    """The oracle's fold answer by answer: an edit that says nothing beside all others keeps it from taking one head's
    word."""
    nothing = {"name": "0zzzzzzz-1", "kind": "edit", "parents": [], "clock": "0" * 16}
    edits = without(rows, {row["name"] for row in rows if row["kind"] == "delete"})
    return oracle.fold(record, [nothing | {"answers": {}, "reasons": {}, "changed": ()}, *edits], DERIVED)


def content(rows: Rows) -> Rows:
    """Its edits and deletions."""
    return [row for row in rows if row["kind"] != "review"]


def above(rows: Rows, name: str) -> set[str]:
    """The content that a change descends from."""
    by_name = {row["name"]: row for row in content(rows)}
    seen: set[str] = set()
    todo = [name]
    while todo:
        found = {parent for parent in by_name[todo.pop()]["parents"] if parent in by_name} - seen
        seen |= found
        todo += found
    return seen


def deciders(rows: Rows, path: str) -> set[str]:
    """The changes whose values of a path count: writers that no other writer descends from."""
    writers = {row["name"] for row in rows if {path, "*"} & set(row.get("changed", ()))}
    return {name for name in writers if not any(name in above(rows, other) for other in writers)}


def pruned(rows: Rows, path: str) -> bool:
    """Whether somebody left an answer out without naming it."""
    return any(
        "answers" in row and not {path, "*"} & {*row["answers"], *row["reasons"], *row["changed"]}
        for row in rows
    )


def said(state: RecordState, path: str) -> tuple[str | None, str | None]:
    """Answer and reason."""
    return state.answers.get(path), state.reasons.get(path)


def said_by(folded: dict[str, Any], path: str) -> tuple[str | None, str | None]:
    """The same of the oracle."""
    return folded["answers"].get(path), folded["reasons"].get(path)
