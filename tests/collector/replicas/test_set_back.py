"""Copies, restored files and forks, as a sync finds and mends them."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from collector import app_db, hub_sync, library
from sync import Replica, SyncError, merge, verify
from sync.forks.mend import mend
from sync.transfer.transport import Refused
from tests.collector.replicas.conftest import (
    HERE,
    NAME,
    Hub,
    Laptop,
    MakeLaptop,
    Serve,
    digest_at,
    homeward,
    names_at,
    record,
)
from tests.collector.replicas.test_rights import headers_of


def test_a_laptop_that_was_set_back_gets_its_own_again(hub: Hub, anna: Laptop, tmp_path: Path) -> None:
    """The hub has more of its log than it has itself: it is told so (HW-2054), what it lacks comes back, and what is
    written next goes under a new name, enrolled with the token of the old one."""
    anna.record("第一家")
    shutil.copy(anna.path, tmp_path / "yesterday.db")
    second = anna.record("第二家")
    assert anna.sync().complete
    shutil.copy(tmp_path / "yesterday.db", anna.path)
    report = anna.sync()
    assert ([note.code for note in report.notes], report.problems) == (["HW-2054"], [])
    assert (report.complete, report.made, anna.names()[second]) == (True, 2, "第二家")
    third = anna.record("第三家")
    assert third.partition("-")[0] != second.partition("-")[0]
    assert anna.sync().complete
    assert names_at(hub.path) == anna.names()
    assert enrolled(hub) == 2
    with Replica.open(hub.path) as replica:
        replica.review(second, "approved", author="chief000")
    assert anna.sync().excerpts == 1


def enrolled(hub: Hub) -> int:
    """How many names have a token at a hub."""
    with closing(app_db.connect(app_db.path_for(hub.path))) as connection:
        return int(connection.execute("SELECT count(*) FROM device").fetchone()[0])


def test_a_laptop_that_was_set_back_and_went_on_keeps_both(hub: Hub, anna: Laptop, tmp_path: Path) -> None:
    """It wrote before it met the hub: two texts of one log. What it wrote goes by a name of its own, on both sides."""
    anna.record("第一家")
    shutil.copy(anna.path, tmp_path / "yesterday.db")
    anna.record("第二家")
    anna.sync()
    shutil.copy(tmp_path / "yesterday.db", anna.path)
    anna.record("另一个第二家")
    report = anna.sync()
    assert (report.problems, report.complete, report.made) == ([], True, 3)
    (note,) = report.notes
    with Replica.open(anna.path) as replica:
        (former,), (branch,) = replica.former_names(), replica.own_branches()
        assert (note.code, note.place) == ("HW-2110", former.name)
        assert (note.params["branch"], note.params["name"]) == (branch, replica.name)
        assert {state.record for state in replica.states() if state.answers[NAME] == "另一个第二家"} == {
            f"{branch}-1"
        }
    told = homeward("status", anna.path).stdout
    assert f"goes by names of its own, as a copy of it went on too: {branch}" in told
    assert f"writes under the name {note.params['name']} now" in homeward("mend", anna.path).stdout
    assert sorted(names_at(hub.path).values()) == ["另一个第二家", "第一家", "第二家"]
    assert anna.names() == names_at(hub.path)
    for path in (anna.path, hub.path):
        with Replica.open(path) as replica:
            assert verify(replica).problems == []
            assert replica.quarantined() == []


def test_two_hubs_that_met_the_copies_in_opposite_orders_agree(
    hub: Hub, serve: Serve, tmp_path: Path
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


def test_a_copy_that_goes_on_under_the_same_name_gets_one_of_its_own(
    hub: Hub, anna: Laptop, tmp_path: Path
) -> None:
    """Found by digest at its next sync: what the copy wrote goes by another name everywhere, the first one's records
    stay as they are, both go on, and nothing is lost."""
    copy = Laptop(tmp_path / "copy" / "anna.db", anna.url, "anna")
    copy.path.parent.mkdir()
    for each in (anna.path, app_db.path_for(anna.path)):
        shutil.copy(each, copy.path.parent / each.name)
    mine, other = anna.record("原来的店"), copy.record("副本的店")
    assert mine == other
    assert anna.sync().complete
    report = copy.sync()
    assert (report.problems, report.complete, report.renamed) == ([], True, False)
    assert names_at(hub.path)[mine] == "原来的店"
    anna.record("又一家")
    copy.record("副本又一家")
    for each in (anna, copy, anna):
        assert each.sync().complete
    assert sorted(names_at(hub.path).values()) == ["副本又一家", "副本的店", "原来的店", "又一家"]
    assert len({digest_at(path) for path in (hub.path, anna.path, copy.path)}) == 1
    for path in (hub.path, anna.path, copy.path):
        with Replica.open(path) as replica:
            assert verify(replica).problems == []


def test_nobody_enrols_another_name_with_a_strangers_token(hub: Hub, anna: Laptop) -> None:
    """Only the token of the old name opens the new one, and a name that is somebody's stays theirs."""
    token = headers_of(anna)["Authorization"].removeprefix("Bearer ")
    with Replica.open(anna.path) as replica, closing(anna.accounts()) as connection:
        former = replica.name
        replica.renew()
        for wrong in ("nonsense", ""):
            with hub_sync.road(hub.url, wrong) as way, pytest.raises(Refused, match="HW-3403"):
                hub_sync.enrol(replica, connection, way, "anna", former=former)
    with Replica.open(hub.path) as there:
        taken = there.name
    with (
        Replica.create(anna.path.parent / "taken.db", taken) as replica,
        closing(anna.accounts()) as connection,
        hub_sync.road(hub.url, token) as way,
        pytest.raises(Refused, match="HW-3414"),
    ):
        hub_sync.enrol(replica, connection, way, "anna", former=former)


def test_a_database_without_its_key_says_so(hub: Hub, anna: Laptop) -> None:
    """HW-2049 when the app database was lost: no second key is made for a name that has one."""
    anna.record("店")
    app_db.path_for(anna.path).unlink()
    with pytest.raises(SyncError, match="HW-2049"):
        anna.sync()


def test_a_hub_whose_key_was_lost_still_serves(hub: Hub, anna: Laptop, laptop: MakeLaptop) -> None:
    """It hands on nothing that it wrote since, but takes and gives what others signed."""
    chief = laptop(hub, "chief")
    chief.sync()
    with closing(app_db.connect(app_db.path_for(hub.path))) as connection:
        assert connection.execute("DELETE FROM setting WHERE key LIKE 'signing_key:%'").rowcount == 1
    hub.record("汇总端的店", HERE)
    anna.record("安娜的店")
    assert anna.sync().complete
    assert chief.sync().problems == []
    assert list(names_at(chief.path).values()) == ["安娜的店"]
    assert "is to take a new name" in homeward("mend", hub.path, "--new-name").stdout
    renewed = homeward("mend", hub.path, "--new-name", "--yes")
    assert (renewed.returncode, "writes under the name" in renewed.stdout) == (0, True), renewed
    hub.record("汇总端的新店", HERE)
    assert chief.sync().problems == []
    assert "汇总端的新店" in names_at(chief.path).values()
