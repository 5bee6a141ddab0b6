"""Dates and times. Source: ODK XForms specification; `now()` brings the offset of the phone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from forms.xpath.dates import date_of_days, date_time_of_days, days_of, format_date, parse_moment, zone_of
from forms.xpath.errors import EvaluationError
from forms.xpath.scope import Scope
from forms.xpath.values import Value, to_number, to_text

_TIME = re.compile(
    r"(?:.*T)?([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9](?:\.[0-9]+)?))?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?"
)


def moment_text(value: Value, scope: Scope) -> str:
    """A date, date-time or number of days, as text. Raises EvaluationError for what is none of them."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        whole = math.isfinite(value) and value == math.floor(value)
        return date_of_days(value) if whole else date_time_of_days(value, zone_of(scope.world.now()))
    text = to_text(value).strip()
    if text == "" or parse_moment(text) is not None:
        return text
    number = to_number(text)
    if math.isnan(number):
        raise EvaluationError("HW-1201", value=text)
    return moment_text(number, scope)


def _decimal_date_time(arguments: list[Value], scope: Scope) -> Value:
    """Days since 1970 with a fraction; a date-time without a zone is on the clock of the phone."""
    value = arguments[0]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    text = moment_text(value, scope)
    moment = parse_moment(text)
    if moment is not None and moment.timed and not moment.zone:
        text += zone_of(scope.world.now())
    return days_of(text)


def _decimal_time(arguments: list[Value], scope: Scope) -> Value:
    """Fraction of a day; NaN for what is no time."""
    match = _TIME.fullmatch(to_text(arguments[0]))
    if match is None:
        return math.nan
    return (int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3] or 0)) / 86400


def _format(arguments: list[Value], scope: Scope) -> Value:
    return format_date(moment_text(arguments[0], scope), to_text(arguments[1]))


STRICT: dict[str, Callable[[list[Value], Scope], Value]] = {
    "now": lambda arguments, scope: scope.world.now(),
    "today": lambda arguments, scope: scope.world.now()[:10],
    "date": lambda arguments, scope: moment_text(arguments[0], scope)[:10],
    "date-time": lambda arguments, scope: moment_text(arguments[0], scope),
    "time": lambda arguments, scope: to_text(arguments[0]).rpartition("T")[2],
    "format-date": _format,
    "format-date-time": _format,
    "decimal-date-time": _decimal_date_time,
    "decimal-time": _decimal_time,
}
