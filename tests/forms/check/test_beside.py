"""The check looks into attached files that lie beside the form."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from collector.cli import main
from forms import check_form
from tests.forms.check.sheets import the, workbook
from tests.forms.test_files import FEATURE, FORM, TREE

GOOD = {
    "places.geojson": FEATURE % (b"[1, 2]", b', "id": "p1"'),
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
