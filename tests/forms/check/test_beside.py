"""The check looks into attached files that lie beside the form."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from collector.cli import main
from forms import Report, check_form
from forms.check.attached import check_attached
from forms.check.finding import Place
from tests.collector.own_forms.pictures import FILES
from tests.collector.own_forms.pictures import FORM as SHOWING
from tests.forms.check.sheets import the, workbook
from tests.forms.test_files import FEATURE, FORM, TREE

GOOD = {
    "places.geojson": FEATURE % (b"[1, 2]", b', "id": "p1", "properties": {"title": "Well"}'),
    "shops.xml": b"<root><item><name>s</name><label>S</label><place>p1</place></item></root>",
    "counties.xml": TREE,
}


def lay(folder: Path, **others: bytes) -> Path:
    """The form with its files, some of them others (by the name without ending)."""
    for name, data in GOOD.items():
        (folder / name).write_bytes(others.get(name.partition(".")[0], data))
    form = folder / "attached.md"
    form.write_text(FORM, "utf-8")
    return form


def test_nothing_is_said_of_good_files(tmp_path: Path) -> None:
    """Nor of files that are not there: they may be in the database already."""
    assert check_form(lay(tmp_path)).findings == ()
    for name in GOOD:
        (tmp_path / name).unlink()
    assert check_form(tmp_path / "attached.md").findings == ()


def test_each_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """With its name, its number, and the status of a fault."""
    bomb = b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'
    form = lay(tmp_path, places=b"[" * 10_000, shops=b"<a>" * 10_000, counties=bomb)
    report = check_form(form)
    told = [(found.code, found.at.sheet) for found in report.findings]
    assert told == [("HW-1451", "places.geojson"), ("HW-1451", "shops.xml"), ("HW-1003", "counties.xml")]
    done = CliRunner().invoke(main, ["forms", "check", "--lang", "en", str(form)])
    assert done.exit_code == 1
    assert "error HW-1451  places.geojson" in done.stderr


def test_bytes_from_elsewhere_look_at_no_folder(tmp_path: Path) -> None:
    """A form that somebody sends is not told what lies on this computer."""
    form = lay(tmp_path, places=b"[")
    assert check_form(form.read_bytes(), str(form)).findings == ()


def test_an_attached_file_is_no_form(tmp_path: Path) -> None:
    """Given as a form it is refused for what it is."""
    lay(tmp_path)
    assert [found.code for found in check_form(tmp_path / "places.geojson").findings] == ["HW-1007"]
    assert [found.code for found in check_form(tmp_path / "shops.xml").findings] == ["HW-1006"]


def test_pictures_beside_the_form_are_looked_at(tmp_path: Path) -> None:
    """What only bears the name of a picture is told; those that are not there may be in the database."""
    form = tmp_path / "herbs.md"
    form.write_text(SHOWING, "utf-8")
    before = check_form(form).findings
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    assert check_form(form).findings == before
    (tmp_path / "mint.png").write_bytes(b"<svg/>")
    (found,) = [each for each in check_form(form).findings if each not in before]
    assert (found.code, found.at.sheet) == ("HW-1470", "mint.png")


LOOKS_UP = """
| survey | | | | | |
| | type | name | label | calculation | choice_filter |
| | select_one_from_file districts.csv | district | District | | |
| | select_one_from_file hamlets.csv | hamlet | Hamlet | | distirct=${district} |
| | calculate | people | | pulldata('hamlets', 'pop', 'name', ${hamlet}) | |
| | calculate | rain | | pulldata('rain', 'mm', 'name', ${district}) | |
| | select_one_from_file wells.geojson | well | Well | | depht > 3 |
"""
HAMLETS = b"name,label,district,population\nh1,Upper,n,120\n"
WELLS = FEATURE % (b"[1, 2]", b', "id": "w1", "properties": {"title": "Well", "depth": 4}')


def looking(folder: Path, **files: bytes) -> Report:
    """The report of a form that looks up in lists, with these files beside it."""
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    form = folder / "looks_up.md"
    form.write_text(LOOKS_UP, "utf-8")
    return check_form(form)


def test_columns_that_a_file_beside_lacks_are_told_where_they_are_read(tmp_path: Path) -> None:
    """A filter and `pulldata` with a wrong column: the likely one, and the row of the form."""
    report = looking(
        tmp_path, districts__csv=b"name,label\nn,North\n", hamlets__csv=HAMLETS, wells__geojson=WELLS
    )
    told = {(found.code, found.at.column): found for found in report.findings}
    assert set(told) == {("HW-1453", "distirct"), ("HW-1453", "pop"), ("HW-1490", "depht")}
    wrong = told["HW-1453", "distirct"]
    assert (wrong.near, wrong.at.sheet) == ("district", "hamlets.csv")
    assert "survey, row 5, “hamlet”, column choice_filter" in wrong.message("en")
    assert "第 6 行，“people”，calculation 列" in told["HW-1453", "pop"].message("zh")
    feature = told["HW-1490", "depht"]
    assert (feature.near, feature.at.row) == ("depth", 0)
    for lang, word in (("en", "property"), ("zh", "属性")):
        assert word in feature.message(lang)
        assert "CSV" not in feature.remedy(lang)


def test_a_file_of_nearly_the_name_is_told(tmp_path: Path) -> None:
    """`district.csv` beside a form that names `districts.csv`; what has quite another name is nobody's."""
    found = the(looking(tmp_path, district__csv=b"name,label\nn,North\n", notes__csv=b"a\n"), "HW-1491")
    assert (found.severity, found.near, found.at.row, found.at.question) == (
        "warning",
        "district.csv",
        4,
        "district",
    )
    assert [each.code for each in looking(tmp_path, districts__csv=b"name,label\n").findings] == []


def test_a_list_that_is_looked_up_and_missing_has_its_place(tmp_path: Path) -> None:
    """The one that `pulldata` reads is told at the calculation, as one that is chosen from at its question."""
    report = looking(tmp_path)
    assert report.form is not None
    places = {found.params["name"]: found.at for found in check_attached(report.form, {}.get, report.places)}
    assert places["rain.csv"] == Place("survey", 7, "rain", "calculation")
    assert places["hamlets.csv"] == Place("survey", 5, "hamlet", "type")


def test_default_that_the_file_does_not_have(tmp_path: Path) -> None:
    """A default is looked up in the list that lies beside the form; without the file nothing is said."""
    rows = [
        ["type", "name", "label", "default"],
        ["select_one_from_file towns.csv", "good", "Town", "n"],
        ["select_one_from_file towns.csv", "bad", "Town", "norht"],
    ]
    form = tmp_path / "form.xlsx"
    form.write_bytes(workbook(survey=rows))
    assert check_form(form).findings == ()
    (tmp_path / "towns.csv").write_text("name,label\nn,North\nnorth,North\n", "utf-8")
    found = the(check_form(form), "HW-1480")
    assert (found.at.row, found.at.question, found.at.column, found.near) == (3, "bad", "default", "north")
