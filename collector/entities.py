"""Entity lists: records of one form offered as choices in another (`businesses.csv`, `inns.csv`).

A row is what the record's form says about its entity (`Session.entities`): name, label and the `save_to`
columns. Rows are worked out once per content of a record and remembered by its heads, so that a page costs
only what changed since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from threading import Lock

from forms import Form, Session
from sync import RecordState, Replica
from sync.change import Edit
from sync.replica import documents

from . import library
from .accounts.people import Person
from .accounts.visible import visible
from .lists import Lists, Row


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


def rows(
    source: Replica,
    name: str,
    person: Person | None = None,
    keep: Callable[[RecordState], bool] = lambda state: True,
) -> list[Row] | None:
    """Rows of the entity list `name`, or None when no form feeds a list of that name.

    With a person: the rows of records that this person may see; of these those that `keep` wants. On a field laptop
    the rows that its hub made for its
    people follow, of records that are not here.
    """
    feeders = list_names(source).get(name)
    if feeders is None:
        return None
    here = list(_entities(source, feeders))
    known = {row["name"] for row, _ in here}
    own = [
        row
        for row, state in here
        if shown(state) and (person is None or visible(person, state)) and keep(state)
    ]
    return own + [row for row in of_hub(source, name) if row["name"] not in known]


def shown(state: RecordState) -> bool:
    """Whether a record may be chosen."""
    return not state.deleted and not state.withdrawn


def of_hub(source: Replica, name: str) -> list[Row]:
    """Rows of an entity list that the hub made for this replica; none where it made none."""
    document = source.document_named(documents.ENTITIES, name)
    if document is None:
        return []
    return _rows_of(document.id, document.data)


@lru_cache(maxsize=32)
def _rows_of(document_id: str, data: bytes) -> list[Row]:
    return [
        {str(column): str(value) for column, value in row.items()}
        for row in json.loads(data)
        if isinstance(row, dict) and isinstance(row.get("name"), str)
    ]


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
            row = _row(cache, source, lists, state)
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
    answers = state.answers or _before(source, state)
    row = project(library.form_for(source, state.form), answers, lists) if answers else None
    with cache.lock:
        cache.rows[state.record] = (state.heads, row)
    return row


def _before(source: Replica, state: RecordState) -> Mapping[str, str]:
    """The answers of a deleted record as they were: by them a row of the hub is known to be of this record."""
    edits = [change.payload for change in source.history(state.record) if isinstance(change.payload, Edit)]
    return edits[-1].answers if edits else {}


def project(form: Form, answers: Mapping[str, str], lists: Lists) -> Row | None:
    """The entity row of one record, or None when its form makes none of it."""
    for _, row in Session(form, lists, answers).entities():
        return row
    return None
