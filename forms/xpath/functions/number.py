"""Numbers. Sources: XPath 1.0, section 4.4; ODK XForms specification, "XPath Functions"."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from forms.xpath.scope import Scope
from forms.xpath.values import Value, opened, to_number


def numbers(arguments: list[Value]) -> list[float]:
    """Numbers of all arguments, node-sets opened."""
    return [to_number(value) for value in opened(arguments)]


def _sum(arguments: list[Value], scope: Scope) -> Value:
    """Added in order, in a plain loop: other ways of adding differ in the last digit."""
    total = 0.0
    for number in numbers(arguments):
        total += number
    return total


def _extreme(choose: Callable[[list[float]], float]) -> Callable[[list[Value], Scope], Value]:
    """Least or greatest; nothing, or anything without a number, gives NaN."""

    def run(arguments: list[Value], scope: Scope) -> Value:
        found = numbers(arguments)
        return math.nan if not found or any(math.isnan(n) for n in found) else choose(found)

    return run


def round_to(number: float, digits: int) -> float:
    """To whole numbers half up, as XPath; to digits half away from zero, on the decimals that people see."""
    if not math.isfinite(number):
        return number
    if digits == 0:
        below = math.floor(number)  # number + 0.5 would be rounded itself
        return float(below + (number - below >= 0.5))
    exact = Decimal(repr(number))
    if exact.scaleb(digits) == exact.scaleb(digits).to_integral_value():
        return number
    return float(exact.scaleb(digits).quantize(Decimal(1), ROUND_HALF_UP).scaleb(-digits))


def _round(arguments: list[Value], scope: Scope) -> Value:
    number = to_number(arguments[0])
    digits = to_number(arguments[1]) if len(arguments) > 1 else 0.0
    if math.isnan(digits):
        return math.nan
    if abs(digits) > 300 or abs(number) >= 1e25:
        return number if digits > 0 or abs(number) >= 1e25 else 0.0
    return round_to(number, int(digits))


def _whole(change: Callable[[float], int]) -> Callable[[float], float]:
    return lambda number: float(change(number)) if math.isfinite(number) else number


def _safe(function: Callable[[float], float]) -> Callable[[float], float]:
    """NaN and Infinity where Python raises."""

    def run(number: float) -> float:
        try:
            return function(number)
        except OverflowError:
            return math.inf
        except ValueError:
            return -math.inf if number == 0 and function in (math.log, math.log10) else math.nan

    return run


def power(base: float, exponent: float) -> float:
    """As JavaScript's `**`."""
    if abs(base) == 1 and not math.isfinite(exponent):
        return math.nan
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        return math.inf if base == 0 else math.nan


def _unary(function: Callable[[float], float]) -> Callable[[list[Value], Scope], Value]:
    return lambda arguments, scope: function(to_number(arguments[0]))


STRICT: dict[str, Callable[[list[Value], Scope], Value]] = {
    "number": lambda arguments, scope: to_number(arguments[0] if arguments else scope.node.text()),
    "int": _unary(_whole(math.trunc)),
    "floor": _unary(_whole(math.floor)),
    "ceiling": _unary(_whole(math.ceil)),
    "round": _round,
    "abs": _unary(abs),
    "pow": lambda arguments, scope: power(to_number(arguments[0]), to_number(arguments[1])),
    "sum": _sum,
    "min": _extreme(min),
    "max": _extreme(max),
    "random": lambda arguments, scope: scope.world.random(),
    "pi": lambda arguments, scope: math.pi,
    "atan2": lambda arguments, scope: math.atan2(to_number(arguments[0]), to_number(arguments[1])),
    "exp10": lambda arguments, scope: power(10.0, to_number(arguments[0])),
    **{
        name: _unary(_safe(getattr(math, name)))
        for name in ("sqrt", "exp", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan")
    },
}
