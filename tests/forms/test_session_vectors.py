"""Sessions against the scenarios that the browser plays too."""

from __future__ import annotations

import pytest

from tests.forms.sessions import Player
from tests.forms.vectors import VECTORS, read

FILES = sorted(path.name for path in VECTORS.glob("session_*.json"))


@pytest.mark.parametrize("name", FILES)
def test_session_goes_as_the_vector_says(name: str) -> None:
    """Each step changes and answers what the file says, in both languages."""
    file = read(name)
    player = Player(file)
    for number, step in enumerate(file["steps"]):
        assert player.play(step["do"]) == step, f"step {number}: {step['do']}"


def test_there_are_scenarios_of_the_forms_of_a_visit() -> None:
    """The four forms of a visit are covered."""
    assert {"business", "inn", "jobs", "village_visit"} <= {read(name).get("form") for name in FILES}
