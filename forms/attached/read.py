"""A list as people attach it to a form (`places.csv`, `places.geojson`): its columns and rows, or what is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from forms.attached.geojson import NotGeojson, as_csv, rows_of
from forms.check.finding import Finding, Place, from_problem
from forms.problems import FormError, Problem
from forms.sheets.bounds import COLUMNS, LARGEST, fitting

KINDS = (".csv", ".geojson")
ROWS = 100_000
CELLS = 2_000_000
"""Of a list: what a phone can hold and search beside everything else."""
GEOJSON = 5_000_000
"""Bytes of a file of features, which takes many times its size while it is read."""


@dataclass(frozen=True)
class AttachedList:
    """A list by its name without ending, such as `places`. `data` is CSV, of a `.geojson` what it comes to."""

    name: str
    filename: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    data: bytes


def read_attached(data: bytes, filename: str) -> tuple[AttachedList | None, list[Finding]]:
    """A list and what is wrong with its file; None where there is an error. Never raises for what is in the file."""
    try:
        return _read(data, filename)
    except FormError as error:
        return None, [_at(filename, from_problem(problem)) for problem in error.problems]


def _at(filename: str, finding: Finding) -> Finding:
    return Finding(finding.code, Place(filename), finding.params)


def _read(data: bytes, filename: str) -> tuple[AttachedList | None, list[Finding]]:
    path = PurePath(filename)
    if path.suffix.lower() not in KINDS:
        raise FormError([Problem("HW-1450", filename, {"name": filename})])
    geojson = path.suffix.lower() == ".geojson"
    if len(data) > (GEOJSON if geojson else LARGEST):
        raise _too_large(filename, geojson)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormError([Problem("HW-1009", filename, {"byte": str(error.start)})]) from error
    columns, rows = _features(text, filename) if geojson else _table(text, filename)
    found = list(_headers(columns, filename))
    kept = as_csv(columns, rows) if geojson else data
    attached = AttachedList(path.stem, filename, columns, tuple(rows), kept)
    return (None if found else attached), found


def _too_large(filename: str, geojson: bool = False) -> FormError:
    limits = {
        "rows": f"{ROWS:,}",
        "columns": str(COLUMNS),
        "cells": f"{CELLS:,}",
        "megabytes": str((GEOJSON if geojson else LARGEST) // 1_000_000),
    }
    return FormError([Problem("HW-1452", filename, limits)])


def _features(text: str, filename: str) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    try:
        rows = rows_of(text)
    except NotGeojson as error:
        raise FormError([Problem("HW-1451", filename, {"reason": str(error)})]) from error
    columns = tuple(dict.fromkeys(["id", "geometry", *(column for row in rows for column in row)]))
    if len(rows) > ROWS or len(columns) > COLUMNS or len(rows) * len(columns) > CELLS:
        raise _too_large(filename, geojson=True)
    for number, row in enumerate(rows, start=2):
        for cell in row.values():
            fitting(cell, filename, filename, number)
    return columns, [{column: row.get(column, "") for column in columns} for row in rows]


def _table(text: str, filename: str) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    lines = _lines(text, filename)
    columns = tuple(cell.strip() for cell in next(lines, []))
    if not any(columns):
        raise FormError([Problem("HW-1451", filename, {"reason": "no line of column names"})])
    if len(columns) > COLUMNS:
        raise _too_large(filename)
    rows: list[dict[str, str]] = []
    for cells in lines:
        if len(rows) == min(ROWS, CELLS // len(columns)):
            raise _too_large(filename)
        padded = [*cells, *[""] * (len(columns) - len(cells))]
        rows.append(dict(zip(columns, padded, strict=False)))
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
        raise FormError([Problem("HW-1451", filename, {"reason": str(error)})]) from error


def _headers(columns: tuple[str, ...], filename: str) -> Iterator[Finding]:
    for number, name in enumerate(columns):
        if not name or name in columns[:number]:
            yield Finding(
                "HW-1454", Place(filename, 1, column=name), {"name": name, "number": str(number + 1)}
            )
