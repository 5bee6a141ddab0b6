"""Workbooks of today (.xlsx, .xlsm), streamed: what is not needed is never held."""

from __future__ import annotations

import datetime
import re
import warnings
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from forms.problems import FormError, Problem
from forms.sheets.archive import check_archive
from forms.sheets.bounds import COLUMNS, bounded, fitting
from forms.sheets.model import BLANKS, SUPPORTED, Row, Sheet, Workbook, kind_of_sheet

_BLANK_HEADERS = 20


def read_xlsx(data: bytes, filename: str) -> Workbook:
    """The sheets of a workbook. Raises FormError: no workbook, an attack, a bound is passed."""
    check_archive(data, filename)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that openpyxl leaves out
            file = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
            try:
                return _sheets(file, filename)
            finally:
                file.close()
    except FormError:
        raise
    except Exception as error:
        # openpyxl raises anything on parts that are not what their names say: nothing of ours runs inside
        raise FormError([Problem("HW-1008", filename)]) from error


def _sheets(file: Any, filename: str) -> Workbook:
    book = Workbook(".xlsx", [sheet.title for sheet in file.worksheets])
    for sheet in file.worksheets:
        name = kind_of_sheet(sheet.title, book.names) or sheet.title.lower()
        if name in SUPPORTED or len(book.names) == 1:
            book.by_name[name] = _sheet(sheet.title, sheet.iter_rows(values_only=True), filename)
    return book


def _sheet(title: str, rows: Iterable[tuple[Any, ...]], filename: str) -> Sheet:
    sheet = Sheet(title)
    columns: list[str] | None = None
    blank = 0
    for number, values in enumerate(bounded(rows, filename, title), start=1):
        if columns is None:
            columns = sheet.add_headers(_headers(values))
            continue
        texts = (text_of(value) for value in values[: len(columns)])
        cells = {
            key: fitting(text, filename, title, number)
            for key, text in zip(columns, texts, strict=False)
            if key and text
        }
        blank = 0 if cells else blank + 1
        if blank > BLANKS:
            break
        if cells:
            sheet.rows.append(Row(number, number, cells))
    return sheet


def _headers(values: Iterable[Any]) -> Iterator[str]:
    """Until many blank ones in a row."""
    blank = 0
    for count, value in enumerate(values):
        text = re.sub(" +", " ", text_of(value))
        blank = 0 if text else blank + 1
        if blank > _BLANK_HEADERS or count > COLUMNS:
            return
        yield text


def text_of(value: object) -> str:
    """A cell as text, as pyxform writes it: whole numbers without a point, no blanks around."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | datetime.datetime | datetime.time):
        return str(value)
    return str(value).replace("\xa0", " ").strip()
