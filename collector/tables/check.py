"""The server's verdict on a record: the form is asked again, once for each content.

A phone has shown its verdict already; this one counts. A record that fails is kept and marked.
"""

from __future__ import annotations

import hashlib
import json
from itertools import count

from forms import Form, FormError, Session
from sync import RecordState

from ..folding import answers_of
from ..lists import Lists
from .columns import generic

Found = list[tuple[str, str, str, str]]
"""(path, code, number, message) of each problem: `required`, `constraint`, `type`, `choice`, `expression`;
the
number in the catalogue; what the form itself says in its own language, or ''."""


class RecordContext:
    """The moment of a record's last edit, so that `today()` means that day, whenever it is asked."""

    deviceid = ""
    username = ""

    def __init__(self, moment: str) -> None:
        self.moment = moment
        self.instances = count()

    def now(self) -> str:
        """ISO 8601 with offset."""
        return self.moment

    def random(self) -> float:
        """Nothing random may enter a record here; what was drawn once stands in the answers."""
        return 0.0

    def uuid(self) -> str:
        """As `random`."""
        return ""

    def instance_id(self) -> str:
        """Name of an instance that a count asks for and the record does not have."""
        return f"{next(self.instances):04d}"


def session_of(form: Form, lists: Lists, state: RecordState) -> Session:
    """The record in its form."""
    answers, context = answers_of(form, state), RecordContext(state.updated)
    return Session(form, lists, answers=answers, reasons=state.reasons, context=context)


def digest(state: RecordState) -> str:
    """Names a record's content under its form version."""
    content = [state.form, sorted(state.answers.items()), sorted(state.reasons.items())]
    return hashlib.sha256(
        json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ).hexdigest()


def verdict(form: Form, lists: Lists, state: RecordState, entity_lists: set[str]) -> Found:
    """What the form says against the record. Whether a linked record exists is a question across records, not
    asked here. A record that the form cannot even hold fails as a whole (path '').
    """
    try:
        problems = session_of(form, lists, state).problems()
    except FormError as error:
        return [("", "form", problem.code, "") for problem in error.problems]
    return [
        (problem.path, problem.code, problem.number, problem.message)
        for problem in problems
        if not (problem.code == "choice" and linked(form, problem.path, entity_lists))
    ]


def linked(form: Form, path: str, entity_lists: set[str]) -> bool:
    """True for a question whose choices are records."""
    number = form.by_path.get(generic(path))
    choices = form.nodes[number].choices if number is not None else None
    return choices is not None and choices.instance in entity_lists


def recomputed(form: Form, lists: Lists, state: RecordState) -> tuple[dict[str, str], dict[str, str]]:
    """Answers and reasons of a folded record with its calculations done again and what no longer applies
    left out.

    Preloads keep what the latest head said: they are facts of its making, not results. So does an answer that a
    filter offers no more: `verdict` tells of it, and two people may each have changed one of two questions.
    """
    session = session_of(form, lists, state)
    answers, reasons = session.finalise()
    answers |= {
        path: value
        for path, value in session.answers().items()
        if not path.endswith("]") and session.relevant(path)
    }
    kept = {node.path for node in form.nodes if node.preload is not None}
    answers = {path: value for path, value in answers.items() if generic(path) not in kept}
    return answers | {path: value for path, value in state.answers.items() if generic(path) in kept}, dict(
        reasons
    )
