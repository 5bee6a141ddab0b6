"""Interviews recorded on another engine: the same steps lead to the same state, in both languages."""

from __future__ import annotations

from pathlib import Path

from tests.conformance import __main__ as conformance
from tests.conformance import report
from tests.conformance.traces import DECIDED, outcomes, run, told


def test_steps_lead_where_they_are_recorded_to_lead(cases: Path) -> None:
    """The whole state after each step that changes something is as recorded, but for what is listed by its reason."""
    changing = [each for each in outcomes(cases) if each.changing]
    assert len(changing) > 350
    missed = {each.name: each for each in changing if each.other and not each.contested}
    known = {name for names in DECIDED.values() for name in names}
    assert [told(missed[name]) for name in sorted(missed.keys() - known)] == [], "these held before"
    assert sorted(known - missed.keys()) == [], "these hold now: take them out of decided_traces.json"


def test_figures_are_those_that_are_asked_for(cases: Path) -> None:
    """97 % of the steps; JavaScript goes every step as Python does."""
    figures = run(cases).figures
    passed, total = figures["trace_steps"]
    assert passed >= 0.97 * total
    assert figures["trace_equal"][0] == figures["trace_equal"][1] > 300


def test_only_few_answers_are_kept_for_being_of_no_type(cases: Path) -> None:
    """What counts as decided by the table stays what it is: typed date-times that are none."""
    contested = [each for each in outcomes(cases) if each.contested and each.changing]
    assert 0 < len(contested) <= 13
    assert all(what in ("value", "xml") for each in contested for _, what, _, _ in each.other)


def test_the_page_tells_the_figures_of_today(cases: Path) -> None:
    """docs/conformance.md is what `make conformance` would write."""
    section = run(cases)
    assert report.page([section]).partition("\n## ")[2].strip() in report.PAGE.read_text("utf-8")
    assert run in conformance.SECTIONS
