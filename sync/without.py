"""A record without some of its changes: what it would look like had they never come.

Pure. Where nobody has gone on since, that is the fold of the other changes. Where somebody has, their snapshots hold
answers of the changes that are left out; then it is worked out answer by answer."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace

from sync.change import CONTENT, Change, Edit, Header
from sync.fold import Conflict, Folded, Graph, Merge, fold
from sync.layout import enclosing, generic, is_instance


def without(graph: Graph, mine: Container[str]) -> Graph:
    """The history without some changes: whoever had seen one of them has seen what that one had seen."""
    kept = []
    for place, change in enumerate(graph.changes):
        if change.name in mine:
            continue
        if any(parent in mine for parent in change.header.parents):
            seen = [
                each.name
                for before, each in enumerate(graph.changes)
                if graph.descends(place, before) and before != place and each.name not in mine
            ]
            change = replace(change, header=replace(change.header, parents=tuple(sorted(seen))))
        kept.append(change)
    return Graph(kept)


def went_on(graph: Graph, mine: Container[str]) -> bool:
    """Whether content that stays was written by somebody who had seen content that is left out."""
    content = [(place, each.name) for place, each in enumerate(graph.changes) if each.header.kind in CONTENT]
    taken = [place for place, name in content if name in mine]
    return any(
        graph.descends(place, before) for place, name in content if name not in mine for before in taken
    )


def showing(folded: Folded, graph: Graph) -> tuple[Header, Edit]:
    """Header and payload of the head that shows; of the latest edit where all heads are deletions."""
    heads = [graph.changes[graph.index[name]] for name in folded.heads]
    for change in reversed([*graph.changes, *heads]):
        if isinstance(change.payload, Edit):
            return change.header, change.payload
    raise AssertionError(folded.record)  # a record that can be read has an edit


def put(answers: dict[str, str], reasons: dict[str, str], path: str, value: str, reason: str) -> None:
    """Set an answer and its reason; an instance that goes takes with it what lies inside."""
    for target, text in ((answers, value), (reasons, reason)):
        target.pop(path, None)
        if text:
            target[path] = text
        if is_instance(path) and not value:
            for inside in [each for each in target if each.startswith(f"{path}/")]:
                del target[inside]


class Flat:
    """A history folded answer by answer, also where one head would say it all and where the record is deleted."""

    def __init__(self, graph: Graph) -> None:
        content = [place for place, each in enumerate(graph.changes) if each.header.kind in CONTENT]
        edits = [place for place in content if graph.changes[place].header.kind != "delete"]
        self.answers: Mapping[str, str] = {}
        self.reasons: Mapping[str, str] = {}
        self.conflicts: list[Conflict] = []
        self._graph = graph
        self._merge = Merge(graph, content, graph.maximal(edits)) if edits else None
        if self._merge:
            self.answers, self.reasons, self.conflicts = self._merge.run()

    def said(self, path: str) -> tuple[str, str]:
        """Answer and reason."""
        return self.answers.get(path, ""), self.reasons.get(path, "")

    def conflict(self, path: str) -> Conflict | None:
        """The conflict on a path."""
        return next((each for each in self.conflicts if each.path == path), None)

    def alone(self, path: str) -> tuple[str, str, Conflict | None]:
        """Answer, reason and conflict, also inside an instance that is not there."""
        if all(instance in self.answers for instance in enclosing(path)):
            return (*self.said(path), self.conflict(path))
        if self._merge and self._merge.maximal_writers(path):
            return self._merge.resolve(path)
        return "", "", None

    def is_of(self, path: str, mine: Container[str]) -> bool:
        """Whether a value of `path` that counts was written by one of `mine`."""
        places = self._merge.maximal_writers(path) if self._merge else []
        names = {self._graph.changes[place].name for place in places}
        conflict = self.conflict(path)
        names |= {value.change for value in conflict.values} if conflict else set()
        return any(name in mine for name in names)


class Mixed:
    """The record where somebody went on: what they wrote since stays, what was left out goes back to what the others
    had written. An instance that was left out stays while somebody's answer lies in it."""

    def __init__(self, graph: Graph, rest: Graph, mine: Container[str]) -> None:
        self.graph, self.rest, self.mine = graph, rest, mine
        self.now = fold("", graph.changes)
        self.whole, self.others = Flat(graph), Flat(rest)
        deleted = self.now.deleted
        self.answers = self.whole.answers if deleted else self.now.answers
        self.reasons = self.whole.reasons if deleted else self.now.reasons
        self.dropped = set[str]().union(*map(self._dropped, graph.changes))

    def run(self, wanted: Folded) -> Folded:
        """`wanted` is the fold of the others alone: whether the record is deleted, and its review, are as there."""
        if wanted.deleted:
            return wanted
        _, head = showing(wanted, self.rest)
        answers: dict[str, str] = {}
        reasons: dict[str, str] = {}
        conflicts = [each for each in wanted.conflicts if not each.path]
        open_ = {each.path: each for each in self.now.conflicts}
        for path in self._paths(head.derived):
            if self._goes_back(path):
                value, reason, conflict = self.others.alone(path)
            else:
                value, reason, conflict = *self._shows(path), open_.get(path)
            if conflict:
                conflicts.append(conflict)
            put(answers, reasons, path, value, reason)
        self._keep_instances(answers, {*answers, *reasons})
        _drop_lost(answers, reasons)
        _add_derived(head, answers, reasons)
        inside = [each for each in conflicts if all(i in answers for i in enclosing(each.path))]
        inside.sort(key=lambda each: each.path)
        return replace(wanted, answers=answers, reasons=reasons, conflicts=tuple(inside))

    def _paths(self, derived: frozenset[str]) -> list[str]:
        paths = {*self.answers, *self.reasons}
        for flat in (self.whole, self.others):
            paths |= {*flat.answers, *flat.reasons, *(conflict.path for conflict in flat.conflicts)}
        # An instance before what lies inside it.
        return sorted(path for path in paths if path and generic(path) not in derived)

    def _shows(self, path: str) -> tuple[str, str]:
        return self.answers.get(path, ""), self.reasons.get(path, "")

    def _goes_back(self, path: str) -> bool:
        """Whether what shows was written by what is left out, or is gone because of it."""
        if self.whole.is_of(path, self.mine):
            return True
        # Pruned, or inside an instance that is gone: what did that need not have named it.
        around = [each for each in enclosing(path) if each not in self.answers]
        lost = path in self.dropped or any(self.whole.is_of(each, self.mine) for each in around)
        return lost and not any(self._shows(path))

    def _dropped(self, change: Change) -> set[str]:
        """What a change that is left out did away with and did not name: pruned, or inside an instance that it
        removed."""
        edit, dropped = change.payload, set[str]()
        if change.name not in self.mine or not isinstance(edit, Edit):
            return dropped
        for parent in change.header.parents:
            seen = (
                self.graph.changes[self.graph.index[parent]].payload if parent in self.graph.index else None
            )
            if isinstance(seen, Edit):
                dropped |= {*seen.answers, *seen.reasons}
        return dropped - {*edit.answers, *edit.reasons, *edit.changed}

    def _keep_instances(self, answers: dict[str, str], paths: set[str]) -> None:
        for path in paths:
            for instance in enclosing(path):
                if instance not in answers and instance in self.answers:
                    answers[instance] = self.answers[instance]


def _drop_lost(answers: dict[str, str], reasons: dict[str, str]) -> None:
    """Leave out what lies in an instance that is not there."""
    for target in (answers, reasons):
        for path in [each for each in target if not all(i in answers for i in enclosing(each))]:
            del target[path]


def _add_derived(head: Edit, answers: dict[str, str], reasons: dict[str, str]) -> None:
    for source, target in ((head.answers, answers), (head.reasons, reasons)):
        for path, value in source.items():
            if generic(path) in head.derived and all(each in answers for each in enclosing(path)):
                target[path] = value
