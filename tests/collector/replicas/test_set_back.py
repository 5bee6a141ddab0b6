"""Copies, restored files and forks, as far as a sync finds them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from collector import app_db, library
from sync import Replica, SyncError, merge, verify
from sync.forks.mend import mend
from sync.transfer import hello
from tests.collector.replicas.conftest import (
    HERE,
    Hub,
    Laptop,
    MakeLaptop,
    Serve,
    digest_at,
    names_at,
    record,
)


@pytest.fixture
def anna(hub: Hub, laptop: MakeLaptop) -> Laptop:
    """Anna's laptop after its first sync."""
    made = laptop(hub, "anna")
    made.sync()
    return made


def test_a_laptop_that_was_set_back_goes_on_under_a_new_name(hub: Hub, anna: Laptop, tmp_path: Path) -> None:
    """The hub has more of its log than it has itself: HW-2054, and nothing more is given under that name. What it
    writes then is under a new one: nothing disagrees, what it had lost comes back, and all of it is received."""
    first = anna.record("第一家")
    shutil.copy(anna.path, tmp_path / "yesterday.db")
    second = anna.record("第二家")
    assert anna.sync().complete
    shutil.copy(tmp_path / "yesterday.db", anna.path)
    report = anna.sync()
    assert ([problem.code for problem in report.problems], report.set_back) == (["HW-2054"], 2)
    assert not report.complete
    with Replica.open(anna.path) as replica:
        assert hello.set_back(replica) == 2
    other = anna.record("另一个第二家")
    assert other.partition("-")[0] != second.partition("-")[0]
    report = anna.sync()
    assert ([problem.code for problem in report.problems], report.complete) == ([], True)
    assert names_at(hub.path) == anna.names() == {first: "第一家", second: "第二家", other: "另一个第二家"}


def test_a_laptop_that_wrote_before_it_was_told_loses_nothing(hub: Hub, anna: Laptop, tmp_path: Path) -> None:
    """Restored and used before it met anybody: its part is given to the hub all the same, set aside there whole, and
    mended there. At its next sync the laptop learns the new name of it and goes on under a fresh one of its own."""
    first = anna.record("第一家")
    shutil.copy(anna.path, tmp_path / "yesterday.db")
    second = anna.record("第二家")
    assert anna.sync().complete
    shutil.copy(tmp_path / "yesterday.db", anna.path)
    assert anna.record("另一个第二家") == second
    anna.record("又一家")
    for _ in range(2):
        report = anna.sync()
        assert [problem.code for problem in report.problems] == ["HW-2011"]
        assert (report.there, report.complete) == (0, False)
    with Replica.open(hub.path) as replica:
        (entry,) = replica.quarantined()
        assert (entry.first, entry.count, entry.signed) == (2, 2, 3)
        assert mend(replica).taken == 2
    before = first.partition("-")[0]
    assert [note.code for note in anna.sync().notes] == ["HW-2079"]
    with Replica.open(anna.path) as replica:
        assert (replica.name != before, before in replica.own_names()) == (True, True)
    anna.record("再一家")
    assert anna.sync().complete
    wanted = sorted(["第一家", "第二家", "又一家", "再一家", "另一个第二家"])
    assert sorted(names_at(hub.path).values()) == wanted
    assert anna.names() == names_at(hub.path)


def test_two_hubs_that_met_the_copies_in_opposite_orders_agree(
    hub: Hub, serve: Serve, laptop: MakeLaptop, tmp_path: Path
) -> None:
    """Hubs that sync over HTTP give each other what they have of the log on which they differ; mended at either, both
    hold everything once."""
    other = serve("other")
    other.add("office", "supervisor")
    with Replica.create(tmp_path / "field" / "bo.db") as bo:
        library.install_library(bo)
        record(bo, "共同", HERE, "bo000000")
    copy = Path(shutil.copy(tmp_path / "field" / "bo.db", tmp_path / "field" / "copy.db"))
    for path, name in ((tmp_path / "field" / "bo.db", "原来"), (copy, "副本")):
        with Replica.open(path) as replica:
            for number in range(3):
                record(replica, f"{name} {number}", HERE, "bo000000")
    for each, path in ((hub, tmp_path / "field" / "bo.db"), (other, copy)):
        with Replica.open(each.path) as replica:
            merge(replica, [path])
    beside = Laptop(hub.path, other.url, "office")
    assert [problem.code for problem in beside.sync().problems] == ["HW-2011"]
    for each in (hub, other):
        with Replica.open(each.path) as replica:
            assert [entry.count for entry in replica.quarantined()] == [3]
    with Replica.open(hub.path) as replica:
        assert mend(replica).taken == 3
    for _ in range(3):
        beside.sync()
    for each in (hub, other):
        with Replica.open(each.path) as replica:
            assert replica.quarantined() == []
            assert verify(replica).problems == []
        assert len(names_at(each.path)) == 7
    assert digest_at(hub.path) == digest_at(other.path)
    assert beside.sync().problems == []


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
    """Found by digest; the first one's records stay as they are, the copy is told, and what it has is set aside."""
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
    with Replica.open(hub.path) as replica:
        assert [entry.count for entry in replica.quarantined()] == [1]
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
