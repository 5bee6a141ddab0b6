"""The commands `bundle write`, `show`, `key`, and `merge` of bundles, run as people run them."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from collector import app_db, own_keys
from collector.fill import drafts
from sync import Replica, keys, merge
from sync.transfer import bundle
from tests.collector.test_cli_sync import LAYOUT, homeward


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """A hub and a laptop, each on its own machine (with its file of accounts), and an empty stick."""
    for name in ("office/hub", "field/anna"):
        path = tmp_path / f"{name}.db"
        with Replica.create(path) as replica:
            form = replica.put_form("test", "1", b"<x/>", LAYOUT)
            if name == "field/anna":
                replica.save(form=form, answers={"/data/name": "甲"}, author="anna", scopes=["v:1"])
                replica.put_media(b"photo" * 1000, "image/jpeg")
        app_db.connect(app_db.path_for(path)).close()
    (tmp_path / "stick").mkdir()
    return tmp_path


def test_there_and_back_on_a_stick(places: Path) -> None:
    """Sealed with the hub's key file, merged from the folder of the stick, and on the way back the laptop learns what
    the hub has: the next bundle is for it by itself and holds only what is new."""
    stick, hub, anna = places / "stick", places / "office" / "hub.db", places / "field" / "anna.db"
    done = homeward("bundle", "key", hub, "--out", stick / "hub.key")
    assert done.returncode == 0, done.stderr
    assert homeward("bundle", "key", hub).stdout == (stick / "hub.key").read_text("utf-8")
    done = homeward("bundle", "write", anna, stick, "--for", stick / "hub.key", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["sealed"], told["signed"], told["counts"]["changes"], told["counts"]["media"]) == (
        True,
        True,
        1,
        1,
    )
    assert Path(told["path"]).parent == stick
    (stick / "broken.homeward").write_bytes(Path(told["path"]).read_bytes()[:-1])
    done = homeward("merge", hub, stick)
    assert done.returncode == 3, done.stderr
    assert "HW-2041" in done.stderr
    assert "1 new record (test 1), 1 photo or recording." in done.stdout
    (stick / "broken.homeward").unlink()
    assert homeward("merge", hub, stick / "*.homeward").returncode == 0
    assert homeward("bundle", "write", hub, stick / "back").returncode == 0
    assert homeward("merge", anna, stick / "back.homeward").returncode == 0
    with Replica.open(anna) as replica:
        replica.save(form=replica.documents("form")[0].id, answers={"/data/name": "乙"}, author="anna")
        wanted = replica.state_digest()
    done = homeward("bundle", "write", anna, stick / "next", "--seal", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    with Replica.open(hub) as replica:
        assert told["for"] == replica.name
    assert [log[1:3] for log in told["logs"]] == [[2, 2]]
    done = homeward("bundle", "write", anna, stick / "all", "--seal", "--all", "--no-media", "--json")
    told = json.loads(done.stdout)
    assert ([log[1:3] for log in told["logs"]], told["counts"]["media"]) == ([[1, 2]], 0)
    assert homeward("merge", hub, stick / "next.homeward").returncode == 0
    with Replica.open(hub) as replica:
        assert replica.state_digest() == wanted


def test_the_hubs_database_says_what_it_has(places: Path) -> None:
    """With --for and the hub's database the bundle holds what that database lacks; without a key it is refused."""
    stick, hub, anna = places / "stick", places / "office" / "hub.db", places / "field" / "anna.db"
    done = homeward("bundle", "write", anna, stick / "a", "--for", hub)
    assert (done.returncode, "HW-2047" in done.stderr) == (1, True)
    assert list(stick.iterdir()) == []
    homeward("bundle", "key", hub)
    homeward("merge", hub, anna)
    told = json.loads(homeward("bundle", "write", anna, stick / "a", "--for", hub, "--json").stdout)
    assert (told["counts"]["changes"], told["counts"]["media"], told["sealed"]) == (0, 0, True)
    told = json.loads(
        homeward(
            "bundle", "write", anna, stick / "b", "--since-bundle", stick / "a.homeward", "--json"
        ).stdout
    )
    assert told["counts"]["changes"] == 0


