"""Syntax trees back to expressions. What is printed parses to the same tree."""

from __future__ import annotations

from forms.xpath.parser import ANYWHERE, STRENGTH, Ast
from forms.xpath.values import number_text

_UNARY = 10
_UNION = 11
_SHORT = {"self": ".", "parent": ".."}


def write(ast: Ast) -> str:
    """The expression. Raises ValueError for a tree that no expression has (a text with both quotation marks)."""
    return "/" if ast == ["path", "/"] else _write(ast)


def _write(ast: Ast) -> str:
    kind = ast[0]
    if kind == "num":
        return number_text(float(ast[1]))
    if kind == "str":
        return _quoted(ast[1])
    if kind == "call":
        return f"{ast[1]}({', '.join(write(argument) for argument in ast[2:])})"
    if kind == "path":
        return _path(ast)
    if kind == "filter":
        inner = ast[1]
        start = f"({write(inner)})" if inner[0] == "filter" else _start(inner)
        return start + _predicates(ast[2:])
    if kind == "neg":
        return "-" + _operand(ast[1], _UNARY)
    strength = _strength(ast)
    return f"{_operand(ast[1], strength)} {kind} {_operand(ast[2], strength + 1)}"


def _strength(ast: Ast) -> int:
    """How tightly the outermost part of an expression holds together."""
    kind = ast[0]
    return _UNION if kind == "|" else _UNARY if kind == "neg" else STRENGTH.get(kind, _UNION + 1)


def _operand(ast: Ast, strength: int) -> str:
    """An expression beside an operator. A lone `/` would take a following `*` for the name of a step."""
    text = _write(ast)
    return f"({text})" if _strength(ast) < strength or text == "/" else text


def _quoted(text: str) -> str:
    mark = '"' if "'" in text else "'"
    if mark in text:
        raise ValueError("a text with both quotation marks")
    return mark + text + mark


def _path(ast: Ast) -> str:
    start, steps = ast[1], ast[2:]
    if start in (".", "/"):
        return ("/" if start == "/" else "") + _steps(steps, after_root=start == "/")
    return f"{_start(start)}/{_steps(steps, after_root=True)}"


def _start(ast: Ast) -> str:
    """What a predicate or a step can follow."""
    return write(ast) if ast[0] in ("call", "filter", "num", "str") else f"({write(ast)})"


def _steps(steps: list[Ast], after_root: bool) -> str:
    """Steps with their slashes; `//` where a slash stands before it and a step comes after it."""
    parts = []
    for at, step in enumerate(steps):
        short = step == ANYWHERE and (at > 0 or after_root) and at + 1 < len(steps)
        parts.append("" if short and steps[at - 1 : at] != [ANYWHERE] else _step(step))
    return "/".join(parts)


def _step(step: Ast) -> str:
    axis, test, predicates = step[0], step[1], _predicates(step[2:])
    if axis in _SHORT and test == "node()":
        return _SHORT[axis] + predicates
    if test.startswith("processing-instruction(") and not test.endswith("()"):
        test = f"processing-instruction({_quoted(test[23:-1])})"
    prefix = {"child": "", "attribute": "@"}.get(axis, f"{axis}::")
    return f"{prefix}{test}{predicates}"


def _predicates(predicates: list[Ast]) -> str:
    return "".join(f"[{write(predicate)}]" for predicate in predicates)
