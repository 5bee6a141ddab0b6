"""Playing the steps of `tests/vectors/session_*.json`."""

from __future__ import annotations

from typing import Any

from forms import FixedContext, MemoryLists, Session, library, read_xform
from forms.attached import read_file

Step = dict[str, Any]


def begin(file: dict[str, Any]) -> Session:
    """The session that a file begins with."""
    form = library.load(file["form"]) if "form" in file else read_xform(file["xform"])
    lists = MemoryLists(trees=file.get("trees"), last_saved=file.get("last_saved"))
    for name, data in library.lists().items():
        lists.put(name.removesuffix(".csv"), read_file(data, name).rows)
    for name, rows in file.get("lists", {}).items():
        lists.put(name, rows)
    return Session(
        form,
        lists,
        answers=file.get("answers"),
        reasons=file.get("reasons"),
        context=_context(file["context"]),
        language=file["language"],
    )


def _context(described: dict[str, Any]) -> FixedContext:
    return FixedContext(
        described["now"], *(described[key] for key in ("randoms", "uuids", "deviceid", "username"))
    )


def _problem_message(session: Session, path: str) -> str:
    return next((problem.message for problem in session.problems() if problem.path == path), "")


def _final(session: Session) -> dict[str, Any]:
    answers, reasons = session.finalise()
    return {"answers": answers, "reasons": reasons}


def _language(session: Session, tag: str) -> None:
    session.language = tag


OPERATIONS: dict[str, Any] = {
    "start": lambda session: None,
    "begin": lambda session, paths: session.begin(paths),
    "answer": lambda session, path, value: session.answer(path, value),
    "reason": lambda session, path, reason: session.reason(path, reason),
    "add_repeat": lambda session, path: session.add_repeat(path),
    "remove_repeat": lambda session, path: session.remove_repeat(path),
    "language": _language,
    "problems": lambda session: [[problem.path, problem.code] for problem in session.problems()],
    "message": _problem_message,
    "choices": lambda session, path: [list(choice) for choice in session.choices(path)],
    "label": lambda session, path: session.label(path),
    "hint": lambda session, path: session.hint(path),
    "required": lambda session, path: session.required(path),
    "readonly": lambda session, path: session.readonly(path),
    "value": lambda session, path: session.value(path),
    "relevant": lambda session, path: session.relevant(path),
    "positions_wanted": lambda session: session.positions_wanted(),
    "located": lambda session, path, value: session.located(path, value),
    "instances": lambda session, path: session.instances(path),
    "reasons": lambda session: session.reasons(),
    "entities": lambda session: [[found.list, found.row] for found in session.entities()],
    "name": lambda session: session.instance_name(),
    "finalise": _final,
}


class Player:
    """Plays steps one after the other; each gives what the vector should say of it."""

    def __init__(self, file: dict[str, Any]) -> None:
        self.session = begin(file)
        self._answers: dict[str, str] = {}
        self._relevant: dict[str, bool] = {}

    def play(self, do: list[Any]) -> Step:
        """One operation: `do`, `result`, and the changes."""
        step: Step = {"do": do}
        result = OPERATIONS[do[0]](self.session, *do[1:])
        if result is not None:
            step["result"] = result
        answers = self.session.answers()
        relevant = {path: self.session.relevant(path) for path in self.session.paths()}
        changes = _changes(self._answers, answers)
        shown = {
            path: now
            for path, now in _changes(self._relevant, relevant).items()
            if not self._known(path, now)
        }
        self._answers, self._relevant = answers, relevant
        if changes:
            step["answers"] = changes
        if shown:
            step["relevant"] = shown
        return step

    def _known(self, path: str, now: bool | None) -> bool:
        """Relevant is what a path is that nothing was said of; its end needs no mention then."""
        return self._relevant.get(path, True) and now in (True, None)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    found = {path: value for path, value in after.items() if before.get(path) != value}
    return {**found, **{path: None for path in before if path not in after}}
