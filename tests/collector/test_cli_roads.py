"""`merge --preview`, `undo` and `watch`, run as a supervisor runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector import app_db
from collector.accounts import people
from collector.cli import main
from collector.cli.merge import within
from collector.cli.watch import Told
from sync import Replica, merge
from sync.watch import Watch, into
from tests.conftest import Survey

LAYOUT = ["/data/name"]


def homeward(*arguments: str | Path) -> Result:
    """Runs the command line."""
    return CliRunner().invoke(main, [*map(str, arguments)])


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A hub with a supervisor, and Anna's file on a stick: a record that the hub has too and corrected since, and two
    that it has not, one of them withdrawn."""
    path, stick = tmp_path / "office" / "hub.db", tmp_path / "stick"
    with Replica.create(path) as office, Replica.create(stick / "anna.db") as anna:
        form = office.put_form("test", "1", b"<x/>", LAYOUT)
        anna.put_form("test", "1", b"<x/>", LAYOUT)
        first = anna.save(form=form, answers={"/data/name": "甲"}, author="p-anna")
        merge(office, [anna.path])
        office.review(first, "approved", author="p-fang")
        anna.save(record=first, form=form, answers={"/data/name": "乙"}, author="p-anna")
        anna.save(form=form, answers={"/data/name": "new"}, author="p-anna")
        gone = anna.save(form=form, answers={"/data/name": "gone"}, author="p-anna")
        anna.withdraw(gone, "called", author="p-anna")
    with closing(app_db.connect(app_db.path_for(path))) as connection:
        people.add(connection, "fang", "fang-password", name="Fang", role="supervisor", person_id="p-fang")
        people.add(connection, "anna", "anna-password", name="An Na", person_id="p-anna")
    return path


def test_the_preview_is_told_and_holds(hub: Path) -> None:
    """In words and as JSON, with the status that the merge would have; the merge then does just that."""
    stick = hub.parent.parent / "stick"
    held = hub.read_bytes()
    told = homeward("merge", hub, stick, "--preview", "--lang", "en")
    assert told.exit_code == 0, told.stderr
    assert "Preview: nothing has been written." in told.stdout
    assert "anna.db (An Na): 2 new records (test 2), 1 edit, 1 withdrawal." in told.stdout
    said = json.loads(homeward("merge", hub, stick, "--preview", "--json").stdout)
    assert hub.read_bytes() == held
    assert said["total"]["records"] == {"test": 2}
    (stick / "bad.db").write_bytes(b"no database")
    assert homeward("merge", hub, stick, "--preview").exit_code == 3
    done = json.loads(homeward("merge", hub, stick, "--json").stdout)
    assert done["taken"] == said["taken"] == 4


def test_undo_asks_before_it_does(hub: Path) -> None:
    """Without --yes it says what would be done; with it, it does that in the supervisor's name, names what cannot be
    undone, and ends with 3. A number that is none is refused."""
    homeward("merge", hub, hub.parent.parent / "stick")
    listed = homeward("undo", hub, "--lang", "en")
    assert re.search(r"^ +2  \S+ \S+  2 new records +4 changes +\S+anna\.db$", listed.stdout, re.M), (
        listed.stdout
    )
    held = hub.read_bytes()
    would = homeward("undo", hub, "2", "--lang", "en")
    assert would.exit_code == 3  # as with --yes: what it could not undo is named below
    for line in (
        "2 records deleted",
        "1 record with its earlier answers",
        "1 record with its earlier review",
    ):
        assert line in would.stdout
    assert "withdrawn by the respondent" in would.stderr
    assert hub.read_bytes() == held
    done = homeward("undo", hub, "2", "--yes", "--lang", "zh")
    assert done.exit_code == 3
    assert "2 条记录已删除" in done.stdout
    with Replica.open(hub) as office:
        first = next(state for state in office.states() if not state.deleted)
        assert (first.answers["/data/name"], first.review.state) == ("甲", "approved")
        assert {change.header.author for change in office.history(first.record)[-2:]} == {"p-fang"}
        assert "anna.db" in first.review.comment
    back = homeward("undo", hub, "3", "--yes", "--lang", "en")
    assert back.exit_code == 0
    assert "2 deleted records there again" in back.stdout
    told = json.loads(homeward("undo", hub, "--json").stdout)["intakes"]
    assert [(each["road"], bool(each["undone"])) for each in told] == [
        ("undo", False),
        ("undo", True),
        ("file", False),
        ("file", False),
    ]
    for arguments, number in (
        (("99",), "HW-2087"),
        (("3",), "HW-2088"),
        (("2", "--as", "nobody"), "HW-3508"),
    ):
        refused = homeward("undo", hub, *arguments, *(["--yes"] if len(arguments) > 1 else []))
        assert (refused.exit_code, number in refused.stderr) == (1, True), refused.stderr


