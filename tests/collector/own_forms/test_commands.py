"""`homeward forms add` and `homeward forms list`: what they say, what they write, how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.cli import main
from collector.library import current_form, current_forms, install_library
from collector.own_forms.parcel import File, Parcel, add, examine
from sync import Replica

from .books import BROKEN, FORM_ID, WELLS, book


def forms(*arguments: object) -> Result:
    """`homeward forms …` in English; an error of the program itself is raised."""
    words = ["forms", *(str(each) for each in arguments), "--lang", "en"]
    return CliRunner().invoke(main, words, catch_exceptions=False)


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A database with the built-in library."""
    with Replica.create(tmp_path / "hub.db") as replica:
        install_library(replica)
    return tmp_path / "hub.db"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A form, with its list beside it."""
    (tmp_path / "wells.csv").write_bytes(WELLS)
    (tmp_path / "wells.xlsx").write_bytes(book())
    return tmp_path / "wells.xlsx"


def content(hub: Path) -> list[tuple[object, ...]]:
    """All documents of a database, with their dates."""
    with Replica.open(hub) as replica:
        return replica.db.execute("SELECT kind, name, id, added FROM document ORDER BY seq").fetchall()


def test_a_form_is_added_with_its_list_and_once(hub: Path, sheet: Path) -> None:
    """Added, said so, with what follows; again it changes nothing, not even a date, and says so."""
    done = forms("add", hub, sheet, "--list", sheet.with_name("wells.csv"))
    assert done.exit_code == 0, done.output
    for part in (
        "nothing wrong",
        "Added: form “wells”, version 1.",
        "Added: list wells.csv (3 rows).",
        "next sync",
    ):
        assert part in done.stdout
    with Replica.open(hub) as replica:
        assert current_form(replica, FORM_ID).form.version == "1"
    before = content(hub)
    again = forms("add", hub, sheet, "--list", sheet.with_name("wells.csv"))
    assert again.exit_code == 0
    assert "Here already, nothing changed: form “wells”" in again.stdout
    assert "Added" not in again.stdout
    assert content(hub) == before
    assert forms("add", hub, sheet).exit_code == 0  # the list is here
    assert content(hub) == before


def test_errors_refuse_all_and_tell_all(hub: Path, sheet: Path) -> None:
    """Status 1, the whole report of each file on standard error, and not even the good one is added."""
    bad = sheet.with_name("bad.xlsx")
    bad.write_bytes(book(form_id="other", more=BROKEN))
    before = content(hub)
    done = forms("add", hub, sheet, bad)
    assert done.exit_code == 1
    for part in ("HW-1328", "HW-1345", "HW-1337", "HW-1457", "Nothing was added."):
        assert part in done.stderr
    told = forms("add", hub, sheet, bad, "--json")
    assert told.exit_code == 1
    answer = json.loads(told.stdout)
    assert answer["ok"] is False
    assert [form["added"] for form in answer["forms"]] == [False, False]
    codes = {problem["code"] for form in answer["forms"] for problem in form["problems"]}
    assert {"HW-1328", "HW-1345", "HW-1337", "HW-1457"} <= codes
    assert content(hub) == before


def test_a_new_version_keeps_records_and_can_be_taken_back(hub: Path, sheet: Path) -> None:
    """What changed is told with the records that use it; the list shows both versions; the older file goes back."""
    forms("add", hub, sheet, "--list", sheet.with_name("wells.csv"))
    with Replica.open(hub) as replica:
        first = current_form(replica, FORM_ID).version_id
        replica.save(form=first, answers={"/data/remarks": "x"}, author="a")
    newer = sheet.with_name("newer.xlsx")
    newer.write_bytes(book("2", without=["remarks"]))
    done = forms("add", hub, newer)
    assert done.exit_code == 0
    assert "HW-1364" in done.stdout
    assert "1 record uses it." in done.stdout
    assert "1 record of “wells”: each keeps the version" in done.stdout
    listed = json.loads(forms("list", hub, "--json").stdout)
    line = next(each for each in listed if each["form_id"] == FORM_ID)
    assert [(each["name"], each["records"], each["current"]) for each in line["versions"]] == [
        ("2", 0, True),
        ("1", 1, False),
    ]
    said = forms("list", hub).stdout
    assert "* version 2" in said
    assert "wells  Wells and animals  1 record" in said
    assert forms("add", hub, sheet).exit_code == 0
    with Replica.open(hub) as replica:
        assert current_form(replica, FORM_ID).version_id == first


def test_the_same_version_with_other_questions_is_warned_of(hub: Path, sheet: Path) -> None:
    """People could not tell the two apart: HW-3458, and added all the same."""
    forms("add", hub, sheet, "--list", sheet.with_name("wells.csv"))
    sheet.write_bytes(book("1", without=["remarks"]))
    done = forms("add", hub, sheet)
    assert (done.exit_code, "HW-3458" in done.stdout) == (0, True)


def test_two_files_that_bring_the_same_are_refused(hub: Path, sheet: Path) -> None:
    """Which of the two is meant is nobody's guess: HW-3456 for forms and for lists."""
    other = sheet.with_name("other.xlsx")
    other.write_bytes(book("2"))
    (sheet.parent / "more").mkdir()
    (sheet.parent / "more" / "wells.csv").write_bytes(WELLS)
    lists = ("--list", sheet.with_name("wells.csv"), "--list", sheet.parent / "more" / "wells.csv")
    done = forms("add", hub, sheet, other, *lists)
    assert done.exit_code == 1
    assert done.stderr.count("HW-3456") == 2


