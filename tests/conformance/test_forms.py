"""Forms of other projects: compiled or refused as expected, loaded and shown; what is missed is listed."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.forms import cases as of_pyxform
from tests.conformance.forms import forms_ok, pyxform


def test_xlsforms_are_accepted_or_refused_as_expected(cases: Path) -> None:
    """Every case holds, or is refused by intent for the reason listed."""
    score = pyxform(cases)
    assert score.total == len(of_pyxform(cases))
    assert score.misses == {}
    assert len(score.stricter) <= 11


def test_every_form_loads_or_is_refused_for_a_reason(cases: Path) -> None:
    """No form crashes; each loads and can be shown, or is refused with reasons of our own."""
    score = forms_ok(cases)
    assert score.total > 180
    assert score.misses == {}
