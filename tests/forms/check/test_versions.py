"""A form against the version before it: what records already use and the new version has otherwise."""

from __future__ import annotations

from forms import Form, Report, Uses, check_form
from tests.forms.check.sheets import Rows, the, workbook

OLD: Rows = [
    ["type", "name", "label"],
    ["text", "village", "Which village?"],
    ["integer", "age", "How old are you?"],
    ["select_one colour", "colour", "Which colour?"],
    ["begin_group", "g", "G"],
    ["text", "remark", "Anything else?"],
    ["end_group", "", ""],
]
CHOICES: Rows = [["list_name", "name", "label"], ["colour", "red", "Red"], ["colour", "blue", "Blue"]]
USES = Uses(
    {"/data/age": 12, "/data/colour": 7, "/data/g/remark": 1}, {"/data/colour": {"red": 4, "blue": 3}}
)


def form(survey: Rows, choices: Rows = CHOICES, form_id: str = "t") -> bytes:
    """A form with settings."""
    return workbook(survey=survey, choices=choices, settings=[["form_id"], [form_id]])


def before() -> Form:
    """The version before."""
    found = check_form(form(OLD), "old.xlsx").form
    assert found is not None
    return found


def against(survey: Rows, choices: Rows = CHOICES, form_id: str = "t", uses: Uses | None = USES) -> Report:
    """The report of a new version."""
    return check_form(form(survey, choices, form_id), "new.xlsx", against=before(), uses=uses)


def changed(row: int, *cells: str) -> Rows:
    """The old survey with another row."""
    return [list(cells) if number == row else each for number, each in enumerate(OLD)]


def test_same_form_says_nothing() -> None:
    """A version with other labels alone, or with more questions, is nothing to warn of."""
    more = [*changed(2, "integer", "age", "Your age?"), ["text", "more", "More?"]]
    assert against(more).findings == ()


def test_removed_question() -> None:
    """A question that is gone is named with the number of records that have its answer."""
    found = the(against([each for number, each in enumerate(OLD) if number != 2]), "HW-1364")
    assert (found.params["name"], found.records, found.severity) == ("age", 12, "warning")
    assert "12 records use it." in found.message("en")
    assert "12 条记录" in found.message("zh")


def test_renamed_question() -> None:
    """A question that asks the same under another name is recognised by its label, at the row of the new one."""
    found = the(against(changed(2, "integer", "years", "How old are you?")), "HW-1365")
    assert (found.params["name"], found.params["new"], found.at.row, found.records) == ("age", "years", 3, 12)


def test_moved_question() -> None:
    """A question that left its group is recognised by its name."""
    rows = [*OLD[:4], ["text", "remark", "Anything else?"]]
    found = the(against(rows), "HW-1366")
    assert (found.params["old"], found.params["new"], found.records) == ("/data/g/remark", "/data/remark", 1)
    assert "1 record uses it." in found.message("en")


def test_choices_removed_and_renamed() -> None:
    """Choices are compared by what is stored: the same label under another name is a renaming."""
    removed = the(against(OLD, CHOICES[:2]), "HW-1367")
    assert (removed.params["name"], removed.records) == ("blue", 3)
    renamed = the(against(OLD, [*CHOICES[:2], ["colour", "azure", "Blue"]]), "HW-1368")
    assert (renamed.params["name"], renamed.params["new"], renamed.records) == ("blue", "azure", 3)


def test_other_type_and_other_form() -> None:
    """Another type under the same name, and another form_id, are said."""
    assert the(against(changed(2, "text", "age", "How old are you?")), "HW-1369").records == 12
    assert the(against(OLD, form_id="u"), "HW-1370").params["old"] == "t"


def test_without_a_database_nothing_is_counted() -> None:
    """Where records are not counted, no number is told."""
    found = the(against(OLD[:2] + OLD[3:], uses=None), "HW-1364")
    assert found.records is None
    assert "record" not in found.message("en")
