"""What is no form, too much of one, or an attack: a numbered problem within bounds; and places in files of text."""

from __future__ import annotations

import os
import resource
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from pyxform.xls2json_backends import definition_to_dict, get_definition_data

from forms import FormError, check_form, compile_form
from forms.problems import LANGUAGES
from forms.sheets import read_sheets
from tests.forms.check.sheets import checked, markdown, the, workbook

HEAD = ["type", "name", "label"]
BOMB = '<!DOCTYPE h [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><h>&b;</h>'
SECONDS = 30
MEGABYTES = 500


def many(rows: int) -> bytes:
    """A workbook with so many questions."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("survey")
    sheet.append(HEAD)
    for number in range(rows):
        sheet.append(["text", f"q{number}", "x"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def replaced(start: str, data: bytes) -> bytes:
    """A workbook with other bytes in the parts whose names begin so."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook(survey=[HEAD]))) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, data if name.startswith(start) else source.read(name))
    return out.getvalue()


def rows_of_text(rows: int) -> bytes:
    """The same as a table of text."""
    return markdown(survey=[HEAD, *(["text", f"q{number}", "x"] for number in range(rows))])


@pytest.mark.parametrize(
    ("data", "filename", "code"),
    [
        (lambda: many(200_000), "f.xlsx", "HW-1321"),
        (lambda: rows_of_text(200_000), "f.md", "HW-1321"),
        (lambda: b"survey,,\n,type,name\n" + b",text,q\n" * 200_000, "f.csv", "HW-1321"),
        (lambda: markdown(survey=[HEAD, ["text", "x", "x" * 1_000_000]]), "f.md", "HW-1322"),
        (lambda: workbook(survey=[HEAD])[:-100], "f.xlsx", "HW-1008"),
        (lambda: replaced("xl/worksheets", b"\x00" * 500), "f.xlsx", "HW-1008"),
        (lambda: replaced("xl/worksheets", BOMB.encode()), "f.xlsx", "HW-1003"),
        (lambda: BOMB.encode(), "f.xml", "HW-1003"),
        (lambda: workbook(survey=[HEAD]), "f.xls", "HW-1320"),
        (lambda: b"\xd0\xcf\x11\xe0 old", "f.xlsx", "HW-1320"),
        (lambda: b"\xd0\xcf\x11\xe0 old", "f.xls", "HW-1008"),
        (lambda: markdown(survey=[HEAD, ["text", "x", "村"]]).decode().encode("gb18030"), "f.md", "HW-1009"),
        (lambda: workbook(serve=[HEAD], choices=[["name"]]), "f.xlsx", "HW-1323"),
        (lambda: workbook(survey=[["name", "label"], ["x", "X"]]), "f.xlsx", "HW-1327"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_no_form_is_one_problem_within_bounds(data: object, filename: str, code: str) -> None:
    """One numbered problem, told in both languages, in bounded time and memory."""
    assert callable(data)
    made = data()
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    report = check_form(made, filename)
    assert time.monotonic() - start < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1024
    assert [each.code for each in report.errors] == [code]
    assert report.form is None
    for lang in LANGUAGES:
        assert report.findings[0].as_dict(lang)["remedy"]
    with pytest.raises(FormError):
        compile_form(made, filename)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is a finding like any other."""
    found = the(check_form(tmp_path / "none.xlsx"), "HW-1001")
    assert found.severity == "error"
    assert all("none.xlsx" in found.message(lang) for lang in LANGUAGES)


def test_groups_a_thousand_deep() -> None:
    """Groups inside each other without end are one problem, not an overflow."""
    rows = [["begin_group", f"g{number}", "G"] for number in range(1500)] + [["end_group"]] * 1500
    assert the(check_form(markdown(survey=[HEAD, *rows]), "f.md"), "HW-1311").at.row


def test_thousands_of_faults_take_bounded_time() -> None:
    """A form with thousands of wrong names is told in one go, likely names for as many as a person reads."""
    rows = [["text", f"q{number}", f"${{qq{number}}}"] for number in range(3000)]
    start = time.monotonic()
    report = check_form(markdown(survey=[HEAD, *rows]), "f.md")
    assert time.monotonic() - start < SECONDS
    assert len(report.errors) == 3000


@pytest.mark.parametrize(
    ("kind", "data", "row"),
    [
        (".xlsx", workbook(survey=[HEAD, [], ["txt", "x", "X"]]), 3),
        (".md", b"# mine\n\n" + markdown(survey=[HEAD, ["txt", "x", "X"]]), 5),
        (".csv", b"survey,,,\n,type,name,label\n,,,\n,txt,x,X\n", 4),
    ],
)
def test_rows_are_those_of_the_file(kind: str, data: bytes, row: int) -> None:
    """The row is the one that the spreadsheet or the editor shows, blank rows and comments counted."""
    assert the(check_form(data, f"f{kind}"), "HW-1328").at.row == row


def test_reason_of_pyxform_has_its_place() -> None:
    """What only pyxform sees is told with sheet, row, question and column, once."""
    rows = [[*HEAD, "parameters"], ["text", "a", "A"], ["range", "x", "X", "start=1 end=2 step=no"]]
    found = the(checked(survey=rows), "HW-1358")
    assert (found.at.sheet, found.at.row, found.at.question, found.at.column) == (
        "survey",
        3,
        "x",
        "parameters",
    )
    entities = [["list_name", "label"], ["p", "${a}"]]
    rows = [[*HEAD, "save_to"], ["text", "a", "A", "name"]]
    assert the(checked(survey=rows, entities=entities), "HW-1359").at.row == 2
    old = [[*HEAD, "disabled"], ["text", "a", "A", "no"]]
    assert the(checked(survey=old), "HW-1373").at.row == 2
    default = [["type", "name", "label::A (aa)"], ["text", "a", "A"]]
    assert (
        the(checked(survey=default, settings=[["default_language"], ["B (aa)"]]), "HW-1378").near == "A (aa)"
    )
    assert the(checked(survey=[HEAD, ["text", "a", "A"]], setings=[["x"]]), "HW-1324").near == "settings"
    twice = [["type", "name", "label", "label"], ["text", "a", "A"]]
    assert the(checked(survey=twice), "HW-1326").at.column == "label"


XFORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>t</h:title>
<model><instance><data id="t"><a/><total/></data></instance>
<bind nodeset="/data/a" relevant="/data/totl = 1"/>
<bind nodeset="/data/total" calculate="upercase('x')"/></model></h:head>
<h:body><select1 ref="/data/a"><item><label>A</label><value>x</value></item>
<item><label>B</label><value>x</value></item></select1>
<select1 ref="/data/total"><label>B</label></select1></h:body></h:html>"""


def test_xform_has_lines() -> None:
    """Faults of an XForm are told with the line they stand on, and with what was probably meant."""
    report = check_form(XFORM.encode(), "f.xml")
    told = {(each.code, each.at.line, each.at.question, each.near) for each in report.findings}
    assert {("HW-1013", 3, "a", "/data/total"), ("HW-1109", 4, "total", "upper-case")} <= told
    assert the(report, "HW-1363").params["name"] == "x"
    assert the(report, "HW-1372").at.question == "total"


@given(st.binary(max_size=300), st.sampled_from([".xml", ".md", ".csv", ".xlsx", ".xls"]))
@settings(max_examples=80, deadline=None)
def test_bytes_of_any_kind_are_reported(data: bytes, kind: str) -> None:
    """Whatever arrives as a form is reported on, with a reason."""
    report = check_form(data, f"f{kind}")
    assert report.errors
    assert not report.ok


@given(st.lists(st.lists(st.text(alphabet="ab ${}()'=<>._,0", max_size=12), max_size=6), max_size=6))
@settings(max_examples=80, deadline=None)
def test_cells_of_any_kind_are_reported(rows: list[list[str]]) -> None:
    """Whatever stands in the cells of a survey, the check ends with a form or with reasons."""
    cells = [["text", "q1", "Q"], *([cell.replace("|", "") for cell in row] for row in rows)]
    report = check_form(markdown(survey=[[*HEAD, "relevant", "calculation", "required"], *cells]), "f.md")
    assert report.form is not None or report.errors


def test_sheets_are_read_as_pyxform_reads_them() -> None:
    """Cells and headers of real forms are the same as with pyxform's own readers."""
    folder = os.environ.get("HOMEWARD_CONFORMANCE", "")
    if not folder:
        pytest.skip("no conformance cases beside this checkout (HOMEWARD_CONFORMANCE)")
    files = [
        path
        for path in sorted((Path(folder) / "forms").rglob("*"))
        if path.suffix in (".xlsx", ".xls", ".md")
    ]
    compared = 0
    for path in files:
        data = path.read_bytes()
        if data[:2] != b"PK" and path.suffix == ".xlsx":
            continue  # an old workbook under a new name
        theirs = definition_to_dict(get_definition_data(data), file_type=path.suffix)
        ours = read_sheets(data, path.suffix, path.name).to_pyxform()
        for name in ("survey", "choices", "settings"):
            wanted = [{k: v for k, v in row.items() if v} for row in getattr(theirs, name) or []]
            assert ours.get(name, []) == wanted, f"{path.name} {name}"
        compared += 1
    assert compared > 20


def test_blank_around_the_name_of_a_sheet() -> None:
    """The sheet is read, with a warning; where one is called so to the letter, that is the one."""
    rows = [["type", "name", "label"], ["text", "x", "X"]]
    report = checked(**{"Survey ": rows})
    assert [(each.code, each.at.sheet, each.near) for each in report.findings] == [
        ("HW-1485", "Survey ", "Survey")
    ]
    assert report.ok
    assert len(report.form.nodes if report.form else ()) > 1
    twice = checked(
        **{"survey ": [["type"], ["txt"]], "survey": rows, "choices": [["list_name", "name", "label"]]}
    )
    assert twice.ok
    assert "HW-1485" not in {each.code for each in twice.findings}


def test_without_a_survey_no_question_is_missed() -> None:
    """That the questions of the other sheets are not there follows, and is not said."""
    settings = [["form_id", "instance_name"], ["f", "concat(${head}, 'a')"]]
    report = checked(questions=[["type", "name", "label"], ["text", "head", "H"]], settings=settings)
    assert [each.code for each in report.errors] == ["HW-1323"]


@pytest.mark.parametrize("sign", [";", "\t"])
def test_csv_with_other_signs_than_commas(sign: str) -> None:
    """It is told once, with the sign; the same with commas is a form."""
    text = 'survey,,,\n,"type","name","label"\n,"text","x","A label"\n'
    assert check_form(text.encode(), "form.csv").ok
    report = check_form(text.replace(",", sign).encode(), "form.csv")
    assert [each.code for each in report.findings] == ["HW-1487"]
    assert all(report.findings[0].message(lang) for lang in LANGUAGES)
