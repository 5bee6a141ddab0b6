"""Record files: the rows that a reader may download, one for each unit whose owner agreed to it."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ..tables.views import pub_name
from . import rules
from .plan import Plan, PublishedColumn

Cell = str | int | float | None

UNITS = {
    "business": "SELECT record FROM hub_business",
    "inn": "SELECT record FROM cur_inn",
}
"""Which records of a form are units of the record file: the same that its figures count."""


@dataclass(frozen=True)
class RecordFile:
    """A finished record file. `columns` are names with SQLite types, `rows` in random order; `held` units
    have no row.
    """

    table: str
    columns: dict[str, str]
    rows: list[list[Cell]]
    held: int


def record_file(
    connection: sqlite3.Connection,
    plan: Plan,
    names: dict[str, tuple[str, str]],
    year: int,
    lists: Mapping[str, Collection[str]],
) -> RecordFile:
    """The record file of a form. `names` gives each question path its column and type in
    `collector.tables`, `lists` the names in each attached list.

    Rows take a new random id each; nothing of the record's own names is carried over.
    """
    form_id = plan.form.form_id
    columns = [column for column in plan.columns if column.node.path in names]
    types = {"row_id": "TEXT"} | {c.name: sql_type(c, names[c.node.path][1]) for c in columns}
    units = f"FROM {pub_name(form_id)} WHERE _record IN ({UNITS[form_id]})"
    agreed = " AND ".join(f'"{names[path][0]}" IS ?' for path, _ in plan.rows_only_if if path in names)
    # A form that asks nobody whether rows may be published gives none.
    wanted = [value for path, value in plan.rows_only_if if path in names]
    total = connection.execute(f"SELECT count(*) {units}").fetchone()[0]
    rows: list[list[Cell]] = []
    if wanted and columns:
        selected = ", ".join(f'"{names[column.node.path][0]}"' for column in columns)
        shown = [coded(show(column, year), plan.codes(column.node, lists)) for column in columns]
        rows = [
            [new_id(), *(one(answer) for one, answer in zip(shown, answers, strict=True))]
            for answers in connection.execute(f"SELECT {selected} {units} AND {agreed}", wanted)
        ]
    rows.sort(key=lambda row: str(row[0]))  # the ids are random, so the order says nothing
    return RecordFile(str(plan.table), types, rows, total - len(rows))


def new_id() -> str:
    """A random row id: 80 bits, so that nobody meets the same twice."""
    return secrets.token_hex(10)


def sql_type(column: PublishedColumn, source: str) -> str:
    """Type of the published column: numbers stay numbers where the value itself or a rounded one is shown."""
    if column.rule.name == "as_is":
        return source
    return "INTEGER" if column.rule.name == "round" else "TEXT"


def show(column: PublishedColumn, year: int) -> Callable[[Cell], Cell]:
    """What of an answer stands in the column."""
    if column.rule.name == "as_is":
        return lambda answer: answer
    rule = rules.shows(column.rule, column.node.path, year)
    return lambda answer: None if answer is None else rule(str(answer))


def coded(one: Callable[[Cell], Cell], codes: frozenset[str] | None) -> Callable[[Cell], Cell]:
    """`one` for answers that are choices; nothing for another text in their place. None: no choices."""
    if codes is None:
        return one
    return lambda answer: one(answer) if answer is None or codes.issuperset(str(answer).split()) else None


def band_values(columns: Sequence[PublishedColumn]) -> dict[str, list[str]]:
    """The ranges of each banded column in order, for the list of codes."""
    return {
        column.name: [band.label for band in rules.bands(column.rule.argument)]
        for column in columns
        if column.rule.name in ("band", "age_band")
    }
