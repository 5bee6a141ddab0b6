"""Expressions to syntax trees in the form of docs/form-model.md. The only parser: JavaScript gets trees."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from forms.xpath.errors import ExpressionError
from forms.xpath.lexer import Token, tokens

Ast: TypeAlias = list[Any]
"""A node: the first member names it, see docs/form-model.md."""

STRENGTH = {
    "or": 0, "and": 1, "=": 2, "!=": 2, "<": 3, "<=": 3, ">": 3, ">=": 3,
    "+": 4, "-": 4, "*": 5, "div": 5, "mod": 5,
}  # fmt: skip
_AXES = {
    "child", "parent", "self", "descendant", "descendant-or-self", "ancestor", "ancestor-or-self",
    "following-sibling", "preceding-sibling", "following", "preceding", "attribute", "namespace",
}  # fmt: skip
_NODE_TYPES = {"node", "text", "comment", "processing-instruction"}
# an expression beyond these is an attack or a mistake; trees are walked by recursion
_LENGTH = 100_000  # characters
_DEPTH = 100  # brackets and calls in each other
_CHAIN = 400  # operators, steps or predicates in a row
_NESTED = 150  # parts in each other, a chain of one kind being one part
_DEEPEST = 600  # parts in each other, each counted
ANYWHERE: Ast = ["descendant-or-self", "node()"]


@dataclass(frozen=True, slots=True)
class Call:
    """A function call found while parsing: where its name stands, for messages with a caret."""

    name: str
    arguments: int
    position: int


@dataclass(frozen=True, slots=True)
class Prefix:
    """The prefix of a name in a path, and where the name stands."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A syntax tree, the calls in it and the prefixes of names in its paths."""

    ast: Ast
    calls: tuple[Call, ...]
    prefixes: tuple[Prefix, ...]


def parse(expression: str) -> Ast:
    """The syntax tree of an expression. Raises ExpressionError with the position of the fault."""
    return parse_with_calls(expression).ast


def parse_with_calls(expression: str) -> Parsed:
    """As `parse`, with the list of function calls."""
    if len(expression) > _LENGTH:
        raise ExpressionError("HW-1107", expression[:_LENGTH], 0)
    parser = _Parser(expression, tokens(expression))
    try:
        ast = parser.whole()
    except RecursionError as error:
        raise ExpressionError("HW-1107", expression, parser.token.position) from error
    if _too_deep(ast):
        raise ExpressionError("HW-1107", expression, 0)
    return Parsed(ast, tuple(parser.calls), tuple(parser.prefixes))


_LEVEL = {"+": 1, "-": 1, "*": 2, "div": 2, "mod": 2}


def same_level(sign: str, ast: Ast) -> bool:
    """Whether an operand on the left belongs to the chain of an operator: `a - b` of `a - b + c`."""
    return bool(ast[0] == sign or (sign in _LEVEL and _LEVEL[sign] == _LEVEL.get(ast[0], 0)))


def _too_deep(ast: Ast) -> bool:
    waiting: list[tuple[Ast, int, int]] = [(ast, 0, 0)]
    while waiting:
        part, nested, deep = waiting.pop()
        if nested > _NESTED or deep > _DEEPEST:
            return True
        for at, inner in enumerate(part):
            if isinstance(inner, list):
                chained = at == 1 and part[0] in STRENGTH and same_level(part[0], inner)
                waiting.append((inner, nested + (not chained), deep + 1))
    return False


