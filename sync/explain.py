"""Why a record is as it is: for each answer the change that it comes from and the rule of the fold that chose it.

What shows is the fold's (`sync.fold`); this adds where it comes from. Pure, as the fold is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sync.change import CONTENT, ERASE, EVERYTHING, WITHDRAWALS, Change, Edit, Removal, Review
from sync.fold import Conflict, Folded, Graph, Merge, fold
from sync.layout import UNKNOWN, enclosing, generic, is_instance

WRITTEN = "written"  # one head: this change wrote it last, all others had seen it or did not touch it
ONLY_WRITER = "only_writer"  # several heads: likewise, no other wrote it beside this change
AGREED = "agreed"  # several changes wrote the same beside each other
CONFLICT = "conflict"  # several changes disagree: the latest in clock order shows meanwhile
KEPT = "kept"  # one removed the instance while another wrote inside it: it stays, the removal waits
DELETE_AGAINST_EDIT = "delete_against_edit"  # of the path "": the edit shows meanwhile
SETTLED = "settled"  # this change chose among values that disagreed
DERIVED = "derived"  # the form worked it out: as the latest head has it
WITH_INSTANCE = "with_instance"  # gone with the instance of a repeat that it lay in
WITH_RECORD = "with_record"  # gone with a deletion of the record, and not given again since it is back
PRUNED = "pruned"  # the latest head holds none of it any more, without having changed it: no longer asked
UNNAMED = "unnamed"  # as the latest head has it, though no change says that it wrote this
NOT_ARRIVED = "not_arrived"  # likewise, and changes that may have touched it are not here or unreadable

RULES = (
    WRITTEN,
    ONLY_WRITER,
    AGREED,
    CONFLICT,
    KEPT,
    DELETE_AGAINST_EDIT,
    SETTLED,
    DERIVED,
    WITH_INSTANCE,
    WITH_RECORD,
    PRUNED,
    UNNAMED,
    NOT_ARRIVED,
)
DISAGREEMENTS = frozenset({CONFLICT, KEPT, DELETE_AGAINST_EDIT})


@dataclass(frozen=True, slots=True)
class Origin:
    """A change that something comes from. `at` is the ISO time in UTC of its clock."""

    change: str
    kind: str
    author: str
    replica: str
    at: str


@dataclass(frozen=True, slots=True)
class Voice:
    """What one change says of a path."""

    origin: Origin
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why a path shows `value` or `reason` (neither: somebody emptied it, or it went).

    `origin` is the change that holds exactly that; for `with_record` the deletion, for `with_instance` the change
    that the instance went with.
    For `derived`, `pruned`, `unnamed` and `not_arrived` it is the earliest of the unbroken line up to the
    latest head that holds it. `voices` has, in clock order, all values of a conflict (the last one shows;
    of `kept`, the removals come first; of `delete_against_edit`, values are `delete` and `edit`), the writers that
    agreed, or the values that a settling change had seen."""

    path: str
    value: str
    reason: str
    rule: str
    origin: Origin
    voices: tuple[Voice, ...] = ()


