"""Clocks of machines: each may be a year off, stand still, step back, or have used up its counter."""

from __future__ import annotations

from sync.clock import clock_at

START = 1_600_000_000_000  # milliseconds since 1970
YEAR = 365 * 24 * 3600 * 1000
LAST_COUNTER = 0xFFFF
WRONG = ("right", "ahead", "behind", "back", "stands")
STAMPS = {"earliest": clock_at(0, 1), "start": clock_at(START), "late": clock_at(START + 50 * YEAR)}
"""Clocks that a change may carry instead of its machine's: before any parent's, the same on all, after all."""


class World:
    """The true time, and whose clock the program reads at the moment."""

    def __init__(self) -> None:
        self.milliseconds = START
        self._turn: Clock | None = None

    def turn(self, clock: Clock) -> None:
        """A machine's turn: a second has passed, and what reads the time reads its clock."""
        self.milliseconds += 1000
        self._turn = clock

    def now(self) -> int:
        """Milliseconds since 1970, as `sync.clock.now_milliseconds` gives them."""
        return self._turn.now() if self._turn else self.milliseconds


class Clock:
    """What one machine believes: the true time and an offset, or a time at which its clock stands."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._offset = 0
        self._stands: int | None = None

    def now(self) -> int:
        """Milliseconds since 1970 by this machine."""
        return self.world.milliseconds + self._offset if self._stands is None else self._stands

    def set_wrong(self, how: str) -> None:
        """`right`, `ahead` or `behind` by a year, a minute `back`, or `stands`."""
        here = self.now()
        self._stands = here if how == "stands" else None
        if how == "back":
            self._offset -= 60_000
        elif how != "stands":
            self._offset = {"right": 0, "ahead": YEAR, "behind": -YEAR}[how]

    def used_up(self) -> str:
        """A clock text of now whose counter is at its end: the next one takes a millisecond."""
        return clock_at(self.now(), LAST_COUNTER)
