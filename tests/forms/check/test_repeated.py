"""Answers of a repeat that are read from outside it; defaults that wait for answers by way of a calculation."""

from __future__ import annotations

import pytest

from forms import FixedContext, MemoryLists, Report, Session, check_form
from forms.check.finding import nearest
from tests.forms.check.sheets import SETTINGS, Rows, checked, markdown, the

HEAD = ["type", "name", "label", "relevant", "calculation", "default"]
MEMBERS: Rows = [
    HEAD,
    ["begin_repeat", "member", "Member"],
    ["integer", "age", "Age"],
    ["note", "n", "You are ${age}", "${age} > 3"],
    ["end_repeat"],
]


def after(*rows: list[str]) -> Report:
    """The report of a form with these rows behind the repeat: the first of them stands in row 6."""
    return checked(survey=[*MEMBERS, *rows], settings=SETTINGS)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["text", "x", "X", "${age} >= 18"], "relevant"),
        (["calculate", "x", "", "", "${age} + 1"], "calculation"),
        (["calculate", "x", "", "", "if(selected(${age}, 3), sum(${age}), 0)"], "calculation"),
        (["note", "x", "The age is ${age}"], "label"),
    ],
)
def test_answer_of_a_repeat_outside_it(row: list[str], column: str) -> None:
    """A warning that says what is taken, and how to say what is meant."""
    found = the(after(row), "HW-1493")
    assert (found.severity, found.at.row, found.at.question, found.at.column) == ("warning", 6, "x", column)
    assert "indexed-repeat(${age}, ${member}, 1)" in found.remedy("en")
    assert "重复组“member”里（第 2 行）" in found.message("zh")


@pytest.mark.parametrize(
    "expression",
    [
        "sum(${age}) + max(${age}) + count(${member})",
        "join(', ', ${age})",
        "indexed-repeat(${age}, ${member}, 2)",
        "count(${member}[${age} >= 18])",
        "/data/member[position() = 2]/age",
        "concat(${age})",
    ],
)
def test_what_says_which_is_meant(expression: str) -> None:
    """Functions over all instances, and paths that name one."""
    assert after(["calculate", "x", "", "", expression]).findings == ()


def test_it_is_as_the_warning_says() -> None:
    """A comparison holds for any instance, a text is the first one's."""
    rows = [
        *MEMBERS,
        ["note", "x", "X", "${age} = 30"],
        ["calculate", "first", "", "", "string(${age})"],
    ]
    form = check_form(markdown(survey=rows, settings=SETTINGS), "f.md").form
    assert form is not None
    session = Session(form, MemoryLists(), context=FixedContext("2026-03-01T09:00:00.000+08:00"))
    paths = [f"{instance}/age" for instance in session.instances("/data/member")]
    paths.append(f"{session.add_repeat('/data/member')}/age")
    for path, age in zip(paths[-2:], ("20", "30"), strict=True):
        session.answer(path, age)
    assert (session.relevant("/data/x"), session.value("/data/first")) == (True, "20")


def test_default_that_waits_by_way_of_a_calculation() -> None:
    """A calculation has no more than what it reads; one that needs no answer may be read."""
    rows = [
        HEAD,
        ["calculate", "double", "", "", "${once} * 2"],
        ["calculate", "once", "", "", "${age} + 1"],
        ["calculate", "year", "", "", "format-date(today(), '%Y')"],
        ["integer", "x", "X", "", "", "${double} + 0"],
        ["integer", "y", "Y", "", "", "${year} - 1"],
        ["integer", "age", "Age"],
    ]
    found = the(checked(survey=rows, settings=SETTINGS), "HW-1492")
    assert (found.at.row, found.at.column, found.severity) == (5, "default", "warning")
    assert (found.params["name"], found.params["needed"]) == ("double", "age")
    assert "row 7" in found.message("en")


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("street", "start", ""),
        ("head", "hhid", ""),
        ("ages", "age", "age"),
        ("agee", "age", "age"),
        ("streets", "street", "street"),
        ("householdhead", "household_head", "household_head"),
    ],
)
def test_only_near_names_are_proposed(name: str, known: str, near: str) -> None:
    """Short names must be more alike than long ones."""
    assert nearest(name, ["zzz", known]) == near
