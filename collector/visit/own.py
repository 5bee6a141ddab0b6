"""Forms that a team brought itself, as the pages of villages offer them: begun in a village, with the place filled in
where the form asks for it by the names that the built-in forms use."""

from __future__ import annotations

from forms import Form
from sync import Replica

from .. import library
from .places import WHERE
from .roster import Place, Start

PLACE_QUESTIONS = {"county": "county_code", "township": "township_code", "village": "village_code"}


def own_forms(source: Replica) -> list[Form]:
    """The current forms that are none of the built-in ones, by title."""
    found = [entry.form for form_id, entry in library.current_forms(source).items() if form_id not in WHERE]
    return sorted(found, key=lambda form: (form.title, form.form_id))


def place_paths(form: Form) -> dict[str, str]:
    """Where the form asks for the place: `county`, `township`, `village` -> path; outside repeats alone."""
    repeats = tuple(f"{node.path}/" for node in form.nodes if node.kind == "repeat")
    by_name = {node.name: node.path for node in form.questions if not node.path.startswith(repeats)}
    return {part: by_name[name] for part, name in PLACE_QUESTIONS.items() if name in by_name}


def own_start(form: Form, place: Place) -> Start:
    """A start of the form in a village. Twin of `static/app/logic/own.js`."""
    values = {part: str(code) for part, code in place.items()}
    prefill = {path: values[part] for part, path in place_paths(form).items() if values[part]}
    return {"form": form.form_id, "prefill": prefill, "kind": ""}
