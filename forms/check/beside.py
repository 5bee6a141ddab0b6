"""Attached files that lie beside a form: whether they can be read, and have what the form reads. One that does not lie
there may be elsewhere; but where one of nearly its name does, that is probably meant."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from forms.attached import KINDS
from forms.check.attached import Wanted, attached_by, check_columns_of, check_file
from forms.check.finding import Finding, Findings, Place, nearest
from forms.model import Form
from forms.sheets.bounds import LARGEST

MOST = 5000
"""Files of a folder whose names are compared."""


def check_beside(form: Form, folder: Path, places: Mapping[str, Place]) -> Findings:
    """What is wrong with the files that the form attaches and that are in the folder. `places`: where each path of
    the form stands."""
    attached = attached_by(form)
    for wanted in attached:
        path = folder / wanted.filename
        if path.parent != folder:
            continue
        try:
            if not path.is_file():
                yield from _likely(wanted, folder, attached, places)
                continue
            with path.open("rb") as opened:
                data = opened.read(LARGEST + 1)  # no further than to where it is too large
        except OSError as error:
            yield Finding("HW-1001", Place(wanted.filename), {"reason": error.strerror or str(error)})
        else:
            file, found = check_file(data, wanted.filename)
            yield from found
            if file is not None:
                yield from check_columns_of(form, wanted, file.columns, places)


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