@dataclass
class _Parser:
    expression: str
    tokens: list[Token]
    at: int = 0
    depth: int = 0
    calls: list[Call] = field(default_factory=list)
    prefixes: list[Prefix] = field(default_factory=list)

    # -- tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def is_op(self, *texts: str) -> bool:
        token = self.tokens[self.at]
        return token.kind == "op" and token.text in texts

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def expect(self, text: str) -> None:
        if not self.is_op(text):
            raise self.unexpected(text)
        self.at += 1

    def unexpected(self, wanted: str = "") -> ExpressionError:
        token = self.token
        if token.kind == "end":
            if wanted in (")", "]"):
                return ExpressionError("HW-1106", self.expression, token.position, wanted=wanted)
            return ExpressionError("HW-1105", self.expression, token.position)
        return ExpressionError("HW-1101", self.expression, token.position, found=token.text)

    # -- expressions

    def whole(self) -> Ast:
        ast = self.binary(0)
        if self.token.kind != "end":
            raise self.unexpected()
        return ast

    def binary(self, floor: int) -> Ast:
        """Precedence climbing: operators that bind at least as tightly as `floor`."""
        if floor == 0:
            self.depth += 1
            if self.depth > _DEPTH:
                raise ExpressionError("HW-1107", self.expression, self.token.position)
        left = self.unary()
        chain = 0
        while (strength := self.strength()) >= floor:
            operator = self.take().text
            left = [operator, left, self.binary(strength + 1)]
            chain += 1
            self.bound(chain)
        if floor == 0:
            self.depth -= 1
        return left

    def strength(self) -> int:
        token = self.tokens[self.at]
        return STRENGTH.get(token.text, -1) if token.kind == "op" else -1

    def unary(self) -> Ast:
        minus = 0
        while self.is_op("-"):
            self.at += 1
            minus += 1
            if minus > _DEPTH:
                raise ExpressionError("HW-1107", self.expression, self.token.position)
        ast = self.union()
        for _ in range(minus):
            ast = ["neg", ast]
        return ast

    def union(self) -> Ast:
        left = self.path()
        chain = 0
        while self.is_op("|"):
            self.at += 1
            chain += 1
            left = ["|", left, self.path()]
            self.bound(chain)
        return left

    def bound(self, chain: int) -> None:
        """Raises ExpressionError for too many of something in a row."""
        if chain > _CHAIN:
            raise ExpressionError("HW-1107", self.expression, self.token.position)

    # -- paths

    def path(self) -> Ast:
        if not self.starts_primary():
            return self.location_path()
        ast = self.primary()
        predicates = self.predicates()
        if predicates:
            ast = ["filter", ast, *predicates]
        steps: list[Ast] = []
        self.more_steps(steps)
        return ["path", ast, *steps] if steps else ast

    def starts_primary(self) -> bool:
        token = self.token
        if token.kind in ("number", "string"):
            return True
        if token.kind == "op":
            return token.text == "("
        following = self.tokens[self.at + 1] if token.kind == "name" else None
        return (
            following is not None
            and following.kind == "op"
            and following.text == "("
            and token.text not in _NODE_TYPES
        )

    def primary(self) -> Ast:
        token = self.take()
        if token.kind == "number":
            number = float(token.text)
            if math.isinf(number):
                raise ExpressionError("HW-1107", self.expression, token.position)
            return ["num", int(number) if number.is_integer() and number < 1e15 else number]
        if token.kind == "string":
            return ["str", token.text]
        if token.kind == "name":
            return self.call(token)
        ast = self.binary(0)
        self.expect(")")
        return ast

    def call(self, name: Token) -> Ast:
        self.expect("(")
        arguments: list[Ast] = []
        if not self.is_op(")"):
            arguments.append(self.binary(0))
            while self.is_op(","):
                self.at += 1
                arguments.append(self.binary(0))
        self.expect(")")
        self.calls.append(Call(name.text, len(arguments), name.position))
        return ["call", name.text, *arguments]

    def location_path(self) -> Ast:
        steps: list[Ast] = []
        start = "."
        if self.is_op("/"):
            self.at += 1
            start = "/"
            if not self.starts_step():
                return ["path", "/"]
        elif self.is_op("//"):
            self.at += 1
            start = "/"
            steps.append(list(ANYWHERE))
        steps.append(self.step())
        self.more_steps(steps)
        return ["path", start, *steps]

    def more_steps(self, steps: list[Ast]) -> None:
        while self.is_op("/", "//"):
            if self.take().text == "//":
                steps.append(list(ANYWHERE))
            steps.append(self.step())
            self.bound(len(steps))

    def starts_step(self) -> bool:
        return self.token.kind == "name" or self.is_op("@", ".", "..")

    def step(self) -> Ast:
        if self.is_op("."):
            self.at += 1
            return ["self", "node()", *self.predicates()]
        if self.is_op(".."):
            self.at += 1
            return ["parent", "node()", *self.predicates()]
        axis = "child"
        if self.is_op("@"):
            self.at += 1
            axis = "attribute"
        elif self.token.kind == "name" and self.tokens[self.at + 1].text == "::":
            token = self.take()
            if token.text not in _AXES:
                raise ExpressionError("HW-1108", self.expression, token.position, found=token.text)
            axis = token.text
            self.at += 1
        return [axis, self.node_test(), *self.predicates()]

    def node_test(self) -> str:
        if self.token.kind != "name":
            raise self.unexpected()
        name = self.take()
        if not (self.is_op("(") and name.text in _NODE_TYPES):
            if ":" in name.text:
                self.prefixes.append(Prefix(name.text.partition(":")[0], name.position))
            return name.text
        self.at += 1
        target = ""
        if name.text == "processing-instruction" and self.token.kind == "string":
            target = self.take().text
        self.expect(")")
        return f"{name.text}({target})"

    def predicates(self) -> list[Ast]:
        found: list[Ast] = []
        while self.is_op("["):
            self.at += 1
            found.append(self.binary(0))
            self.expect("]")
            self.bound(len(found))
        return found
