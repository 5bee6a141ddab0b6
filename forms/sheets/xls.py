"""Old workbooks (.xls)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import xlrd

from forms.problems import FormError, Problem
from forms.sheets.bounds import bounded, fitting
from forms.sheets.model import BLANKS, SUPPORTED, Row, Sheet, Workbook, kind_of_sheet
from forms.sheets.xlsx import text_of

_NEW = b"PK\x03\x04"


def read_xls(data: bytes, filename: str) -> Workbook:
    """The sheets of an old workbook. Raises FormError: no workbook, a bound is passed."""
    if data.startswith(_NEW):
        raise FormError([Problem("HW-1320", filename, {"is": ".xlsx", "named": ".xls"})])
    try:
        file = xlrd.open_workbook(file_contents=data, logfile=StringIO(), on_demand=True, ragged_rows=True)
    except Exception as error:
        # xlrd raises anything on broken records: nothing of ours runs inside
        raise FormError([Problem("HW-1008", filename)]) from error
    names = file.sheet_names()
    book = Workbook(".xls", names)
    for name in names:
        kind = kind_of_sheet(name, names) or name.lower()
        if kind in SUPPORTED or len(names) == 1:
            try:
                sheet = file.sheet_by_name(name)
            except Exception as error:  # as above: the sheet is read only here
                raise FormError([Problem("HW-1008", filename)]) from error
            book.by_name[kind] = _sheet(sheet, file.datemode, filename)
    return book


def _sheet(table: Any, datemode: int, filename: str) -> Sheet:
    sheet = Sheet(table.name)
    columns: list[str] = []
    blank = 0
    for index in bounded(range(table.nrows), filename, table.name):
        texts = list(_texts(table.row(index), datemode))
        if index == 0:
            columns = sheet.add_headers(re.sub(" +", " ", text) for text in texts)
            continue
        cells = {
            key: fitting(text, filename, table.name, index + 1)
            for key, text in zip(columns, texts, strict=False)
            if key and text
        }
        blank = 0 if cells else blank + 1
        if blank > BLANKS:
            break
        if cells:
            sheet.rows.append(Row(index + 1, index + 1, cells))
    return sheet


def _texts(cells: list[Any], datemode: int) -> Iterator[str]:
    for cell in cells:
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            yield "TRUE" if cell.value else "FALSE"
        elif cell.ctype == xlrd.XL_CELL_DATE:
            yield _moment(cell.value, datemode)
        elif cell.ctype == xlrd.XL_CELL_ERROR:
            yield xlrd.error_text_from_code.get(cell.value, "")
        else:
            yield text_of(cell.value)


def _moment(value: float, datemode: int) -> str:
    """A date or a time of day as text; the number itself where it is no date."""
    try:
        parts = xlrd.xldate_as_tuple(value, datemode)
    except xlrd.XLDateError:
        return text_of(value)
    if parts[:3] == (0, 0, 0):
        return str(datetime.time(*parts[3:]))
    return str(datetime.datetime(*parts))
