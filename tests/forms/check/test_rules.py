"""Each rule of the form check: what is found, where, with which remedy; and what is not said of a good form."""

from __future__ import annotations

import pytest

from forms import library
from forms.check import check_form
from forms.problems import LANGUAGES
from tests.forms.check.sheets import NAMESPACES, SETTINGS, Rows, checked, the

HEAD = ["type", "name", "label", "relevant", "constraint", "calculation", "default", "choice_filter"]
CHOICES: Rows = [["list_name", "name", "label"], ["yn", "yes", "Yes"], ["yn", "no", "No"]]
GOOD: Rows = [["select_one yn", "ok", "OK?"], ["integer", "age", "Age"]]


def survey(*rows: list[str]) -> Rows:
    """A survey sheet with two good questions before these rows: the first of them stands in row 4."""
    return [HEAD, *GOOD, *rows]


def group(name: str, relevant: str, *inside: list[str]) -> Rows:
    """A group with questions in it."""
    return [["begin_group", name, name, relevant], *inside, ["end_group"]]


CASES: list[tuple[str, Rows, tuple[int, str, str, str]]] = [
    # code, rows from row 4 on, (row, question, column, near)
    ("HW-1328", [["interger", "x", "X"]], (4, "x", "type", "integer")),
    ("HW-1328", [["select_on yn", "x", "X"]], (4, "x", "type", "select_one yn")),
    ("HW-1328", [["select multiple yn", "x", "X"]], (4, "x", "type", "select_multiple yn")),
    ("HW-1328", [["select multipl yn", "x", "X"]], (4, "x", "type", "select_multiple yn")),
    ("HW-1328", [["select multiple", "x", "X"]], (4, "x", "type", "select_multiple LIST")),
    ("HW-1328", [["begin grup", "x", "X"], ["end_group"]], (4, "x", "type", "begin_group")),
    ("HW-1484", [["select_one_from_file districts.xlsx", "x", "X"]], (4, "x", "type", "districts.csv")),
    ("HW-1329", [["", "x", "X"]], (4, "x", "", "")),
    ("HW-1330", [["text", "", "X"]], (4, "", "", "")),
    ("HW-1331", [["text", "my name", "X"]], (4, "my name", "name", "my_name")),
    ("HW-1332", [["text", "age", "X"]], (4, "age", "name", "")),
    ("HW-1333", [["text", "Age", "X"]], (4, "Age", "name", "")),
    ("HW-1334", [["text", "meta", "X"]], (4, "meta", "name", "")),
    ("HW-1335", [["begin_group", "g", "G"], ["text", "x", "X"]], (4, "g", "", "")),
    ("HW-1336", [["end_repeat"]], (4, "", "", "")),
    ("HW-1337", [["select_one y_n", "x", "X"]], (4, "x", "type", "yn")),
    ("HW-1338", [["select_one", "x", "X"]], (4, "x", "type", "")),
    ("HW-1345", [["text", "x", "X", "${agee} > 3"]], (4, "x", "relevant", "age")),
    ("HW-1345", [["note", "x", "You are ${agee}"]], (4, "x", "label", "age")),
    ("HW-1346", [["text", "x", "X", "${ age } > 3"]], (4, "x", "relevant", "${age}")),
    ("HW-1347", [*group("g", "", ["text", "age", "A"]), ["text", "x", "X", "${age} > 3"]], (7, "x", "relevant", "")),
    ("HW-1348", [["integer", "x", "X", "", ". > 1)"]], (4, "x", "constraint", "")),
    ("HW-1106", [["integer", "x", "X", "", "(. > 1"]], (4, "x", "constraint", "")),
    ("HW-1101", [["integer", "x", "X", "", ". > > 1"]], (4, "x", "constraint", "")),
    ("HW-1107", [["integer", "x", "X", "", "(" * 10_000 + "1" + ")" * 10_000]], (4, "x", "constraint", "")),
    ("HW-1109", [["calculate", "x", "", "", "", "upercase('a')"]], (4, "x", "calculation", "upper-case")),
    ("HW-1109", [["calculate", "x", "", "", "", "choice-name('a', 'b')"]], (4, "x", "calculation", "jr:choice-name")),
    ("HW-1111", [["calculate", "x", "", "", "", "substr('a')"]], (4, "x", "calculation", "")),
    ("HW-1103", [["text", "x", "X"], ["text", "y", "Y", "${x} = ‘it’s’"]], (5, "y", "relevant", "")),
    ("HW-1349", [["text", "x", "X", "${ok} = “yes”"]], (4, "x", "relevant", "")),
    ("HW-1013", [["text", "x", "X", "/data/agee > 3"]], (4, "x", "relevant", "/data/age")),
    ("HW-1350", [["text", "x", "X", "${y} = 'a'"], ["text", "y", "Y"]], (4, "x", "relevant", "")),
    ("HW-1351", [["text", "x", "X", "${ok} = 'yes'"], ["text", "y", "Y", "${x} != 'none'"]], (5, "y", "relevant", "")),
    ("HW-1351", [["select_one yn", "x", "X", "${age} > 1"], ["text", "y", "Y", "not(selected(${x}, 'no'))"]],
     (5, "y", "relevant", "")),
    ("HW-1371", [["text", "x", "X", "", "", "", "concat(${age}, 'a')"]], (4, "x", "default", "")),
    ("HW-1376", group("g", "${x} = 1", ["integer", "x", "X"]), (4, "g", "relevant", "")),
    ("HW-1377", [["text", "x", "X", "${ok} = 'yess'"]], (4, "x", "relevant", "yes")),
    ("HW-1379", [["select_multiple yn", "m", "M"], ["text", "x", "X", "${m} = 'yes'"]],
     (5, "x", "relevant", "selected(${m}, 'yes')")),
    ("HW-1356", [["text", "x", ""]], (4, "x", "", "")),
    ("HW-1357", [["calculate", "x", ""]], (4, "x", "calculation", "")),
    ("HW-1375", [["", "", "", "a note of mine"]], (4, "", "", "")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "rows", "wanted"), CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)])
