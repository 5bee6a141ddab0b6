"""Forms of other projects: compiled or refused as expected, loaded and shown; what is missed is listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.cases import folder
from tests.conformance.forms import cases, forms_ok, pyxform


@pytest.fixture
def where() -> Path:
    """The folder of the cases."""
    found = folder()
    if found is None:
        pytest.skip("no conformance cases beside this checkout (HOMEWARD_CONFORMANCE)")
    return found


def test_xlsforms_are_accepted_or_refused_as_expected(where: Path) -> None:
    """Every case holds, or is refused by intent for the reason listed."""
    score = pyxform(where)
    assert score.total == len(cases(where))
    assert score.misses == {}
    assert len(score.stricter) <= 11


def test_every_form_loads_or_is_refused_for_a_reason(where: Path) -> None:
    """No form crashes; each loads and can be shown, or is refused with reasons of our own."""
    score = forms_ok(where)
    assert score.total > 180
    assert score.misses == {}
