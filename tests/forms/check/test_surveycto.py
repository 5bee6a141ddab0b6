"""What only SurveyCTO knows is told once, with what does the same here."""

from __future__ import annotations

from tests.forms.check.sheets import SETTINGS, checked, the


def test_types_and_functions_are_one_error() -> None:
    """Named with their rows, columns among them; other faults stand beside it, and nothing is told twice."""
    rows = [
        ["type", "name", "label", "calculation", "response note", "publishable", "note"],
        ["caseid", "caseid"],
        ["text audit", "ta"],
        ["speed violations count", "svc"],
        ["calculate", "d", "", "duration()"],
        ["begin_repeat", "r", "R"],
        ["calculate", "i", "", "index()"],
        ["text", "x", "X"],
        ["end_repeat"],
        ["txt", "y", "Y"],
    ]
    report = checked(survey=rows, settings=SETTINGS)
    found = the(report, "HW-1496")
    assert {each.code for each in report.findings} == {"HW-1496", "HW-1328"}
    assert the(report, "HW-1328").at.row == 10
    assert (found.severity, found.at.sheet, found.at.row) == ("error", "survey", 1)
    for lang, comma in (("en", ", "), ("zh", "、")):
        names = ["response note [1]", "publishable [1]", "caseid [2]", "text audit [3]"]
        names += ["speed violations count [4]", "duration() [5]", "index() [7]"]
        assert comma.join(names) in found.message(lang)
        for part in ("audit", "position(..)", "jr:choice-name"):
            assert part in found.remedy(lang)


def test_columns_alone_are_one_warning() -> None:
    """They are left out, and the form is used."""
    rows = [["type", "name", "label", "minimum_seconds", "publishable"], ["text", "x", "X", "3", "yes"]]
    report = checked(survey=rows, settings=SETTINGS)
    assert [each.code for each in report.findings] == ["HW-1495"]
    assert report.ok


def test_a_column_note_alone_is_nobodys() -> None:
    """It is told as any column that is not known."""
    rows = [["type", "name", "label", "note"], ["text", "x", "X", "3"]]
    assert the(checked(survey=rows, settings=SETTINGS), "HW-1325").at.column == "note"
