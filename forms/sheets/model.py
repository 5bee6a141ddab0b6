"""Sheets, rows and cells, with the places that a person finds them by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

SUPPORTED = ("survey", "choices", "settings", "entities", "external_choices", "osm")
"""Sheets that make a form, by the name that pyxform knows them by."""

BLANKS = 60
"""After so many blank rows the sheet is over: spreadsheets keep formatted rows far below the last cell."""


def kind_of_sheet(title: str, titles: Sequence[str]) -> str:
    """Which sheet of a form one is, by its title in small letters without the blanks around it; "" for none. One that
    is called so to the letter goes before one with blanks."""
    kind = title.strip().lower()
    exact = {each.lower() for each in titles}
    return kind if kind in SUPPORTED and (title.lower() == kind or kind not in exact) else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `number` as the file shows it, `ordinal` as pyxform counts it, texts by header."""

    number: int
    ordinal: int
    cells: dict[str, str]


@dataclass(slots=True)
class Sheet:
    """A sheet: `name` as written, headers in order (each once), those that came twice, rows that hold something.

    `header_row` is the number of the row of the headers.
    """

    name: str
    header_row: int = 1
    headers: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def add_headers(self, names: Iterable[str]) -> list[str]:
        """Takes the headers over; returns them with "" for what is no column (blank, or a second time)."""
        columns = []
        for name in names:
            again = name in self.headers
            if again and name not in self.doubled:
                self.doubled.append(name)
            if name and not again:
                self.headers.append(name)
            columns.append("" if again else name)
        return columns

    def number_of(self, ordinal: int) -> int:
        """The number that the file shows for a row that pyxform counts as `ordinal`; 0 where there is none."""
        if ordinal == 1:
            return self.header_row
        return next((row.number for row in self.rows if row.ordinal == ordinal), 0)


@dataclass(slots=True)
class Workbook:
    """All sheets of a file. `by_name` has those that make a form, by their name in small letters."""

    kind: str
    names: list[str] = field(default_factory=list)
    by_name: dict[str, Sheet] = field(default_factory=dict)

    def rows(self, name: str) -> list[Row]:
        """The rows of a sheet; none where the sheet is not there."""
        sheet = self.by_name.get(name)
        return sheet.rows if sheet else []

    def to_pyxform(self) -> dict[str, Any]:
        """The sheets in the shape that `pyxform.xls2xform.convert` takes, rows in the order that it counts."""
        found: dict[str, Any] = {"sheet_names": list(self.names)}
        for name, sheet in self.by_name.items():
            found[name] = list(_counted(sheet))
            found[f"{name}_header"] = [dict.fromkeys(sheet.headers)] if sheet.headers else []
        return found


def _counted(sheet: Sheet) -> Iterator[dict[str, str]]:
    """The rows from ordinal 2 on; blank ones that pyxform counts are empty."""
    ordinal = 2
    for row in sheet.rows:
        while ordinal < row.ordinal:
            yield {}
            ordinal += 1
        yield dict(row.cells)
        ordinal += 1


__all__ = ["BLANKS", "SUPPORTED", "Row", "Sheet", "Workbook", "kind_of_sheet"]
