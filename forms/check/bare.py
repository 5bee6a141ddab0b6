"""Words, texts and dates that stand bare in an expression and are not what they look like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forms.check.finding import Finding, Findings, nearest
from forms.check.reading import SELECTS, Reader, below
from forms.check.survey import Expression, Item
from forms.problems import caret
from forms.xpath.parser import STRENGTH, Ast

_NAME = re.compile(r"[^\W\d][\w.\-]*")
_DAY = re.compile(r"\d{4}\s*-\s*\d{1,2}\s*-\s*\d{1,2}")
_COMPARING = ("=", "!=", "<", "<=", ">", ">=")
_TRUTHS = ("true", "false")
_EMPTY = ("null",)
"""What some write for nothing: it is."""


def check_bare(reader: Reader) -> Findings:
    """Names without braces or quotation marks, texts where a comparison is meant, dates that are subtractions."""
    for item in reader.outline.items:
        for expression in item.expressions:
            if expression.column != "choice_filter":  # there a bare name is a column of the list
                yield from _names(expression, item, reader)
            for part in below(expression.ast):
                yield from _texts(part, expression, item, reader)
                yield from _days(part, expression)


# -- names


def _names(expression: Expression, item: Item, reader: Reader) -> Findings:
    for name, around in _bare(expression.ast, ["", []]):
        if f"{item.path}/{name}" in reader.by_path or name.lower() in _EMPTY:
            continue  # of a group: what stands in it
        pattern = rf"(?<![\w.$/{{'\"-]){re.escape(name)}(?![\w.:(-])"
        found = re.search(pattern, expression.shown)
        near = _meant(name, around, item, reader)
        position = found.start() if found else 0
        yield Finding("HW-1481", expression.at, {"name": name}, caret(expression.shown, position), near)


def _bare(ast: Ast, around: Ast) -> Iterator[tuple[str, Ast]]:
    """Each name that stands alone, and the comparison or call around it. Predicates are left out: in them a name is
    a column or a question of what is searched."""
    if ast[0] in ("str", "num"):
        return
    if ast[0] == "path":
        if ast[1] == "." and len(ast) == 3 and ast[2][0] == "child" and len(ast[2]) == 2:
            if _NAME.fullmatch(ast[2][1]):
                yield ast[2][1], around
        elif isinstance(ast[1], list):
            yield from _bare(ast[1], ast)
        return
    parts = ast[1:2] if ast[0] == "filter" else ast[1:]
    for part in parts:
        if isinstance(part, list):
            yield from _bare(part, ast)


def _meant(name: str, around: Ast, item: Item, reader: Reader) -> str:
    """What was probably meant: a truth, a choice of the question that it is compared with, a question, a text."""
    if name.lower() in _TRUTHS:
        return f"{name.lower()}()"
    others = [
        part for part in around[1:] if isinstance(part, list) and part != ["path", ".", ["child", name]]
    ]
    chosen = around[0] in ("=", "!=") or around[:2] == ["call", "selected"]
    asked = [read for part in others if chosen and (read := reader.item_of(part, item)) is not None]
    for read in asked:
        names = [value for value, _ in reader.outline.choices.get(read.list_name, [])]
        if read.type.startswith(SELECTS) and (name in names or nearest(name, names)):
            return f"'{name if name in names else nearest(name, names)}'"
    named = next((each for each in reader.outline.items if each.name == name), None)
    if named is not None:
        return named.path if item.at.line else f"${{{name}}}"
    return f"'{name}'" if asked else ""


# -- texts


def _texts(ast: Ast, expression: Expression, item: Item, reader: Reader) -> Findings:
    """`x = 'n' or 's'`: a text is true by itself."""
    if ast[0] not in ("and", "or"):
        return
    for part, before in ((ast[1], None), (ast[2], _last(ast[1]))):
        compared = before is not None and before[0] in _COMPARING
        number = part[0] == "num" and part[1] and compared and before is not None and before[2][0] == "num"
        if not number and not (part[0] == "str" and part[1]):
            continue
        value = f"'{part[1]}'" if part[0] == "str" else str(part[1])
        read = reader.item_of(before[1], item) if compared and before is not None else None
        near = ""
        if read is not None and before is not None:
            near = f"{read.path if item.at.line else f'${{{read.name}}}'} {before[0]} {value}"
        place = max(expression.shown.rfind(str(part[1])), 0)
        params = {"value": value, "operator": ast[0]}
        yield Finding("HW-1482", expression.at, params, caret(expression.shown, place), near)


def _last(ast: Ast) -> Ast:
    """The comparison that stands nearest before the right operand of an `and` or `or`."""
    while ast[0] in ("and", "or"):
        ast = ast[2] if ast[2][0] in STRENGTH else ast[1]
    return ast


# -- dates


def _days(ast: Ast, expression: Expression) -> Findings:
    """`2020-01-01` is 2018."""
    if ast[0] != "-" or ast[1][0] != "-" or [ast[1][1][0], ast[1][2][0], ast[2][0]] != ["num"] * 3:
        return
    year, month, day = ast[1][1][1], ast[1][2][1], ast[2][1]
    if not (year in range(1900, 2101) and month in range(1, 13) and day in range(1, 32)):
        return
    found = _DAY.search(expression.shown)
    text = f"{year}-{month:02}-{day:02}"
    params = {"text": text, "number": str(year - month - day)}
    position = found.start() if found else 0
    yield Finding("HW-1483", expression.at, params, caret(expression.shown, position), f"date('{text}')")
