"""XLSForm tables and XForm XML to `Form`: pyxform compiles the one, `forms.xform` reads the other."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from forms.model import Form
from forms.problems import FormError, Problem
from forms.xform.read import read_xform

_KINDS = (".xlsx", ".csv", ".md", ".xml")
_LARGEST = 20_000_000  # bytes
_UNPACKED = 200_000_000  # bytes that a workbook may unpack into
_ROW = re.compile(r"^\[row\s*:\s*(\d+)\]\s*(.*)$", re.DOTALL)


def compile_form(source: str | Path | bytes, filename: str = "") -> Form:
    """A form from an XLSForm (.xlsx, .csv, .md) or an XForm (.xml): a path, or bytes with a file name.

    Raises FormError, with all problems that could be found, each with its number, place and remedy.
    """
    if isinstance(source, bytes):
        data = source
    else:
        filename = filename or Path(source).name
        data = _read(Path(source), filename)
    kind = Path(filename).suffix.lower()
    if kind not in _KINDS:
        raise FormError([Problem("HW-1007", filename, {"kind": kind or filename})])
    if len(data) > _LARGEST:
        raise FormError([Problem("HW-1005", filename, {"megabytes": str(_LARGEST // 1_000_000)})])
    if kind == ".xml":
        return read_xform(data, filename)
    return read_xform(_convert(data, kind, filename), filename)


def _read(path: Path, filename: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FormError([Problem("HW-1001", filename, {"reason": error.strerror or str(error)})]) from error


def _convert(data: bytes, kind: str, filename: str) -> str:
    """The XForm of an XLSForm, by pyxform."""
    table: Any = BytesIO(data)
    if kind in (".csv", ".md"):
        table = _decoded(data, filename)
    else:
        _check_workbook(data, filename)
    try:
        result = convert(table, validate=False, file_type=kind, form_name="data")
    except PyXFormError as error:
        raise FormError([_refusal(str(error), filename)]) from error
    except Exception as error:
        # openpyxl, csv and pyxform raise anything on tables that are no XLSForm: nothing of ours runs inside
        raise FormError(
            [Problem("HW-1016", filename, {"reason": f"{type(error).__name__}: {error}"})]
        ) from error
    return str(result.xform)


def _check_workbook(data: bytes, filename: str) -> None:
    """That it is a zip with a workbook in it, which does not unpack into something huge."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    except (BadZipFile, OSError, ValueError) as error:
        raise FormError([Problem("HW-1008", filename)]) from error
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise FormError([Problem("HW-1008", filename)])
    if sum(entry.file_size for entry in entries) > _UNPACKED:
        raise FormError([Problem("HW-1005", filename, {"megabytes": str(_UNPACKED // 1_000_000)})])


def _decoded(data: bytes, filename: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormError([Problem("HW-1009", filename, {"byte": str(error.start)})]) from error


def _refusal(message: str, filename: str) -> Problem:
    row = _ROW.match(message)
    if row:
        return Problem("HW-1010", f"{filename} row {row[1]}", {"reason": row[2].strip()})
    return Problem("HW-1010", filename, {"reason": message.strip()})
