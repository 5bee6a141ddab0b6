"""What a record looks like: a pure function of the set of its changes (`docs/data-model.md`, "Fold").

Parents decide first; the clock only chooses what shows meanwhile where two authors disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sync.canonical import encode_trusted, pairs
from sync.change import CONTENT, ERASE, EVERYTHING, WITHDRAWALS, Change, Edit, Review
from sync.layout import enclosing, generic, is_instance


@dataclass(frozen=True, slots=True)
class ConflictValue:
    """One of the values that disagree, and the change that wrote it."""

    change: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A path with several values in clock order; the last one shows. Path `""`: delete against edit."""

    path: str
    values: tuple[ConflictValue, ...]


@dataclass(frozen=True, slots=True)
class ReviewState:
    """The showing review: `state` is `received`, `edited`, `has_issues`, `approved` or `rejected`.

    `changes` are the maximal review changes in clock order; the last one shows.
    """

    state: str
    comment: str = ""
    questions: tuple[str, ...] = ()
    by: str = ""
    at: str = ""
    changes: tuple[str, ...] = ()


RECEIVED = ReviewState("received")


@dataclass(frozen=True, slots=True)
class Folded:
    """The state of one record. `heads` in clock order; the last one is the head that shows. `withdrawn`:
    nothing of it may be published."""

    record: str
    heads: tuple[str, ...]
    answers: Mapping[str, str]
    reasons: Mapping[str, str]
    conflicts: tuple[Conflict, ...] = ()
    deleted: bool = False
    review: ReviewState = field(default=RECEIVED)
    recompute: bool = False
    withdrawn: bool = False


def digest_text(
    record: str,
    deleted: bool,
    answers: Mapping[str, str],
    reasons: Mapping[str, str],
    conflicts: Sequence[Conflict],
    review: ReviewState,
    withdrawn: bool = False,
) -> str:
    """The canonical text of one record in a state digest."""
    return encode_trusted(
        [
            record,
            "1" if deleted else "",
            pairs(answers),
            pairs(reasons),
            [[c.path, [[v.change, v.value, v.reason] for v in c.values]] for c in conflicts],
            [review.state, list(review.changes)],
            *(["withdrawn"] if withdrawn else []),
        ]
    )


