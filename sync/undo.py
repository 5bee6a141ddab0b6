"""Undoing an intake: appending the inverse of what came in one go, in one transaction.

Nothing is taken out of any log, so merging the same file again brings nothing, and what its device makes later still
comes. What an intake brought of documents and media stays: they harm nobody, and others may name them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sync import clock as clocks
from sync.canonical import sha
from sync.change import (
    ERASE,
    WITHDRAWALS,
    Change,
    Edit,
    Review,
    encode_edit,
    encode_removal,
    encode_review,
    new_salt,
)
from sync.inverse import ERASED, Compute, Inverse, Pen, invert
from sync.names import change_key, change_name, replica_number
from sync.preview import copied
from sync.problems import NO_INTAKE, UNDONE, UNKNOWN_FORM, SyncError
from sync.replica import Replica, intake, log, state, write
from sync.replica.intake import Intake
from sync.replica.store import now

OUTCOMES = ("deleted", "restored", "changed", "reviewed", "already")
"""What becomes of records that are not left."""

_BATCH = 1000  # changes written at once


@dataclass(frozen=True, slots=True)
class Came:
    """An intake as it is listed: `changes` that came with it, and how many of them began a `record`; `together`: the
    intakes of the merge that it came by, where that brought several, this one among them."""

    intake: Intake
    records: int
    changes: int
    together: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        kept = ("id", "at", "road", "source", "undone")
        return {name: getattr(self.intake, name) for name in kept} | {
            "records": self.records,
            "changes": self.changes,
            "together": list(self.together),
        }


@dataclass(slots=True)
class UndoReport:
    """What undoing an intake does, or did (`id`: the intake that it was noted as; None where nothing was written).

    Records by what becomes of them: `deleted`, `restored` (a deletion was taken back), `changed` (answers, conflicts),
    `reviewed`; `already`: there is nothing to do, they are as they would be. `left`: `(record, why)` of those left as
    they are: somebody `went_on` with a new record, its `beginning` is not here, an answer is `unreadable` here, it was
    `erased`, or the outcome would be `unclear`. `final`: `(record, kind)` of what cannot be undone (`withdraw`,
    `erase`). `changes`: how many are written."""

    intake: Intake
    id: int | None = None
    changes: int = 0
    deleted: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    reviewed: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    final: list[tuple[str, str]] = field(default_factory=list)

    # Whether any record of it was not left.
    counts: bool = field(default=False, repr=False)

    def take(self, inverse: Inverse) -> None:
        """Count one record."""
        self.changes += len(inverse.changes)
        self.counts |= not inverse.left
        for what in inverse.undone:
            getattr(self, what).append(inverse.record)
        if not (inverse.undone or inverse.left):
            self.already.append(inverse.record)
        if inverse.left and not (
            inverse.left == ERASED and (inverse.record, ERASE) in self.final
        ):  # said once
            self.left.append((inverse.record, inverse.left))

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "intake": self.intake.id,
            "undo": self.id,
            "changes": self.changes,
            **{name: getattr(self, name) for name in OUTCOMES},
            "left": [{"record": record, "why": why} for record, why in self.left],
            "final": [{"record": record, "kind": kind} for record, kind in self.final],
        }


def intakes(hub: Replica) -> list[Came]:
    """What came here and by which road, the latest first."""
    ranges = intake.ranges(hub.db)
    firsts = [first for first, _, _ in ranges]
    changes, records = Counter[int](), Counter[int]()
    for first, last, id_ in ranges:
        changes[id_] += last - first + 1
        records[id_] += last - first + 1
    for key in log.later(hub.db):
        place = bisect_right(firsts, key) - 1
        if place >= 0 and key <= ranges[place][1]:
            records[ranges[place][2]] -= 1
    for key, record, id_ in intake.excerpts(hub.db):
        changes[id_] += 1
        records[id_] += key == record
    groups = {id_: ids for ids in intake.together(hub.db) for id_ in ids}
    return [
        Came(each, records[each.id], changes[each.id], groups.get(each.id, ()))
        for each in intake.rows(hub.db)
    ]


def plan_undo(hub: Replica, id_: int, *, compute: Compute | None = None) -> UndoReport:
    """What undoing an intake would do; nothing is written. HW-2087 for one that is not here, HW-2088 for one that is
    undone already."""
    came = _wanted(hub, id_)
    report = UndoReport(came)
    for inverse in _inverses(hub, report, _pen(hub, hub.name, ""), "", compute):
        report.take(inverse)
    return report


def undo(
    hub: Replica, id_: int, *, author: str, note: str = "", compute: Compute | None = None
) -> UndoReport:
    """Undo an intake, all or nothing; the same problems as `plan_undo`, and HW-2029 for a log that is full.

    `note` becomes the reason of deletions and the comment of reviews; `compute` is as `invert` has it. What is written
    is noted as an intake by the road `undo`, and can itself be undone."""
    with hub.transaction():
        came, before = _wanted(hub, id_), intake.before(hub.db)
        report, pen = UndoReport(came), _pen(hub, hub.writer(), author)
        waiting: list[Change] = []
        for inverse in _inverses(hub, report, pen, note, compute):
            report.take(inverse)
            waiting += inverse.changes
            if len(waiting) >= _BATCH:
                _store(hub, waiting)
                waiting = []
        _store(hub, waiting)
        if report.changes:
            hub.advance_clock(pen.clock)
        if report.counts:
            at = now()
            report.id = intake.note(hub.db, at, intake.UNDO, str(came.id), before)
            intake.mark(hub.db, came, at)
    return report


def undo_all(
    hub: Replica,
    ids: Iterable[int],
    *,
    author: str,
    note: Callable[[Intake], str] = lambda came: "",
    compute: Compute | None = None,
) -> list[UndoReport]:
    """Undo several intakes, the latest first, all or nothing; the same problems as `undo`."""
    with hub.transaction():
        found = []
        for id_ in sorted(set(ids), reverse=True):
            text = note(_wanted(hub, id_))
            found.append(undo(hub, id_, author=author, note=text, compute=compute))
        return found


def plan_undo_all(
    hub: Replica, ids: Iterable[int], *, computing: Callable[[Replica], Compute] | None = None
) -> list[UndoReport]:
    """What undoing several intakes would do, found out in a copy of the hub; `computing` gives `compute` for it. Raises
    what `undo_all` does, and HW-2086 when there is no room for the copy."""
    with copied(hub.path) as copy:
        return undo_all(copy, ids, author="", compute=computing(copy) if computing else None)


def together(reports: Sequence[UndoReport]) -> UndoReport:
    """What several undoings come to, one after another: of each record what it ends with. `intake` is that of the
    first."""
    found = UndoReport(reports[0].intake, changes=sum(each.changes for each in reports))
    found.deleted = _once(record for each in reports for record in each.deleted)
    over = set(found.deleted)
    for name in ("restored", "changed", "reviewed"):
        rows = _once(record for each in reports for record in getattr(each, name))
        setattr(found, name, [record for record in rows if record not in over])
    done = {record for name in OUTCOMES for record in getattr(found, name)}
    already = _once(record for each in reports for record in each.already)
    found.already = [record for record in already if record not in done]
    left = dict(row for each in reports for row in each.left if row[0] not in over)
    found.left = list(left.items())
    found.final = list(dict.fromkeys(row for each in reports for row in each.final))
    return found


def _once(records: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(records))


def _wanted(hub: Replica, id_: int) -> Intake:
    found = intake.one(hub.db, id_)
    if found is None:
        raise SyncError(NO_INTAKE, str(id_))
    if found.undone:
        by = intake.undone_by(hub.db, id_) or id_
        raise SyncError(UNDONE, str(id_), at=clocks.local_minute(found.undone), undo=by)
    return found


def _pen(hub: Replica, name: str, author: str) -> Pen:
    number = log.tip(hub.db, replica_number(name)).number
    return Pen(name, author, number, hub.clock, clocks.now_milliseconds())


def _inverses(
    hub: Replica, report: UndoReport, pen: Pen, note: str, compute: Compute | None
) -> Iterator[Inverse]:
    """Record by record, in the order of their names; notes what is final."""
    ledger = _Ledger(hub, report.intake)
    for record in ledger.records():
        name, changes = change_name(record), state.changes(hub.db, record, hub.layout)
        kinds = ledger.kinds(changes)
        report.final += [(name, kind) for kind in sorted(kinds & WITHDRAWALS) if not ledger.again]
        if kinds - WITHDRAWALS:
            yield invert(name, changes, ledger.mine(name, changes), pen, note, compute)


class _Ledger:
    """Which changes count for nothing once an intake is undone: its own (`again`: they count again, as it undid
    another), those of others that are undone, and all that was written to undo."""

    def __init__(self, hub: Replica, wanted: Intake) -> None:
        self._hub, self._wanted = hub, wanted
        self._all = {each.id: each for each in intake.rows(hub.db)}
        self._ranges = intake.ranges(hub.db)
        self._firsts = [first for first, _, _ in self._ranges]
        self._excerpts = {key: id_ for key, _, id_ in intake.excerpts(hub.db)}
        self._off = {each.id for each in self._all.values() if each.undone and each.road != intake.UNDO}
        self._first, turns = self._origin(wanted.id)
        self.again = bool(turns % 2)
        (self._off.discard if self.again else self._off.add)(self._first)

    def _origin(self, id_: int) -> tuple[int, int]:
        """The intake that was undone first, and after how many turns of undoing this one came."""
        each, turns = self._all[id_], 0
        while each.road == intake.UNDO:
            each, turns = self._all[int(each.source)], turns + 1
        return each.id, turns

    def _came_with(self, name: str) -> int:
        """The intake of a change; 0 for one that was made here."""
        key = change_key(name)
        place = bisect_right(self._firsts, key) - 1
        if place >= 0 and key <= self._ranges[place][1]:
            return self._ranges[place][2]
        return self._excerpts.get(key, 0)

    def records(self) -> list[int]:
        """The records that the intake touched which was undone first."""
        found = {record for _, record, _ in intake.excerpts(self._hub.db, self._first)}
        query = "SELECT DISTINCT coalesce(record, id) FROM change WHERE id BETWEEN ? AND ?"
        for first, last, _ in intake.ranges(self._hub.db, self._first):
            found.update(record for (record,) in self._hub.db.execute(query, (first, last)))
        return sorted(found)

    def kinds(self, changes: Sequence[Change]) -> set[str]:
        """The kinds of that intake's changes among those of a record."""
        return {each.header.kind for each in changes if self._came_with(each.name) == self._first}

    def mine(self, record: str, changes: Sequence[Change]) -> set[str]:
        """The names of the changes of a record that count for nothing."""
        came = {each.name: self._came_with(each.name) for each in changes}
        writing = {id_ for id_ in came.values() if id_ and self._all[id_].road == intake.UNDO}
        gone = self._off | writing
        begun = self._came_with(record)
        if begun != self._wanted.id and begun not in {self._origin(id_)[0] for id_ in writing}:
            gone.discard(begun)  # somebody had gone on with the record, and it was left
        return {
            each.name for each in changes if came[each.name] in gone and each.header.kind not in WITHDRAWALS
        }


def _store(hub: Replica, changes: Sequence[Change]) -> None:
    """Append changes to the hub's own log, and bring the rows of their records up to it."""
    rows: list[tuple[int | None, str, str]] = []
    for change in changes:
        payload = _payload(hub, change)
        write.check_size(payload)
        header = replace(change.header, payload_sha=sha(payload))
        rows.append((change_key(header.record), header.encode(), payload))
    log.append_all(hub.db, replica_number(hub.name), rows, now())
    state.refresh(hub.db, sorted({record for record, _, _ in rows if record is not None}), hub.layout)


def _payload(hub: Replica, change: Change) -> str:
    payload = change.payload
    if isinstance(payload, Edit):
        layout = hub.layout(change.header.form)
        if layout is None:
            raise SyncError(UNKNOWN_FORM, change.header.form)
        return encode_edit(layout, payload.answers, payload.reasons, payload.changed, new_salt())
    if isinstance(payload, Review):
        return encode_review(payload.state, payload.comment, payload.questions, new_salt())
    return encode_removal(payload.reason if payload else "", new_salt())
