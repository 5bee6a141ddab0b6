"""Copies, restored files and forks, as far as a sync finds them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from collector import app_db
from sync import Replica, SyncError
from sync.transfer import hello
from tests.collector.replicas.conftest import HERE, Hub, Laptop, MakeLaptop, digest_at, names_at, record


@pytest.fixture
def anna(hub: Hub, laptop: MakeLaptop) -> Laptop:
    """Anna's laptop after its first sync."""
    made = laptop(hub, "anna")
    made.sync()
    return made


def test_a_laptop_that_was_set_back_is_told(hub: Hub, anna: Laptop, tmp_path: Path) -> None:
    """The hub has more of its log than it has itself: HW-2054, nothing more is given under that name, and whoever
    mends it finds the number."""
    anna.record("第一家")
    shutil.copy(anna.path, tmp_path / "yesterday.db")
    second = anna.record("第二家")
    assert anna.sync().complete
    shutil.copy(tmp_path / "yesterday.db", anna.path)
    report = anna.sync()
    assert ([problem.code for problem in report.problems], report.set_back) == (["HW-2054"], 2)
    assert not report.complete
    with Replica.open(anna.path) as replica:
        assert hello.set_back(replica) == 2
    anna.record("另一个第二家")
    report = anna.sync()
    assert [problem.code for problem in report.problems] == ["HW-2011"]
    assert (report.there, report.complete) == (0, False)
    assert names_at(hub.path)[second] == "第二家"


def test_a_hub_that_was_set_back_is_resent_what_it_lacks(
    hub: Hub, anna: Laptop, laptop: MakeLaptop, tmp_path: Path
) -> None:
    """From laptops their own logs, from a hub beside it everybody's and its own; it is told that it was set back."""
    chief = laptop(hub, "chief")
    chief.sync()
    shutil.copy(hub.path, tmp_path / "yesterday.db")
    made = anna.record("安娜的店")
    anna.sync()
    hub.record("汇总端的店", HERE)
    chief.sync()
    wanted = digest_at(hub.path)
    shutil.copy(tmp_path / "yesterday.db", hub.path)
    assert names_at(hub.path) == {}
    assert anna.sync().complete
    assert names_at(hub.path) == {made: "安娜的店"}
    report = chief.sync()
    assert [note.code for note in report.notes] == ["HW-2057"]
    assert digest_at(hub.path) == wanted
    assert chief.sync().notes == []


def test_a_copy_that_goes_on_under_the_same_name_is_a_fork(hub: Hub, anna: Laptop, tmp_path: Path) -> None:
    """Found by digest; the first one's records stay as they are, the copy is told and gives nothing more."""
    copy = Laptop(tmp_path / "copy" / "anna.db", anna.url, "anna")
    copy.path.parent.mkdir()
    for each in (anna.path, app_db.path_for(anna.path)):
        shutil.copy(each, copy.path.parent / each.name)
    mine, other = anna.record("原来的店"), copy.record("副本的店")
    assert mine == other
    assert anna.sync().complete
    report = copy.sync()
    assert [problem.code for problem in report.problems] == ["HW-2011"]
    assert report.problems[0].place == mine
    assert not report.complete
    assert names_at(hub.path) == {mine: "原来的店"}
    anna.record("又一家")
    assert anna.sync().complete


def test_a_database_without_its_key_says_so(hub: Hub, anna: Laptop) -> None:
    """HW-2049 when the app database was lost: no second key is made for a name that has one."""
    anna.record("店")
    app_db.path_for(anna.path).unlink()
    with pytest.raises(SyncError, match="HW-2049"):
        anna.sync()


def test_a_hub_whose_key_was_lost_still_serves(hub: Hub, anna: Laptop) -> None:
    """It signs nothing more of its own, but takes and gives what others signed."""
    with Replica.open(anna.path) as replica:
        record(replica, "店", HERE, anna.person)
    from contextlib import closing

    with closing(app_db.connect(app_db.path_for(hub.path))) as connection:
        connection.execute("DELETE FROM setting WHERE key LIKE 'private key%'")
    assert anna.sync().complete
