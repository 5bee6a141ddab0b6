"""How findings are told: in the language of the reader, in the words of the sheet, once for what is one thing."""

from __future__ import annotations

import pytest
from pyxform.errors import ErrorCode

from forms import Uses, check_form
from forms.check.sayings import said
from tests.forms.check.sheets import SETTINGS, Rows, checked, the, workbook

HEAD = ["type", "name", "label"]
YN: Rows = [["list_name", "name", "label"], ["yn", "yes", "Yes"], ["yn", "no", "No"]]
ASKED: Rows = [HEAD, ["select_one yn", "a", "A"], ["select_one yn", "b", "B"], ["integer", "n", "N"]]


def test_a_choice_of_several_questions_is_told_once_with_all_their_records() -> None:
    """And nothing is said of records where none uses it."""
    old = check_form(workbook(survey=ASKED, choices=YN, settings=SETTINGS), "old.xlsx").form
    assert old is not None
    new = workbook(survey=ASKED, choices=[*YN[:2], ["yn", "nein", "No"]], settings=SETTINGS)
    uses = Uses(choices={"/data/a": {"no": 2}, "/data/b": {"no": 1}})
    found = the(check_form(new, "new.xlsx", against=old, uses=uses), "HW-1368")
    assert found.records == 3
    assert "“a、b”" in found.message("zh")
    assert "“a, b”" in found.message("en")
    unused = the(check_form(new, "new.xlsx", against=old, uses=Uses()), "HW-1368")
    assert "record" not in unused.message("en")
    assert "记录" not in unused.message("zh")


def test_types_are_told_as_the_sheet_has_them() -> None:
    """`text` and `integer`, not what they are compiled to."""
    old = check_form(workbook(survey=ASKED, choices=YN, settings=SETTINGS), "old.xlsx").form
    assert old is not None
    new = workbook(survey=[*ASKED[:3], ["text", "n", "N"]], choices=YN, settings=SETTINGS)
    found = the(check_form(new, "new.xlsx", against=old), "HW-1369")
    assert (found.params["old"], found.params["new"]) == ("integer", "text")


def test_rows_and_marks_in_the_language_of_the_reader() -> None:
    """Lists of rows have the comma of the language; a quotation mark stands in no quotation marks; one argument."""
    rows = [[*HEAD, "relevant"], ["select_one yn", "a", "A"], ["text", "x", "X", "${a} = “yes”"]]
    apart = [*YN, ["other", "o", "O"], ["yn", "perhaps", "P"]]
    report = checked(survey=rows, choices=apart, settings=SETTINGS)
    assert "2–3、5" in the(report, "HW-1342").message("zh")
    assert "2–3, 5" in the(report, "HW-1342").message("en")
    for lang in ("en", "zh"):
        assert " “ " in the(report, "HW-1349").message(lang)
    call = [[*HEAD, "calculation"], ["calculate", "x", "", "floor()"]]
    assert "it must be 1." in the(checked(survey=call, settings=SETTINGS), "HW-1111").message("en")


def test_or_other_in_several_languages_has_its_place_and_no_english_in_chinese() -> None:
    """Each question that has it, at the column type."""
    rows = [
        ["type", "name", "label::English (en)", "label::中文 (zh)"],
        ["select_one yn or_other", "a", "A", "甲"],
    ]
    choices = [["list_name", "name", "label::English (en)", "label::中文 (zh)"], ["yn", "yes", "Yes", "是"]]
    report = checked(survey=rows, choices=choices, settings=SETTINGS)
    found = the(report, "HW-1494")
    assert (found.at.row, found.at.question, found.at.column) == (2, "a", "type")
    assert "recommended" not in found.message("zh")
    assert [each.code for each in report.findings] == ["HW-1494"]


@pytest.mark.parametrize("code", [code for code in ErrorCode if code.name[:5] in ("RANGE", "ENTIT", "SURVE")])
def test_every_sentence_of_pyxform_can_be_told(code: ErrorCode) -> None:
    """In our words, or said to be its own."""
    for lang, quoted in (("en", "pyxform says: “"), ("zh", "pyxform 的原话是“")):
        text = said(code.value.format(name="step", row="3", accepted="a, b", rejected="c")).text(lang)
        known = said(code.value.format()).key != "check.pyxform"
        assert text
        assert known != text.startswith(quoted)


def test_known_sentence_in_chinese() -> None:
    """A parameter that is no number."""
    rows = [[*HEAD, "parameters"], ["range", "x", "X", "start=1 end=2 step=no"]]
    found = the(checked(survey=rows, settings=SETTINGS), "HW-1358")
    assert found.message("zh") == "参数不被接受：range 的“step”必须是数字。"
