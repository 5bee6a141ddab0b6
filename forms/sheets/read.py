"""From the bytes of a file to its sheets."""

from __future__ import annotations

from forms.problems import FormError, Problem
from forms.sheets.bounds import check_size
from forms.sheets.model import SUPPORTED, Workbook
from forms.sheets.text import read_csv, read_markdown
from forms.sheets.xls import read_xls
from forms.sheets.xlsx import read_xlsx

KINDS = (".xlsx", ".xls", ".csv", ".md")
_READERS = {".xlsx": read_xlsx, ".xls": read_xls}


def read_sheets(data: bytes, kind: str, filename: str) -> Workbook:
    """The sheets of an XLSForm; `kind` is one of KINDS. Raises FormError: what it is not, what bound it passes.

    A file with a single sheet of another name has its survey there.
    """
    check_size(data, filename)
    if kind in _READERS:
        book = _READERS[kind](data, filename)
    else:
        text = _decoded(data, filename)
        book = read_csv(text, filename) if kind == ".csv" else read_markdown(text, filename)
    only = len(book.names) == 1 and book.by_name and next(iter(book.by_name)) not in SUPPORTED
    if only and kind != ".csv":
        book.by_name = {"survey": next(iter(book.by_name.values()))}
    book.by_name = {name: sheet for name, sheet in book.by_name.items() if name in SUPPORTED}
    return book


def _decoded(data: bytes, filename: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormError([Problem("HW-1009", filename, {"byte": str(error.start)})]) from error