class Graph:
    """Who descends from whom among the changes of one record; parents that are not here are passed over."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.changes = sorted(changes, key=lambda change: change.header.order)
        self.index = {change.name: place for place, change in enumerate(self.changes)}
        self.ancestors = self._reach()

    def _reach(self) -> list[int]:
        # One bit a change. A child may carry an earlier clock than its parent, and a hostile log even a
        # circle: so until nothing moves any more. In clock order one round and a check is the rule.
        parents = [
            [self.index[name] for name in change.header.parents if name in self.index]
            for change in self.changes
        ]
        reach = [0] * len(parents)
        moved = True
        while moved:
            moved = False
            for place, known in enumerate(parents):
                bits = reach[place]
                for parent in known:
                    bits |= reach[parent] | 1 << parent
                if bits != reach[place]:
                    reach[place], moved = bits, True
        return reach

    def maximal(self, places: Sequence[int]) -> list[int]:
        """Those of `places` (in clock order) that no other of them descends from; all of them in a circle."""
        covered = 0
        for place in places:
            covered |= self.ancestors[place]
        return [place for place in places if not covered >> place & 1] or list(places)

    def descends(self, later: int, earlier: int) -> bool:
        """Whether `later` descends from `earlier`."""
        return bool(self.ancestors[later] >> earlier & 1)

    def closure(self, names: Iterable[str]) -> list[Change]:
        """The named changes and all that they descend from."""
        bits = 0
        for name in names:
            if name in self.index:
                bits |= 1 << self.index[name] | self.ancestors[self.index[name]]
        return [change for place, change in enumerate(self.changes) if bits >> place & 1]


def fold(record: str, changes: Iterable[Change]) -> Folded:
    """The state of `record` from its changes, in any order. Never raises for what a change holds."""
    graph = Graph(changes)
    kinds = {change.header.kind for change in graph.changes}
    withdrawn = not kinds.isdisjoint(WITHDRAWALS)
    content = [place for place, change in enumerate(graph.changes) if change.header.kind in CONTENT]
    heads = graph.maximal(content)
    names = tuple(graph.changes[place].name for place in heads)
    kept = [place for place in heads if graph.changes[place].header.kind != "delete"]
    if ERASE in kinds:
        # The same whether the payloads are gone here already or not.
        return Folded(record, names, {}, {}, deleted=bool(heads) and not kept, withdrawn=True)
    review = _review(graph, content)
    if not kept:
        return Folded(record, names, {}, {}, deleted=bool(heads), review=review, withdrawn=withdrawn)
    if len(heads) == 1:
        edit = _edit(graph, heads[0])
        return Folded(record, names, edit.answers, edit.reasons, review=review, withdrawn=withdrawn)
    answers, reasons, conflicts = Merge(graph, content, kept).run()
    if len(kept) < len(heads):
        conflicts.insert(0, Conflict("", tuple(_alive(graph, place) for place in heads)))
    return Folded(record, names, answers, reasons, tuple(conflicts), False, review, True, withdrawn)


NOTHING = Edit({}, {}, (), frozenset())


def _edit(graph: Graph, place: int) -> Edit:
    payload = graph.changes[place].payload
    return payload if isinstance(payload, Edit) else NOTHING


def _alive(graph: Graph, place: int) -> ConflictValue:
    change = graph.changes[place]
    return ConflictValue(change.name, "delete" if change.header.kind == "delete" else "edit", "")


def _review(graph: Graph, content: Sequence[int]) -> ReviewState:
    reviews = [p for p, change in enumerate(graph.changes) if isinstance(change.payload, Review)]
    if not reviews:
        return RECEIVED
    maximal = graph.maximal(reviews)
    shown = graph.changes[maximal[-1]]
    payload = shown.payload
    if not isinstance(payload, Review):  # the selection above
        raise AssertionError(shown.name)
    unseen = any(not graph.descends(maximal[-1], place) for place in content)
    return ReviewState(
        "edited" if unseen else payload.state,
        payload.comment,
        payload.questions,
        shown.header.author,
        shown.header.at,
        tuple(graph.changes[place].name for place in maximal),
    )


class Merge:
    """The fold of several heads, answer by answer. `content` and `kept` (the heads that are no deletions, at least
    one) are places in the graph, in clock order."""

    def __init__(self, graph: Graph, content: Sequence[int], kept: Sequence[int]) -> None:
        self.graph = graph
        self.latest = _edit(graph, kept[-1])
        self.edits = [(place, _edit(graph, place)) for place in content]
        self.writers: dict[str, list[int]] = {}
        self.everything: list[int] = []
        self.paths: set[str] = set()
        for place, edit in self.edits:
            if EVERYTHING in edit.changed:
                self.everything.append(place)
            for path in edit.changed:
                if path != EVERYTHING:
                    self.writers.setdefault(path, []).append(place)
            if EVERYTHING in edit.changed or place in kept:
                self.paths.update(edit.answers, edit.reasons)
        self.paths.update(self.writers)
        self.paths = {path for path in self.paths if generic(path) not in self.latest.derived}

    def run(self) -> tuple[dict[str, str], dict[str, str], list[Conflict]]:
        answers: dict[str, str] = {}
        reasons: dict[str, str] = {}
        conflicts: list[Conflict] = []
        # Instances before what they hold, outer before inner: a path is a prefix of what lies inside it.
        gone: set[str] = set()
        for path in sorted(self.paths, key=lambda p: (not is_instance(p), p)):
            if any(instance in gone for instance in enclosing(path)):
                if is_instance(path):
                    gone.add(path)
                continue
            value, reason, conflict = self._resolve(path)
            if conflict:
                conflicts.append(conflict)
            if value:
                answers[path] = value
            elif is_instance(path):
                gone.add(path)
            if reason:
                reasons[path] = reason
        self._add_derived(answers, reasons, gone)
        return answers, reasons, sorted(conflicts, key=lambda conflict: conflict.path)

    def _add_derived(self, answers: dict[str, str], reasons: dict[str, str], gone: set[str]) -> None:
        for source, target in ((self.latest.answers, answers), (self.latest.reasons, reasons)):
            for path, value in source.items():
                lost = any(instance in gone or instance not in answers for instance in enclosing(path))
                if generic(path) in self.latest.derived and not lost:
                    target[path] = value

    def _writers(self, path: str) -> list[int]:
        """Places of the changes that wrote `path`, in clock order; one that lacks the instance around it
        wrote nothing."""
        around = enclosing(path)
        places = sorted({*self.writers.get(path, ()), *self.everything})
        return [p for p in places if all(instance in _edit(self.graph, p).answers for instance in around)]

    def maximal_writers(self, path: str) -> list[int]:
        """Places of the changes that wrote `path` and that no other writer of it descends from, in clock
        order."""
        return self.graph.maximal(self._writers(path))

    def _resolve(self, path: str) -> tuple[str, str, Conflict | None]:
        maximal = self.maximal_writers(path)
        if is_instance(path):
            removed = self._removed_while_written(path, maximal)
            if removed:
                return removed
        if not maximal:
            return self.latest.answers.get(path, ""), self.latest.reasons.get(path, ""), None
        return _choose(path, [self._value(place, path) for place in maximal])

    def resolve(self, path: str) -> tuple[str, str, Conflict | None]:
        """Answer, reason and conflict of a path by itself, whatever became of the instance that it lies in."""
        return self._resolve(path)

    def _value(self, place: int, path: str) -> ConflictValue:
        edit = _edit(self.graph, place)
        return ConflictValue(
            self.graph.changes[place].name, edit.answers.get(path, ""), edit.reasons.get(path, "")
        )

    def _removed_while_written(self, path: str, maximal: Sequence[int]) -> tuple[str, str, Conflict] | None:
        """The conflict of an instance that one side removed while the other wrote inside it: it stays."""
        removals = [place for place in maximal if path not in _edit(self.graph, place).answers]
        if not removals:
            return None
        inside = [place for place in self._writers_inside(path) if not self._settled(place, removals)]
        keepers = sorted(
            {*self.graph.maximal(inside), *(place for place in maximal if place not in removals)}
        )
        if not keepers:
            return None
        values = [
            self._value(place, path) for place in (*removals, *keepers)
        ]  # what stays comes last and shows
        return values[-1].value, values[-1].reason, Conflict(path, tuple(values))

    def _settled(self, place: int, removals: Sequence[int]) -> bool:
        """Whether a removal saw this write, or the write saw a removal."""
        return any(self.graph.descends(r, place) or self.graph.descends(place, r) for r in removals)

    def _writers_inside(self, path: str) -> Iterator[int]:
        for place, edit in self.edits:
            if path in edit.answers and any(changed.startswith(f"{path}/") for changed in edit.changed):
                yield place


def _choose(path: str, values: Sequence[ConflictValue]) -> tuple[str, str, Conflict | None]:
    shown = values[-1]
    same = all((each.value, each.reason) == (shown.value, shown.reason) for each in values)
    return shown.value, shown.reason, None if same else Conflict(path, tuple(values))
