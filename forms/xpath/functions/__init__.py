"""The functions of XPath 1.0 and of the ODK XForms specification, one file a family.

`STRICT` functions are called with values, `LAZY` ones with what would compute them.
"""

from __future__ import annotations

from collections.abc import Callable

from forms.xpath.functions import boolean, date, node, number, place, string
from forms.xpath.scope import Run, Scope
from forms.xpath.values import Value

STRICT: dict[str, Callable[[list[Value], Scope], Value]] = {
    **boolean.STRICT,
    **date.STRICT,
    **node.STRICT,
    **number.STRICT,
    **place.STRICT,
    **string.STRICT,
}
LAZY: dict[str, Callable[[list[Run], Scope], Value]] = boolean.LAZY
