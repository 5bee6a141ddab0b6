"""Values of expressions and how they become one another. Twin of `logic/values.js`.

XPath 1.0, section 4, with these decisions of JavaRosa: an empty node-set compares like empty text, a node-set
is as true as its texts, an empty value is NaN as a number, a text that is a date is a number of days.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from forms.xpath.dates import days_of, parse_moment
from forms.xpath.nodes import Node

Value: TypeAlias = "str | float | bool | list[Node]"

_NUMBER = re.compile(r"[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*")


def to_text(value: Value) -> str:
    """Any value as text: the first node of a node-set, numbers as XPath writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return value[0].text() if value else ""
    return number_text(value)


def number_text(value: float) -> str:
    """A number as XPath 1.0 writes it: whole numbers without a point, never an exponent."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    text = repr(float(value))
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return _without_exponent(mantissa, int(exponent))
    return text.removesuffix(".0")


def _without_exponent(mantissa: str, exponent: int) -> str:
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = whole + (fraction if fraction != "0" else "")
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    return sign + digits.ljust(exponent + 1, "0")


def to_number(value: Value) -> float:
    """Any value as a number; NaN where it is none."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, (int, float)):
        return value
    text = to_text(value)
    if _NUMBER.fullmatch(text):
        return float(text)
    return days_of(text)


def to_boolean(value: Value) -> bool:
    """Any value as a truth. A node-set is true if one of its nodes has a text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value != 0 and not math.isnan(value)
    if isinstance(value, list):
        return any(node.text() for node in value)
    return value != ""


def texts_of(nodes: list[Node]) -> list[str]:
    """Texts of a node-set; an empty one stands for one empty text (a question never asked reads as empty)."""
    return [node.text() for node in nodes] if nodes else [""]


def opened(values: list[Value]) -> list[Value]:
    """The values, a node-set as the texts of its nodes."""
    found: list[Value] = []
    for value in values:
        if isinstance(value, list):
            found.extend(node.text() for node in value)
        else:
            found.append(value)
    return found


Test: TypeAlias = Callable[[Any, Any], bool]


def _equality(left: Value, right: Value, test: Test) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return test(to_boolean(left), to_boolean(right))
    if isinstance(left, list):
        return any(_equality(text, right, test) for text in texts_of(left))
    if isinstance(right, list):
        return any(_equality(left, text, test) for text in texts_of(right))
    if isinstance(left, str) and isinstance(right, str):
        clocks = None if left == right else _clocks(left, right)
        return test(*clocks) if clocks else test(left, right)
    return test(to_number(left), to_number(right))


def _order(left: Value, right: Value, test: Test) -> bool:
    if isinstance(left, list):
        return any(_order(text, right, test) for text in texts_of(left))
    if isinstance(right, list):
        return any(_order(left, text, test) for text in texts_of(right))
    if isinstance(left, str) and isinstance(right, str):
        mixed = _clocks(left, right)
        if mixed:
            return test(*mixed)
    return test(to_number(left), to_number(right))


def _clocks(left: str, right: str) -> tuple[int, int] | None:
    """A date against a date-time: both on the clock of the place where the date-time was taken."""
    if min(len(left), len(right)) != 10 or len(left) == len(right):
        return None
    first, second = parse_moment(left), parse_moment(right)
    if first is None or second is None or first.timed == second.timed:
        return None
    return first.clock_ms(), second.clock_ms()


_TESTS: dict[str, tuple[Callable[[Value, Value, Test], bool], Test]] = {
    "=": (_equality, operator.eq),
    "!=": (_equality, operator.ne),
    "<": (_order, operator.lt),
    "<=": (_order, operator.le),
    ">": (_order, operator.gt),
    ">=": (_order, operator.ge),
}


def comparison(sign: str) -> Callable[[Value, Value], bool]:
    """The comparison `= != < <= > >=`, XPath 1.0 section 3.4: a node-set holds if one of its nodes does."""
    how, test = _TESTS[sign]
    return lambda left, right: how(left, right, test)


def divide(left: float, right: float) -> float:
    """`div`: IEEE division."""
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def modulo(left: float, right: float) -> float:
    """`mod`: the sign of the dividend, NaN where there is no remainder."""
    if right == 0 or math.isinf(left) or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.fmod(left, right)
