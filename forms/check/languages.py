"""Translations: languages without a code, columns and single texts that are missing in one of them."""

from __future__ import annotations

import re
from collections import defaultdict

from forms.check.columns import Column, columns_of
from forms.check.finding import Finding, Findings, Place, nearest
from forms.sheets import Row, Sheet, Workbook

_CODE = re.compile(r"\([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*\)\s*$|^[a-z]{2,3}$")
_WORDS = ("label", "hint", "constraint_message", "required_message")


def check_languages(book: Workbook) -> Findings:
    """All faults of translations."""
    languages: dict[str, Place] = {}
    for kind in ("survey", "choices"):
        sheet = book.by_name.get(kind)
        if sheet is None:
            continue
        columns = [column for column in columns_of(sheet, kind) if column.language]
        for column in columns:
            at = Place(sheet.name, sheet.header_row, column=column.header)
            languages.setdefault(column.language, at)
        yield from _columns(columns, sheet, languages)
        yield from _texts(columns, sheet)
    for language, at in languages.items():
        if not _CODE.search(language):
            yield Finding("HW-1374", at, {"language": language})
    yield from _default(book, languages)


def _columns(columns: list[Column], sheet: Sheet, languages: dict[str, Place]) -> Findings:
    """A text that has a column in one language and not in another."""
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    for column in columns:
        by_name[column.name].add(column.language)
    for name, have in by_name.items():
        for language in languages:
            if language not in have:
                header = next(column.header for column in columns if column.name == name)
                at = Place(sheet.name, sheet.header_row, column=header)
                yield Finding("HW-1361", at, {"column": f"{name}::{language}", "language": language})


def _texts(columns: list[Column], sheet: Sheet) -> Findings:
    by_name: defaultdict[str, list[Column]] = defaultdict(list)
    for column in columns:
        by_name[column.name].append(column)
    for name in _WORDS:
        same = by_name.get(name, [])
        for row in sheet.rows if len(same) > 1 else ():
            yield from _missing(same, row, sheet)


def _missing(same: list[Column], row: Row, sheet: Sheet) -> Findings:
    given = [column for column in same if row.cells.get(column.header)]
    for column in same if given else ():
        if column not in given:
            at = Place(sheet.name, row.number, row.cells.get("name", ""), column.header)
            params = {"language": column.language, "other": given[0].language}
            yield Finding("HW-1362", at, params)


def _default(book: Workbook, languages: dict[str, Place]) -> Findings:
    survey = book.by_name.get("survey")
    columns = columns_of(survey, "survey") if survey else []
    if any(column.name == "label" and not column.language for column in columns):
        return  # the default language is that of the columns without one
    for row in book.rows("settings")[:1]:
        for header, text in row.cells.items():
            if header.strip().lower() == "default_language" and languages and text not in languages:
                at = Place(book.by_name["settings"].name, row.number, column=header)
                near = nearest(text, languages)
                yield Finding("HW-1378", at, {"language": text, "known": ", ".join(languages)}, near=near)