def test_fault_is_found_at_its_place(code: str, rows: Rows, wanted: tuple[int, str, str, str]) -> None:
    """A fault has its number, row, question, column and what was probably meant, and is told in both languages."""
    found = the(checked(survey=survey(*rows), choices=CHOICES, settings=SETTINGS), code)
    assert (found.at.row, found.at.question, found.at.column, found.near) == wanted
    assert found.at.sheet == "survey"
    for lang in LANGUAGES:
        assert found.message(lang)
        assert found.near in found.remedy(lang)


@pytest.mark.parametrize("written", ["select_multiple", "select_one", "rank"])
def test_list_that_is_not_named(written: str) -> None:
    """What to write is told with the type that stands there, and nothing else is told."""
    report = checked(survey=survey([written, "x", "X"]), choices=CHOICES, settings=SETTINGS)
    assert [each.code for each in report.findings] == ["HW-1338"]
    assert f"{written} " in report.findings[0].remedy("en")
    assert f"{written} " in report.findings[0].remedy("zh")


def test_empty_survey_is_said_once() -> None:
    """A sheet without rows lacks its columns; that it would not be there is not said besides."""
    assert [each.code for each in checked(survey=[], choices=CHOICES).errors] == ["HW-1327"]


@pytest.mark.parametrize(
    ("relevant", "found", "wanted"),
    [
        ("${age} == 3", "==", "="),
        ("${age} <> 3", "<>", "!="),
        ("${age} => 3", "=>", ">="),
        ("${age} =< 3", "=<", "<="),
        ("${age} > 3 && ${ok} = 'yes'", "&&", "and"),
        ("${age} > 3 || ${ok} = 'yes'", "||", "or"),
        ("${age} > 3 AND ${ok} = 'yes'", "AND", "and"),
        ("${age} > 3 Or ${ok} = 'yes'", "Or", "or"),
        ("$age > 3", "$age", "${age}"),
        ("{age} > 3", "{age}", "${age}"),
        ("1 = 1 and $ok = 'yes'", "$ok", "${ok}"),
        ("${age} ＝ 3", "＝", "="),
        ("${age} ＞＝ 3", "＞＝", ">="),
        ("${age} ≥ 3", "≥", ">="),
        ("${age} ！＝ 3", "！＝", "!="),
        ("${age} × 3 > 5", "×", "*"),
    ],
)
def test_sign_of_another_language(relevant: str, found: str, wanted: str) -> None:
    """What to write instead is told, with the caret under where the sign begins, in both languages."""
    report = checked(survey=survey(["text", "x", "X", relevant]), choices=CHOICES, settings=SETTINGS)
    told = the(report, "HW-1486")
    assert (told.params["found"], told.params["wanted"], told.at.row) == (found, wanted, 4)
    mark = told.excerpt.split("\n")[1].index("^") - 4
    assert told.excerpt.split("\n")[0][4:][mark:].startswith(found)
    assert all(wanted in told.remedy(lang) for lang in LANGUAGES)
    assert [each.code for each in report.errors] == ["HW-1486"]


