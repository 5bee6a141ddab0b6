"""Truth and conditions. Sources: XPath 1.0, section 4.3; ODK XForms specification, "XPath Functions"."""

from __future__ import annotations

from collections.abc import Callable

from forms.xpath.errors import EvaluationError
from forms.xpath.scope import Run, Scope
from forms.xpath.values import Value, opened, to_boolean, to_number, to_text


def _if(arguments: list[Run], scope: Scope) -> Value:
    return arguments[1](scope) if to_boolean(arguments[0](scope)) else arguments[2](scope)


def _coalesce(arguments: list[Run], scope: Scope) -> Value:
    """The first value; empty text, an empty node-set and NaN are none."""
    for argument in arguments:
        value = argument(scope)
        if to_text(value) not in ("", "NaN"):
            return value
    return ""


def _once(arguments: list[Run], scope: Scope) -> Value:
    """What the node already holds (also while it is not relevant), else the value."""
    return scope.current.content() or arguments[0](scope)


def _within(number: float, least: float, most: float) -> bool:
    """A bound of -1 is none."""
    return (least == -1 or number >= least) and (most == -1 or number <= most)


def _checklist(arguments: list[Value], scope: Scope) -> Value:
    true = sum(1 for value in opened(arguments[2:]) if to_boolean(value))
    return _within(true, to_number(arguments[0]), to_number(arguments[1]))


def _weighted_checklist(arguments: list[Value], scope: Scope) -> Value:
    """Answers and weights by turns; a node-set stands for as many as it has, and its weights for as many."""
    answers, weights = opened(arguments[2::2]), opened(arguments[3::2])
    if len(answers) != len(weights):
        raise EvaluationError("HW-1204", name="weighted-checklist")
    weight = 0.0
    for value, share in zip(answers, weights, strict=True):
        if to_boolean(value):
            weight += to_number(share)
    return _within(weight, to_number(arguments[0]), to_number(arguments[1]))


LAZY: dict[str, Callable[[list[Run], Scope], Value]] = {"if": _if, "coalesce": _coalesce, "once": _once}

STRICT: dict[str, Callable[[list[Value], Scope], Value]] = {
    "true": lambda arguments, scope: True,
    "false": lambda arguments, scope: False,
    "not": lambda arguments, scope: not to_boolean(arguments[0]),
    "boolean": lambda arguments, scope: to_boolean(arguments[0]),
    "boolean-from-string": lambda arguments, scope: to_text(arguments[0]) in ("true", "1"),
    "checklist": _checklist,
    "weighted-checklist": _weighted_checklist,
}
