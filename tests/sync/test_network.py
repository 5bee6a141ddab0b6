"""Random networks of replicas: whatever they do and in whichever order they meet, they end up equal."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import Replica, merge, verify
from sync.change import Edit, Review
from tests.sync import oracle
from tests.sync.conftest import LAYOUT

PATHS = ["/data/name", "/data/size"]
DERIVED = {"/data/label", "/data/founders/age"}
NAMES = ["甲", "乙", "c"]

step = st.one_of(
    st.tuples(st.just("create"), st.integers(0, 2), st.sampled_from(NAMES)),
    st.tuples(
        st.just("answer"),
        st.integers(0, 2),
        st.integers(0, 5),
        st.sampled_from(PATHS),
        st.sampled_from(["", *NAMES]),
    ),
    st.tuples(st.just("reason"), st.integers(0, 2), st.integers(0, 5), st.sampled_from(PATHS)),
    st.tuples(
        st.just("founder"),
        st.integers(0, 2),
        st.integers(0, 5),
        st.sampled_from(["aaaa", "bbbb"]),
        st.sampled_from(NAMES),
    ),
    st.tuples(st.just("remove"), st.integers(0, 2), st.integers(0, 5), st.sampled_from(["aaaa", "bbbb"])),
    st.tuples(st.just("delete"), st.integers(0, 2), st.integers(0, 5)),
    st.tuples(
        st.just("review"), st.integers(0, 2), st.integers(0, 5), st.sampled_from(["approved", "has_issues"])
    ),
    st.tuples(st.just("meet"), st.integers(0, 2), st.integers(0, 2)),
)


class Network:
    """Three replicas; clocks come from the test, so that they may run backwards."""

    def __init__(self, folder: Path, clocks: list[int]) -> None:
        self.replicas = [Replica.create(folder / f"{n}.db", name=f"{n}000000{n}") for n in range(3)]
        self.forms = [replica.put_form("test", "1", b"<x/>", LAYOUT) for replica in self.replicas]
        self.clocks = clocks
        self.ticks = 0

    def clock(self) -> str:
        self.ticks += 1
        return f"{self.clocks[self.ticks % len(self.clocks)]:016x}"

    def do(self, step: tuple[Any, ...]) -> None:
        kind, who, *rest = step
        replica, form = self.replicas[who], self.forms[who]
        if kind == "create":
            answers = {"/data/name": rest[0], "/data/label": f"L{rest[0]}"}
            replica.save(form=form, answers=answers, author="p", clock=self.clock())
            return
        if kind == "meet":
            if rest[0] != who:
                assert not merge(replica, [self.replicas[rest[0]].path]).set_aside
            return
        known = [state.record for state in replica.states()]
        if not known:
            return
        record = known[rest[0] % len(known)]
        if kind == "delete":
            replica.delete(record, "twice", author="p", clock=self.clock())
        elif kind == "review":
            replica.review(record, rest[1], author="s", clock=self.clock())
        else:
            self.edit(replica, form, record, kind, rest[1:])

    def edit(self, replica: Replica, form: str, record: str, kind: str, rest: list[Any]) -> None:
        state = replica.state(record)
        answers, reasons = dict(state.answers), dict(state.reasons)
        if kind == "answer":
            answers[rest[0]] = rest[1]
            reasons.pop(rest[0], None)
        elif kind == "reason":
            answers.pop(rest[0], None)
            reasons[rest[0]] = "refused"
        elif kind == "founder":
            here = f"/data/founders[{rest[0]}]"
            answers |= {here: "m", f"{here}/founder_name": rest[1], f"{here}/age": str(self.ticks)}
        else:
            here = f"/data/founders[{rest[0]}]"
            answers = {path: value for path, value in answers.items() if not path.startswith(here)}
        replica.save(
            record=record, form=form, answers=answers, reasons=reasons, author="p", clock=self.clock()
        )

    def close(self) -> None:
        for replica in self.replicas:
            replica.close()


def told(replica: Replica, record: str) -> list[dict[str, Any]]:
    """The history as the oracle reads it."""
    found = []
    for change in replica.history(record):
        header, payload = change.header, change.payload
        row: dict[str, Any] = {
            "name": change.name,
            "kind": header.kind,
            "parents": header.parents,
            "clock": header.clock,
        }
        if isinstance(payload, Edit):
            row |= {"answers": payload.answers, "reasons": payload.reasons, "changed": payload.changed}
        elif isinstance(payload, Review):
            row |= {"state": payload.state}
        found.append(row)
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(step, min_size=4, max_size=24),
    st.lists(st.integers(0, 4), min_size=3, max_size=9),
    st.permutations(range(3)),
)
def test_replicas_converge(steps: list[tuple[Any, ...]], clocks: list[int], order: list[int]) -> None:
    """After all have met all, in any order and more than once, all states are equal, proved, and as the words
    say."""
    with tempfile.TemporaryDirectory() as name:
        network = Network(Path(name), clocks)
        try:
            for each in [("create", 0, "甲"), ("meet", 1, 0), ("meet", 2, 0), *steps]:
                network.do(each)
            for _ in range(2):
                for one in order:
                    others = [network.replicas[n].path for n in reversed(order) if n != one]
                    assert not merge(network.replicas[one], others).set_aside
            digests = {replica.state_digest() for replica in network.replicas}
            assert len(digests) == 1
            replica = network.replicas[order[0]]
            report = verify(replica)
            assert report.problems == []
            assert report.state_digest in digests
            for state in replica.states():
                expected = oracle.fold(state.record, told(replica, state.record), DERIVED)
                assert state.deleted == expected["deleted"]
                assert state.answers == expected["answers"]
                assert state.reasons == expected["reasons"]
                assert state.review.state == expected["review"]
                found = {c.path: [(v.change, v.value, v.reason) for v in c.values] for c in state.conflicts}
                assert found == expected["conflicts"]
        finally:
            network.close()
