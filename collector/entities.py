"""Entity lists: records of one form offered as choices in another (`businesses.csv`, `inns.csv`).

A row is what the record's form says about its entity (`Session.entities`): name, label and the `save_to`
columns. Rows are worked out once per content of a record and remembered by its heads, so that a page costs
only what changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock

from forms import Form, Session
from sync import RecordState, Replica

from . import library
from .accounts.people import Person
from .lists import Lists, Row
from .records.access import visible


class _Cache:
    """Heads and row of each record of one replica file; None for the row of a record that is no entity."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[tuple[str, ...], Row | None]] = {}
        self.lock = Lock()


_caches: dict[str, _Cache] = {}
_caches_lock = Lock()


def list_names(source: Replica) -> dict[str, list[str]]:
    """Form ids that feed each entity list."""
    found: dict[str, list[str]] = {}
    for form_id, entry in library.current_forms(source).items():
        if entry.form.entity is not None:
            found.setdefault(entry.form.entity.list, []).append(form_id)
    return found


def rows(source: Replica, name: str, person: Person | None = None) -> list[Row] | None:
    """Rows of the entity list `name`, or None when no form feeds a list of that name.

    With a person: the rows of records that this person may see.
    """
    feeders = list_names(source).get(name)
    if feeders is None:
        return None
    return [row for row, state in _entities(source, feeders) if person is None or visible(person, state)]


TOWNSHIP = 9
"""Digits of a village code that name its township."""


def near_first(
    choices: Sequence[tuple[str, str]], rows: Iterable[Mapping[str, str]], value: str, village: str
) -> list[tuple[str, str]]:
    """Choices (value, label) of units: those of the village first, then of its township, then the rest; within
    each as they were. `rows` are of the list they come from, `value` its column with the value of a choice;
    rows without `village_code` move nothing. Twin of `static/app/logic/near.js`.
    """
    places = {row.get(value, ""): row["village_code"] for row in rows if row.get("village_code")}
    if not village or not places:
        return list(choices)

    def distance(choice: tuple[str, str]) -> int:
        place = places.get(choice[0], "")
        return 0 if place == village else 1 if place[:TOWNSHIP] == village[:TOWNSHIP] else 2

    return sorted(choices, key=distance)


def _entities(source: Replica, feeders: list[str]) -> Iterator[tuple[Row, RecordState]]:
    cache = _cache_of(source)
    # Without entity lists: what a record offers rests on its own answers, and lists that feed each other
    # would not end.
    lists = Lists(lambda name: library.list_document(source, name), lambda name: None)
    for form_id in feeders:
        for state in source.states(form_id=form_id):
            row = None if state.deleted or state.withdrawn else _row(cache, source, lists, state)
            if row is not None:
                yield row, state


def _cache_of(source: Replica) -> _Cache:
    key = str(source.path)
    with _caches_lock:
        return _caches.setdefault(key, _Cache())


def _row(cache: _Cache, source: Replica, lists: Lists, state: RecordState) -> Row | None:
    with cache.lock:
        heads, row = cache.rows.get(state.record, ((), None))
    if heads == state.heads:
        return row
    row = project(library.form_for(source, state.form), state.answers, lists)
    with cache.lock:
        cache.rows[state.record] = (state.heads, row)
    return row


def project(form: Form, answers: Mapping[str, str], lists: Lists) -> Row | None:
    """The entity row of one record, or None when its form makes none of it."""
    for _, row in Session(form, lists, answers).entities():
        return row
    return None