def test_show_says_who_when_and_for_whom(places: Path) -> None:
    """`show` reads what may be read, `--check` all of it, in both languages; a damaged one is refused by number."""
    stick, hub, anna = places / "stick", places / "office" / "hub.db", places / "field" / "anna.db"
    homeward("bundle", "key", hub, "--out", stick / "hub.key")
    homeward("bundle", "write", anna, stick / "open")
    homeward("bundle", "write", anna, stick / "sealed", "--for", stick / "hub.key")
    with Replica.open(anna) as replica:
        writer = replica.name
    for name, words in (("open", "whoever finds it"), ("sealed", "only the hub can read")):
        done = homeward("bundle", "show", stick / f"{name}.homeward", "--check", "--hub", hub)
        assert done.returncode == 0, done.stderr
        assert writer in done.stdout
        assert words in done.stdout
        assert "1–1 / 1" in done.stdout
        assert "whole" in done.stdout
    done = homeward("bundle", "show", stick / "sealed.homeward", "--check")
    assert "cannot be read without the hub's key" in done.stdout
    assert "end to end" not in done.stdout
    for more, read in (((), False), (("--hub", hub), True)):
        done = homeward("bundle", "show", stick / "sealed.homeward", "--check", "--json", *more)
        assert json.loads(done.stdout)["changes_checked"] is read
    assert json.loads(homeward("bundle", "show", stick / "open.homeward", "--drafts", "--json").stdout) == []
    chinese = homeward("bundle", "show", stick / "sealed.homeward", lang="zh_CN.UTF-8").stdout
    assert "只有汇总端能读" in chinese
    assert "变更 1 条" in chinese
    data = bytearray((stick / "open.homeward").read_bytes())
    data[100] ^= 1
    (stick / "bad.homeward").write_bytes(data)
    assert homeward("bundle", "show", stick / "bad.homeward").returncode == 0
    done = homeward("bundle", "show", stick / "bad.homeward", "--check", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["problem"]["code"] == "HW-2040"


def test_drafts_travel_apart_and_are_no_records(places: Path) -> None:
    """Unfinished drafts of the laptop are in the bundle, readable at the hub, without the id that opens them; merged,
    they are no records."""
    stick, hub, anna = places / "stick", places / "office" / "hub.db", places / "field" / "anna.db"
    homeward("bundle", "key", hub, "--out", stick / "hub.key")
    draft = drafts.Draft(
        form="f", created="2021-01-05T09:00:00+08:00", person="anna0000", answers={"/data/name": "半"}
    )
    with closing(app_db.connect(app_db.path_for(anna))) as connection:
        drafts.put(connection, draft)
    done = homeward("bundle", "write", anna, stick / "a", "--for", stick / "hub.key")
    assert "1 draft" in done.stdout
    assert draft.id.encode() not in (stick / "a.homeward").read_bytes()
    done = homeward("bundle", "show", stick / "a.homeward", "--drafts")
    assert (done.returncode, "HW-2045" in done.stderr) == (1, True)
    done = homeward("bundle", "show", stick / "a.homeward", "--drafts", "--hub", hub)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    assert (found["answers"], found["person"], "id" in found) == ({"/data/name": "半"}, "anna0000", False)
    homeward("merge", hub, stick)
    with Replica.open(hub) as replica:
        assert replica.counts()["records"] == 1


def test_a_copy_has_no_keys(places: Path) -> None:
    """A copy of a database without its file of accounts writes unsigned, unless its key is known: then nothing is
    written in its name (HW-2049). The signing key stays the same from bundle to bundle."""
    stick, anna = places / "stick", places / "field" / "anna.db"
    shutil.copy(anna, stick / "copy.db")
    done = homeward("bundle", "write", stick / "copy.db", stick / "copy", "--json")
    assert json.loads(done.stdout)["signed"] is False
    assert not (stick / "copy-app.db").exists()
    signers = []
    for name in ("1", "2"):
        homeward("bundle", "write", anna, stick / name)
        with bundle.opened(stick / f"{name}.homeward") as opened:
            signers.append(json.loads(opened.signature)[0])
    assert signers[0] == signers[1]
    with Replica.open(stick / "copy.db") as copy:
        copy.put_document(keys.KEY_KIND, copy.name, signers[0].encode())
    done = homeward("bundle", "write", stick / "copy.db", stick / "never")
    assert (done.returncode, "HW-2049" in done.stderr) == (1, True)
    with Replica.open(anna) as replica:
        replica.put_document(keys.KEY_KIND, replica.name, signers[0].encode())
    assert homeward("bundle", "write", anna, stick / "known").returncode == 0
    with Replica.open(anna) as replica:
        (log,) = replica.logs()
        assert log["signed"] == log["changes"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("write", "{anna}", "{stick}/taken"), "HW-2030"),
        (("write", "{anna}", "{stick}/no/such/folder"), "HW-3023"),
        (("write", "{anna}", "{stick}/a", "--for", "{stick}/taken.homeward"), "HW-3431"),
        (("write", "{anna}", "{stick}/a", "--for", "{anna}"), "HW-3432"),
        (("write", "{anna}", "{stick}/a", "--for", "{stick}/missing"), "HW-2002"),
        (("write", "{anna}", "{stick}/a", "--seal"), "HW-2047"),
        (("write", "{anna}", "{stick}/a", "--since-bundle", "{stick}/taken.homeward"), "HW-2042"),
        (("show", "{stick}/taken.homeward"), "HW-2042"),
        (("show", "{anna}"), "HW-2042"),
        (("show", "{stick}/missing"), "HW-2002"),
        (("key", "{stick}/taken.homeward"), "HW-2004"),
        (("key", "{anna}", "--out", "{stick}/taken.homeward"), "HW-2030"),
    ],
)
def test_what_cannot_be_done_is_said_by_number(places: Path, arguments: tuple[str, ...], code: str) -> None:
    """Status 1 and a numbered problem, and nothing new on the stick."""
    stick = places / "stick"
    (stick / "taken.homeward").write_bytes(b"mine")
    done = homeward(
        "bundle", *(each.format(anna=places / "field" / "anna.db", stick=stick) for each in arguments)
    )
    assert (done.returncode, done.stderr[:7]) == (1, code), done.stderr
    assert [path.name for path in stick.iterdir()] == ["taken.homeward"]