@pytest.mark.parametrize("name", ["none.xlsx", ".", "wells.xlsx/x"])
def test_a_file_that_cannot_be_read_is_a_number(hub: Path, sheet: Path, name: str) -> None:
    """HW-1001 for forms and lists; a database that is none has its own number."""
    for arguments in ((hub, sheet.parent / name), (hub, sheet, "--list", sheet.parent / name)):
        done = forms("add", *arguments)
        assert (done.exit_code, "HW-1001" in done.stderr) == (1, True)
    missing = forms("add", sheet.with_name("no.db"), sheet)
    assert (missing.exit_code, "HW-2002" in missing.stderr) == (1, True)
    assert forms("list", sheet.with_name("no.db")).exit_code == 1


def test_a_geojson_is_a_list_like_any_other(hub: Path, tmp_path: Path) -> None:
    """A form that chooses from features is added, and they are stored as rows."""
    form = book(without=["well"], more=[["select_one_from_file spots.geojson", "spot", "Spot", "点"]])
    point = {"type": "Point", "coordinates": [112.8, 35.5]}
    feature = {"type": "Feature", "id": "s1", "geometry": point, "properties": {"title": "Spring"}}
    (tmp_path / "f.xlsx").write_bytes(form)
    (tmp_path / "spots.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    done = forms("add", hub, tmp_path / "f.xlsx", "--list", tmp_path / "spots.geojson")
    assert done.exit_code == 0, done.stderr
    with Replica.open(hub) as replica:
        document = replica.document_named("list", "spots.csv")
        assert document is not None
        assert document.data == b"id,geometry,title\ns1,35.5 112.8 0 0,Spring\n"


def test_nothing_is_half_added(hub: Path, sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails between list and form leaves neither."""
    with Replica.open(hub) as replica:
        parcel: Parcel = examine(replica, [File("f.xlsx", book())], [File("wells.csv", WELLS)])
        before = content(hub)

        def fail(*_: object) -> str:
            raise OSError("no room")

        monkeypatch.setattr("collector.own_forms.parcel.library.put_form", fail)
        with pytest.raises(OSError, match="no room"):
            add(replica, parcel)
        assert content(hub) == before
        assert FORM_ID not in current_forms(replica)
