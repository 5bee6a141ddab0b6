"""Names without `${}` or quotation marks, texts that stand alone beside `or`, dates that are subtractions."""

from __future__ import annotations

import pytest

from forms import check_form
from forms.problems import LANGUAGES
from tests.forms.check.sheets import Rows, checked, the

HEAD = ["type", "name", "label", "relevant", "constraint", "calculation", "required", "choice_filter"]
CHOICES: Rows = [
    ["list_name", "name", "label", "part"],
    ["crops", "maize", "Maize", "n"],
    ["crops", "beans", "Beans", "s"],
]
FIRST: Rows = [
    ["select_multiple crops", "cr", "Crops"],
    ["select_one crops", "one", "One"],
    ["date", "day", "Day"],
]

FAULTS: list[tuple[str, list[str], str, str, str]] = [
    # code, row 5, column, what the caret stands under, what was probably meant
    ("HW-1481", ["text", "x", "X", "selected(${cr}, maize)"], "relevant", "maize", "'maize'"),
    ("HW-1481", ["text", "x", "X", "${one} = beans"], "relevant", "beans", "'beans'"),
    ("HW-1481", ["text", "x", "X", "beans != ${one}"], "relevant", "beans", "'beans'"),
    ("HW-1481", ["text", "x", "X", "${one} = bean"], "relevant", "bean", "'beans'"),
    ("HW-1481", ["text", "x", "X", "selected(cr, 'maize')"], "relevant", "cr,", "${cr}"),
    ("HW-1481", ["text", "x", "X", "${one} = 'maize' and day > today()"], "relevant", "day >", "${day}"),
    ("HW-1481", ["integer", "x", "X", "", "x > 0"], "constraint", "x >", "${x}"),
    ("HW-1481", ["text", "x", "X", "", "", "", "maybe"], "required", "maybe", ""),
    ("HW-1481", ["text", "x", "X", "(${one} = 'maize') = TRUE"], "relevant", "TRUE", "true()"),
    ("HW-1482", ["text", "x", "X", "${one} = 'maize' or 'beans'"], "relevant", "beans'", "${one} = 'beans'"),
    ("HW-1482", ["integer", "x", "X", "", ". = 1 or 2"], "constraint", "2", "${x} = 2"),
    ("HW-1482", ["text", "x", "X", "'beans' and ${one} = 'maize'"], "relevant", "beans'", ""),
    ("HW-1483", ["date", "x", "X", "", ". > 2020-01-01"], "constraint", "2020-01-01", "date('2020-01-01')"),
]


@pytest.mark.parametrize(("code", "row", "column", "under", "near"), FAULTS)
def test_what_stands_bare_is_said(code: str, row: list[str], column: str, under: str, near: str) -> None:
    """A warning at the cell, a caret under the word, and what was probably meant."""
    report = checked(survey=[HEAD, *FIRST, row], choices=CHOICES)
    found = the(report, code)
    assert (found.at.row, found.at.column, found.near) == (5, column, near)
    written, mark = found.excerpt.split("\n")
    assert written[mark.index("^") :].startswith(under)
    assert [each.code for each in report.findings if each.code.startswith("HW-148")] == [code]
    assert report.ok
    for lang in LANGUAGES:
        assert found.message(lang)
        assert near in found.remedy(lang)


@pytest.mark.parametrize(
    "rows",
    [
        [["text", "x", "X", "selected(${cr}, 'maize') or ${one} = 'beans'"]],
        [["select_one crops", "x", "X", "", "", "", "", "part = 'n'"]],
        [["text", "x", "X", "count(../*[name() = 'x']) = 1"]],
        [["text", "x", "X", "instance('crops')/root/item[name = ${one}]/part = 'n'"]],
        [["text", "x", "X", "../one = 'maize' and /data/one = 'maize' and ./text() = ''"]],
        [
            ["begin_group", "g", "G", "", "", "", "", ""],
            ["text", "x", "X", "../../one = 'maize'"],
            ["end_group"],
        ],
        [["date", "x", "X", "", ". > date('2020-01-01') and . < '2030-01-01'"]],
        [["integer", "x", "X", "", ". = 2020 - 1 or . = 1 and true()"]],
        [["calculate", "x", "", "", "", "if(${one} = '' or '', 1, 5000 - 3 - 4)"]],
        [["text", "x", "X", "", "", "", "TRUE"]],
        [["calculate", "x", "", "", "", "if(${one} = 'maize', 1, null)"]],
    ],
)
def test_what_is_meant_so_is_not_said(rows: Rows) -> None:
    """Columns in filters, paths, texts and real subtractions give no warning."""
    report = checked(survey=[HEAD, *FIRST, *rows], choices=CHOICES)
    assert [
        (each.code, dict(each.params)) for each in report.findings if each.code.startswith("HW-148")
    ] == []


def test_of_an_xform_the_path_is_meant() -> None:
    """In an XForm a question is written as its path."""
    form = checked(survey=[HEAD, *FIRST, ["text", "x", "X", "${one} = 'maize'"]], choices=CHOICES).form
    assert form is not None
    broken = form.xform.replace(" /data/one  = 'maize'", "one = 'maize'")
    found = the(check_form(broken.encode(), "form.xml"), "HW-1481")
    assert (found.at.question, found.near) == ("x", "/data/one")
