"""Attached files that lie beside a form: whether they can be read. One that does not lie there may be elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from forms.attached import AttachedFile
from forms.check.attached import Wanted, attached_by, check_file
from forms.check.finding import Finding, Findings, Place, nearest
from forms.model import Form
from forms.sheets.bounds import LARGEST


def check_beside(form: Form, folder: Path, places: Mapping[str, Place]) -> Findings:
    """What is wrong with the files that the form attaches and that are in the folder, and which defaults of the form
    are no choices of theirs. `places` are those of the form's report."""
    for wanted in attached_by(form):
        path = folder / wanted.filename
        if path.parent != folder:
            continue
        try:
            if not path.is_file():
                continue
            with path.open("rb") as opened:
                data = opened.read(LARGEST + 1)  # no further than to where it is too large
        except OSError as error:
            yield Finding(
                "HW-1001",
                Place(wanted.filename),
                {"file": wanted.filename, "reason": error.strerror or str(error)},
            )
        else:
            file, found = check_file(data, wanted.filename)
            yield from found
            if file is not None:
                yield from _defaults(form, wanted, file, places)


def _defaults(form: Form, wanted: Wanted, file: AttachedFile, places: Mapping[str, Place]) -> Findings:
    for node in form.nodes:
        if node.choices is None or node.choices.instance != wanted.instance or not node.default:
            continue
        names = [name for row in file.rows if (name := row.get(node.choices.value, ""))]
        for value in [node.default] if node.control == "select1" else node.default.split():
            if names and value not in names:
                at = replace(places.get(node.path, Place(question=node.name)), column="default")
                yield Finding("HW-1480", at, {"value": value, "name": node.name}, near=nearest(value, names))
