"""Expressions against what other engines of the ODK family are tested with."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conformance.cases import holds, read

DECIDED = json.loads((Path(__file__).parent / "decided.json").read_text("utf-8"))


def test_expressions_that_all_engines_agree_on() -> None:
    """Every uncontested case holds, but for those that `decided.json` lists by the reason why ours is other."""
    file = read("xpath_cases.json")
    agreed = [
        case
        for case in file["cases"]
        if case["kind"] != "parse-ast" and case.get("agrees") and all(case["agrees"].values())
    ]
    assert len(agreed) > 2000
    other = {case["id"] for case in agreed if not holds(case, file["contexts"])}
    known = {name for names in DECIDED.values() for name in names}
    assert sorted(other - known) == [], "these held before"
    assert sorted(known - other) == [], "these hold now: take them out of decided.json"
