"""What `make conformance` shows: sections with figures and misses, as a table, a page and a JSON file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "conformance.md"
_SHOWN = 6  # ids of a reason in the terminal; the page has all
FIGURES = ROOT / "build" / "conformance.json"


@dataclass(frozen=True)
class Misses:
    """Cases by id that give something else than they say, for one reason."""

    reason: str
    cases: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One kind of cases. `figures`: name to (passed, total). `texts` says of each what it counts."""

    title: str
    figures: dict[str, tuple[int, int]]
    texts: dict[str, str]
    misses: Sequence[Misses] = field(default=())


Run = Callable[[Path], Section]
"""Runs a kind of cases, given the folder that they are in."""


def table(sections: Sequence[Section]) -> str:
    """The figures as lines for a terminal."""
    lines = []
    for section in sections:
        lines.append(section.title)
        for name, (passed, total) in section.figures.items():
            lines.append(f"  {name:32} {passed:>6} of {total:>6}  {_percent(passed, total):>8}")
        for miss in section.misses:
            names = " ".join(miss.cases[:_SHOWN]) + (" …" if len(miss.cases) > _SHOWN else "")
            lines.append(f"  {len(miss.cases):>4} × {miss.reason}: {names}")
    return "\n".join(lines)


def page(sections: Sequence[Section]) -> str:
    """The page of the documentation: ids, counts and reasons, nothing of the cases themselves."""
    lines = [
        "# Conformance: our form engine and the cases of other engines",
        "",
        "Written by `make conformance`, which reads the cases in the folder that `HOMEWARD_CONFORMANCE` names.",
        "What other engines of the ODK family are tested with is not part of this project; here are the figures,",
        "and of each miss its id and reason.",
    ]
    head = ("| figure | passed | of | | what is counted |", "| --- | --- | --- | --- | --- |")
    for section in sections:
        lines += ["", f"## {section.title}", "", *head]
        for name, (passed, total) in section.figures.items():
            lines.append(
                f"| `{name}` | {passed} | {total} | {_percent(passed, total)} | {section.texts[name]} |"
            )
        for miss in section.misses:
            lines += ["", f"**{len(miss.cases)}: {miss.reason}.** {', '.join(miss.cases)}"]
    return "\n".join(lines) + "\n"


def figures(sections: Sequence[Section]) -> str:
    """All figures as JSON, name to `[passed, total]`."""
    found = {name: list(figure) for section in sections for name, figure in section.figures.items()}
    return json.dumps(found, indent=1) + "\n"


def _percent(passed: int, total: int) -> str:
    """Rounded down: 100 % means all."""
    return f"{passed * 10000 // total / 100:.2f} %" if total else "–"
