"""Expressions and texts of a form while it is being read: each is stored once and referred to by number."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from forms.model import Text
from forms.problems import Problem, caret
from forms.xform.names import plain_tree
from forms.xpath.errors import ExpressionError
from forms.xpath.functions.signatures import check_call, check_prefix
from forms.xpath.parser import Ast, parse_with_calls


@dataclass
class Pool:
    """Collects expressions, texts and problems. `place` names the file, `prefixes` are those it declares, `lines` has
    the line of each path."""

    place: str
    prefixes: frozenset[str] = frozenset()
    expressions: list[Ast] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _texts: dict[str, int] = field(default_factory=dict)

    def where(self, what: str) -> str:
        """The place of a problem: file and question."""
        return f"{self.place} {what}".strip()

    def problem(self, code: str, what: str = "", excerpt: str = "", **params: str) -> None:
        """Notes a problem and goes on."""
        line = self.lines.get(what.split(" ")[0], 0)
        self.problems.append(Problem(code, self.where(what), params, excerpt, what, line))

    def fault(self, error: ExpressionError, what: str) -> None:
        """Notes a fault in an expression, with a caret under it."""
        self.problem(error.code, what, caret(error.expression, error.position), **error.params)

    def expression(self, source: str, what: str) -> int | None:
        """Number of an expression; None, and a problem noted, where it is faulty. `what` is its place."""
        source = source.strip()
        if source in self._numbers:
            return self._numbers[source]
        try:
            parsed = parse_with_calls(source)
            for call in parsed.calls:
                check_call(call, source)
            for prefix in parsed.prefixes:
                check_prefix(prefix, self.prefixes, source)
        except ExpressionError as error:
            self.fault(error, what)
            return None
        number = len(self.expressions)
        self.expressions.append(plain_tree(parsed.ast) if parsed.prefixes else parsed.ast)
        self.sources.append(source)
        self._numbers[source] = number
        return number

    def text(self, text: Text) -> int:
        """Number of a text."""
        key = json.dumps(text, ensure_ascii=False, sort_keys=True)
        if key not in self._texts:
            self._texts[key] = len(self.texts)
            self.texts.append(text)
        return self._texts[key]

    def plain(self, text: str) -> int:
        """Number of an untranslated text."""
        value: dict[str, Any] = {"long": [text]}
        return self.text({"": value})
