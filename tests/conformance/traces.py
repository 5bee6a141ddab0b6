"""`scenario_traces.json`: interviews on whole forms, the state compared after each step that changes something."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from forms import FormError
from tests.conformance.report import Misses, Section
from tests.conformance.trace_compare import Difference, differences, follow, xml_differs
from tests.conformance.trace_player import CHANGING, Nodes, Player, Step
from tests.conformance.trace_twins import equal, write
from tests.forms.sessions import OPERATIONS

DECIDED: dict[str, list[str]] = json.loads((Path(__file__).parent / "decided_traces.json").read_text("utf-8"))
"""Steps (`number of the trace.number of the step`) that are other, by the reason."""
TYPED = "an answer that is none of its type is kept with a problem at its question (the table of decisions has it so)"


@dataclass(frozen=True)
class Outcome:
    """What came of a step: `name` (`trace.step`), whether it changes state, and what is other."""

    name: str
    changing: bool
    other: tuple[Difference, ...]
    contested: bool = False


def traces(folder: Path) -> list[tuple[Player, list[Step]]]:
    """All traces: each with a player of its own, and its steps."""
    file = json.loads((folder / "scenario_traces.json").read_text("utf-8"))
    return [
        (
            Player(file["forms"][each["form"]], each["now"], folder, each.get("edit_instance", "")),
            each["steps"],
        )
        for each in file["traces"]
    ]


@cache
def outcomes(folder: Path) -> tuple[Outcome, ...]:
    """Plays all traces; reads of an answer are steps too, but change nothing."""
    played = (_play(str(number), player, steps) for number, (player, steps) in enumerate(traces(folder)))
    return tuple(each for steps in played for each in steps)


def _play(name: str, player: Player, steps: list[Step]) -> Iterator[Outcome]:
    wanted: Nodes = {}
    broken: Difference | None = None
    for at, step in enumerate(steps):
        changing = step["op"] in CHANGING
        follow(wanted, step)
        if broken is None:
            try:
                if changing:
                    do = player.operation(step)
                    OPERATIONS[do[0]](player.session, *do[1:])
                other = _compare(player, wanted, step)
            except (FormError, LookupError) as error:  # a form that is refused, a place that is not there
                broken = ("", "refused", step["op"], str(error)[:200])
        found = (broken,) if broken else tuple(other)
        yield Outcome(f"{name}.{at}", changing, found, bool(found) and not broken and _typed(player, found))


def _compare(player: Player, wanted: Nodes, step: Step) -> list[Difference]:
    if step["op"] == "answerOf":
        return []
    form = player.form
    own_id = f"{form.root}/meta/instanceID" in form.by_path
    xml = xml_differs(step["instance_xml"], player.xml(), player.kinds, own_id)
    return [*differences(wanted, player.state()), *xml]


def _typed(player: Player, other: tuple[Difference, ...]) -> bool:
    """Whether all that is other is an answer which our session says is none of its type."""
    state = player.state()
    values = [each for each in other if each[1] != "xml"]
    return bool(values) and all(
        what == "value" and wanted == "" and "type" in state[path].get("codes", ())
        for path, what, wanted, _ in values
    )


def run(folder: Path) -> Section:
    """The section of the report."""
    found = [each for each in outcomes(folder) if each.changing]
    as_recorded = sum(not each.other for each in found)
    contested = [each.name for each in found if each.contested]
    begun = [each for each in outcomes(folder) if each.name.endswith(".0")]
    figures = {
        "trace_steps": (as_recorded + len(contested), len(found)),
        "trace_steps_as_recorded": (as_recorded, len(found)),
        "trace_beginnings": (sum(not each.other for each in begun), len(begun)),
        "trace_equal": equal_traces(folder),
    }
    return Section("Scenarios (`scenario_traces.json`)", figures, TEXTS, _misses(found))


def _misses(found: list[Outcome]) -> list[Misses]:
    reasons = {name: reason for reason, names in DECIDED.items() for name in names}
    groups: dict[str, list[str]] = defaultdict(list)
    for each in found:
        if each.other:
            reason = TYPED if each.contested else reasons.get(each.name, "not decided")
            groups[reason].append(each.name)
    return [Misses(reason, tuple(names)) for reason, names in groups.items()]


@cache
def equal_traces(folder: Path) -> tuple[int, int]:
    """How many traces JavaScript plays as Python does, of those whose form opens."""
    with TemporaryDirectory() as place:
        numbered = [(number, player, steps) for number, (player, steps) in enumerate(traces(folder))]
        names = write(Path(place), numbered)
        return len(equal(Path(place)) & set(names)), len(names)


def told(outcome: Outcome) -> str:
    """An outcome for a person who looks for the reason."""
    rows: list[Any] = [f"{outcome.name}{' (contested)' if outcome.contested else ''}"]
    return "\n    ".join(str(row)[:300] for row in (*rows, *outcome.other))


TEXTS = {
    "trace_steps": "steps that change state: relevance, values, violations, choices, labels and the record as XML are"
    " all as recorded, or as the table of decisions has it",
    "trace_steps_as_recorded": "the same, as recorded only",
    "trace_beginnings": "beginnings: the state of a record before anybody answers, as recorded",
    "trace_equal": "traces whose form opens: every step and look in JavaScript as in Python",
}
