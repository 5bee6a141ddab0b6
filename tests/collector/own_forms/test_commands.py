"""`homeward forms add` and `homeward forms list`: what they say, what they write, how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.cli import main
from collector.library import current_form, current_forms, install_library
from collector.own_forms.parcel import File, Parcel, add, examine
from collector.server_session import lists_for, session_for
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


POINT = {"type": "Point", "coordinates": [112.8, 35.5]}
SPRING = {"type": "Feature", "id": "s1", "geometry": POINT, "properties": {"title": "Spring"}}
SPOTS = json.dumps({"type": "FeatureCollection", "features": [SPRING]}).encode()


@pytest.mark.parametrize(
    ("name", "data", "counted"),
    [
        ("spots.geojson", SPOTS, "list spots.geojson (1 row)"),
        (
            "spots.xml",
            b"<root><item><name>s1</name><label>Spring</label></item></root>",
            "list spots.xml (1 row)",
        ),
        (
            "spots.xml",
            b'<root><item id="1"><name>s1</name><label>Spring</label></item></root>',
            "file spots.xml (XML that is no list of rows)",
        ),
    ],
)
def test_geojson_and_xml_are_kept_as_they_are(
    hub: Path, tmp_path: Path, name: str, data: bytes, counted: str
) -> None:
    """Under their names, to the byte, and once; a form on the hub chooses from them."""
    form = book(without=["well"], more=[[f"select_one_from_file {name}", "spot", "Spot", "点"]])
    (tmp_path / "f.xlsx").write_bytes(form)
    (tmp_path / name).write_bytes(data)
    done = forms("add", hub, tmp_path / "f.xlsx", "--list", tmp_path / name)
    assert done.exit_code == 0, done.stderr
    assert f"Added: {counted}." in done.stdout
    with Replica.open(hub) as replica:
        document = replica.document_named("list", name)
        assert document is not None
        assert document.data == data
        session = session_for(replica, current_form(replica, FORM_ID).form, None, "en")
        assert session.choices("/data/spot") == [("s1", "Spring")]
    before = content(hub)
    again = forms("add", hub, tmp_path / "f.xlsx", "--list", tmp_path / name)
    assert f"Here already, nothing changed: {counted}." in again.stdout
    assert content(hub) == before


def test_a_list_may_change_its_kind_and_back(hub: Path, tmp_path: Path) -> None:
    """What was added last counts, under whatever ending; the older file added again counts again."""
    (tmp_path / "f.xlsx").write_bytes(book())
    xml = b"<root><item><name>x1</name><label>X</label><label_zh>X</label_zh><area>n</area></item></root>"
    (tmp_path / "wells.csv").write_bytes(WELLS)
    (tmp_path / "wells.XML").write_bytes(xml)
    for name, first in (("wells.csv", "w1"), ("wells.XML", "x1"), ("wells.csv", "w1")):
        done = forms("add", hub, tmp_path / "f.xlsx", "--list", tmp_path / name)
        assert done.exit_code == 0, done.stderr
        with Replica.open(hub) as replica:
            assert lists_for(replica, None).rows("wells")[0]["name"] == first
            assert current_form(replica, FORM_ID).form.form_id == FORM_ID


def test_a_list_that_cannot_be_read_is_replaced(hub: Path, sheet: Path) -> None:
    """One that came here broken counts as missing, and a good one takes its place."""
    with Replica.open(hub) as replica:
        replica.put_document("list", "wells.csv", b'name,label\n"')
    refused = forms("add", hub, sheet)
    assert (refused.exit_code, "HW-1457" in refused.stderr) == (1, True)
    done = forms("add", hub, sheet, "--list", sheet.with_name("wells.csv"))
    assert done.exit_code == 0, done.stderr
    with Replica.open(hub) as replica:
        assert len(lists_for(replica, None).rows("wells")) == 3


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
