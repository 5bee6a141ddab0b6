"""Dates and times. Source: ODK XForms specification; `now()` brings the offset of the phone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from forms.xpath.dates import (
    DAY_MS,
    date_of_days,
    date_time_of_days,
    format_date,
    parse_moment,
    zone_minutes,
    zone_of,
)
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
    if not is_moment(text):
        raise EvaluationError("HW-1201", value=text)
    return text if text == "" or parse_moment(text) is not None else moment_text(to_number(text), scope)


def is_moment(text: str) -> bool:
    """Whether a text is taken for a date: one, a date-time, a number of days, or nothing."""
    return text == "" or parse_moment(text) is not None or not math.isnan(to_number(text))


def _date(arguments: list[Value], scope: Scope) -> Value:
    """The day of a date-time is the one on its own clock; of a number of days, the whole ones."""
    value = arguments[0]
    if isinstance(value, float) and math.isfinite(value):
        value = float(math.trunc(value))
    return moment_text(value, scope)[:10]


def _date_time(arguments: list[Value], scope: Scope) -> Value:
    """On the clock of the phone; a date is its midnight there, whole days are a date."""
    text = moment_text(arguments[0], scope)
    whole = isinstance(arguments[0], (int, float)) and len(text) == 10
    return (
        text if whole or text == "" else date_time_of_days(_instant(text, scope), zone_of(scope.world.now()))
    )


def _instant(text: str, scope: Scope) -> float:
    """Days since 1970 of the moment; a date is its midnight, and without a zone the phone's clock counts."""
    moment = parse_moment(text)
    if moment is None:
        return math.nan
    zone = moment.zone or zone_of(scope.world.now())
    return (moment.clock_ms() - zone_minutes(zone) * 60_000) / DAY_MS


def _decimal_date_time(arguments: list[Value], scope: Scope) -> Value:
    """Days since 1970 in UTC, with a fraction."""
    value = arguments[0]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return _instant(moment_text(value, scope), scope)


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
    "date": _date,
    "date-time": _date_time,
    "time": lambda arguments, scope: to_text(arguments[0]).rpartition("T")[2],
    "format-date": _format,
    "format-date-time": _format,
    "decimal-date-time": _decimal_date_time,
    "decimal-time": _decimal_time,
}
