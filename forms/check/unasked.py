"""`${x} != 'none'` where x may never have been asked: an empty answer is unequal to everything."""

from __future__ import annotations

import json

from forms.check.finding import Finding, Findings
from forms.check.reading import Reader, below, conjuncts
from forms.check.survey import Expression, Item
from forms.problems import caret
from forms.xpath.parser import Ast

_COLUMNS = ("relevant", "required", "calculation", "constraint", "choice_filter")


def check_unasked(reader: Reader) -> Findings:
    """Comparisons that hold by themselves where their question was not asked."""
    for item in reader.outline.items:
        for expression in item.expressions:
            if expression.column in _COLUMNS:
                search = _Search(reader, item, expression)
                search.walk(expression.ast, reader.around(item, expression))
                yield from search.found


class _Search:
    def __init__(self, reader: Reader, item: Item, expression: Expression) -> None:
        self.reader = reader
        self.item = item
        self.expression = expression
        self.found: list[Finding] = []

    def walk(self, ast: Ast, known: dict[str, Ast]) -> None:
        """`known`: what holds where this part of the expression decides."""
        if ast[0] == "and":
            parts = conjuncts(ast)
            for part in parts:
                beside = {json.dumps(other): other for other in parts if other is not part}
                self.walk(part, known | beside)
            return
        if ast[:2] == ["call", "if"] and len(ast) == 5:
            self.walk(ast[2], known)
            self.walk(ast[3], known | {json.dumps(part): part for part in conjuncts(ast[2])})
            self.walk(ast[4], known)
            return
        unequal = self._unequal(ast)
        if unequal is not None:
            self.judge(unequal, known)
            return
        for part in ast[1:]:
            if isinstance(part, list) and part and isinstance(part[0], str):
                self.walk(part, known)

    def _unequal(self, ast: Ast) -> Item | None:
        """The question x of `x != 'none'`, `not(x = 'none')`, `not(selected(x, 'none'))`."""
        if ast[0] == "!=":
            pair = ast[1:]
        elif ast[:2] == ["call", "not"] and len(ast) == 3 and ast[2][0] == "=":
            pair = ast[2][1:]
        elif ast[:2] == ["call", "not"] and len(ast) == 3 and ast[2][:2] == ["call", "selected"]:
            pair = ast[2][2:]
        else:
            return None
        for here, there in (pair, pair[::-1]) if len(pair) == 2 else ():
            if there[0] in ("str", "num") and there[1] != "":
                return self.reader.item_of(here, self.item)
        return None

    def judge(self, read: Item, known: dict[str, Ast]) -> None:
        """Warns where `read` is asked only sometimes, and neither the place nor the expression sees to it."""
        if read is self.item or not read.asked:
            return
        closed = self.reader.closed(known, self.item)
        if all(key in closed for key in self.reader.guards(read)) or self._considered(read):
            return
        position = max(self.expression.shown.find(read.name), 0)
        excerpt = caret(self.expression.shown, position)
        self.found.append(Finding("HW-1351", self.expression.at, {"name": read.name}, excerpt))

    def _considered(self, read: Item) -> bool:
        """Whether the expression asks elsewhere if there is an answer."""
        for part in below(self.expression.ast):
            if part[0] in ("=", "!=") and ["str", ""] in part[1:]:
                other = part[2] if part[1] == ["str", ""] else part[1]
                if self.reader.item_of(other, self.item) is read:
                    return True
            counted = part[:2] in (
                ["call", "string-length"],
                ["call", "coalesce"],
                ["call", "count-selected"],
            )
            if counted and any(self.reader.item_of(each, self.item) is read for each in part[2:]):
                return True
        return False
