"""Bad input on the command line: a number, place and remedy, status 1 or 3, and nothing lost.

| case | on this road |
| --- | --- |
| a file that is no spreadsheet, a form with a faulty expression | `forms check` |
| a `.db` that is none of ours | every command that takes a database |
| a changed byte in a field database | `merge`, `verify` |
| a record of an unknown form version | `merge`, `status`, `review`, `verify`, `release` |
| an answer that breaks its constraint | `merge`, `review` |
| a POST without its token, a JSON body over 2 MB | no such thing here: both are requests over HTTP |
| a photo over 50 MB | none is handed in here: a merge takes what a device already holds, so that no picture is
  left behind |
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from collector.i18n import catalogue
from sync import Replica
from tests.bad_input.conftest import (
    BAD_FILES,
    LANGUAGES,
    VILLAGE,
    House,
    beginning,
    homeward,
    problems_in,
    words,
)
from tests.forms.test_bad_forms import table

COMMANDS = {
    "merge": ("merge", "{bad}", "{laptop}"),
    "preview": ("merge", "{bad}", "{laptop}", "--preview"),
    "undo": ("undo", "{bad}", "1", "--yes"),
    "status": ("status", "{bad}"),
    "verify": ("verify", "{bad}"),
    "explain": ("explain", "{bad}", "0aaaaaaa-1"),
    "review": ("review", "{bad}", "--approve"),
    "release": ("release", "{bad}", "{out}"),
    "user list": ("user", "list", "{bad}"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_database_that_is_none_is_refused_by_every_command(
    house: House, kind: str, name: str, lang: str
) -> None:
    """The same number, message and remedy whichever command is asked, as text and as JSON; the file is not
    written to and nothing is made beside it. `verify` alone knows that the file is to be proved and was not brought:
    damage is mended by its backup."""
    bad = house.bad(kind)
    before = bad.read_bytes() if bad.exists() else None
    there = sorted(house.folder.rglob("*"))
    arguments = [
        part.format(bad=bad, laptop=house.laptop, out=house.folder / "out") for part in COMMANDS[name]
    ]
    said = homeward(*arguments, "--lang", lang)
    told = homeward(*arguments, "--lang", lang, "--json")
    assert (said.exit_code, told.exit_code) == (1, 1)
    problem = json.loads(told.stdout)["problem"]
    message, remedy = beginning(BAD_FILES[kind], lang)
    assert (problem["code"], problem["place"]) == (BAD_FILES[kind], str(bad))
    assert problem["message"].startswith(message)
    if name == "verify" and kind in ("truncated", "empty"):
        remedy = catalogue(lang)["cli.verify.restore"]
    assert problem["remedy"].startswith(remedy)
    for part in problem.values():
        assert part in said.stderr
    assert (bad.read_bytes() if bad.exists() else None) == before
    assert sorted(house.folder.rglob("*")) == there


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_source_stops_nobody(house: House, kind: str) -> None:
    """A merge sets a bad file aside with its number and status 3, takes the sound one beside it, and
    changes nothing when the bad one comes alone."""
    bad = house.bad(kind)
    before = house.digest()
    alone = homeward("merge", house.hub, bad, "--json")
    assert alone.exit_code == 3
    assert [each["code"] for each in problems_in(json.loads(alone.stdout))] == [BAD_FILES[kind]]
    assert house.digest() == before
    both = homeward("merge", house.hub, bad, house.laptop, "--lang", "en")
    assert both.exit_code == 3
    assert f"{BAD_FILES[kind]} ({bad})" in both.stderr
    assert house.digest() != before
    again = homeward("merge", house.hub, house.laptop, "--json")
    assert json.loads(again.stdout)["taken"] == 0, "the sound one was taken whole"


def test_a_changed_byte_is_found(house: House) -> None:
    """One byte changed in an answer: the log is set aside with HW-2008 and its place, kept, and the state
    is what it was; `verify` of the file finds the same place. The sound file is taken afterwards."""
    whole = house.laptop.read_bytes()
    assert whole.count("豆腐坊".encode()) >= 1
    changed = house.folder / "changed.db"
    changed.write_bytes(whole.replace("豆腐坊".encode(), "豆腐店".encode()))
    before = house.digest()
    for lang in LANGUAGES:
        told = homeward("merge", house.hub, changed, "--json", "--lang", lang)
        assert told.exit_code == 3
        (problem,) = problems_in(json.loads(told.stdout))
        assert problem["code"] == "HW-2008"
        assert (problem["message"], problem["remedy"]) == words("HW-2008", lang)
        verified = homeward("verify", changed, "--json", "--lang", lang)
        assert verified.exit_code == 1
        restore = {"remedy": catalogue(lang)["cli.verify.restore"]}
        assert problem | restore in problems_in(json.loads(verified.stdout))
    assert house.digest() == before
    with Replica.open(house.hub) as hub:
        (kept,) = hub.quarantined()
        texts = [each.payload or "" for each in hub.kept_changes(kept.id)]
        assert any("豆腐店" in text for text in texts), "what was set aside is kept"
    told = homeward("status", house.hub, "--json")
    assert [each["code"] for each in json.loads(told.stdout)["quarantined"]] == ["HW-2008"]
    assert homeward("merge", house.hub, house.laptop).exit_code == 0
    assert house.digest() != before


def unknown(path: Path) -> tuple[str, str]:
    """A field database with a record of a form whose document is gone: (record, form version)."""
    with Replica.create(path) as replica:
        form = replica.put_form("ghost", "1", b"<x/>", ["/data/name"])
        record = replica.save(form=form, answers={"/data/name": "甲"}, author="x", scopes=[f"v:{VILLAGE}"])
        with replica.transaction():
            replica.db.execute("DELETE FROM document WHERE id = ?", (form,))
    return record, form


def test_a_record_of_an_unknown_form_is_kept_and_named(house: House) -> None:
    """It is taken, not approved, and HW-2018 names the form version wherever the record counts; tables and
    release go on without it."""
    record, form = unknown(house.folder / "ghost.db")
    told = homeward("merge", house.hub, house.folder / "ghost.db", "--json", "--lang", "en")
    assert told.exit_code == 0, "it is taken, not set aside"
    assert json.loads(told.stdout)["taken"] == 1
    problem = {"code": "HW-2018", "place": form}
    problem |= dict(zip(("message", "remedy"), words("HW-2018", "en"), strict=True))
    assert problems_in(json.loads(told.stdout)) == [problem]
    status = json.loads(homeward("status", house.hub, "--json", "--lang", "en").stdout)
    assert status["unknown_forms"] == [{"records": 1, **problem}]
    held = homeward("review", house.hub, "--approve", f"record={record}", "--json", "--lang", "en")
    assert held.exit_code == 3
    assert problems_in(json.loads(held.stdout)) == [problem]
    verified = homeward("verify", house.hub, "--lang", "en")
    assert verified.exit_code == 0
    for part in problem.values():
        assert part in verified.stderr
    released = homeward("release", house.hub, house.folder / "out", "--json")
    assert released.exit_code == 0, released.output
    with Replica.open(house.hub) as hub:
        assert dict(hub.state(record).answers) == {"#0": "甲"}


def test_a_record_that_breaks_a_constraint_is_kept_and_marked(house: House) -> None:
    """It arrives whole, is held back from approval with HW-1302 at its question and status 3, and stays as
    its author left it."""
    with Replica.open(house.laptop) as laptop:
        (state,) = laptop.states()
        answers = {**state.answers, "/data/g_activity/start_year": "1066"}
        laptop.save(record=state.record, form=state.form, answers=answers, author=state.author)
    assert homeward("merge", house.hub, house.laptop).exit_code == 0
    for lang in LANGUAGES:
        told = homeward("review", house.hub, "--approve", "--json", "--lang", lang)
        said = homeward("review", house.hub, "--approve", "--lang", lang)
        assert (told.exit_code, said.exit_code) == (3, 3)
        (problem,) = problems_in(json.loads(told.stdout))
        assert (problem["code"], problem["place"]) == ("HW-1302", "/data/g_activity/start_year")
        assert (problem["message"], problem["remedy"]) == words("HW-1302", lang)
        asked = {"zh": "哪年开始干的？", "en": "In which year did it begin?"}[lang]  # people read no paths
        for part in ("HW-3509", state.record, *(problem | {"place": asked}).values()):
            assert part in said.stderr
    with Replica.open(house.hub) as hub:
        kept = hub.state(state.record)
        assert kept.answers["/data/g_activity/start_year"] == "1066"
        assert kept.review.state == "received"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_forms_that_cannot_be_used(house: House, lang: str) -> None:
    """A file that is no spreadsheet and an expression with an error, with place and remedy, as text and as
    JSON."""
    sheet, faulty = house.folder / "photo.xlsx", house.folder / "faulty.md"
    sheet.write_bytes(b"\x89PNG nothing of a workbook")
    faulty.write_bytes(table("text ¦ a ¦ A ¦ ¦ (1 = 1"))
    for path, number, place in (
        (sheet, "HW-1008", "photo.xlsx"),
        (faulty, "HW-1106", "“a”"),
    ):
        told = homeward("forms", "check", path, "--json", "--lang", lang)
        said = homeward("forms", "check", path, "--lang", lang)
        assert (told.exit_code, said.exit_code) == (1, 1)
        problem = problems_in(json.loads(told.stdout))[0]
        assert problem["code"] == number
        assert place in problem["place"]
        assert problem["message"].startswith(beginning(number, lang)[0])
        assert problem["remedy"].startswith(beginning(number, lang)[1])
        for part in ("code", "place", "message", "remedy"):
            assert problem[part] in said.stderr


def test_a_form_document_that_cannot_be_read_does_no_harm(house: House) -> None:
    """A form that arrives by a merge and is no XForm: its record is kept, not approved, and the release is
    made."""
    path = house.folder / "broken.db"
    with Replica.create(path) as replica:
        form = replica.put_form("broken", "1", b"<not xml", ["/data/name"])
        record = replica.save(form=form, answers={"/data/name": "甲"}, author="x", scopes=[f"v:{VILLAGE}"])
    assert homeward("merge", house.hub, path).exit_code == 0
    held = homeward("review", house.hub, "--approve", f"record={record}", "--json")
    assert [each["code"] for each in problems_in(json.loads(held.stdout))] == ["HW-3605"]
    assert homeward("release", house.hub, house.folder / "out").exit_code == 0


def test_tables_that_are_no_database_are_made_anew(house: House) -> None:
    """What is derived and damaged is thrown away and built again."""
    tables = house.folder / "hub-tables.db"
    tables.write_bytes(b"not a database at all" * 100)
    assert homeward("review", house.hub, "--approve").exit_code == 0
    with closing(sqlite3.connect(tables)) as db:
        assert db.execute("SELECT count(*) FROM record").fetchone() == (1,)


def test_a_backup_of_the_hub_is_no_loss(house: House) -> None:
    """A sound copy of the hub under another name merges as nothing new."""
    shutil.copy(house.hub, house.folder / "copy.db")
    before = house.digest()
    assert homeward("merge", house.hub, house.folder / "copy.db").exit_code == 0
    assert house.digest() == before