@pytest.mark.parametrize("victim", ["hub.db", "hub-app.db", "../field/anna.db", "../field/anna.key"])
def test_a_key_takes_the_place_of_nothing_else(places: Path, victim: str) -> None:
    """The hub's own database, its accounts, a field database and another hub's key stay as they are (HW-2030); the
    hub's own key may be written again."""
    office, anna = places / "office", places / "field" / "anna.db"
    homeward("bundle", "key", anna, "--out", anna.with_suffix(".key"))
    before = (office / victim).read_bytes()
    done = homeward("bundle", "key", office / "hub.db", "--out", office / victim)
    assert (done.returncode, done.stderr[:7]) == (1, "HW-2030")
    assert (office / victim).read_bytes() == before
    for _ in range(2):
        done = homeward("bundle", "key", office / "hub.db", "--out", office / "hub.key")
        assert done.returncode == 0, done.stderr
    assert (office / "hub.key").read_text("utf-8") == homeward("bundle", "key", office / "hub.db").stdout


def test_a_sealed_bundle_is_previewed_watched_and_taken_back(places: Path) -> None:
    """The preview and the watch open what is sealed to the hub with the hub's own key; what undoing writes is signed
    with it, so that others take it."""
    stick, hub, anna = places / "stick", places / "office" / "hub.db", places / "field" / "anna.db"
    assert homeward("bundle", "key", hub, "--out", places / "hub.key").returncode == 0
    assert homeward("bundle", "write", anna, stick, "--for", places / "hub.key").returncode == 0
    with Replica.open(hub) as replica, closing(app_db.connect(app_db.path_for(hub))) as connection:
        replica.sign_tip(
            own_keys.ensure(connection, replica.name, keys.KEY_KIND)
        )  # as when it enrolled others
    said = json.loads(homeward("merge", hub, stick, "--preview", "--json").stdout)
    assert (said["taken"], said["total"]["media"]["new"]) == (1, 1)
    done = homeward("watch", hub, stick, "--once", "--every", "0.2")
    assert done.returncode == 0, done.stderr
    assert "1 new record (test 1), 1 photo or recording." in done.stdout
    listed = json.loads(homeward("undo", hub, "--json").stdout)["intakes"]
    assert [each["road"] for each in listed] == ["bundle"]
    assert homeward("undo", hub, str(listed[0]["id"]), "--yes").returncode == 0
    with Replica.open(hub) as replica, Replica.open(anna) as laptop:
        (own,) = (each for each in replica.logs() if each["replica"] == replica.name)
        assert own["signed"] == own["changes"] == 1
        report = merge(laptop, [hub])
        assert (report.taken, report.set_aside) == (1, [])
        assert all(state.deleted for state in laptop.states())
