"""Attached files that lie beside a form: whether they can be read. One that does not lie there may be elsewhere."""

from __future__ import annotations

from pathlib import Path

from forms.check.finding import Finding, Findings, Place, from_problem
from forms.files import read_file
from forms.model import Form
from forms.problems import FormError, Problem
from forms.sheets.bounds import LARGEST

_FILES = "jr://file"


def check_beside(form: Form, folder: Path) -> Findings:
    """What is wrong with the files that the form attaches and that are in the folder."""
    for source in form.instances.values():
        address = str(source.get("src", ""))
        name = address.rpartition("/")[2]
        path = folder / name
        if not address.startswith(_FILES) or path.parent != folder or not path.is_file():
            continue
        try:
            read_file(_bytes(path), name)
        except FormError as error:
            for problem in error.problems:
                found = from_problem(problem)
                yield Finding(found.code, Place(name), found.params)


def _bytes(path: Path) -> bytes:
    """The file, no further than to where it is too large. Raises FormError HW-1001."""
    try:
        with path.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise FormError([Problem("HW-1001", path.name, {"reason": error.strerror or str(error)})]) from error
