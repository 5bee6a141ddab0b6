"""A question of a repeat read from outside it: each instance has its answer, and it is not said which one is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forms.check.expressions import TEXTS
from forms.check.finding import Finding, Findings, Param, Place
from forms.check.reading import Reader
from forms.check.survey import Item
from forms.problems import caret
from forms.xpath.functions.signatures import ARGUMENTS
from forms.xpath.parser import Ast

_ALL = {
    "sum", "count", "count-non-empty", "min", "max", "join", "concat", "indexed-repeat", "position", "randomize",
    "boolean", "checklist", "weighted-checklist", "area", "distance", "name", "local-name", "jr:itext",
}  # fmt: skip
"""Functions that take all nodes, or say which of them."""
_NAME = re.compile(r"\$\{([^}#]+)\}")
_COLUMNS = (
    "relevant", "required", "constraint", "calculation", "read_only", "repeat_count", "choice_filter", "default",
)  # fmt: skip


def check_repeated(reader: Reader) -> Findings:
    """HW-1493, once for each column and question read. A predicate says which instance is meant, as do functions."""
    by_name: dict[str, list[Item]] = {}
    for item in reader.outline.items:
        by_name.setdefault(item.name, []).append(item)
    for item in reader.outline.items:
        for expression in item.expressions:
            chosen = expression.column == "choice_filter" and item.list_name.startswith("${")
            if expression.column in _COLUMNS and not chosen:
                paths = (reader.item_of(path, item) for path in _plain_paths(expression.ast))
                yield from _told(
                    [read for read in paths if read], item, expression.shown, expression.at, reader
                )
        for cell in item.cells:
            if cell.column in TEXTS:
                named = [by_name.get(name, []) for name in _NAME.findall(cell.text)]
                read = [found[0] for found in named if len(found) == 1]
                yield from _told(read, item, cell.text, item.place(cell.column), reader)


def _told(found: list[Item], item: Item, shown: str, at: Place, reader: Reader) -> Findings:
    for read in {each.path: each for each in found}.values():
        repeat = _apart(read, item, reader)
        if repeat is not None and read.kind == "question":
            params: dict[str, Param] = {
                "name": read.name,
                "repeat": repeat.name,
                "where": Place(row=repeat.at.row, line=repeat.at.line),
            }
            position = shown.find(f"${{{read.name}}}")
            position = position + 2 if position >= 0 else max(shown.find(read.name), 0)
            yield Finding("HW-1493", at, params, caret(shown, position))


def _apart(read: Item, item: Item, reader: Reader) -> Item | None:
    """The innermost repeat around what is read that is not around the reader."""
    for above in reader.outline.above(read):
        if above.kind == "repeat":
            return None if f"{item.path}/".startswith(f"{above.path}/") else above
    return None


def _plain_paths(ast: Ast) -> Iterator[Ast]:
    """Paths that neither a function nor a predicate makes clear."""
    if ast[0] == "path":
        if isinstance(ast[1], list) and ast[1][:2] == ["call", "instance"]:  # a list: what it is filtered by
            for step in ast[2:]:
                for predicate in step[2:]:
                    yield from _plain_paths(predicate)
        else:
            yield ast
        return
    if ast[0] == "filter" or (ast[0] == "call" and (ast[1] in _ALL or ast[1] not in ARGUMENTS)):
        return
    for part in ast[1:]:
        if isinstance(part, list):
            yield from _plain_paths(part)
