"""Where a start of the roster puts what is known: both languages, held against the forms."""

from __future__ import annotations

import json

import pytest

from collector.visit.places import WHERE
from forms import library
from tests.js.test_node import node


@pytest.mark.parametrize("form_id", library.names())
def test_every_place_is_a_question_of_its_form(form_id: str) -> None:
    """A start fills in questions that the form has and that a person would else be asked."""
    form = library.load(form_id)
    for name, path in WHERE[form_id].items():
        assert form.node(path).kind == "question", name


def test_the_phone_puts_it_in_the_same_places() -> None:
    """`logic/places.js` says what `places.py` says."""
    script = (
        "import { WHERE } from './collector/static/app/logic/places.js'; console.log(JSON.stringify(WHERE));"
    )
    done = node("--input-type=module", "--eval", script)
    assert json.loads(done.stdout) == WHERE, done.stderr
