"""Units offered as choices: those of the record's own village first, in the same order as on the phone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collector.entities import near_first
from collector.fill.outline import outline
from collector.lists import Lists
from forms import Session
from forms.library import load

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "near.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_shared_cases(case: dict[str, Any]) -> None:
    """What `tests/vectors/near.json` says, which the phone reproduces too."""
    choices = [(value, label) for value, label in case["choices"]]
    found = near_first(choices, case["rows"], "uid", case["village"])
    assert [list(one) for one in found] == case["expected"]


def test_a_form_offers_the_own_village_first() -> None:
    """ "Which business?" of an inn: the list of the county, the businesses of the inn's own village first."""
    near, far = "140521901901", "140521900900"
    rows = [
        {"name": place, "label": place, "business_uid": place, "village_code": place} for place in (far, near)
    ]
    lists = Lists(lambda name: None, lambda name: rows if name == "businesses" else None)
    where = {
        "/data/g_where/county_code": near[:6],
        "/data/g_where/township_code": near[:9],
        "/data/g_where/village_code": near,
    }
    session = Session(load("inn"), lists, where)
    items = {item.path: item for top in outline(session) for item in top.walk()}
    assert [value for value, _ in session.choices("/data/g_link/business_uid")] == [far, near]
    assert [value for value, _ in items["/data/g_link/business_uid"].choices] == [near, far]
