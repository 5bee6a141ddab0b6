"""Publish rules that are one column's affair, one small function each (`bind::fs:publish`, `name` or
`name:argument`).

The rules are those of the survey's rule table (docs/release.md repeats them). A rule that looks beyond its
own column (`place_ladder`, `consent`, …) stands in `LATER`: its column is left out until the work that it
needs exists. A name in neither is a fault of the form and stops the release: guessing could publish what
was meant to be private.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from ..problems import Problem

Show = Callable[[str], "str | int | float | None"]
"""Takes an answer as text (never empty) and gives what a reader may see; None shows nothing."""

LATER = frozenset(
    {"rollup_1-4", "place_ladder", "geo", "text", "names_apart", "link_if", "consent", "drop_if"}
)
"""Rules that need more than their own column; see the table above for what each waits for."""

NOT_IN_ROWS = frozenset({"drop", "aggregate_only", "filter", "rows_only_if"})
"""Rules that keep a column out of record rows for good."""


@dataclass(frozen=True)
class Rule:
    """A parsed publish rule: its `name`, and `argument` (may be empty)."""

    name: str
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.argument}" if self.argument else self.name


@dataclass(frozen=True)
class Band:
    """One range: label as the form writes it, and the least number that belongs to it."""

    label: str
    least: float


def parse(text: str, place: str) -> Rule:
    """The rule that a form wrote. `place` names the question. Raises HW-3501 for a name that is no rule."""
    name, _, argument = text.strip().partition(":")
    rule = Rule(name, argument)
    if name not in SHOWN and name not in LATER and name not in NOT_IN_ROWS and name != "reissue":
        raise Problem("HW-3501", place, rule=text)
    return rule


def shows(rule: Rule, place: str, year: int) -> Show:
    """The function that turns an answer into what may be seen; `year` is the data year (for ages).

    Raises HW-3502 when the argument does not fit the rule.
    """
    try:
        return SHOWN[rule.name](rule.argument, year)
    except ValueError as error:
        raise Problem("HW-3502", place, rule=str(rule)) from error


def as_is(argument: str, year: int) -> Show:
    """The value itself."""
    return lambda answer: answer


def date(argument: str, year: int) -> Show:
    """A date cut to year and month: `2020-12-31` -> `2020-12`."""
    if argument != "month":
        raise ValueError(argument)
    return lambda answer: answer[:7] if re.match(r"\d{4}-\d{2}-\d{2}", answer) else None


def band(argument: str, year: int) -> Show:
    """The range that a number falls in; nothing for a number below all ranges."""
    ranges = bands(argument)
    return lambda answer: in_band(ranges, number(answer))


def age_band(argument: str, year: int) -> Show:
    """The age range of somebody born in the answered year, at the end of the data year."""
    ranges = bands(argument)

    def show(answer: str) -> str | None:
        born = number(answer)
        return None if born is None else in_band(ranges, year - born)

    return show


def nearest(argument: str, year: int) -> Show:
    """The number rounded to the nearest n, halves up."""
    step = positive(argument)

    def show(answer: str) -> int | None:
        value = number(answer)
        return None if value is None else int((value + step / 2) // step) * step

    return show


def threshold(argument: str, year: int) -> Show:
    """The count, or `<n` when it is below n (0 included)."""
    least = positive(argument)

    def show(answer: str) -> str | None:
        value = number(answer)
        if value is None:
            return None
        return f"<{least}" if value < least else f"{value:g}" if value % 1 else str(int(value))

    return show


SHOWN: dict[str, Callable[[str, int], Show]] = {
    "as_is": as_is,
    "date": date,
    "band": band,
    "age_band": age_band,
    "round": nearest,
    "threshold": threshold,
}


def number(answer: str) -> float | None:
    """The number that a text holds, or None."""
    return float(answer) if re.fullmatch(r"[+-]?\d+(\.\d+)?", answer.strip()) else None


def positive(argument: str) -> int:
    """A whole number above 0; ValueError otherwise."""
    value = int(argument)
    if value < 1:
        raise ValueError(argument)
    return value


def in_band(ranges: list[Band], value: float | None) -> str | None:
    """Label of the last range that begins at or below the value."""
    if value is None:
        return None
    found = None
    for one in ranges:
        if one.least <= value:
            found = one.label
    return found


def bands(argument: str) -> list[Band]:
    """Ranges from `<2010,2010-2014,2020+`, `0,1,2-4,50+` or `<5k,5-10k,300k+` (k: thousand), least first.

    A range reaches up to where the next begins, so `5-10k` and `10-50k` do not share 10,000. Raises
    ValueError when a part is no range or the ranges do not rise.
    """
    ranges = [Band(label, least(label)) for label in argument.split(",")]
    if any(a.least >= b.least for a, b in pairwise(ranges)):
        raise ValueError(argument)
    return ranges


def least(label: str) -> float:
    """The least number of one range."""
    match = re.fullmatch(r"(<)?(\d+)(k)?(?:-(\d+)(k)?)?(\+)?", label.strip())
    if not match:
        raise ValueError(label)
    below, first, thousand, last, last_thousand, open_end = match.groups()
    if (below and (last or open_end)) or (last and open_end):
        raise ValueError(label)
    if below:
        return float("-inf")
    return float(first) * (1000 if thousand or last_thousand else 1)
