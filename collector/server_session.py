"""Sessions that run on the server: which lists they read, who fills in, on which device."""

from __future__ import annotations

from collections.abc import Mapping

from forms import Form, Session, SystemContext
from sync import Replica

from . import entities, last_saved, library
from .accounts.people import Person
from .lists import Lists, Row


def lists_for(source: Replica, person: Person | None, form: Form | None = None) -> Lists:
    """The lists of a replica as this person may see them; nobody signed in sees no entity list. With a form also what
    this person recorded with it last."""

    def rows(name: str) -> list[Row] | None:
        return entities.rows(source, name, person) if person is not None else None

    def saved() -> Mapping[str, str]:
        return last_saved.last_saved(source, form, person) if form is not None and person is not None else {}

    return Lists(lambda name: library.list_document(source, name), rows, saved)


def context_for(source: Replica, person: Person | None) -> SystemContext:
    """Clock and chance of this machine; the device is the replica. Nobody signed in leaves no name."""
    return SystemContext(deviceid=source.name, username=person.username) if person else SystemContext()


def session_for(
    source: Replica,
    form: Form,
    person: Person | None,
    lang: str,
    answers: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Session:
    """A session of a new record, or one that goes on with `answers`.

    Without a person it holds nothing personal and stands for the page's empty shell.
    """
    return Session(form, lists_for(source, person, form), answers, reasons, context_for(source, person), lang)
