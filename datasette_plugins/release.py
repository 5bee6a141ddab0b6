"""What the public site knows of a release: its figures and its `_homeward_*` tables, read once at the start.

The interface is `docs/release-format.md`; a release never changes, so neither does what is read here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .problems import Problem

MARK = "_homeward_release"
"""The table that makes a database a release."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "figures": ("indicator", "place_level", "place_code", "year", "breakdown", "value", "withheld"),
    "places": ("code", "level", "parent", "label_en", "label_zh"),
    MARK: ("key", "value"),
    "_homeward_indicator": (
        *("id", "position", "name_en", "name_zh", "unit_en", "unit_zh"),
        *("definition_en", "definition_zh", "rule_en", "rule_zh"),
    ),
    "_homeward_column": (
        "table_name",
        "column_name",
        "position",
        "label_en",
        "label_zh",
        "form",
        "question",
        "rule",
    ),
    "_homeward_choice": ("table_name", "column_name", "value", "position", "label_en", "label_zh"),
}
INFO = (
    "version",
    "date",
    "ref_year",
    "ref_date",
    "organiser",
    "licence",
    "title_en",
    "title_zh",
    "synthetic",
)


@dataclass(frozen=True, slots=True)
class Label:
    """A text in both languages."""

    en: str
    zh: str

    def text(self, lang: str) -> str:
        """The text in `zh` or `en`."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Indicator:
    """A published indicator: what it is called, counts, means, and when a cell of it is withheld."""

    id: str
    name: Label
    unit: Label
    definition: Label
    rule: Label


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell: `value` is None when withheld, and `withheld` then says why."""

    indicator: str
    level: str
    place: str
    year: str
    breakdown: str
    value: int | float | None
    withheld: str


@dataclass(frozen=True, slots=True)
class Release:
    """A whole release, without its record rows. `database` is its name in Datasette."""

    database: str
    info: Mapping[str, str]
    indicators: Sequence[Indicator]
    figures: Sequence[Figure]
    places: Mapping[str, Label]
    columns: Mapping[tuple[str, str], Label]
    choices: Mapping[tuple[str, str], Mapping[str, Label]]
    tables: Sequence[str]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def title(self) -> Label:
        """What the release is called."""
        return Label(self.info["title_en"], self.info["title_zh"])

    @property
    def synthetic(self) -> bool:
        """True when the records were made up to show or test the program."""
        return self.info["synthetic"] == "yes"

    def select(self, indicator: str, level: str, breakdown: str | None = None) -> list[Figure]:
        """Figures of the reference year: of one breakdown (`""` is the whole), or of every named one."""
        return [
            figure
            for figure in self.figures
            if figure.indicator == indicator
            and figure.level == level
            and figure.year == self.info["ref_year"]
            and (figure.breakdown == breakdown if breakdown is not None else figure.breakdown != "")
        ]

    def choice(self, table: str, column: str, value: str) -> Label | None:
        """The labels of a choice, or None when the release names none."""
        return self.choices.get((table, column), {}).get(value)


def is_release(connection: sqlite3.Connection) -> bool:
    """True when the database says that it is a release."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(query, (MARK,)).fetchone() is not None


def read_release(connection: sqlite3.Connection, database: str) -> Release:
    """Reads a release. `Problem` HW-4002 names the first table, column or entry that is missing."""
    check(connection, database)
    info = {str(key): str(value) for key, value in rows(connection, MARK, "rowid")}
    for key in INFO:
        if key not in info:
            raise Problem("HW-4002", database, part=f"{MARK}.{key}")
    choices: dict[tuple[str, str], dict[str, Label]] = {}
    for table, column, value, _position, en, zh in rows(connection, "_homeward_choice", "position"):
        choices.setdefault((table, column), {})[value] = Label(en, zh)
    tables = [name for (name,) in connection.execute(TABLES)]
    return Release(
        database=database,
        info=info,
        indicators=[
            Indicator(
                row[0],
                Label(row[2], row[3]),
                Label(row[4], row[5]),
                Label(row[6], row[7]),
                Label(row[8], row[9]),
            )
            for row in rows(connection, "_homeward_indicator", "position, id")
        ],
        figures=[
            Figure(row[0], row[1], row[2], str(row[3]), row[4] or "", row[5], row[6] or "")
            for row in rows(connection, "figures", "indicator, place_code, breakdown")
        ],
        places={code: Label(en, zh) for code, _level, _parent, en, zh in rows(connection, "places", "code")},
        columns={
            (row[0], row[1]): Label(row[3], row[4])
            for row in rows(connection, "_homeward_column", "table_name, position")
        },
        choices=choices,
        tables=tables,
        counts={
            name: connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0] for name in tables
        },
    )


TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"


def check(connection: sqlite3.Connection, database: str) -> None:
    """Raises `Problem` HW-4002 for a table or column of the format that the database lacks."""
    for table, wanted in REQUIRED.items():
        have = {row[1] for row in connection.execute(f"PRAGMA table_info({quoted(table)})")}
        for column in wanted:
            if column not in have:
                raise Problem("HW-4002", database, part=f"{table}.{column}" if have else table)


def rows(connection: sqlite3.Connection, table: str, order: str) -> Iterator[tuple[Any, ...]]:
    """The columns of the format, in its order, of every row of a table."""
    columns = ", ".join(quoted(column) for column in REQUIRED[table])
    yield from connection.execute(f"SELECT {columns} FROM {quoted(table)} ORDER BY {order}")


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
