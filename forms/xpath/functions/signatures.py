"""How many arguments each function takes: for the check of a form, before anything is evaluated.

Sources: XPath 1.0, section 4; ODK XForms specification, "XPath Functions" (https://getodk.github.io/xforms-spec/).
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from forms.xpath.errors import ExpressionError
from forms.xpath.parser import Ast, Call, Prefix

MANY = 1000
"""Stands for "any number"."""

ARGUMENTS: dict[str, tuple[int, int]] = {
    # node-sets
    "last": (0, 0), "position": (0, 1), "count": (1, 1), "count-non-empty": (1, 1),
    "local-name": (0, 1), "name": (0, 1), "namespace-uri": (0, 1), "id": (1, 1), "lang": (1, 1),
    "instance": (1, 1), "current": (0, 0), "once": (1, 1), "index": (1, 1), "indexed-repeat": (3, 7),
    "randomize": (1, 2), "sum": (1, MANY), "min": (1, MANY), "max": (1, MANY), "join": (1, MANY),
    # strings
    "string": (0, 1), "concat": (0, MANY), "starts-with": (2, 2), "ends-with": (2, 2), "contains": (2, 2),
    "substring": (2, 3), "substring-before": (2, 2), "substring-after": (2, 2), "substr": (2, 3),
    "string-length": (0, 1), "normalize-space": (0, 1), "translate": (3, 3), "regex": (2, 2),
    "lower-case": (1, 1), "upper-case": (1, 1), "base64-encode": (1, 1), "base64-decode": (1, 1),
    "digest": (2, 3),
    # booleans and conditions
    "boolean": (1, 1), "not": (1, 1), "true": (0, 0), "false": (0, 0), "if": (3, 3),
    "coalesce": (1, MANY), "checklist": (2, MANY), "weighted-checklist": (2, MANY),
    "boolean-from-string": (1, 1),
    # numbers
    "number": (0, 1), "int": (1, 1), "floor": (1, 1), "ceiling": (1, 1), "round": (1, 2), "abs": (1, 1),
    "pow": (2, 2), "sqrt": (1, 1), "exp": (1, 1), "exp10": (1, 1), "log": (1, 1), "log10": (1, 1),
    "pi": (0, 0),
    "sin": (1, 1), "cos": (1, 1), "tan": (1, 1), "asin": (1, 1), "acos": (1, 1), "atan": (1, 1),
    "atan2": (2, 2),
    "random": (0, 0), "uuid": (0, 1),
    # choices
    "selected": (2, 2), "selected-at": (2, 2), "count-selected": (1, 1), "jr:choice-name": (2, 2),
    "jr:itext": (1, 1),
    # dates
    "today": (0, 0), "now": (0, 0), "date": (1, 1), "date-time": (1, 1), "time": (1, 1),
    "format-date": (2, 2),
    "format-date-time": (2, 2), "decimal-date-time": (1, 1), "decimal-time": (1, 1),
    # places
    "distance": (1, MANY), "area": (1, MANY), "geofence": (2, 2),
    # lists
    "pulldata": (4, 4),
}  # fmt: skip


REFUSED = frozenset({"extract-signed"})
"""Functions of the specification that need heavy machinery for almost no form."""


def check_call(call: Call, expression: str) -> None:
    """Raises ExpressionError for a function that does not exist or that has the wrong number of arguments."""
    fault = _fault(call.name, call.arguments)
    if fault is not None:
        raise ExpressionError(fault[0], expression, call.position, **fault[1])


def check_prefix(prefix: Prefix, known: Collection[str], expression: str) -> None:
    """Raises ExpressionError for a prefix that the form does not declare."""
    if prefix.name not in known:
        raise ExpressionError("HW-1120", expression, prefix.position, prefix=prefix.name)


def _fault(name: str, arguments: int) -> tuple[str, dict[str, str]] | None:
    """Number and parameters of what is wrong with a call."""
    if name in REFUSED:
        return "HW-1121", {"name": name}
    allowed = ARGUMENTS.get(name)
    if allowed is None:
        near = get_close_matches(name, ARGUMENTS, 1)
        return ("HW-1110", {"name": name, "near": near[0]}) if near else ("HW-1109", {"name": name})
    least, most = allowed
    if least <= arguments <= most:
        return None
    wanted = str(least) if least == most else f"{least}–{most}" if most < MANY else f"≥ {least}"
    return "HW-1111", {"name": name, "given": str(arguments), "wanted": wanted}


def with_faults(ast: Ast) -> Ast:
    """The tree with `["fault", number, parameters]` for each faulty call: a fault only when it is reached.

    For expressions that nobody can send back to be mended; a form with one is refused.
    """
    if ast[0] == "call":
        fault = _fault(ast[1], len(ast) - 2)
        if fault is not None:
            return ["fault", *fault]
    return [with_faults(part) if isinstance(part, list) else part for part in ast]
