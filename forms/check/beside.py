"""Attached files that lie beside a form: whether they can be read, and have what the form reads. One that does not lie
there may be elsewhere; but where one of nearly its name does, that is probably meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from forms.attached import KINDS, AttachedFile
from forms.attached.media import MEDIA, ending_of
from forms.check.attached import Wanted, attached_by, check_columns_of, check_file
from forms.check.finding import Finding, Findings, Place, nearest
from forms.check.media import check_media_file
from forms.model import Form
from forms.sheets.bounds import LARGEST
from forms.shown import names_shown

MOST = 5000
"""Files of a folder whose names are compared."""


def check_beside(form: Form, folder: Path, places: Mapping[str, Place]) -> Findings:
    """What is wrong with the files that the form attaches or shows and that are in the folder, and which
    defaults are no choices of theirs. `places`: where each path of the form stands."""
    attached = attached_by(form)
    for wanted in attached:
        data = _bytes_of(folder, wanted.filename)
        if data is None:
            yield from _likely(wanted, folder, attached, places)
        elif isinstance(data, Finding):
            yield data
        else:
            file, found = check_file(data, wanted.filename)
            yield from found
            if file is not None:
                yield from check_columns_of(form, wanted, file.columns, places)
                yield from _defaults(form, wanted, file, places)
    for name in sorted(names_shown(form)):
        data = _bytes_of(folder, name) if ending_of(name) in MEDIA else None
        if data is not None:
            yield from [data] if isinstance(data, Finding) else check_media_file(data, name)[1]


def _bytes_of(folder: Path, filename: str) -> bytes | Finding | None:
    """A file in the folder, no further than to where it is too large; None where there is none."""
    path = folder / filename
    try:
        if path.parent != folder or not path.is_file():
            return None
        with path.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        return Finding("HW-1001", Place(filename), {"file": filename, "reason": error.strerror or str(error)})


def _likely(wanted: Wanted, folder: Path, attached: list[Wanted], places: Mapping[str, Place]) -> Findings:
    """HW-1491 where a file of nearly the same name is there, which the form does not attach by itself."""
    others = {each.name for each in attached}
    names = {
        path.stem: path.name
        for path in islice(folder.iterdir(), MOST)
        if path.suffix.lower() in KINDS and path.stem not in others
    }
    near = names.get(nearest(wanted.name, sorted(names)), "")
    if near:
        at = wanted.reader.place(places) if wanted.reader else Place()
        yield Finding("HW-1491", at, {"name": wanted.filename}, near=near)


def _defaults(form: Form, wanted: Wanted, file: AttachedFile, places: Mapping[str, Place]) -> Findings:
    for node in form.nodes:
        if node.choices is None or node.choices.instance != wanted.instance or not node.default:
            continue
        names = [name for row in file.rows if (name := row.get(node.choices.value, ""))]
        for value in [node.default] if node.control == "select1" else node.default.split():
            if names and value not in names:
                at = replace(places.get(node.path, Place(question=node.name)), column="default")
                yield Finding("HW-1480", at, {"value": value, "name": node.name}, near=nearest(value, names))
