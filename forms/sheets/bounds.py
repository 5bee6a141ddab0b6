"""How much a form may hold. Beyond this it is no form, or one that no phone could open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from forms.problems import FormError, Problem

LARGEST = 20_000_000  # bytes of a file
UNPACKED = 200_000_000  # bytes that a workbook may unpack into
STRINGS = 30_000_000  # bytes of a workbook's table of texts, which is held whole
ROWS = 20_000  # of a sheet; longer lists are attached as CSV
COLUMNS = 500
CELL = 32_767  # characters: what a spreadsheet program can hold

T = TypeVar("T")


def check_size(data: bytes, filename: str) -> None:
    """Raises FormError where a file is too large to be looked into."""
    if len(data) > LARGEST:
        raise FormError([Problem("HW-1005", filename, {"megabytes": str(LARGEST // 1_000_000)})])


def bounded(rows: Iterable[T], filename: str, sheet: str) -> Iterator[T]:
    """The rows, as they are, until there are too many: then FormError."""
    for number, row in enumerate(rows):
        if number > ROWS:
            raise too_many_rows(filename, sheet)
        yield row


def too_many_rows(filename: str, sheet: str) -> FormError:
    """What is said of a sheet beyond the bound."""
    return FormError([Problem("HW-1321", f"{filename} {sheet}", {"sheet": sheet, "limit": f"{ROWS:,}"})])


def fitting(text: str, filename: str, sheet: str, row: int) -> str:
    """The text of a cell. Raises FormError where no spreadsheet program could hold it."""
    if len(text) > CELL:
        place = f"{filename} {sheet}:{row}"
        raise FormError([Problem("HW-1322", place, {"length": f"{len(text):,}", "limit": f"{CELL:,}"})])
    return text
