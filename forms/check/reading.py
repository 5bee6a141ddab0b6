"""What the rules about meaning share: the questions that an expression reads, what is known to hold around it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from forms.check.survey import Expression, Item, Outline
from forms.xform.references import Shape, references
from forms.xpath.parser import Ast

SELECTS = ("select_one", "select_multiple", "rank")
"""How the types of questions begin that have choices."""

_ANSWERED = {"=", "<", "<=", ">", ">="}


class Reader:
    """Looks expressions up in an outline."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.shape = Shape(outline.root, [item.path for item in outline.items])
        self.by_path: dict[str, Item] = {}
        for item in outline.items:
            self.by_path.setdefault(item.path, item)
        self.number = {id(item): number for number, item in enumerate(outline.items)}
        self._guards: dict[str, dict[str, Ast]] = {}

    def read_by(self, ast: Ast, item: Item) -> list[Item]:
        """The items that an expression at `item` reads, in the order of the form."""
        found = references(ast, item.path, self.shape)
        read = [self.by_path[path] for path in found.paths | found.elsewhere if path in self.by_path]
        return sorted(read, key=lambda each: self.number[id(each)])

    def item_of(self, ast: Ast, item: Item) -> Item | None:
        """The question that a path names, None where it is no plain path to one."""
        if not isinstance(ast, list) or ast[0] != "path" or any(len(step) > 2 for step in ast[2:]):
            return None
        if ast[1] not in ("/", ".") and ast[1] != ["call", "current"]:
            return None
        found = references(ast, item.path, self.shape).paths
        return self.by_path.get(next(iter(found))) if len(found) == 1 else None

    def guards(self, item: Item) -> dict[str, Ast]:
        """What holds wherever an item is asked: the parts of its relevance and of all groups around it."""
        if item.path not in self._guards:
            found: dict[str, Ast] = {}
            for each in (item, *self.outline.above(item)):
                for expression in each.expressions:
                    if expression.column == "relevant":
                        for part in conjuncts(expression.ast):
                            found[json.dumps(part)] = part
            self._guards[item.path] = found
        return self._guards[item.path]

    def around(self, item: Item, expression: Expression) -> dict[str, Ast]:
        """What holds where an expression of an item matters."""
        if expression.column != "relevant":
            return dict(self.guards(item))
        above = next(self.outline.above(item), None)
        return dict(self.guards(above)) if above else {}

    def closed(self, known: dict[str, Ast], item: Item) -> dict[str, Ast]:
        """What is known, and what follows: a question that has an answer was asked, so its guards hold."""
        found = dict(known)
        todo = list(known.values())
        while todo:
            for answered in self._answered(todo.pop(), item):
                for key, part in self.guards(answered).items():
                    if key not in found:
                        found[key] = part
                        todo.append(part)
        return found

    def _answered(self, ast: Ast, item: Item) -> Iterator[Item]:
        """Questions that must have an answer where this holds."""
        if ast[0] in _ANSWERED:
            for here, there in ((ast[1], ast[2]), (ast[2], ast[1])):
                named = self.item_of(here, item)
                if named is not None and there != ["str", ""]:
                    yield named
        elif ast[0] == "!=" and ["str", ""] in ast[1:]:
            named = self.item_of(ast[2] if ast[1] == ["str", ""] else ast[1], item)
            if named is not None:
                yield named
        elif ast[:2] == ["call", "selected"] and len(ast) == 4:
            named = self.item_of(ast[2], item)
            if named is not None:
                yield named


def conjuncts(ast: Ast) -> list[Ast]:
    """The parts of an expression that must all hold."""
    if ast[0] != "and":
        return [ast]
    return [*conjuncts(ast[1]), *conjuncts(ast[2])]


def below(ast: Ast) -> Iterator[Ast]:
    """An expression and all in it."""
    yield ast
    for part in ast[1:]:
        if isinstance(part, list):
            yield from below(part)
