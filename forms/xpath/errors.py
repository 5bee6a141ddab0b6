"""What can be wrong with an expression, before anybody says in which form it stands."""

from __future__ import annotations


class ExpressionError(Exception):
    """An expression that cannot be parsed, or that refers to something that does not exist.

    `code` is a number of the catalogue (`HW-1101` …), `position` counts characters of `expression` from 0.
    """

    def __init__(self, code: str, expression: str, position: int, **params: str) -> None:
        super().__init__(f"{code} at {position}: {expression}")
        self.code = code
        self.expression = expression
        self.position = position
        self.params = params


class EvaluationError(Exception):
    """A well-formed expression whose evaluation fails on these values (a malformed date, a pattern too slow).

    `code` is a number of the catalogue.
    """

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params
