"""What fails in every record is found when the form is checked: literal patterns, dates, format codes, defaults."""

from __future__ import annotations

import pytest

from forms import check_form
from forms.problems import LANGUAGES
from tests.forms.check.sheets import Rows, checked, the

HEAD = ["type", "name", "label", "constraint", "calculation", "default"]
CHOICES: Rows = [["list_name", "name", "label"], ["yn", "yes", "Yes"], ["yn", "no", "No"]]

FAULTS: list[tuple[str, list[str], str, str, str]] = [
    # code, row 2 of the survey, column, value that is named, what was probably meant
    ("HW-1475", ["text", "x", "X", "regex(., '^[0-9{3}$')"], "constraint", "^[0-9{3}$", ""),
    ("HW-1475", ["text", "x", "X", 'not(regex(., "(a"))'], "constraint", "(a", ""),
    ("HW-1476", ["date", "x", "X", ". > date('01/02/2020')"], "constraint", "01/02/2020", ""),
    ("HW-1476", ["date", "x", "X", ". > date('2020-02-30')"], "constraint", "2020-02-30", ""),
    ("HW-1476", ["calculate", "x", "", "", "format-date('soon', '%Y')"], "calculation", "soon", ""),
    ("HW-1477", ["calculate", "x", "", "", "format-date(today(), '%Q')"], "calculation", "%Q", ""),
    ("HW-1477", ["text", "x", "X", "", "", "format-date-time(now(), '%Y-%k')"], "default", "%Y-%k", ""),
    ("HW-1478", ["calculate", "x", "", "", "digest('a', 'SHA-3')"], "calculation", "SHA-3", ""),
    ("HW-1479", ["integer", "x", "X", "", "", "many"], "default", "many", ""),
    ("HW-1479", ["decimal", "x", "X", "", "", "1,5"], "default", "1,5", ""),
    ("HW-1479", ["date", "x", "X", "", "", "31.12.2020"], "default", "31.12.2020", ""),
    ("HW-1479", ["range", "x", "X", "", "", "high"], "default", "high", ""),
    ("HW-1480", ["select_one yn", "x", "X", "", "", "yess"], "default", "yess", "yes"),
    ("HW-1480", ["select_multiple yn", "x", "X", "", "", "yes maybe"], "default", "maybe", ""),
]


@pytest.mark.parametrize(("code", "row", "column", "value", "near"), FAULTS)
def test_what_never_works_is_found(code: str, row: list[str], column: str, value: str, near: str) -> None:
    """The finding stands at its cell, names the value, has a caret under it where it is an expression."""
    report = checked(survey=[HEAD, row], choices=CHOICES)
    found = the(report, code)
    assert (found.at.row, found.at.column, found.params["value"], found.near) == (2, column, value, near)
    if code < "HW-1479":
        written, under = found.excerpt.split("\n")
        assert written[under.index("^") :].startswith(value)
        assert not report.ok
    for lang in LANGUAGES:
        assert value in found.message(lang)
        assert found.remedy(lang)


@pytest.mark.parametrize(
    "row",
    [
        ["text", "x", "X", "regex(., '^1[0-9]{10}$')"],
        ["text", "x", "X", "regex(., concat('[', 'a]'))"],
        ["text", "x", "X", r"regex(., '\p{L}+')"],
        ["date", "x", "X", ". > date('2020-12-31') and . < date('18900')"],
        ["date", "x", "X", ". > date('')"],
        ["calculate", "x", "", "", "format-date-time(now(), '%Y %y %m %n %b %d %e %H %h %M %S %3 %a %%')"],
        ["calculate", "x", "", "", "digest('a', 'SHA-256', 'hex')"],
        ["integer", "x", "X", "", "", "-3"],
        ["integer", "x", "X", "", "", "1 + 1"],
        ["decimal", "x", "X", "", "", "1.5"],
        ["date", "x", "X", "", "", "2020-12-31"],
        ["date", "x", "X", "", "", "today()"],
        ["geopoint", "x", "X", "", "", "52.5 13.4 0 0"],
        ["range", "x", "X", "", "", "2"],
        ["select_one yn", "x", "X", "", "", "yes"],
        ["select_one yn", "x", "X", "", "", "if(1 = 1, 'yes', 'no')"],
        ["select_one yn or_other", "x", "X", "", "", "other"],
        ["select_multiple yn", "x", "X", "", "", "yes no"],
        ["calculate", "x", "", "", "", "many"],
    ],
)  # fmt: skip
def test_what_works_is_not_said(row: list[str]) -> None:
    """No finding for constants that work, nor for what is only known when the record is filled."""
    report = checked(survey=[HEAD, row], choices=CHOICES)
    assert [(each.code, dict(each.params)) for each in report.findings if each.code >= "HW-1475"] == []


def test_of_an_xform_too() -> None:
    """The same is found in an XForm, at its line."""
    rows = [HEAD, ["text", "x", "X", "regex(., '[')"], ["integer", "y", "Y", "", "", "7"]]
    good = checked(survey=[HEAD, ["text", "x", "X", "regex(., '[a]')"], rows[2]]).form
    assert good is not None
    report = check_form(good.xform.replace("[a]", "[").replace("<y>7<", "<y>many<").encode(), "form.xml")
    assert {(each.code, each.at.question, each.at.line > 0) for each in report.findings} == {
        ("HW-1475", "x", True),
        ("HW-1479", "y", True),
    }
