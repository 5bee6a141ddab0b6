"""The check looks into attached files that lie beside the form."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from collector.cli import main
from forms import check_form
from tests.collector.own_forms.pictures import FILES
from tests.collector.own_forms.pictures import FORM as SHOWING
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
