"""Pictures, sound and video that a form shows: whether each is there and is what its name says."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from forms.attached.media import MEDIA, Kind, ending_of, media_name, read_media
from forms.check.finding import Finding, Findings, Place, nearest
from forms.model import Form
from forms.problems import FormError
from forms.shown import choice_texts, names_shown, shown_by


def check_media_file(data: bytes, filename: str) -> tuple[Kind | None, list[Finding]]:
    """A picture, sound or video, and what is wrong with it; None where that keeps it from being shown. Never raises for
    what is in the file."""
    try:
        return read_media(data, filename), []
    except FormError as error:
        return None, [Finding(each.code, Place(filename), each.params) for each in error.problems]


def check_media(form: Form, have: Container[str], places: Mapping[str, Place]) -> Findings:
    """HW-1472 for each file that a form shows and that is not among those that `have` names, HW-1473 for each that no
    file could be. `places` are those of the form's report."""
    told: set[str] = set()
    at = _places(form, places)
    for shown, text in shown_by(form).items():
        kind = MEDIA.get(ending_of(shown.name))
        column = replace(at.get(text, Place()), column=shown.beside)
        if kind is None or kind.sort != shown.sort:
            endings = ", ".join(ending for ending, each in MEDIA.items() if each.sort == shown.sort)
            params = {"name": shown.name or shown.address, "column": shown.beside, "kinds": endings}
            yield Finding("HW-1473", column, params)
        elif shown.name not in have and shown.name not in told:
            told.add(shown.name)
            yield Finding("HW-1472", column, {"name": shown.name})


def check_media_unused(filename: str, forms: Iterable[Form]) -> Findings:
    """HW-1474 where none of the forms that came with a file shows it."""
    names = [name for form in forms for name in sorted(names_shown(form))]
    if media_name(filename) not in names:
        yield Finding("HW-1474", Place(filename), {"name": filename}, near=nearest(filename, names))


def _places(form: Form, places: Mapping[str, Place]) -> dict[int, Place]:
    """Where each text stands: at the question that it is the label of, or among the choices, by the choice's value."""
    found: dict[int, Place] = {}
    sheet = "choices" if any(place.sheet for place in places.values()) else ""
    for node in form.nodes:
        if node.label is not None:
            found.setdefault(node.label, places.get(node.path, Place(question=node.name)))
        for value, texts in choice_texts(form, node).items():
            for text in texts:
                found.setdefault(text, Place(sheet, question=value))
    return found
