"""Which records a person may see."""

from __future__ import annotations

from sync import RecordState

from .people import Person


def visible(person: Person, state: RecordState) -> bool:
    """A supervisor sees all records, an enumerator own ones and those of the own villages."""
    if person.supervises or f"p:{person.id}" in state.scopes or state.author == person.id:
        return True
    return any(scope.startswith("v:") and person.works_in(scope[2:]) for scope in state.scopes)
