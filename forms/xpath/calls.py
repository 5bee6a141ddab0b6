"""Which functions an expression calls."""

from __future__ import annotations

from collections.abc import Collection

from forms.xpath.parser import Ast

SPOKEN = frozenset({"choice-name", "jr:choice-name", "jr:itext"})
"""Functions whose value is in the language that is spoken."""


def calls(ast: Ast, names: Collection[str]) -> bool:
    """Whether one of the functions is called anywhere in a syntax tree."""
    if ast[0] in ("str", "num"):
        return False
    if ast[0] == "call" and ast[1] in names:
        return True
    return any(isinstance(part, list) and calls(part, names) for part in ast)
