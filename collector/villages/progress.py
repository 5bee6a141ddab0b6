"""How far a village is: what its card and its page count, from the same roster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sync import RecordState, Replica

from ..accounts.people import Person
from ..accounts.visible import visible
from ..visit.roster import Current, Roster, roster
from .registry import Village


def current(state: RecordState) -> Current:
    """A record as the roster takes it."""
    return {
        "record": state.record,
        "form_id": state.form_id,
        "answers": state.answers,
        "review": state.review.state,
        "comment": state.review.comment,
        "created": state.created,
    }


def rosters(replica: Replica, villages: Sequence[Village], person: Person) -> list[Roster]:
    """The rosters of several villages today, in their order, from one pass over the records that `person` may
    see."""
    of_village: dict[str, list[Current]] = {f"v:{village.code}": [] for village in villages}
    scope = next(iter(of_village)) if len(of_village) == 1 else None
    for state in replica.states(scope=scope) if of_village else ():
        if not visible(person, state):
            continue
        for tag in state.scopes:
            if tag in of_village and not state.deleted:
                of_village[tag].append(current(state))
    today = date.today().isoformat()
    return [
        roster(
            {"village": village.code, "township": village.township, "county": village.county},
            of_village[f"v:{village.code}"],
            today,
        )
        for village in villages
    ]
