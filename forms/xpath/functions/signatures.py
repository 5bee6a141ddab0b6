"""How many arguments each function takes: for the check of a form, before anything is evaluated.

Sources: XPath 1.0, section 4; ODK XForms specification, "XPath Functions" (https://getodk.github.io/xforms-spec/).
"""

from __future__ import annotations

from difflib import get_close_matches

from forms.xpath.errors import ExpressionError
from forms.xpath.parser import Call

MANY = 1000
"""Stands for "any number"."""

ARGUMENTS: dict[str, tuple[int, int]] = {
    # node-sets
    "last": (0, 0), "position": (0, 1), "count": (1, 1), "count-non-empty": (1, 1),
    "local-name": (0, 1), "name": (0, 1),
    "instance": (1, 1), "current": (0, 0), "once": (1, 1), "index": (1, 1), "indexed-repeat": (3, 7),
    "randomize": (1, 2), "sum": (1, MANY), "min": (1, MANY), "max": (1, MANY), "join": (1, MANY),
    # strings
    "string": (0, 1), "concat": (0, MANY), "starts-with": (2, 2), "ends-with": (2, 2), "contains": (2, 2),
    "substring": (2, 3), "substring-before": (2, 2), "substring-after": (2, 2), "substr": (2, 3),
    "string-length": (0, 1), "normalize-space": (0, 1), "translate": (3, 3), "regex": (2, 2),
    "lower-case": (1, 1), "upper-case": (1, 1), "base64-encode": (1, 1), "base64-decode": (1, 1),
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
    "choice-name": (2, 2),
    # dates
    "today": (0, 0), "now": (0, 0), "date": (1, 1), "date-time": (1, 1), "time": (1, 1),
    "format-date": (2, 2),
    "format-date-time": (2, 2), "decimal-date-time": (1, 1), "decimal-time": (1, 1),
    # places
    "distance": (1, MANY), "area": (1, MANY),
}  # fmt: skip


def check_call(call: Call, expression: str) -> None:
    """Raises ExpressionError for a function that does not exist or that has the wrong number of arguments."""
    allowed = ARGUMENTS.get(call.name)
    if allowed is None:
        near = get_close_matches(call.name, ARGUMENTS, 1)
        code = "HW-1110" if near else "HW-1109"
        raise ExpressionError(code, expression, call.position, name=call.name, near=near[0] if near else "")
    least, most = allowed
    if not least <= call.arguments <= most:
        wanted = str(least) if least == most else f"{least}–{most}" if most < MANY else f"≥ {least}"
        raise ExpressionError(
            "HW-1111", expression, call.position, name=call.name, given=str(call.arguments), wanted=wanted
        )
