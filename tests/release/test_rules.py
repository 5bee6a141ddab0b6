"""Publish rules that are one column's affair."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from collector.problems import Problem
from collector.release.rules import LATER, NOT_IN_ROWS, bands, parse, shows

CODEBOOK = Path(__file__).parents[2] / "forms" / "library" / "codebook.csv"

SHOWN = [
    ("as_is", "retail", "retail"),
    ("date:month", "2020-12-31", "2020-12"),
    ("date:month", "soon", None),
    ("band:<2010,2010-2014,2015-2019,2020+", "1999", "<2010"),
    ("band:<2010,2010-2014,2015-2019,2020+", "2014", "2010-2014"),
    ("band:<2010,2010-2014,2015-2019,2020+", "2020", "2020+"),
    ("band:0,1,2-4,5-9,10-19,20-49,50+", "0", "0"),
    ("band:0,1,2-4,5-9,10-19,20-49,50+", "1", "1"),
    ("band:0,1,2-4,5-9,10-19,20-49,50+", "49", "20-49"),
    ("band:0,1,2-4,5-9,10-19,20-49,50+", "8000", "50+"),
    ("band:1-9,10-19,20-49,50-99,100+", "0", None),
    ("band:<5k,5-10k,10-50k,50-150k,150-300k,300k+", "4999", "<5k"),
    ("band:<5k,5-10k,10-50k,50-150k,150-300k,300k+", "10000", "10-50k"),
    ("band:<5k,5-10k,10-50k,50-150k,150-300k,300k+", "300000", "300k+"),
    ("age_band:16-24,25-34,35-44,45-54,55-64,65+", "1996", "16-24"),
    ("age_band:16-24,25-34,35-44,45-54,55-64,65+", "1995", "25-34"),
    ("age_band:16-24,25-34,35-44,45-54,55-64,65+", "1940", "65+"),
    ("age_band:16-24,25-34,35-44,45-54,55-64,65+", "2010", None),
    ("round:10", "1234", 1230),
    ("round:10", "1235", 1240),
    ("round:100", "49", 0),
    ("threshold:5", "0", "<5"),
    ("threshold:5", "4", "<5"),
    ("threshold:5", "5", "5"),
]


@pytest.mark.parametrize(("rule", "answer", "seen"), SHOWN)
def test_what_a_reader_sees(rule: str, answer: str, seen: object) -> None:
    """Each rule shows what the rule table says, in the data year 2020."""
    assert shows(parse(rule, "q"), "q", 2020)(answer) == seen


@pytest.mark.parametrize("text", ["as_si", "publish", "", "band2:1-2"])
def test_unknown_rule_stops(text: str) -> None:
    """A rule that nobody defined is refused with the question's place, never guessed."""
    with pytest.raises(Problem, match="HW-3501") as caught:
        parse(text, "business/q")
    assert caught.value.place == "business/q"


@pytest.mark.parametrize(
    "text", ["band:many", "band:5-9,1-4", "date:day", "round:0", "threshold:x", "age_band:<5+", "band:"]
)
def test_argument_that_does_not_fit(text: str) -> None:
    """A rule with an argument that it does not take is refused."""
    with pytest.raises(Problem, match="HW-3502"):
        shows(parse(text, "q"), "q", 2020)


def test_every_rule_of_the_codebook_is_known() -> None:
    """All rules of the built-in forms are shown, kept out, or wait for later work: none is unknown."""
    with CODEBOOK.open(encoding="utf-8", newline="") as file:
        rules = {row["publish_rule"] for row in csv.DictReader(file)} - {""}
    assert len(rules) > 20
    for text in rules:
        rule = parse(text, "q")
        if rule.name not in LATER | NOT_IN_ROWS | {"reissue"}:
            shows(rule, "q", 2020)


def test_bands_rise() -> None:
    """A range begins where its first number says, in thousands where either end says `k`."""
    assert [band.least for band in bands("<5k,5-10k,10-50k")] == [float("-inf"), 5000, 10000]
