"""Answers that are used before they can be given."""

from __future__ import annotations

from forms.check.finding import Finding, Findings, Param, Place
from forms.check.reading import Reader
from forms.check.survey import Expression, Item
from forms.problems import caret

_EARLY = ("relevant", "choice_filter", "repeat_count")


def check_order(reader: Reader) -> Findings:
    """Relevance, choice filters and counts that read later questions; defaults that read any; groups their own."""
    for item in reader.outline.items:
        for expression in item.expressions:
            if expression.column in _EARLY:
                yield from _early(expression, item, reader)
            elif expression.column == "default":
                yield from _default(expression, item, reader)


def _early(expression: Expression, item: Item, reader: Reader) -> Findings:
    here = reader.number[id(item)]
    for read in reader.read_by(expression.ast, item):
        if not read.asked or reader.number[id(read)] <= here:
            continue
        inside = read.path.startswith(f"{item.path}/")
        code = "HW-1376" if inside and expression.column == "relevant" else "HW-1350"
        params: dict[str, Param] = {
            "name": read.name,
            "where": Place(row=read.at.row, line=read.at.line),
        }
        yield Finding(code, expression.at, params, _caret(expression, read))


def _default(expression: Expression, item: Item, reader: Reader) -> Findings:
    if any(above.kind == "repeat" for above in reader.outline.above(item)):
        return  # worked out when an instance is added: earlier answers are there
    if "last-saved#" in expression.shown:
        return
    for read in reader.read_by(expression.ast, item):
        if read.asked:
            yield Finding("HW-1371", expression.at, {"name": read.name}, _caret(expression, read))
            continue
        needed = _needed(read, reader)
        if needed is not None:
            params: dict[str, Param] = {
                "name": read.name,
                "needed": needed.name,
                "where": Place(row=needed.at.row, line=needed.at.line),
            }
            yield Finding("HW-1492", expression.at, params, _caret(expression, read))


def _needed(calculation: Item, reader: Reader) -> Item | None:
    """The first question that a calculation needs the answer of, by way of others too; None for none, or one that has
    a default itself."""
    seen: set[str] = set()
    todo = [calculation]
    while todo:
        item = todo.pop()
        if item.path in seen:
            continue
        seen.add(item.path)
        if item.asked and item is not calculation:
            if not item.text("default"):
                return item
            continue
        for expression in item.expressions:
            if expression.column == "calculation" and "last-saved#" not in expression.shown:
                todo += reversed(reader.read_by(expression.ast, item))
    return None


def _caret(expression: Expression, read: Item) -> str:
    position = expression.shown.find(f"${{{read.name}}}")
    return caret(
        expression.shown, position + 2 if position >= 0 else max(expression.shown.find(read.name), 0)
    )
