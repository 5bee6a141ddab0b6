"""The derived row of a record, without folding every answer of it.

After a merge many records wait whose edits merely follow one another, or touch different answers. Their row says
only which heads there are and how many answers are in conflict, and that follows from what the edits name as
changed. Whatever is less simple (reviews, deletions, repeats, a clock that runs before its parent's, a payload that
is not as expected) is left to the fold; `tests/sync/test_summary.py` holds both to the same row."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sync.change import EVERYTHING, VERSION
from sync.layout import Layout, unpack
from sync.replica.log import Row

_EDITS = ("edit", "settle")
_scan = json.JSONDecoder().raw_decode
Layouts = Callable[[str], Layout | None]
StateRow = tuple[int, int, int, int, int, str]  # record, head, heads, deleted, conflicts, review


class NotPlain(Exception):
    """The record needs the fold."""


def summary(record: int, rows: Sequence[Row], layouts: Layouts) -> StateRow | None:
    """The row that `state` must hold for a record of edits, from all its changes; None when it takes the fold to
    tell."""
    try:
        changes = sorted(map(_read, rows))
        ancestors = _ancestors(changes)
        covered = 0
        for bits in ancestors:
            covered |= bits
        heads = [place for place in range(len(changes)) if not covered >> place & 1]
        conflicts = 0
        if len(heads) > 1:
            conflicts = _conflicts([_Edit(*change[4:], layouts) for change in changes], ancestors, heads[-1])
    except (NotPlain, ValueError, TypeError, RecursionError):
        return None
    return record, changes[heads[-1]][3], len(heads), 0, conflicts, "received"


# clock, replica, number, key, parents, form, payload: in clock order when sorted
_Change = tuple[str, str, int, int, list[str], str, str | None]


def _read(row: Row) -> _Change:
    _, replica, number, _, form, parents, clock, _, kind, _, _ = _scan(row[2])[0]
    if kind not in _EDITS:
        raise NotPlain
    return clock, replica, int(number), row[0], parents, form, row[3]


def _ancestors(changes: Sequence[_Change]) -> list[int]:
    """One bit for each ancestor of each change; parents that are not here are passed over."""
    index = {f"{change[1]}-{change[2]}": place for place, change in enumerate(changes)}
    reach: list[int] = []
    for place, change in enumerate(changes):
        bits = 0
        for name in change[4]:
            parent = index.get(name)
            if parent is not None:
                if parent >= place:
                    raise NotPlain
                bits |= reach[parent] | 1 << parent
        reach.append(bits)
    return reach


class _Edit:
    """What an edit says, as far as it is needed."""

    def __init__(self, parents: Sequence[str], form: str, payload: str | None, layouts: Layouts) -> None:
        if payload is None or "\\u" in payload:  # an escape may be half a character: no payload at all then
            raise NotPlain
        members, end = _scan(payload)
        version, _, self.values, extra, self.changed, reasons = members
        layout = layouts(form)
        sound = version == VERSION and end == len(payload) and extra == []
        lists = isinstance(self.values, list) and isinstance(self.changed, list)
        if layout is None or not sound or not lists or len(self.values) > len(layout.paths):
            raise NotPlain
        if set(map(type, self.values)) != {str}:
            unpack(layout, self.values)
        self.layout = layout
        self.reasons: dict[Any, Any] = dict(reasons)
        if not all(isinstance(text, str) for pair in self.reasons.items() for text in pair):
            raise NotPlain

    def at(self, path: str) -> tuple[str, str]:
        """Value and reason at a path outside repeats."""
        place = self.layout.index.get(path, len(self.values))
        value = self.values[place] if place < len(self.values) else ""
        if not isinstance(value, str):
            raise NotPlain
        return value, self.reasons.get(path, "")


def _conflicts(edits: Sequence[_Edit], ancestors: Sequence[int], latest: int) -> int:
    """How many answers have different values by writers of which none saw the other."""
    writers: dict[str, list[int]] = {}
    for place, edit in enumerate(edits):
        if edit.changed == [EVERYTHING]:
            # The creation, seen by all that follow: whoever writes after it goes before it.
            if place or not all(bits & 1 for bits in ancestors[1:]):
                raise NotPlain
            continue
        for path in edit.changed:
            if path == EVERYTHING or "[" in path:
                raise NotPlain
            writers.setdefault(path, []).append(place)
    derived = edits[latest].layout.derived
    return sum(
        _differ(path, places, edits, ancestors)
        for path, places in writers.items()
        if len(places) > 1 and path not in derived
    )


def _differ(path: str, places: Sequence[int], edits: Sequence[_Edit], ancestors: Sequence[int]) -> bool:
    covered = 0
    for place in places:
        covered |= ancestors[place]
    return len({edits[place].at(path) for place in places if not covered >> place & 1}) > 1
