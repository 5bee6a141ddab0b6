"""Which figures may stand beside each other: threshold, dominance, complementary suppression. Pure.

A margin is one indicator (and breakdown) over the counties with its total. A figure that rests on too few,
or mostly on one, is withheld; then others of the same margin are withheld until the withheld ones together
are themselves a figure that could be published, since a reader finds their sum by subtraction from the
total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

THRESHOLD, DOMINANCE, COMPLEMENTARY = "threshold", "dominance", "complementary"


@dataclass(frozen=True)
class Cell:
    """One figure before protection: `contributors` stand behind it, the `largest` of them gives so much of
    `value`.
    """

    place: str
    value: int
    contributors: int
    largest: int = 0


@dataclass(frozen=True)
class Limit:
    """The disclosure rule of an indicator: at least `least` contributors, none with `share` of the total or
    more.

    `least` 0 and no `share` is a public figure; nothing of it is withheld.
    """

    least: int = 0
    share: float | None = None

    def reason(self, cell: Cell) -> str:
        """Why this cell cannot stand by itself; '' when it can."""
        if cell.contributors < self.least:
            return THRESHOLD
        if self.share is not None and cell.value > 0 and cell.largest >= self.share * cell.value:
            return DOMINANCE
        return ""


def together(cells: Iterable[Cell], place: str = "") -> Cell:
    """What a reader knows of several cells from their sum. Contributors of different counties are different
    ones.
    """
    cells = list(cells)
    return Cell(
        place,
        sum(cell.value for cell in cells),
        sum(cell.contributors for cell in cells),
        max((cell.largest for cell in cells), default=0),
    )


def protect(cells: Sequence[Cell], total: Cell, limit: Limit, hidden: Cell | None = None) -> dict[str, str]:
    """Place -> reason ('' published) for the counties of one margin and for the place of `total`.

    `hidden` is what the total holds and no published county does (records whose county is not in the list).
    """
    reasons = {cell.place: limit.reason(cell) for cell in cells}
    reasons[total.place] = limit.reason(total)
    if reasons[total.place]:
        return reasons  # without the total nothing can be found by subtraction
    never = [hidden] if hidden is not None and hidden.value else []
    open_cells = sorted(
        (c for c in cells if not reasons[c.place]), key=lambda c: (c.contributors, c.value, c.place)
    )
    while open_cells and _found_by_subtraction([*never, *(c for c in cells if reasons[c.place])], limit):
        reasons[open_cells.pop(0).place] = COMPLEMENTARY
    return reasons


def _found_by_subtraction(withheld: Sequence[Cell], limit: Limit) -> bool:
    if not withheld or (limit.least == 0 and limit.share is None):
        return False
    return len(withheld) < 2 or limit.reason(together(withheld)) != ""
