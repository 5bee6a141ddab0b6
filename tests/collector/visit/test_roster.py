"""The roster of a village."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collector.visit.roster import roster

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "roster.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_shared_cases(case: dict[str, Any]) -> None:
    """The server gives what the shared cases say, in whatever order the records come."""
    for records in (case["records"], case["records"][::-1]):
        assert roster(case["place"], records, case["today"]) == case["expected"]


def test_jobs_entered_are_people_and_not_records() -> None:
    """ "Jobs: 4 of 6 people" counts the people of all job lines of the business."""
    case = next(case for case in CASES if case["name"].startswith("jobs and support"))
    business = roster(case["place"], case["records"])["lines"][0]
    assert business["missing"][0] == {"what": "jobs", "have": 4, "want": 6, "kinds": []}


def test_a_start_fills_in_place_employer_and_link() -> None:
    """From the line of a business, neither place nor employer nor consent is entered a second time."""
    case = next(case for case in CASES if case["name"].startswith("jobs and support"))
    starts = roster(case["place"], case["records"])["lines"][0]["starts"]
    inn = next(start for start in starts if start["form"] == "inn")
    assert inn["prefill"] == {
        "/data/g_where/village_listed": "yes",
        "/data/g_where/county_code": "140521",
        "/data/g_where/township_code": "140521901",
        "/data/g_where/village_code": "140521901901",
        "/data/g_link/linked": "yes",
        "/data/g_link/business_uid": "u1",
    }
    jobs = next(start for start in starts if start["form"] == "jobs")
    assert jobs["prefill"] == {
        "/data/g_consent/consent_source": "linked",
        "/data/g_employer/employer_type": "returnee_business",
        "/data/g_employer/business_uid": "u1",
    }
