"""Splits an expression into tokens, with the disambiguation rules of XPath 1.0, section 3.7."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forms.xpath.errors import ExpressionError

_NAME = r"[^\W\d][\w.\-·]*"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<string>"[^"]*"|'[^']*')
    | (?P<axisname>{_NAME}(?=\s*::))
    | (?P<name>{_NAME}(?::(?:{_NAME}|\*))?)
    | (?P<symbol>//|::|\.\.|!=|<=|>=|[()\[\]@,/|+\-=<>*.])
    )""",
    re.VERBOSE,
)
_OPERATOR_NAMES = {"and", "or", "div", "mod"}
_OPERATOR_AND_MORE = re.compile(r"(?:and|or|div|mod)(?=[0-9.-])")
# after one of these a name or a star cannot be an operator
_OPENERS = {"@", "::", "(", "[", ",", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">="}
_CURLY = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "，": ",", "（": "(", "）": ")"}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is number, string, name, op (an operator, a bracket, a comma) or end."""

    kind: str
    text: str
    position: int


def tokens(expression: str) -> list[Token]:
    """The tokens of an expression, the last of kind `end`. Raises ExpressionError."""
    found: list[Token] = []
    at = 0
    length = len(expression.rstrip())
    while at < length:
        match = _TOKEN.match(expression, at)
        if match is None:
            raise _unreadable(expression, at)
        at = match.end()
        kind = match.lastgroup or ""
        start = match.start(kind)
        token = _classify(kind, match[kind], start, found[-1] if found else None)
        found.append(token)
        at = start + len(token.text) if token.kind == "op" else at
    found.append(Token("end", "", length))
    return found


def _classify(kind: str, text: str, start: int, before: Token | None) -> Token:
    after_operand = before is not None and not (
        before.kind == "op" and before.text in _OPERATORS_BEFORE_OPERAND
    )
    if kind == "symbol":
        if text == "*" and not after_operand:
            return Token("name", "*", start)
        return Token("op", text, start)
    if kind in ("name", "axisname"):
        if after_operand and text in _OPERATOR_NAMES:
            return Token("op", text, start)
        glued = _OPERATOR_AND_MORE.match(text) if after_operand else None
        if glued is not None:  # no name can stand here: `1 and1`
            return Token("op", glued[0], start)
        return Token("name", text, start)
    return Token(kind, text[1:-1] if kind == "string" else text, start)


_OPERATORS_BEFORE_OPERAND = _OPENERS | _OPERATOR_NAMES | {"*"}


def _unreadable(expression: str, at: int) -> ExpressionError:
    while expression[at].isspace():
        at += 1
    char = expression[at]
    if char in "\"'":
        return ExpressionError("HW-1102", expression, at)
    if char in _CURLY:
        return ExpressionError("HW-1103", expression, at, found=char, wanted=_CURLY[char])
    if expression.startswith("${", at):
        return ExpressionError("HW-1104", expression, at)
    return ExpressionError("HW-1101", expression, at, found=char)