def test_a_merge_of_several_files_is_taken_back_at_once(tmp_path: Path) -> None:
    """Each file has a number and the list says which came together; all of them named, in any order and as a range, one
    preview says what becomes of the records in the end, and --yes does just that, the latest first. A number that is
    undone already refuses all of them, and the refusal names the undoing."""
    hub, stick = tmp_path / "hub.db", tmp_path / "stick"
    with (
        Replica.create(hub),
        Replica.create(stick / "one.db") as one,
        Replica.create(stick / "two.db") as two,
    ):
        anna, bo = sorted((one, two), key=lambda each: each.name)  # so they are taken in this order
        form = anna.put_form("test", "1", b"<x/>", LAYOUT)
        record = anna.save(form=form, answers={"/data/name": "甲"}, author="p-anna")
        doomed = anna.save(form=form, answers={"/data/name": "丙"}, author="p-anna")
        anna.delete(doomed, "twice", author="p-anna")
        merge(bo, [anna.path])
        bo.save(record=record, form=form, answers={"/data/name": "乙"}, author="p-bo")
        bo.save(form=form, answers={"/data/name": "丁"}, author="p-bo")
        anna.save(form=form, answers={"/data/name": "戊"}, author="p-anna")
    homeward("merge", hub, stick)
    assert homeward("undo", hub, "--lang", "en").stdout.count("(one merge: 1-2)") == 2
    alone = homeward("undo", hub, "1", "--lang", "en")
    assert (alone.exit_code, "somebody has gone on with it" in alone.stderr) == (3, True)
    held = hub.read_bytes()
    would = homeward("undo", hub, "2", "1", "--lang", "en")
    assert (would.exit_code, would.stderr) == (0, "")
    assert "3 records deleted" in would.stdout
    assert "1 record stays as it is" in would.stdout
    assert f"homeward undo {hub} 1-2 --yes" in would.stdout
    assert hub.read_bytes() == held
    done = json.loads(homeward("undo", hub, "1-2", "--yes", "--json").stdout)["undone"]
    assert [(each["intake"], each["undo"]) for each in done] == [(2, 3), (1, 4)]
    with Replica.open(hub) as office:
        assert all(state.deleted for state in office.states())
    assert "(undoing of 1, " in homeward("undo", hub, "4", "--lang", "en").stdout
    refused = homeward("undo", hub, "3", "1", "--yes", "--lang", "en")
    assert (refused.exit_code, "`homeward undo HUB 4`" in refused.stderr) == (1, True)
    with Replica.open(hub) as office:
        assert all(state.deleted for state in office.states())
    assert homeward("undo", hub, "3-4", "--yes").exit_code == 0
    with Replica.open(hub) as office:
        assert office.counts()["deleted"] == 1
    for wrong in ("x", "2-1", "-3-"):
        assert homeward("undo", hub, "--", wrong).exit_code == 2


def test_a_file_says_what_came_with_another(hub: Path, tmp_path: Path) -> None:
    """A file whose records all stood in one that was taken first says so, in the preview and after; one that was taken
    back says that it was, and the command that brings it back does."""
    stick = tmp_path / "stick"
    with Replica.create(stick / "bo.db") as bo:
        merge(bo, [stick / "anna.db"])
    arguments = ("merge", hub, stick / "bo.db", stick / "anna.db", "--lang", "en")
    for told in (homeward(*arguments, "--preview").stdout, homeward(*arguments).stdout):
        assert re.search(r"^anna.db.*nothing new\.\n  2 records that it holds came with bo.db", told, re.M), (
            told
        )
    assert homeward("undo", hub, "2", "--yes").exit_code == 3
    again = homeward("merge", hub, stick / "anna.db", "--lang", "en").stdout
    (command,) = re.findall(r"came before as number 2 and was taken back.*`homeward (.*)`", again)
    assert homeward(*command.split()).exit_code == 0
    assert "taken back" not in homeward("merge", hub, stick / "anna.db", "--lang", "en").stdout


