"""Taking some changes of a record back: which further changes let it look as it would without them.

Pure. Nothing is removed from a history: what is taken back stays in it, and what is written here stands behind it.
Conflicts that were open before are open afterwards."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sync import clock as clocks
from sync.change import CONTENT, ERASE, Change, Edit, Header, Payload, Removal, Review
from sync.fold import Conflict, Folded, Graph, fold
from sync.layout import generic, is_instance
from sync.without import Flat, Mixed, put, showing, went_on, without

# What became of a record.
DELETED, RESTORED, CHANGED, REVIEWED = "deleted", "restored", "changed", "reviewed"
# Why a record was left as it is.
WENT_ON, BEGINNING, UNREADABLE, ERASED, UNCLEAR = "went_on", "beginning", "unreadable", "erased", "unclear"

RECEIVED, EDITED = "received", "edited"


@dataclass(frozen=True, slots=True)
class Inverse:
    """What is to be written for one record: `undone` says what that comes to, `left` why nothing is written although
    something would be to take back. The changes are in order, each with an empty `payload_sha`."""

    record: str
    undone: tuple[str, ...] = ()
    left: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(slots=True)
class Pen:
    """Names and clocks of changes about to be written: `number` and `clock` of the last one before, `milliseconds`
    the time now."""

    replica: str
    author: str
    number: int
    clock: str
    milliseconds: int

    def write(
        self,
        kind: str,
        record: str,
        form: str,
        parents: Iterable[str],
        scopes: Iterable[str],
        payload: Payload,
    ) -> Change:
        """The next change."""
        self.number += 1
        self.clock = clocks.tick(self.clock, self.milliseconds)
        header = Header(
            self.replica,
            self.number,
            record,
            form,
            tuple(sorted(set(parents))),
            self.clock,
            self.author,
            kind,
            tuple(sorted(set(scopes))),
            "",
        )
        return Change(header, payload)


Compute = Callable[
    [str, str, Mapping[str, str], Mapping[str, str]], tuple[Mapping[str, str], Mapping[str, str]]
]
"""From record, form version, answers and reasons the answers and reasons with everything calculated anew."""


def invert(
    record: str,
    changes: Iterable[Change],
    mine: Container[str],
    pen: Pen,
    note: str,
    compute: Compute | None = None,
) -> Inverse:
    """Take the changes named by `mine` (none of them a withdraw or erase) back, of a record with all its `changes`.

    `note` becomes the reason of a deletion and the comment of a review. `compute` is asked where answers of several
    people come together as nobody had them before."""
    graph = Graph(changes)
    left = _obstacle(record, graph, mine)
    return Inverse(record, left=left) if left else _Work(record, graph, mine, pen, note).run(compute)


def _obstacle(record: str, graph: Graph, mine: Container[str]) -> str:
    """Why the record is left alone; `""` where it need not be."""
    if any(change.header.kind == ERASE for change in graph.changes):
        return ERASED
    others = [c for c in graph.changes if c.header.kind in CONTENT and c.name not in mine]
    if record not in graph.index and (not others or went_on(graph, mine)):
        return BEGINNING  # what it was before is not known here
    if record in graph.index and record in mine:
        return WENT_ON if others and not fold(record, graph.changes).deleted else ""
    return "" if all(map(_readable, graph.changes)) else UNREADABLE


def _readable(change: Change) -> bool:
    if change.header.kind not in ("edit", "settle"):
        return True
    return isinstance(change.payload, Edit) and change.payload.known


Disputed = Mapping[str, set[tuple[str, str]]]


def disputed(conflicts: Iterable[Conflict]) -> Disputed:
    """The values (with their reasons) that disagree, by path."""
    return {each.path: {(v.value, v.reason) for v in each.values} for each in conflicts}


def shape(folded: Folded) -> tuple[Mapping[str, str], Mapping[str, str], bool, Disputed]:
    """What a record says, whoever wrote it: answers, reasons, whether it is deleted, what is disputed."""
    return folded.answers, folded.reasons, folded.deleted, disputed(folded.conflicts)


class _Work:
    """Taking back in one record that is not left as it is."""

    def __init__(self, record: str, graph: Graph, mine: Container[str], pen: Pen, note: str) -> None:
        self.record, self.graph, self.mine, self.pen, self.note = record, graph, mine, pen, note
        self.rest = without(graph, mine)
        self.now, self.was = fold(record, graph.changes), fold(record, self.rest.changes)
        # A deletion, and what takes one back, must reach whoever saw what is taken back.
        names = {*self.now.heads, *self.was.heads}
        self.scopes = {s for each in graph.changes if each.name in names for s in each.header.scopes}
        self.made: list[Change] = []

    def run(self, compute: Compute | None) -> Inverse:
        """The inverse of the content, then of the reviews."""
        if self.record in self.graph.index and self.record in self.mine:
            if all(name in self.mine for name in self.now.heads) and self.now.deleted:
                return Inverse(self.record)
            # Also where others have deleted it: it stays so whatever becomes of their deletion.
            said = () if self.now.deleted else (DELETED,)
            return Inverse(self.record, said, changes=(self._delete(self.graph),))
        wanted = self.was
        if went_on(self.graph, self.mine):
            wanted = Mixed(self.graph, self.rest, self.mine).run(wanted)
            if compute and not wanted.deleted:
                form = showing(self.was, self.rest)[0].form
                answers, reasons = compute(self.record, form, wanted.answers, wanted.reasons)
                wanted = replace(wanted, answers=dict(answers), reasons=dict(reasons))
        if shape(self.now) != shape(wanted) and not self._write(wanted):
            return Inverse(self.record, left=UNCLEAR)
        undone = [self._word(wanted)] if self.made else []
        if not wanted.deleted and self._review(wanted):
            undone.append(REVIEWED)
        return Inverse(self.record, tuple(undone), changes=tuple(self.made))

    def _word(self, wanted: Folded) -> str:
        if wanted.deleted:
            return DELETED
        return RESTORED if self.now.deleted else CHANGED

    def _write(self, wanted: Folded) -> bool:
        """Write the content; each way is tried by folding it, the one that says least first."""
        number, clock = self.pen.number, self.pen.clock
        for way in (self._single, self._beside, self._restated):
            made = way(wanted)
            if made and shape(fold(self.record, [*self.graph.changes, *made])) == shape(wanted):
                self.made += made
                return True
            self.pen.number, self.pen.clock = number, clock
        return False

    def _single(self, wanted: Folded) -> list[Change]:
        """One change that has seen everything: no conflict is to stay open."""
        if wanted.deleted:
            return [self._delete(self.rest)]
        return [] if wanted.conflicts else [self._edit(wanted, self.now.heads, self._changed(wanted))]

    def _beside(self, wanted: Folded) -> list[Change]:
        """One change that has seen only what is taken back: conflicts of others stay theirs."""
        heads = [
            name
            for name in self.now.heads
            if any(change.name in self.mine for change in self.graph.closure([name]))
        ]
        if not heads or len(heads) == len(self.now.heads):
            return []
        return [self._edit(wanted, heads, self._changed(wanted))]

    def _restated(self, wanted: Folded) -> list[Change]:
        """As many changes beside one another as values disagree: the conflict is open again."""
        conflicts = [conflict for conflict in wanted.conflicts if conflict.path]
        changed = {*self._changed(wanted), *(conflict.path for conflict in conflicts)}
        made = []
        if len(conflicts) < len(wanted.conflicts):  # deleted by one, edited by another
            made.append(self._delete(self.rest))
        for turn in _turns(conflicts):
            answers, reasons = dict(wanted.answers), dict(wanted.reasons)
            for path, value, reason in turn:
                put(answers, reasons, path, value, reason)
            said = replace(wanted, answers=answers, reasons=reasons)
            made.append(self._edit(said, self.now.heads, changed))
        return made

    def _changed(self, wanted: Folded) -> set[str]:
        """Given paths that the writers of the whole history leave otherwise, or in another conflict."""
        flat, target = Flat(self.graph), disputed(wanted.conflicts)
        paths = {*flat.answers, *flat.reasons, *wanted.answers, *wanted.reasons}
        changed = {
            path
            for path in paths
            if flat.said(path) != (wanted.answers.get(path, ""), wanted.reasons.get(path, ""))
        }
        for open_ in (disputed(self.now.conflicts), disputed(flat.conflicts)):
            changed |= {path for path, values in open_.items() if path and target.get(path) != values}
        derived = showing(self.was, self.rest)[1].derived
        return {path for path in changed if generic(path) not in derived}

    def _edit(self, wanted: Folded, parents: Sequence[str], changed: Iterable[str]) -> Change:
        header, shown = showing(self.was, self.rest)
        payload = Edit(wanted.answers, wanted.reasons, tuple(sorted(changed)), shown.derived)
        kind = "settle" if len(parents) > 1 else "edit"
        return self.pen.write(kind, self.record, header.form, parents, self.scopes, payload)

    def _delete(self, graph: Graph) -> Change:
        form = [change.header.form for change in graph.changes if change.header.kind in CONTENT][-1]
        removal = Removal(self.note)
        return self.pen.write("delete", self.record, form, self.now.heads, self.scopes, removal)

    def _review(self, wanted: Folded) -> bool:
        """Write the review that shows without the changes taken back, where another one shows."""
        after = fold(self.record, [*self.graph.changes, *self.made])
        shown = after.review.changes[-1:]
        if after.review.state == wanted.review.state and not any(name in self.mine for name in shown):
            return False
        before = Review(RECEIVED, "", ())  # nobody had reviewed it
        if wanted.review.changes:
            found = self.rest.changes[self.rest.index[wanted.review.changes[-1]]].payload
            before = found if isinstance(found, Review) else before
        payload = replace(before, comment=f"{before.comment}\n{self.note}".strip())
        header, edit = showing(after, Graph([*self.graph.changes, *self.made]))
        parents = {*after.heads, *after.review.changes}
        write, scopes = self.pen.write, header.scopes
        self.made.append(write("review", self.record, header.form, parents, scopes, payload))
        if wanted.review.state == EDITED:
            # An edit that says nothing new, and that the review has not seen.
            again = replace(edit, changed=())
            self.made.append(write("edit", self.record, header.form, [header.name], scopes, again))
        return True


def _turns(conflicts: Sequence[Conflict]) -> list[list[tuple[str, str, str]]]:
    """`(path, value, reason)` for each of several changes that between them say all that disagrees; the last says
    what shows."""
    gone = [
        each.path for each in conflicts if is_instance(each.path) and not all(v.value for v in each.values)
    ]
    # One that removes instances says nothing of what lies in them: it stands by itself.
    removal = [
        *((each.path, each.values[0].value, each.values[0].reason) for each in conflicts),
        *((path, "", "") for path in gone),
    ]
    values = [(each.path, [v for v in each.values if v.value or each.path not in gone]) for each in conflicts]
    count = max((len(said) for _, said in values), default=1)
    turns = []
    for turn in range(count):
        at = [(path, said[max(0, turn - count + len(said))]) for path, said in values]
        turns.append([(path, one.value, one.reason) for path, one in at])
    return [removal, *turns] if gone else turns
