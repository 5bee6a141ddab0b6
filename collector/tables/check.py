"""The server's verdict on a record: the form is asked again, once for each content.

A phone has shown its verdict already; this one counts. A record that fails is kept and marked.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from forms import Form, Session
from sync import RecordState

from ..lists import Lists

Found = list[tuple[str, str, str]]
"""(path, code, message) of each problem; code is `required`, `constraint`, `type` or `choice`."""


@dataclass(frozen=True)
class RecordContext:
    """The moment and the hand of a record's last edit, so that `today()` means that day, whenever it is
    asked.
    """

    state: RecordState

    deviceid: str = ""
    username: str = ""

    def now(self) -> str:
        """ISO 8601 with offset."""
        return self.state.updated

    def random(self) -> float:
        """Nothing random may enter a record here; what was drawn once stands in the answers."""
        return 0.0

    def uuid(self) -> str:
        """As `random`."""
        return ""

    def instance_id(self) -> str:
        """Name of an instance that a repeat count asks for and the record does not have."""
        return "0000"


def session_of(form: Form, lists: Lists, state: RecordState) -> Session:
    """The record in its form."""
    return Session(form, lists, answers=state.answers, reasons=state.reasons, context=RecordContext(state))


def digest(state: RecordState) -> str:
    """Names a record's content under its form version."""
    content = [state.form, sorted(state.answers.items()), sorted(state.reasons.items())]
    return hashlib.sha256(
        json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ).hexdigest()


def verdict(form: Form, lists: Lists, state: RecordState, entity_lists: set[str]) -> Found:
    """What the form says against the record. Whether a linked record exists is a question across records,
    not asked here.
    """
    found = []
    for problem in session_of(form, lists, state).problems():
        node = form.nodes[form.by_path[plain(problem.path)]] if plain(problem.path) in form.by_path else None
        linked = node is not None and node.choices is not None and node.choices.instance in entity_lists
        if problem.code == "choice" and linked:
            continue
        found.append((problem.path, problem.code, problem.message))
    return found


def recomputed(form: Form, lists: Lists, state: RecordState) -> tuple[dict[str, str], dict[str, str]]:
    """Answers and reasons of a folded record with its calculations done again and what no longer applies
    left out.

    Preloads keep what the latest head said: they are facts of its making, not results.
    """
    answers, reasons = session_of(form, lists, state).finalise()
    kept = {node.path for node in form.nodes if node.preload is not None}
    answers = {path: value for path, value in answers.items() if plain(path) not in kept}
    return answers | {path: value for path, value in state.answers.items() if plain(path) in kept}, dict(
        reasons
    )


def plain(path: str) -> str:
    """A flat path without instance ids."""
    while "[" in path:
        start = path.index("[")
        path = path[:start] + path[path.index("]", start) + 1 :]
    return path
