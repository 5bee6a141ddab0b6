"""Bar charts as data for a server-rendered SVG: worked out here, the template only draws.

Lying bars with the label above each, so that the same picture reads at 320 and at 1280 pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .language import number, translate

WIDTH = 480
STEP = 58
ROOM = 130
"""Room at the end of the longest bar for its number, in user units."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `value` None is a withheld cell; `y` and `width` are user units of the SVG."""

    label: str
    value: int | float | None
    written: str
    note: str
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of what is published, and of all cells the data table beside it. `id` is unique on its page."""

    id: str
    title: str
    description: str
    unit: str
    head: str
    rows: Sequence[Bar]

    @property
    def bars(self) -> Sequence[Bar]:
        """What is drawn: the published cells."""
        return [row for row in self.rows if row.value is not None]

    @property
    def withheld(self) -> int:
        """How many cells are withheld."""
        return len(self.rows) - len(self.bars)

    @property
    def notes(self) -> Sequence[str]:
        """Why cells are withheld, each reason once."""
        return sorted({row.note for row in self.rows if row.note})

    @property
    def width(self) -> int:
        """Width of the picture in user units."""
        return WIDTH

    @property
    def height(self) -> int:
        """Height of the picture in user units."""
        return STEP * len(self.bars)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a bar is made of."""

    label: str
    value: int | float | None
    withheld: str


def draw(id: str, title: str, unit: str, head: str, cells: Sequence[Cell], lang: str) -> Chart:
    """Lays out a chart, longest bar first and withheld cells last; ties by label."""
    ordered = sorted(cells, key=lambda cell: (cell.value is None, -(cell.value or 0), cell.label))
    largest = max((cell.value for cell in ordered if cell.value is not None), default=0)
    bars = [
        Bar(
            label=cell.label,
            value=cell.value,
            written=translate("withheld", lang) if cell.value is None else number(cell.value),
            note=translate(f"withheld.{cell.withheld}", lang) if cell.value is None else "",
            y=place * STEP,
            width=bar_width(cell.value, largest),
        )
        for place, cell in enumerate(ordered)
    ]
    listed = "; ".join(f"{bar.label} {bar.written}" for bar in bars)
    description = translate(
        "chart.description",
        lang,
        title=title,
        unit=unit,
        bars=listed,
    )
    return Chart(id, title, description, unit, head, bars)


def bar_width(value: int | float | None, largest: int | float) -> int:
    """Width of a bar in user units; what is not nothing is at least two units wide, to be seen."""
    if not value or not largest:
        return 0
    return max(2, round((WIDTH - ROOM) * value / largest))
