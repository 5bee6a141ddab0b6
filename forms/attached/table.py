"""A CSV file as a list: a line of column names, then a row a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from forms.attached.bounds import CELLS, ROWS, too_much, unreadable
from forms.sheets.bounds import COLUMNS, LARGEST, fitting


def read_table(text: str, filename: str) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """Columns as they are named, and the rows; a cell that is not there is empty. Raises FormError."""
    lines = _lines(text, filename)
    columns = tuple(cell.strip() for cell in next(lines, []))
    if len(columns) > COLUMNS:
        raise too_much(filename, LARGEST)
    if not any(columns):
        raise unreadable("no line of column names", filename)
    rows: list[dict[str, str]] = []
    for cells in lines:
        if len(rows) == min(ROWS, CELLS // len(columns)):
            raise too_much(filename, LARGEST)
        padded = [*cells, *[""] * (len(columns) - len(cells))]
        rows.append({column: cell for column, cell in zip(columns, padded, strict=False) if column})
    return columns, rows


def _lines(text: str, filename: str) -> Iterator[list[str]]:
    """The lines that hold something, each cell within bounds."""
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1):
            for cell in cells:
                fitting(cell, filename, filename, number)
            if cells:
                yield cells
    except csv.Error as error:
        raise unreadable(str(error), filename) from error
