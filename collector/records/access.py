"""Which records a person may see, and finding them."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from sync import RecordState, Replica

from ..accounts.people import Person
from ..accounts.visible import visible
from ..problems import Problem
from .titles import title


@dataclass(frozen=True)
class Filter:
    """What the list shows. Empty text means all; `review` a review state or `conflict`."""

    form: str = ""
    review: str = ""
    village: str = ""
    words: str = ""
    mine: bool = False


def matching(replica: Replica, person: Person, wanted: Filter) -> Iterator[RecordState]:
    """The undeleted records that fit, in no order."""
    words = wanted.words.lower().split()
    scope = f"v:{wanted.village}" if wanted.village else None
    for state in replica.states(form_id=wanted.form or None, scope=scope):
        if state.deleted or not visible(person, state):
            continue
        if wanted.mine and state.author != person.id:
            continue
        if wanted.review == "conflict" and not state.conflicts:
            continue
        if wanted.review not in ("", "conflict", state.review.state):
            continue
        name = f"{title(state.form_id, state.answers)} {state.record}".lower()
        if all(word in name for word in words):
            yield state


def newest(states: Iterator[RecordState], count: int) -> tuple[list[RecordState], int]:
    """The `count` records changed last, newest first, and how many there are in all; holds no more than
    `count`."""
    total = 0

    def counted() -> Iterator[RecordState]:
        nonlocal total
        for state in states:
            total += 1
            yield state

    found = heapq.nlargest(count, counted(), key=lambda state: (state.updated, state.record))
    return found, total


def record_for(replica: Replica, person: Person, record: str) -> RecordState:
    """The state of one record. `Problem` HW-3012 when it is not this person's, `SyncError` HW-2021 when not
    here."""
    state = replica.state(record)
    if not visible(person, state):
        raise Problem("HW-3012", record, record=record)
    return state
