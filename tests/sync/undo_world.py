"""A hub and three laptops that do what the test says: create, answer, disagree, delete, review, meet."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from sync import RecordState, Replica, merge
from tests.sync.conftest import LAYOUT

PATHS = ["/data/name", "/data/size"]
VALUES = ["", "甲", "乙", "丙"]
INSTANCES = ["aaaa", "bbbb"]
HUB, LAPTOPS = 0, (1, 2, 3)
who, record = st.integers(0, 3), st.integers(0, 5)
EVER = 0x0FFF << 48  # a clock that is years ahead

doing = st.one_of(
    st.tuples(st.just("create"), who, st.sampled_from(VALUES)),
    st.tuples(st.just("answer"), who, record, st.sampled_from(PATHS), st.sampled_from(VALUES)),
    st.tuples(st.just("answer"), who, record, st.sampled_from(PATHS), st.sampled_from(VALUES)),
    st.tuples(st.just("reason"), who, record, st.sampled_from(PATHS)),
    st.tuples(st.just("founder"), who, record, st.sampled_from(INSTANCES), st.sampled_from(VALUES[1:])),
    st.tuples(st.just("remove"), who, record, st.sampled_from(INSTANCES)),
    st.tuples(st.just("prune"), who, record, st.sampled_from(PATHS)),
    st.tuples(st.just("delete"), who, record),
    st.tuples(st.just("review"), who, record, st.sampled_from(["approved", "has_issues", "rejected"])),
    st.tuples(st.just("withdraw"), who, record),
    st.tuples(st.just("meet"), who, who),
    st.tuples(st.just("meet"), who, who),
)
clocks = st.lists(st.sampled_from([0, 1, 2, 3, EVER, EVER + 1]), min_size=3, max_size=9)
history = st.lists(doing, min_size=2, max_size=30)


@cache
def _beginnings() -> list[tuple[bytes, str]]:
    """The bytes of four new replicas, and the form that they have."""
    made = []
    for place in range(4):
        with TemporaryDirectory() as folder:
            with Replica.create(Path(folder) / "new.db", name=f"{place}000000{place}") as replica:
                form = replica.put_form("test", "1", b"<x/>", LAYOUT)
            made.append((replica.path.read_bytes(), form))
    return made


class World:
    """`replicas[HUB]` is the hub. Clocks come from the test: they stand still, run backwards, or are years ahead."""

    def __init__(self, folder: Path, given: list[int]) -> None:
        self.replicas = []
        for place, (data, form) in enumerate(_beginnings()):
            path = folder / f"{place}.db"
            path.write_bytes(data)
            self.replicas.append(Replica.open(path))
            self.replicas[-1].db.execute("PRAGMA synchronous = OFF")  # no power cut is played here
            self.form = form
        self.hub = self.replicas[HUB]
        self._given, self._ticks = given, 0

    def clock(self) -> str:
        """The next one."""
        self._ticks += 1
        return f"{self._given[self._ticks % len(self._given)]:016x}"

    def run(self, steps: list[tuple[Any, ...]]) -> None:
        """All of it, after a record that everybody has."""
        for step in [("create", 1, "甲"), *[("meet", n, 1) for n in (0, 2, 3)], *steps]:
            self.do(*step)

    def do(self, kind: str, who: int, *rest: Any) -> None:
        """One step."""
        replica = self.replicas[who]
        if kind == "create":
            answers = {"/data/name": rest[0], "/data/label": f"L{rest[0]}"}
            replica.save(
                form=self.form, answers=answers, author=f"p{who}", scopes=["v:1"], clock=self.clock()
            )
        elif kind == "meet":
            if rest[0] != who:
                assert not merge(replica, [self.replicas[rest[0]].path]).set_aside
        else:
            known = [state.record for state in replica.states()]
            name = known[rest[0] % len(known)]
            if kind == "delete":
                replica.delete(name, "twice", author=f"p{who}", clock=self.clock())
            elif kind == "review":
                replica.review(name, rest[1], f"by {who}", author=f"p{who}", clock=self.clock())
            elif kind == "withdraw":
                replica.withdraw(name, "called", author=f"p{who}", clock=self.clock())
            else:
                self.edit(replica, name, kind, rest[1:])

    def edit(self, replica: Replica, name: str, kind: str, rest: tuple[Any, ...]) -> None:
        """Another answer, reason, founder; `prune` drops an answer and does not name it, as a form does with one that
        no longer applies."""
        state = replica.state(name)
        answers, reasons = dict(state.answers), dict(state.reasons)
        changed = None
        if kind in ("answer", "reason", "prune"):
            answers.pop(rest[0], None)
            reasons.pop(rest[0], None)
        if kind == "answer":
            answers[rest[0]] = rest[1]
        elif kind == "reason":
            reasons[rest[0]] = "refused"
        elif kind == "prune":
            answers["/data/label"] = f"pruned {self._ticks}"
            changed = [each.path for each in state.conflicts if each.path]
        else:
            here = f"/data/founders[{rest[0]}]"
            answers = {path: value for path, value in answers.items() if not path.startswith(here)}
            if kind == "founder":
                answers |= {here: "m", f"{here}/founder_name": rest[1], f"{here}/age": str(self._ticks)}
        replica.save(
            record=name,
            form=self.form,
            answers=answers,
            reasons=reasons,
            changed=changed,
            author="p",
            clock=self.clock(),
        )

    def close(self) -> None:
        """All files."""
        for replica in self.replicas:
            replica.close()


def look(state: RecordState) -> dict[str, Any]:
    """What a record says, whoever wrote it."""
    if state.deleted:
        return {"deleted": True}
    return {
        "deleted": False,
        "answers": dict(state.answers),
        "reasons": dict(state.reasons),
        "conflicts": {each.path: {(v.value, v.reason) for v in each.values} for each in state.conflicts},
        "review": state.review.state,
        "comment": [line for line in state.review.comment.split("\n") if line.startswith("by ")],
        "form": state.form,
    }


def looks(replica: Replica) -> dict[str, dict[str, Any]]:
    """All records by name."""
    return {state.record: look(state) for state in replica.states()}
