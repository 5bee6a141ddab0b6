"""`bind::fs:pii`, `bind::fs:publish`, `bind::fs:role`: values that exist, with arguments that fit."""

from __future__ import annotations

import re
from collections.abc import Callable

from forms.check.finding import Finding, Findings, Place, nearest
from forms.check.reading import Reader
from forms.check.survey import Item
from forms.sheets import Workbook

PRIVACY = ("public", "coarsen", "private")
ROLES = ("desk",)

_NUMBER = re.compile(r"[1-9]\d*(\.\d+)?")
_PLACES = ("township", "county", "prefecture", "province")
Fits = Callable[[str, Item, Reader], bool]


def _none(argument: str, item: Item, reader: Reader) -> bool:
    return argument == ""


def _one_of(*words: str) -> Fits:
    return lambda argument, item, reader: argument in words


def _number(argument: str, item: Item, reader: Reader) -> bool:
    return _NUMBER.fullmatch(argument) is not None


def _cuts(argument: str, item: Item, reader: Reader) -> bool:
    return bool(argument.strip()) and (
        argument in reader.outline.choices or any(c.isdigit() for c in argument)
    )


def _ladder(argument: str, item: Item, reader: Reader) -> bool:
    return re.fullmatch(r"k?[1-9]\d*", argument) is not None


def _answer(argument: str, item: Item, reader: Reader) -> bool:
    """A value that the question can have."""
    names = [name for name, _ in reader.outline.choices.get(item.list_name, [])]
    return argument != "" and (not names or argument in names)


def _answer_or_none(argument: str, item: Item, reader: Reader) -> bool:
    return argument == "" or _answer(argument, item, reader)


def _question(argument: str, item: Item, reader: Reader) -> bool:
    return any(each.name == argument for each in reader.outline.items)


def _condition(argument: str, item: Item, reader: Reader) -> bool:
    name = re.split(r"!?=|[<>]", argument)[0].strip()
    return name != argument and _question(name, item, reader)


RULES: dict[str, Fits] = {
    "as_is": _none,
    "drop": _none,
    "aggregate_only": _none,
    "filter": _answer_or_none,
    "rows_only_if": _answer,
    "date": _one_of("month"),
    "band": _cuts,
    "age_band": _cuts,
    "round": _number,
    "threshold": _number,
    "rollup_1-4": _one_of(*_PLACES),
    "place_ladder": _ladder,
    "geo": _one_of("village_point"),
    "reissue": _one_of("public_id", "label"),
    "text": _one_of("after_review"),
    "names_apart": _question,
    "link_if": _question,
    "consent": _question,
    "drop_if": _condition,
}
"""The publish rules and whether an argument fits each."""


def check_privacy(reader: Reader) -> Findings:
    """Values of the three columns that do not exist."""
    for item in reader.outline.items:
        for column, known, code in (
            ("bind::fs:pii", PRIVACY, "HW-1352"),
            ("bind::fs:role", ROLES, "HW-1355"),
        ):
            value = item.text(column)
            if value and value not in known:
                params = {"value": value, "known": ", ".join(known)}
                yield Finding(code, item.place(column), params, near=nearest(value, known))
        yield from _publish(item, reader)


def _publish(item: Item, reader: Reader) -> Findings:
    text = item.text("bind::fs:publish")
    if not text:
        return
    name, _, argument = text.strip().partition(":")
    at = item.place("bind::fs:publish")
    if name not in RULES:
        yield Finding("HW-1353", at, {"rule": text}, near=nearest(name, RULES))
    elif not RULES[name](argument, item, reader):
        near = ""
        if RULES[name] in (_question, _condition):
            near = nearest(re.split(r"!?=|[<>]", argument)[0], [each.name for each in reader.outline.items])
        params = {"rule": name, "argument": argument or "–"}
        yield Finding("HW-1354", at, params, near=near)


def check_namespaces(book: Workbook) -> Findings:
    """Columns such as `bind::fs:pii` whose prefix no setting declares."""
    declared = {"jr", "odk", "orx", "ev", "xsd", "h", "entities", "xml"}
    for row in book.rows("settings")[:1]:
        for header, text in row.cells.items():
            if header.strip().lower() == "namespaces":
                declared |= set(re.findall(r"(\w+)\s*=", text))
    sheet = book.by_name.get("survey")
    seen: set[str] = set()
    for header in sheet.headers if sheet else []:
        match = re.match(r"(?:bind|body|control|instance)::?(\w+):\w", header)
        if match and match[1] not in declared | seen and sheet is not None:
            seen.add(match[1])
            ours = 'fs="urn:field-survey:1"' if match[1] == "fs" else f'{match[1]}="…"'
            at = Place(sheet.name, sheet.header_row, column=header)
            yield Finding("HW-1360", at, {"prefix": match[1], "wanted": ours})
