"""Dates as texts: `2026-11-22`, `2026-11-22T09:30:00.000+08:00`. Twin of `logic/dates.js`.

As a number a date is whole days since 1970-01-01, a date-time days with a fraction (of the moment, in UTC).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta

from forms.xpath.errors import EvaluationError

_FORM = re.compile(
    r"(-?[0-9]{4,6})-([0-9]{2})-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_ZONE = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})?")
_ZONE_AT_END = re.compile(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})\Z")
_EPOCH = date(1970, 1, 1).toordinal()
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or date-time as written, not moved to another zone. `zone` is "Z", "+08:00" or ""."""

    day: date
    timed: bool
    hour: int
    minute: int
    second: int
    ms: int
    zone: str

    def clock_ms(self) -> int:
        """Milliseconds since 1970 on the clock of its own place."""
        seconds = (self.hour * 60 + self.minute) * 60 + self.second
        return (self.day.toordinal() - _EPOCH) * DAY_MS + seconds * 1000 + self.ms

    def absolute_ms(self) -> int:
        """Milliseconds since 1970 in UTC; without a zone as if it were UTC."""
        return self.clock_ms() - zone_minutes(self.zone) * 60_000


def parse_moment(text: str) -> Moment | None:
    """The moment that a text names, None for any other text (an impossible date among them)."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    if hour > 23 or minute > 59 or second > 59 or not 1 <= year <= 9999:
        return None
    try:
        calendar = date(year, month, day)
    except ValueError:
        return None
    ms = int((match[7] or "").ljust(3, "0")[:3])
    return Moment(calendar, match[4] is not None, hour, minute, second, ms, match[8] or "")


def zone_minutes(zone: str) -> int:
    """Minutes east of Greenwich; 0 for "Z" and ""."""
    match = _ZONE.fullmatch(zone)
    if match is None:
        return 0
    return (-1 if match[1] == "-" else 1) * (int(match[2]) * 60 + int(match[3] or 0))


def zone_of(now: str) -> str:
    """The offset at the end of a date-time, "Z" where there is none."""
    match = _ZONE_AT_END.search(now)
    return match[0] if match else "Z"


def days_of(text: str) -> float:
    """Days since 1970 of a date or date-time; NaN for any other text."""
    moment = parse_moment(text) if len(text) >= 10 else None
    return moment.absolute_ms() / DAY_MS if moment else math.nan


def date_of_days(days: float) -> str:
    """The date of a number of days since 1970; "" for what is no date."""
    if not math.isfinite(days):
        return ""
    ordinal = math.floor(days) + _EPOCH
    return date.fromordinal(ordinal).isoformat() if 1 <= ordinal <= date.max.toordinal() else ""


def date_time_of_days(days: float, zone: str) -> str:
    """The date-time, at the offset `zone`, of days since 1970; "" for what is none."""
    if not math.isfinite(days):
        return ""
    local = math.floor(days * DAY_MS + 0.5) + zone_minutes(zone) * 60_000
    day = date_of_days(local // DAY_MS)
    if not day:
        return ""
    clock = timedelta(milliseconds=local % DAY_MS)
    hours, rest = divmod(clock.seconds, 3600)
    return f"{day}T{hours:02d}:{rest // 60:02d}:{rest % 60:02d}.{clock.microseconds // 1000:03d}{zone}"


def format_date(text: str, pattern: str) -> str:
    """`format-date` with `%Y %y %m %n %b %d %e %H %h %M %S %3 %a`; "" for an empty date.

    Raises EvaluationError for a malformed date or an unknown letter.
    """
    if text == "":
        return ""
    moment = parse_moment(text)
    if moment is None:
        raise EvaluationError("HW-1201", value=text)

    def part(match: re.Match[str]) -> str:
        try:
            return _part(moment, match[1])
        except KeyError as error:
            raise EvaluationError("HW-1204", name="format-date") from error

    return re.sub(r"%(.?)", part, pattern, flags=re.DOTALL)


def _part(at: Moment, letter: str) -> str:
    return {
        "Y": f"{at.day.year:04d}",
        "y": f"{at.day.year % 100:02d}",
        "m": f"{at.day.month:02d}",
        "n": str(at.day.month),
        "b": _MONTHS[at.day.month - 1],
        "d": f"{at.day.day:02d}",
        "e": str(at.day.day),
        "H": f"{at.hour:02d}",
        "h": str(at.hour),
        "M": f"{at.minute:02d}",
        "S": f"{at.second:02d}",
        "3": f"{at.ms:03d}",
        "a": _WEEKDAYS[at.day.weekday()],
        "%": "%",
    }[letter]
