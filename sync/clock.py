"""The hybrid logical clock: 12 hexadecimal digits of milliseconds since 1970, 4 of counter; text order is
time order."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

CLOCK = re.compile(r"[0-9a-f]{16}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_milliseconds() -> int:
    """Milliseconds since 1970 by this machine's clock."""
    return time.time_ns() // 1_000_000


def clock_at(milliseconds: int, counter: int = 0) -> str:
    """Clock text; a counter over 65535 adds milliseconds."""
    value = (milliseconds << 16) + counter
    return f"{value:016x}"


def tick(latest: str, milliseconds: int) -> str:
    """A clock later than `latest` (`""` for none) and not before `milliseconds`.

    When the machine's clock stands still or steps back the counter moves; its overflow adds a millisecond.
    """
    if not latest:
        return clock_at(milliseconds)
    return f"{max(int(latest, 16) + 1, milliseconds << 16):016x}"


def milliseconds_of(clock: str) -> int:
    """Milliseconds since 1970 of a clock text."""
    return int(clock[:12], 16)


def local_minute(at: str) -> str:
    """An ISO time as people read it where this program runs: `2026-07-01 20:15`."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")


def time_of(clock: str) -> str:
    """ISO time in UTC with milliseconds; a clock past the year 9999 reads as that year's end."""
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds_of(clock))
    except OverflowError:
        moment = datetime.max.replace(tzinfo=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
