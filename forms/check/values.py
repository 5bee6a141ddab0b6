"""Comparisons with choices that the list does not have, and of several choices with one."""

from __future__ import annotations

from forms.check.finding import Finding, Findings, nearest
from forms.check.reading import SELECTS, Reader, below
from forms.check.survey import Expression, Item
from forms.problems import caret
from forms.xpath.parser import Ast


def check_values(reader: Reader) -> Findings:
    """All comparisons of a question that chooses with a text."""
    for item in reader.outline.items:
        for expression in item.expressions:
            for part in below(expression.ast):
                yield from _compared(part, expression, item, reader)


def _compared(ast: Ast, expression: Expression, item: Item, reader: Reader) -> Findings:
    if ast[0] in ("=", "!="):
        pairs = [(ast[1], ast[2]), (ast[2], ast[1])]
    elif ast[:2] == ["call", "selected"] and len(ast) == 4:
        pairs = [(ast[2], ast[3])]
    else:
        return
    for here, there in pairs:
        if not isinstance(there, list) or there[0] != "str" or not there[1].strip():
            continue
        read = reader.item_of(here, item)
        if read is None or not read.type.startswith(SELECTS):
            continue
        yield from _judged(read, there[1], ast[0] == "call", expression, reader)


def _judged(read: Item, value: str, selected: bool, expression: Expression, reader: Reader) -> Findings:
    names = [name for name, _ in reader.outline.choices.get(read.list_name, [])]
    if read.or_other:
        names.append("other")
    if not names:
        return
    position = max(expression.shown.find(value), 0)
    excerpt = caret(expression.shown, position)
    unknown = next((word for word in value.split() if word not in names), "")
    if unknown and value not in names and unknown != "NaN":
        name = read.name if read.list_name.startswith("choices:") else read.list_name
        params = {"value": unknown, "name": read.name, "list": name}
        yield Finding("HW-1377", expression.at, params, excerpt, nearest(unknown, names))
    elif read.type == "select_multiple" and not selected and " " not in value:
        params = {"value": value, "name": read.name}
        near = f"selected(${{{read.name}}}, '{value}')"
        yield Finding("HW-1379", expression.at, params, excerpt, near)