@pytest.mark.parametrize("relevant", ["${age} > > 3", "'AND' 'a'", "'==' '='", "3 )", "${age} 3"])
def test_other_faults_keep_their_number(relevant: str) -> None:
    """Signs in texts are texts, and a sign that stands in the wrong place is only not expected there."""
    report = checked(survey=survey(["text", "x", "X", relevant]), choices=CHOICES, settings=SETTINGS)
    assert {each.code for each in report.errors} <= {"HW-1101", "HW-1105", "HW-1348"}
    assert report.errors


def test_circle_is_named() -> None:
    """A circle of calculations is one finding, with the names in it."""
    rows = [["calculate", "x", "", "", "", "${y} + 1"], ["calculate", "y", "", "", "", "${x} + 1"]]
    found = the(checked(survey=survey(*rows), choices=CHOICES), "HW-1015")
    assert found.at.row == 4
    assert found.params["names"] == "x → y → x"


def test_circle_runs_as_its_questions_read() -> None:
    """Each name reads the one behind the arrow; that one of them is asked later is not said besides."""
    rows = [
        ["text", "a", "A", "${c} = ''"],
        ["text", "b", "B", "${a} = ''"],
        ["text", "c", "C", "${b} = ''"],
        ["text", "d", "D", "${e} = ''"],
        ["text", "e", "E"],
    ]
    report = checked(survey=survey(*rows), choices=CHOICES)
    assert the(report, "HW-1015").params["names"] == "a → c → b → a"
    assert the(report, "HW-1350").at.question == "d"


CHOICE_CASES: list[tuple[str, Rows, int, str]] = [
    ("HW-1339", [["yn", "", "Perhaps"]], 4, "name"),
    ("HW-1340", [["yn", "perhaps", ""]], 4, "label"),
    ("HW-1341", [["yn", "no", "No again"]], 4, "name"),
    ("HW-1342", [["other", "a", "A"], ["yn", "perhaps", "P"]], 5, "list_name"),
    ("HW-1343", [["other", "a", "A"]], 4, ""),
]


@pytest.mark.parametrize(("code", "rows", "row", "column"), CHOICE_CASES)
def test_fault_of_a_list_is_found(code: str, rows: Rows, row: int, column: str) -> None:
    """Choices without a name or label, doubled ones, lists in two places and lists nobody uses."""
    found = the(checked(survey=survey(), choices=[*CHOICES, *rows]), code)
    assert (found.at.sheet, found.at.row, found.at.column) == ("choices", row, column)


def test_doubled_choices_may_be_meant() -> None:
    """The setting that allows doubled choices is heeded."""
    settings = [["allow_choice_duplicates"], ["yes"]]
    report = checked(survey=survey(), choices=[*CHOICES, ["yn", "no", "No"]], settings=settings)
    assert report.ok
    assert not report.findings


def test_name_of_a_choice_with_a_blank() -> None:
    """Several choices are stored apart by blanks: none may be in a name."""
    rows = [["select_multiple m", "x", "X"]]
    found = the(checked(survey=survey(*rows), choices=[*CHOICES, ["m", "a b", "A"]]), "HW-1344")
    assert (found.at.sheet, found.at.row, found.near) == ("choices", 4, "a_b")


@pytest.mark.parametrize(
    ("header", "code", "near"),
    [("relevent", "HW-1325", "relevant"), ("Lable", "HW-1325", "label"), ("colour", "HW-1325", "")],
)
def test_unknown_column(header: str, code: str, near: str) -> None:
    """A column that nobody reads is said, with the likely one."""
    found = the(checked(survey=[["type", "name", "label", header], ["text", "x", "X", "1"]]), code)
    assert (found.at.row, found.at.column, found.near) == (1, header, near)


@pytest.mark.parametrize(
    "header", ["_mine", "body::x", "bind::jr:x", "media::image", "hint::English (en)", "jr:count"]
)
def test_known_column_is_not_said(header: str) -> None:
    """Aliases, languages, attributes and one's own notes are no unknown columns."""
    report = checked(survey=[["type", "name", "label", header], ["text", "x", "X"]])
    assert [each.code for each in report.findings if each.code == "HW-1325"] == []