def test_what_is_calculated_follows_what_is_undone(survey: Survey, tmp_path: Path) -> None:
    """An intake changed how many people work there; somebody then changed another answer. Undone, what the form
    calculates is that of the answers that are left, and nothing else has moved."""
    hub = survey.hub
    record = survey.job(survey.business(), headcount="5", n_women="1", n_migrant="2", n_migrant_near="2")
    before = dict(hub.state(record).answers)
    with Replica.create(tmp_path / "stick" / "anna.db") as anna:
        merge(anna, [hub.path])
        change(anna, survey, record, {"n_migrant": "4", "headcount": "7"})
        brought = merge(hub, [anna.path]).sources[0].intake
    change(hub, survey, record, {"n_women": "2"})
    assert hub.state(record).answers["/data/fte"] == "7"
    assert homeward("undo", hub.path, str(brought), "--yes").exit_code == 0
    after = hub.state(record).answers
    assert (before["/data/fte"], after["/data/fte"]) == ("5", "5")
    moved = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert moved == {"/data/g_job/n_women", "/data/end"}


def change(replica: Replica, survey: Survey, record: str, given: dict[str, str]) -> None:
    """Changes answers through the form."""
    state = replica.state(record)
    session = survey.session("jobs", state.answers)
    for path in session.paths():
        if path.rpartition("/")[2] in given:
            session.answer(path, given[path.rpartition("/")[2]])
    answers, reasons = session.finalise()
    replica.save(record=record, form=state.form, answers=answers, reasons=reasons, author="p")


def test_watching_once(hub: Path) -> None:
    """One round merges what is complete, says a line a file and a sum, and ends; a folder that is nowhere is refused,
    unless it is waited for."""
    stick = hub.parent.parent / "stick"
    (stick / "bad.db").write_bytes(b"no database at all" * 10)
    done = homeward("watch", hub, stick.parent, "--once", "--every", "0.2", "--lang", "en")
    assert done.exit_code == 3, done.stderr
    assert "anna.db (An Na): 2 new records (test 2), 1 edit, 1 withdrawal." in done.stdout
    assert "Together (1 of 2 files with something new): 2 new records (test 2)" in done.stdout
    assert "HW-2004" in done.stderr
    again = homeward("watch", hub, stick, "--once", "--every", "0.2", "--lang", "zh")
    assert "没有新内容" in again.stdout
    nowhere = homeward("watch", hub, stick / "none", "--once")
    assert (nowhere.exit_code, "HW-3436" in nowhere.stderr) == (1, True)


def test_watching_counts_what_is_still_set_aside(hub: Path, tmp_path: Path) -> None:
    """A folder that is named twice is looked at once; a file that came whole after it was set aside counts no more."""
    inside = tmp_path / "in" / "anna"
    inside.mkdir(parents=True)
    (inside / "bad.db").write_bytes(b"no database at all" * 10)
    done = homeward("watch", hub, inside, tmp_path / "in", "--once", "--every", "0.2", "--lang", "en")
    assert (done.exit_code, done.stderr.count("HW-2004")) == (3, 1)
    assert "1 file was set aside" in done.stdout
    told, folder = Told(hub, "en"), lambda at: within(at, hub)
    watching = Watch([inside], folder, into(hub))
    for whole in (False, True):
        if whole:
            shutil.copy(hub.parent.parent / "stick" / "anna.db", inside / "bad.db")
        for event in watching.run(iter([True, False]).__next__):
            told.tell(event, once=True)
        assert told.aside() == (not whole)


@pytest.mark.slow
def test_watching_until_ctrl_c(hub: Path, tmp_path: Path) -> None:
    """It waits for a stick that is not there yet, merges what it brings, and ends with a summary and status 0."""
    stick, mount = hub.parent.parent / "stick", tmp_path / "mnt"
    arguments = ["watch", hub, mount, "--every", "0.2", "--lang", "en"]
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "collector.cli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUTF8": "1"},
        cwd=Path(__file__).parents[2],
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(f"Watching {mount}")
            shutil.copytree(stick, tmp_path / ".coming")
            (tmp_path / ".coming").rename(mount)
            assert "anna.db (An Na): 2 new records" in process.stdout.readline()
            shutil.rmtree(mount)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, err) == (0, "")
    assert "Together (1 of 1 files with something new)" in out
    with Replica.open(hub) as office:
        assert office.counts()["records"] == 3
