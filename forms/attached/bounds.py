"""How much an attached file may hold: what a phone can keep and search beside everything else."""

from __future__ import annotations

from forms.problems import FormError, Problem
from forms.sheets.bounds import COLUMNS, fitting

ROWS = 100_000
CELLS = 2_000_000
ELEMENTS = 300_000
"""Of an XML file, whether a list or a tree."""
LARGEST_NESTED = 5_000_000
"""Bytes of GeoJSON or XML, which take many times their size while they are read; CSV may have more."""


def too_much(filename: str, largest: int = LARGEST_NESTED) -> FormError:
    """What is said of a file beyond the bounds. `largest` is in bytes."""
    limits = {
        "rows": f"{ROWS:,}",
        "columns": str(COLUMNS),
        "cells": f"{CELLS:,}",
        "elements": f"{ELEMENTS:,}",
        "megabytes": str(largest // 1_000_000),
    }
    return FormError([Problem("HW-1452", filename, limits)])


def unreadable(reason: str, filename: str) -> FormError:
    """What is said of a file that is not what its name says. `reason` is in English."""
    return FormError([Problem("HW-1451", filename, {"reason": reason})])


def within(columns: tuple[str, ...], rows: list[dict[str, str]], filename: str) -> None:
    """Raises FormError where rows and columns that were read whole are too many, or a cell is too long."""
    if len(rows) > ROWS or len(columns) > COLUMNS or len(rows) * len(columns) > CELLS:
        raise too_much(filename)
    for number, row in enumerate(rows, start=2):
        for cell in row.values():
            fitting(cell, filename, filename, number)
