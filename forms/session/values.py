"""Answers as XForms lexical text: from values, from what people type, and whether they are well-formed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from forms.xpath.dates import date_of_days, date_time_of_days, parse_moment, zone_of
from forms.xpath.values import Value, number_text, to_text

_INT = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_NEAR = 1e-6  # of a step: a tenth is none in binary
_WIDE = {**{0xFF10 + digit: str(digit) for digit in range(10)}, 0xFF0E: ".", 0xFF0D: "-", 0x3002: "."}


def answer_text(value: Value, kind: str, now: Callable[[], str]) -> str:
    """A computed value as an answer of a type. NaN is no answer; a number is cut for `int`."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if math.isnan(value):
            return ""
        if kind == "int" and math.isfinite(value):
            return number_text(math.trunc(value))
        if kind == "date":
            return date_of_days(value)
        if kind == "dateTime":
            return date_time_of_days(value, zone_of(now()))
        return number_text(value)
    text = to_text(value)
    if kind == "int" and _DECIMAL.fullmatch(text):
        return number_text(math.trunc(float(text)))
    if kind == "date" and "T" in text and parse_moment(text) is not None:
        return text[:10]
    return text


def typed_text(text: str, kind: str) -> str:
    """What a person typed, as it is stored: numbers without blanks around them and in plain digits.

    Chinese keyboards easily give full-width digits.
    """
    if kind in ("int", "decimal"):
        return text.strip().translate(_WIDE)
    return text


def type_problem(text: str, kind: str) -> str:
    """The catalogue number of what is wrong with a non-empty answer of a type, "" for nothing."""
    if kind == "int":
        return "" if _INT.fullmatch(text) else "HW-1303"
    if kind == "decimal":
        return "" if _DECIMAL.fullmatch(text) else "HW-1304"
    if kind in ("date", "dateTime"):
        moment = parse_moment(text)
        if kind == "date":
            return "" if moment is not None and not moment.timed else "HW-1305"
        return "" if moment is not None and moment.timed else "HW-1307"
    if kind == "time":
        return "" if _is_time(text) else "HW-1306"
    if kind in ("geopoint", "geotrace", "geoshape"):
        points = text.split(";") if kind != "geopoint" else [text]
        return "" if all(_is_point(point) for point in points if point.strip()) else "HW-1308"
    return ""


def on_scale(text: str, parameters: Mapping[str, str]) -> bool:
    """Whether an answer is one that a range offers (`start`, `end`, `step`; where one is none, all are right)."""
    try:
        value, start, end, step = (
            float(each)
            for each in (text, parameters["start"], parameters["end"], parameters.get("step", "1"))
        )
    except (KeyError, ValueError):
        return True
    steps = (value - start) / step if step else 0.0
    return min(start, end) <= value <= max(start, end) and abs(steps - round(steps)) < _NEAR


def _is_time(text: str) -> bool:
    match = _TIME.fullmatch(text)
    return match is not None and int(match[1]) < 24 and int(match[2]) < 60 and int(match[3] or 0) < 60


def _is_point(text: str) -> bool:
    """Latitude, longitude, and perhaps altitude and accuracy."""
    parts = text.split()
    if not 2 <= len(parts) <= 4 or not all(_DECIMAL.fullmatch(part) for part in parts):
        return False
    return abs(float(parts[0])) <= 90 and abs(float(parts[1])) <= 180
