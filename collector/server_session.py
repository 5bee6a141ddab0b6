"""What a `forms.Session` on the server stands in: clock, chance, names of device and person."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from forms import Form, Session
from sync import Replica

from . import entities, library
from .accounts.people import Person
from .lists import Lists, Row


@dataclass(frozen=True)
class ServerContext:
    """The context of a session that runs here. `now` is the server's clock with its offset."""

    deviceid: str = ""
    username: str = ""

    def now(self) -> str:
        """ISO 8601 with offset, to the millisecond."""
        return datetime.now(UTC).astimezone().isoformat(timespec="milliseconds")

    def random(self) -> float:
        """A number from 0 up to, not including, 1. Chance, not a secret: it picks card numbers."""
        return random.SystemRandom().random()

    def uuid(self) -> str:
        """A random UUID in lower case."""
        return str(uuid.uuid4())

    def instance_id(self) -> str:
        """Name of a new instance of a repeat; unique in a record for all practical purposes."""
        return "".join(random.SystemRandom().choice("0123456789abcdefghijklmnopqrstuvwxyz") for _ in range(6))


def lists_for(source: Replica, person: Person | None) -> Lists:
    """The lists of a replica as this person may see them; nobody signed in sees no entity list."""

    def rows(name: str) -> list[Row] | None:
        return entities.rows(source, name, person) if person is not None else None

    return Lists(lambda name: library.list_document(source, name), rows)


def new_session(source: Replica, form: Form, person: Person | None, lang: str) -> Session:
    """A session of a new record. Without a person it holds nothing personal and stands for the page's empty shell."""
    session = Session(form, lists_for(source, person), context=context_for(source, person))
    session.language = form.language(lang)
    return session


def context_for(source: Replica, person: Person | None) -> ServerContext:
    """The context of this person here; the device is the replica."""
    return ServerContext(deviceid=source.name, username=person.username) if person is not None else ServerContext()


def resumed_session(
    source: Replica, form: Form, person: Person, lang: str, answers: dict[str, str], reasons: dict[str, str]
) -> Session:
    """A session that goes on with what was answered before."""
    session = Session(
        form, lists_for(source, person), answers=answers, reasons=reasons, context=context_for(source, person)
    )
    session.language = form.language(lang)
    return session