@dataclass(frozen=True, slots=True)
class Deletion:
    """A delete of the record; `undone_by` is the first change after it that brought the record back."""

    origin: Origin
    because: str
    undone_by: Origin | None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal or (by the kind of its origin) an erasure."""

    origin: Origin
    because: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """A content change that the showing review had not seen; `changed` as in its payload."""

    origin: Origin
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewWhy:
    """Why a review state shows. `origin` is the review that shows (None: there is none) and `given` its own
    state; with `unseen` changes the record shows as `edited`. `others` are reviews beside it, which it did not
    see: `value` is their state."""

    state: str
    given: str = ""
    comment: str = ""
    questions: tuple[str, ...] = ()
    origin: Origin | None = None
    unseen: tuple[Unseen, ...] = ()
    others: tuple[Voice, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a record is as it is. `created` is None until the creating change has arrived. `answers` in the order
    of their paths. `heads` in clock order; `recompute`: derived answers are to be worked out again. An erased
    record has no answers to explain, a deleted one neither."""

    record: str
    created: Origin | None
    heads: tuple[Origin, ...]
    deleted: bool
    deletions: tuple[Deletion, ...]
    withdrawn: bool
    withdrawals: tuple[Withdrawal, ...]
    review: ReviewWhy
    recompute: bool
    answers: tuple[Why, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def explain(record: str, changes: Iterable[Change]) -> Explanation:
    """Why `record` is as its fold says, from its changes in any order. Never raises for what a change
    holds."""
    graph = Graph(changes)
    folded = fold(record, graph.changes)
    return Explanation(
        record,
        _origin(graph, graph.index[record]) if record in graph.index else None,
        tuple(_named(graph, folded.heads)),
        folded.deleted,
        tuple(_deletions(graph)),
        folded.withdrawn,
        tuple(
            Withdrawal(_origin(graph, place), _words(graph, place))
            for place, change in enumerate(graph.changes)
            if change.header.kind in WITHDRAWALS
        ),
        _review(graph, folded),
        folded.recompute,
        _answers(graph, folded),
    )


def _origin(graph: Graph, place: int) -> Origin:
    header = graph.changes[place].header
    return Origin(header.name, header.kind, header.author, header.replica, header.at)


def _named(graph: Graph, names: Sequence[str]) -> list[Origin]:
    return [_origin(graph, graph.index[name]) for name in names]


def _words(graph: Graph, place: int) -> str:
    payload = graph.changes[place].payload
    return payload.reason if isinstance(payload, Removal) else ""


def _deletions(graph: Graph) -> Iterable[Deletion]:
    edits = [
        place for place, change in enumerate(graph.changes) if change.header.kind in CONTENT - {"delete"}
    ]
    for place, change in enumerate(graph.changes):
        if change.header.kind == "delete":
            after = next((later for later in edits if graph.descends(later, place)), None)
            undone = None if after is None else _origin(graph, after)
            yield Deletion(_origin(graph, place), _words(graph, place), undone)


def _review(graph: Graph, folded: Folded) -> ReviewWhy:
    review = folded.review
    if not review.changes:
        return ReviewWhy(review.state)
    *others, shown = (graph.index[name] for name in review.changes)
    unseen = [
        Unseen(_origin(graph, place), change.payload.changed if isinstance(change.payload, Edit) else ())
        for place, change in enumerate(graph.changes)
        if change.header.kind in CONTENT and not graph.descends(shown, place)
    ]
    return ReviewWhy(
        review.state,
        _verdict(graph, shown),
        review.comment,
        review.questions,
        _origin(graph, shown),
        tuple(unseen),
        tuple(Voice(_origin(graph, place), _verdict(graph, place), "") for place in others),
    )


def _verdict(graph: Graph, place: int) -> str:
    payload = graph.changes[place].payload
    return payload.state if isinstance(payload, Review) else ""


def _answers(graph: Graph, folded: Folded) -> tuple[Why, ...]:
    content = [place for place, change in enumerate(graph.changes) if change.header.kind in CONTENT]
    heads = [graph.index[name] for name in folded.heads]
    kept = [place for place in heads if graph.changes[place].header.kind != "delete"]
    if not kept or any(change.header.kind == ERASE for change in graph.changes):
        return ()
    return _Answers(graph, folded, content, kept).explained()


class _Answers:
    """Explains the answers of one record; `content` and `kept` as in `sync.fold.Merge`."""

    def __init__(self, graph: Graph, folded: Folded, content: Sequence[int], kept: Sequence[int]) -> None:
        self.graph = graph
        self.folded = folded
        self.merge = Merge(graph, content, kept)
        self.edits = dict(self.merge.edits)
        self.kept = kept
        self.conflicts = {conflict.path: conflict for conflict in folded.conflicts}
        self.seen: dict[int, dict[str, Conflict]] = {}
        self.found: dict[str, Why] = {}

    def explained(self) -> tuple[Why, ...]:
        # Instances before what they hold, as a path is a prefix of what lies inside it.
        for path in sorted(self._paths(), key=lambda p: (not is_instance(p), p)):
            why = self._why(path)
            if why is not None:
                self.found[path] = why
        return tuple(self.found[path] for path in sorted(self.found))

    def _paths(self) -> set[str]:
        """Whatever shows, disagrees, was held by a change or was named by one."""
        found = {*self.folded.answers, *self.folded.reasons, *self.conflicts}
        for edit in self.edits.values():
            found.update(edit.answers, edit.reasons, edit.changed)
        return found - {EVERYTHING}

    def _why(self, path: str) -> Why | None:
        """None for a path of which there is nothing to say: nothing shows and nobody took anything away."""
        if path in self.conflicts:
            return self._disputed(self.conflicts[path])
        shows = path in self.folded.answers or path in self.folded.reasons
        if generic(path) in self.merge.latest.derived:
            return self._as_held(path, DERIVED) if shows else None
        if not shows and (path.startswith(UNKNOWN) or not self.merge.latest.known):
            return None  # without its form version a change does not say which answers it holds
        gone = [] if shows else [each for each in enclosing(path) if each not in self.folded.answers]
        if gone:
            outermost = self.found.get(gone[0])
            return self._because(path, WITH_INSTANCE, outermost.origin) if outermost else None
        return self._written(path, shows)

    def _because(self, path: str, rule: str, origin: Origin, voices: Sequence[Voice] = ()) -> Why:
        value, reason = self._shown(path)
        return Why(path, value, reason, rule, origin, tuple(voices))

    def _shown(self, path: str) -> tuple[str, str]:
        return self.folded.answers.get(path, ""), self.folded.reasons.get(path, "")

    def _held(self, place: int, path: str) -> tuple[str, str]:
        edit = self.edits[place]
        return edit.answers.get(path, ""), edit.reasons.get(path, "")

    def _disputed(self, conflict: Conflict) -> Why:
        voices = self._voices(conflict)
        if conflict.path == "":
            origin = _origin(self.graph, self.kept[-1])
            return Why("", "edit", "", DELETE_AGAINST_EDIT, origin, voices)
        removed = is_instance(conflict.path) and not all(voice.value for voice in voices)
        return self._because(conflict.path, KEPT if removed else CONFLICT, voices[-1].origin, voices)

    def _voices(self, conflict: Conflict) -> tuple[Voice, ...]:
        return tuple(
            Voice(_origin(self.graph, self.graph.index[each.change]), each.value, each.reason)
            for each in conflict.values
        )

    def _written(self, path: str, shows: bool) -> Why | None:
        writers = self.merge.maximal_writers(path)
        if not writers or any(self._held(place, path) != self._shown(path) for place in writers):
            deletion = None if shows else self._deleted_after(writers)
            if deletion is not None:
                return self._because(path, WITH_RECORD, _origin(self.graph, deletion))
            return self._as_held(path, self._unsaid(shows))
        if not shows and not any(path in self.edits[place].changed for place in writers):
            # A creation that lacks it; if a head has it, whoever gave it is not here.
            held = any(self._held(place, path) != ("", "") for place in self.kept)
            return self._because(path, NOT_ARRIVED, _origin(self.graph, writers[0])) if held else None
        origins = [_origin(self.graph, place) for place in writers]
        if len(writers) > 1:
            voices = [Voice(origin, *self._shown(path)) for origin in origins]
            return self._because(path, AGREED, origins[-1], voices)
        settled = self._seen_by(writers[0]).get(path)
        if settled is not None:
            return self._because(path, SETTLED, origins[0], self._voices(settled))
        return self._because(path, WRITTEN if len(self.folded.heads) == 1 else ONLY_WRITER, origins[0])

    def _deleted_after(self, writers: Sequence[int]) -> int | None:
        """The delete by which all that these changes wrote was gone, if the latest head descends from it."""
        deletes = [
            place
            for place in self.edits
            if self.graph.changes[place].header.kind == "delete" and self.graph.descends(self.kept[-1], place)
        ]
        after = [next((d for d in deletes if self.graph.descends(d, writer)), None) for writer in writers]
        found = [place for place in after if place is not None]
        return max(found) if found and len(found) == len(after) else None

    def _unsaid(self, shows: bool) -> str:
        """The rule where what shows is the latest head's and no change here says that it wrote it."""
        if not self._whole():
            return NOT_ARRIVED
        return UNNAMED if shows else PRUNED

    def _whole(self) -> bool:
        """Whether every change that these descend from is here and says which answers it holds."""
        here = self.graph.index
        changes = [self.graph.changes[place] for place in self.edits]
        return self.folded.record in here and all(
            (change.header.kind == "delete" or (isinstance(change.payload, Edit) and change.payload.known))
            and all(parent in here for parent in change.header.parents)
            for change in changes
        )

    def _as_held(self, path: str, rule: str) -> Why:
        """With the earliest change of the unbroken line up to the latest head that holds what shows."""
        place, visited = self.kept[-1], {self.kept[-1]}
        while True:
            same = [
                parent
                for parent in self._parents(place)
                if parent not in visited and self._held(parent, path) == self._shown(path)
            ]
            if not same:
                return self._because(path, rule, _origin(self.graph, place))
            place = max(same)
            visited.add(place)

    def _parents(self, place: int) -> list[int]:
        """Places of the readable edits that a change names as its parents."""
        names = self.graph.changes[place].header.parents
        found = [self.graph.index[name] for name in names if name in self.graph.index]
        return [parent for parent in found if isinstance(self.graph.changes[parent].payload, Edit)]

    def _seen_by(self, place: int) -> dict[str, Conflict]:
        """The conflicts that a change's author had before the eyes."""
        if place not in self.seen:
            parents = self.graph.changes[place].header.parents
            known = self.graph.closure(parents) if len(parents) > 1 else []
            seen = fold(self.folded.record, known).conflicts
            self.seen[place] = {conflict.path: conflict for conflict in seen}
        return self.seen[place]
