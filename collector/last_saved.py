"""The record that a person made last with a form: what `${last-saved#question}` reads on the server's pages."""

from __future__ import annotations

from collections.abc import Mapping

from forms import Form
from sync import RecordState, Replica

from . import entities
from .accounts.people import Person


def last_saved(source: Replica, form: Form, person: Person) -> Mapping[str, str]:
    """Its answers as they are now; empty where this person made none. What was deleted or taken back is no more read
    than shown."""
    mine = (
        state for state in source.states(form.form_id) if state.author == person.id and entities.shown(state)
    )
    last = max(mine, key=_made, default=None)
    return last.answers if last is not None else {}


def _made(state: RecordState) -> tuple[str, int]:
    return state.created, int(state.record.rpartition("-")[2])
