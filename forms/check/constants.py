"""What is the same in every record and cannot work: patterns, dates and format codes in calls, typed defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pyxform.question_type_dictionary import QUESTION_TYPE_DICT
from pyxform.utils import default_is_dynamic

from forms.check.expressions import is_dynamic
from forms.check.finding import Finding, Findings, nearest
from forms.check.reading import SELECTS, Reader, below
from forms.check.survey import Item
from forms.problems import caret
from forms.session.values import type_problem
from forms.xpath.dates import format_date
from forms.xpath.errors import EvaluationError
from forms.xpath.functions.date import is_moment
from forms.xpath.functions.string import DIGESTS, ENCODINGS
from forms.xpath.parser import Ast
from forms.xpath.patterns import is_pattern

_ANY_DAY = "2020-12-31"


def check_constants(reader: Reader) -> Findings:
    """Literal arguments that fail whatever is answered, and defaults that are no answers of their question."""
    for item in reader.outline.items:
        for expression in item.expressions:
            for part in below(expression.ast):
                for code, text in _faults(part):
                    position = max(expression.shown.find(text), 0)
                    yield Finding(code, expression.at, {"value": text}, caret(expression.shown, position))
        if item.kind == "question" and not item.problem:
            yield from _default(item, reader)


# -- calls


def _is_date(text: str) -> bool:
    return is_moment(text.strip())


def _is_format(text: str) -> bool:
    try:
        format_date(_ANY_DAY, text)
    except EvaluationError:
        return False
    return True


_JUDGES: dict[str, tuple[tuple[int, Callable[[str], bool], str], ...]] = {
    "regex": ((1, is_pattern, "HW-1475"),),
    "date": ((0, _is_date, "HW-1476"),),
    "date-time": ((0, _is_date, "HW-1476"),),
    "decimal-date-time": ((0, _is_date, "HW-1476"),),
    "format-date": ((0, _is_date, "HW-1476"), (1, _is_format, "HW-1477")),
    "format-date-time": ((0, _is_date, "HW-1476"), (1, _is_format, "HW-1477")),
    "digest": ((1, DIGESTS.__contains__, "HW-1478"), (2, ENCODINGS.__contains__, "HW-1478")),
}
"""By function: place of an argument, what says whether a text can stand there, the number if it cannot."""


def _faults(ast: Ast) -> Iterator[tuple[str, str]]:
    """Number and text of each literal argument with which a call fails."""
    if ast[0] != "call":
        return
    arguments = ast[2:]
    for place, fits, code in _JUDGES.get(ast[1], ()):
        kind, text, *_ = arguments[place] if place < len(arguments) else ("", "")
        if kind == "str" and not fits(text):
            yield code, text


# -- defaults


def _default(item: Item, reader: Reader) -> Findings:
    text = item.text("default")
    kind = str(QUESTION_TYPE_DICT.get(item.type, {}).get("bind", {}).get("type", ""))
    if not text or is_dynamic(text, item.type) or default_is_dynamic(text, kind):
        return
    if item.type == "range":
        kind = "decimal"  # whole or not, as its parameters say
    if kind and not any(cell.column == "bind::type" for cell in item.cells) and type_problem(text, kind):
        yield Finding("HW-1479", item.place("default"), {"value": text, "type": item.type})
    names = [name for name, _ in reader.outline.choices.get(item.list_name, [])]
    if not names or not item.type.startswith(SELECTS):
        return
    if item.or_other:
        names.append("other")
    chosen = [text] if item.type.startswith("select_one") else text.split()
    for value in chosen:
        if value not in names:
            params = {"value": value, "name": item.name}
            yield Finding("HW-1480", item.place("default"), params, near=nearest(value, names))
