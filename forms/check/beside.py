"""Attached files that lie beside a form: whether they can be read. One that does not lie there may be elsewhere."""

from __future__ import annotations

from pathlib import Path

from forms.check.attached import attached_by, check_file
from forms.check.finding import Finding, Findings, Place
from forms.model import Form
from forms.sheets.bounds import LARGEST


def check_beside(form: Form, folder: Path) -> Findings:
    """What is wrong with the files that the form attaches and that are in the folder."""
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
            yield from check_file(data, wanted.filename)[1]
