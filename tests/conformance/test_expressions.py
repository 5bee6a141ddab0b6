"""Expressions against what other engines of the ODK family are tested with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import __main__ as conformance
from tests.conformance import report
from tests.conformance.expressions import Results, reasons, results, run


@pytest.fixture(scope="module")
def found(cases: Path) -> Results:
    """What both languages make of them."""
    return results(cases)


@pytest.mark.parametrize("language", ["py", "js"])
def test_expressions_that_all_engines_agree_on(found: Results, language: str) -> None:
    """Every such case holds, but for those that `decided.json` lists by the reason why ours is other."""
    assert len(found.agreed) > 2000
    missed, known = set(found.missed[language]), set(reasons()).intersection(found.agreed)
    assert sorted(missed - known) == [], "these held before"
    assert sorted(known - missed) == [], "these hold now: take them out of decided.json"


def test_both_languages_give_the_same(found: Results) -> None:
    """Kind and value are equal on all cases, also where the engines of others disagree."""
    assert found.cases > 2400
    assert found.different == ()


def test_figures_are_those_that_are_asked_for(cases: Path) -> None:
    """99.5 % of what is uncontested, in both languages."""
    figures = run(cases).figures
    for language in ("py", "js"):
        passed, total = figures[f"xpath_uncontested_{language}"]
        assert passed >= 0.995 * total
    assert figures["xpath_equal"][0] == figures["xpath_equal"][1]


def test_the_page_tells_the_figures_of_today(cases: Path) -> None:
    """docs/conformance.md is what `make conformance` would write, and names no more of a case than its id."""
    written = report.PAGE.read_text("utf-8")
    section = run(cases)
    assert report.page([section]).partition("\n## ")[2].strip() in written
    assert run in conformance.SECTIONS
