"""XLSForm tables and XForm XML to `Form`: pyxform compiles the one, `forms.xform` reads the other."""

from __future__ import annotations

import re
from pathlib import Path

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from forms.model import Form
from forms.problems import FormError, Problem
from forms.sheets import Workbook, read_sheets
from forms.sheets.bounds import check_size
from forms.sheets.read import KINDS as SHEETS
from forms.xform.read import read_xform

KINDS = (*SHEETS, ".xml")
_OUTPUT = re.compile(r'<output value="\s*instance\([^"]*"')
_TWICE = re.compile(r"&amp;(lt|gt|amp);")
"""pyxform escapes `<`, `>` and `&` twice in an `instance(…)` that stands in a text: once with the text, once when it
makes the `<output>`. Both times all of them, so taking one back restores what the sheet says."""

_ROW = re.compile(r"^\[row\s*:\s*(\d+)\]\s*(.*)$", re.DOTALL)


def compile_form(source: str | Path | bytes, filename: str = "") -> Form:
    """A form from an XLSForm (.xlsx, .xls, .csv, .md) or an XForm (.xml): a path, or bytes with a file name.

    Raises FormError: problems with number, place and remedy. `forms.check_form` finds more of them at once.
    """
    data, filename = read_source(source, filename)
    kind = kind_of(data, filename)
    if kind == ".xml":
        return read_xform(data, filename)
    book = read_sheets(data, kind, filename)
    if "survey" not in book.by_name:
        raise FormError([Problem("HW-1323", filename, {"names": ", ".join(book.names[:8]) or "–"})])
    try:
        return read_xform(convert_sheets(book), filename)
    except PyXFormError as error:
        raise FormError([_refusal(str(error), filename)]) from error


def read_source(source: str | Path | bytes, filename: str = "") -> tuple[bytes, str]:
    """The bytes of a form and the name of its file. Raises FormError where it cannot be read."""
    if isinstance(source, bytes):
        return source, filename
    filename = filename or Path(source).name
    try:
        return Path(source).read_bytes(), filename
    except OSError as error:
        raise FormError(
            [Problem("HW-1001", filename, {"file": filename, "reason": error.strerror or str(error)})]
        ) from error


def kind_of(data: bytes, filename: str) -> str:
    """The ending that says what a file is, one of KINDS. Raises FormError for another, and past the size."""
    kind = Path(filename).suffix.lower()
    if kind not in KINDS:
        raise FormError([Problem("HW-1007", filename, {"kind": kind or filename})])
    check_size(data, filename)
    return kind


def convert_sheets(book: Workbook, warnings: list[str] | None = None) -> str:
    """The XForm of an XLSForm, by pyxform, which adds to `warnings`. Raises PyXFormError with its first reason."""
    try:
        made = convert(book.to_pyxform(), warnings, validate=False, form_name="data").xform
        return _OUTPUT.sub(lambda found: _TWICE.sub(r"&\1;", found[0]), str(made))
    except PyXFormError:
        raise
    except Exception as error:
        # pyxform raises anything on tables that are no XLSForm: nothing of ours runs inside
        raise PyXFormError(f"{type(error).__name__}: {error}") from error


def _refusal(message: str, filename: str) -> Problem:
    row = _ROW.match(message)
    if row:
        return Problem("HW-1010", f"{filename} row {row[1]}", {"reason": row[2].strip()})
    return Problem("HW-1010", filename, {"reason": message.strip()})
