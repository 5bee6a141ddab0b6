"""Forms that a team brought, begun in a village: the same start on the server and on the phone."""

from __future__ import annotations

import json

import pytest

from collector.visit.own import own_start, place_paths
from collector.visit.roster import Place
from forms import compile_form
from tests.js.test_node import node

PLACE: Place = {"village": "140521901901", "township": "140521901", "county": "140521"}
HEAD = "| survey | | | |\n| | type | name | label |\n"
TAIL = "| settings | | |\n| | form_id | form_title |\n| | wells 2 | Wells |\n"
FORMS = {
    "asks for all": "| | begin group | g | G |\n| | text | village_code | V |\n| | end group | | |\n"
    "| | text | county_code | C |\n| | text | township_code | T |\n",
    "asks for the village": "| | text | village_code | V |\n",
    "asks for nothing": "| | text | name | N |\n",
    "asks in a repeat": "| | begin repeat | r | R |\n| | text | village_code | V |\n| | end repeat | | |\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_the_place_is_filled_in_where_the_form_asks_for_it(name: str) -> None:
    """By the names of the built-in forms, in groups too, never in a repeat; the phone makes the same of what the field
    package says."""
    form = compile_form((HEAD + FORMS[name] + TAIL).encode(), "wells.md")
    start = own_start(form, PLACE)
    expected = {
        "asks for all": {
            "/data/g/village_code": PLACE["village"],
            "/data/county_code": PLACE["county"],
            "/data/township_code": PLACE["township"],
        },
        "asks for the village": {"/data/village_code": PLACE["village"]},
    }
    assert start == {"form": "wells 2", "prefill": expected.get(name, {}), "kind": ""}
    own = {"title": form.title, "own": True, "place": place_paths(form)}
    script = (
        "import { ownStart } from './collector/static/app/logic/own.js';"
        f"console.log(JSON.stringify(ownStart('wells 2', {json.dumps(own)}, {json.dumps(PLACE)})));"
    )
    done = node("--input-type=module", "--eval", script)
    assert json.loads(done.stdout) == start, done.stderr


def test_forms_of_the_team_come_by_title() -> None:
    """Only those that are not built in, in the order of their titles."""
    forms = {"a": {"title": "Z", "own": True}, "business": {"title": "B"}, "z": {"title": "A", "own": True}}
    script = (
        "import { ownForms } from './collector/static/app/logic/own.js';"
        f"console.log(JSON.stringify(ownForms({json.dumps(forms)}).map(([id]) => id)));"
    )
    done = node("--input-type=module", "--eval", script)
    assert json.loads(done.stdout) == ["z", "a"], done.stderr