def test_column_under_two_names() -> None:
    """Two names of one column are an error at the second."""
    rows = [["type", "name", "label", "relevance", "relevant"], ["text", "x", "X"]]
    assert the(checked(survey=rows), "HW-1326").at.column == "relevant"


@pytest.mark.parametrize(
    ("column", "value", "code", "near"),
    [
        ("pii", "secret", "HW-1352", ""),
        ("pii", "privat", "HW-1352", "private"),
        ("role", "desks", "HW-1355", "desk"),
        ("publish", "agregate_only", "HW-1353", "aggregate_only"),
        ("publish", "round:x", "HW-1354", ""),
        ("publish", "date:day", "HW-1354", ""),
        ("publish", "consent:yy", "HW-1354", ""),
        ("publish", "drop_if:y", "HW-1354", "y"),
        ("publish", "drop:now", "HW-1354", ""),
        ("publish", "filter:maybe", "HW-1354", ""),
    ],
)
def test_privacy_and_publish_values(column: str, value: str, code: str, near: str) -> None:
    """A privacy degree, role or publish rule that does not exist, or whose argument does not fit, is an error."""
    rows = [["type", "name", "label", f"bind::fs:{column}"], ["select_one yn", "y", "Y", value]]
    found = the(checked(survey=rows, choices=CHOICES, settings=SETTINGS), code)
    assert (found.at.row, found.at.column, found.near, found.severity) == (
        2,
        f"bind::fs:{column}",
        near,
        "error",
    )


def test_prefix_that_no_setting_declares() -> None:
    """The columns of ours need their prefix in the settings, and the finding says what to write there."""
    rows = [["type", "name", "label", "bind::fs:pii"], ["text", "y", "Y", "private"]]
    assert NAMESPACES in the(checked(survey=rows), "HW-1360").remedy("en")


def test_translations() -> None:
    """A language without a code, a column and a single text that is missing in one language."""
    rows = [
        ["type", "name", "label::English (en)", "label::中文", "hint::English (en)"],
        ["text", "x", "X", "", "H"],
    ]
    report = checked(survey=rows)
    assert {(each.code, each.at.row, each.at.column) for each in report.findings} == {
        ("HW-1374", 1, "label::中文"),
        ("HW-1361", 1, "hint::English (en)"),
        ("HW-1362", 2, "label::中文"),
    }
    assert report.ok


@pytest.mark.parametrize(
    "rows",
    [
        # asked in the same cases, by its group or by what the comparison needs anyway
        group("g", "${ok} = 'yes'", ["text", "x", "X"], ["text", "y", "Y", "${x} != 'none'"]),
        [["text", "x", "X", "${ok} = 'yes'"], ["text", "y", "Y", "${x} != '' and ${x} != 'none'"]],
        [["text", "x", "X", "${ok} = 'yes'"], ["text", "y", "Y", "${ok} = 'yes' and ${x} != 'none'"]],
        [
            ["text", "x", "X", "${ok} = 'yes'"],
            ["text", "z", "Z", "${x} = 'a'"],
            ["text", "y", "Y", "${z} = 'b' and ${x} != 'n'"],
        ],
        [["text", "y", "Y", "${age} != 3"]],
        [["text", "y", "Y", "${ok} = 'yes'", ". != 'none'"]],
    ],
)  # fmt: skip
def test_comparison_that_is_safe_is_not_said(rows: Rows) -> None:
    """No warning where the compared question was asked whenever the comparison is made."""
    report = checked(survey=survey(*rows), choices=CHOICES)
    assert report.findings == ()


@pytest.mark.parametrize("name", library.names())
def test_built_in_forms(name: str) -> None:
    """The check finds nothing in the built-in forms."""
    report = check_form(library.path(name))
    assert report.ok
    assert [(each.code, each.at.question) for each in report.findings] == []


def test_all_is_told_at_once_in_order() -> None:
    """Faults of several kinds come together: errors first, each part by sheet and row."""
    rows = [["text", "x", "X", "${agee} = 1"], ["txt", "y", "Y"], ["text", "z", "Z", "${ok} = “yes”"]]
    report = checked(survey=survey(*rows), choices=[*CHOICES, ["yn", "no", "N"]], setting=[["form_id"]])
    told = [(each.severity, each.at.sheet, each.at.row) for each in report.findings]
    assert told == [
        ("error", "survey", 4),
        ("error", "survey", 5),
        ("error", "choices", 4),
        ("warning", "survey", 6),
        ("warning", "setting", 0),
    ]
    assert report.form is None
