"""XLSForm as text: .md tables and .csv."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO

from forms.problems import FormError, Problem
from forms.sheets.bounds import bounded, fitting
from forms.sheets.model import SUPPORTED, Row, Sheet, Workbook

_COMMENT = re.compile(r"^\s*#")
_COMMENT_BEHIND = re.compile(r"^(.*\|)\s*#[^|]+$")
_LINE = re.compile(r"\s*\|(.*)\|\s*")
_SEPARATOR = re.compile(r"^[\|\s:-]*--[\|\s:-]*$")
_BETWEEN = re.compile(r"(?<!\\)\|")

_OTHERS = {";": ";", "\t": "Tab"}
"""What some programs write between cells instead of commas, and how it is shown."""

Line = tuple[int, str, list[str]]
"""Number in the file, what stands in the first column (the name of a sheet, or ""), the other cells."""


def read_markdown(text: str, filename: str) -> Workbook:
    """The sheets of a file of tables. Raises FormError where a bound is passed."""
    return _workbook(".md", _markdown_lines(text), filename)


def read_csv(text: str, filename: str) -> Workbook:
    """The sheets of a CSV whose first column names them. Raises FormError: no CSV, other signs than commas between
    its cells, a bound is passed."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    for sign, name in _OTHERS.items():
        if first.split(sign)[0].strip(" \"'").lower() in SUPPORTED and sign in first:
            raise FormError([Problem("HW-1487", filename, {"sign": name})])
    return _workbook(".csv", _csv_lines(text, filename), filename)


def _markdown_lines(text: str) -> Iterator[Line]:
    for number, written in enumerate(text.split("\n"), start=1):
        if _COMMENT.match(written):
            continue
        behind = _COMMENT_BEHIND.match(written)
        match = _LINE.match(behind[1] if behind else written)
        if match is None or _SEPARATOR.match(match[1]):
            continue
        cells = [cell.strip().replace(r"\|", "|") for cell in _BETWEEN.split(match[1])]
        yield number, cells[0], cells[1:]


def _csv_lines(text: str, filename: str) -> Iterator[Line]:
    reader = csv.reader(StringIO(text, newline=""))
    try:
        for number, cells in enumerate(reader, start=1):
            if cells:
                yield number, cells[0].strip(), [cell.strip() for cell in cells[1:]]
    except csv.Error as error:
        raise FormError([Problem("HW-1016", filename, {"reason": str(error)})]) from error


def _workbook(kind: str, lines: Iterator[Line], filename: str) -> Workbook:
    book = Workbook(kind)
    sheets: dict[str, Sheet] = {}
    sheet: Sheet | None = None
    columns: list[str] = []
    for number, name, cells in bounded(lines, filename, "*"):
        if name:
            if name not in book.names:
                book.names.append(name)
            sheet = sheets.setdefault(name.lower(), Sheet(name))
            columns = []
        if sheet is None or not any(cells):
            continue
        for cell in cells:
            fitting(cell, filename, sheet.name, number)
        if not columns:
            columns = _headers(sheet, cells, number)
        else:
            filled = {key: cell for key, cell in zip(columns, cells, strict=False) if key and cell}
            sheet.rows.append(Row(number, len(sheet.rows) + 2, filled))
    book.by_name = sheets
    return book


def _headers(sheet: Sheet, cells: list[str], number: int) -> list[str]:
    """The columns of the rows that follow; a sheet that is gone on with may order them otherwise."""
    if not sheet.headers:
        sheet.header_row = number
        return sheet.add_headers(cells)
    sheet.headers += [cell for cell in cells if cell and cell not in sheet.headers]
    return cells
