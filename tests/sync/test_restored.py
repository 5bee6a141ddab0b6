"""Machines that are set back to an older state: devices and hubs."""

from __future__ import annotations

import shutil
from pathlib import Path

from sync import Replica, merge, protocol, verify
from tests.sync.conftest import Make
from tests.sync.network.browser import Browser
from tests.sync.network.clocks import Clock, World
from tests.sync.network.forms import Act
from tests.sync.network.laptop import Laptop
from tests.sync.network.road import Sending

NAME = "/data/name"


def save(replica: Replica, form: str, value: str) -> str:
    """A record."""
    return replica.save(form=form, answers={NAME: value}, author="a")


def names(replica: Replica) -> list[str]:
    """The names of all records here, sorted."""
    return sorted(state.answers[NAME] for state in replica.states())


def test_a_device_set_back_gets_its_own_changes_again(make: Make, form: str, tmp_path: Path) -> None:
    """A laptop restored from yesterday's backup that meets the hub before anything is written gets back what it had
    made since, goes on behind it under its own name, and nothing is a fork."""
    hub, laptop = make("hub"), make("laptop")
    save(laptop, form, "1")
    shutil.copy(laptop.path, tmp_path / "yesterday.db")
    save(laptop, form, "2")
    merge(hub, [laptop.path])
    with Replica.open(tmp_path / "yesterday.db") as restored:
        assert names(restored) == ["1"]
        assert merge(restored, [hub.path]).taken == 1
        assert save(restored, form, "3") == f"{laptop.name}-3"
        (report,) = merge(hub, [restored.path]).sources
        assert (report.taken, report.problems) == (1, [])
        assert names(hub) == names(restored) == ["1", "2", "3"]
        assert verify(restored).problems == verify(hub).problems == []


def test_a_device_set_back_that_went_on_is_found(make: Make, form: str, tmp_path: Path) -> None:
    """One that writes before it meets the hub has used its numbers twice: its log is set aside whole, told and kept,
    nothing that the hub had is altered, and under a new name all that it writes is taken."""
    hub, laptop = make("hub"), make("laptop")
    save(laptop, form, "1")
    shutil.copy(laptop.path, tmp_path / "yesterday.db")
    for value in ("2", "3"):
        save(laptop, form, value)
    merge(hub, [laptop.path])
    digest = hub.state_digest()
    with Replica.open(tmp_path / "yesterday.db") as restored:
        save(restored, form, "other 2")
        for target, source in ((hub, restored), (restored, hub)):
            (report,) = merge(target, [source.path]).sources
            assert [problem.code for problem in report.problems] == ["HW-2011"]
            assert report.taken == 0
        assert hub.state_digest() == digest
        assert any("other 2" in str(payload) for _, payload in hub.quarantined()[0].changes)
        restored.renew()
        save(restored, form, "4")
        assert merge(hub, [restored.path]).taken == 1
        assert names(hub) == ["1", "2", "3", "4"]
        assert verify(hub).problems == []


def test_a_phone_set_back_is_told_so(tmp_path: Path) -> None:
    """A phone whose storage is that of last week hears from the hub that more of its log is there than it knows."""
    world = World()
    hub = Laptop(tmp_path / "hub.db", "00000001", Clock(world), None)
    phone = Browser("10000000", Clock(world))
    for value in ("1", "2"):
        phone.create("1", [Act("answer", NAME, "", value)], "own")
    assert Sending(phone, hub, (), []).run(200)
    del phone.log[1:]
    answer = protocol.hello(hub.replica, phone.hello())
    assert int(answer["has"]) > len(phone.log)
    assert "problem" not in answer
    phone.create("1", [Act("answer", NAME, "", "other 2")], "own")
    assert protocol.hello(hub.replica, phone.hello())["problem"]["code"] == "HW-2011"
    hub.close()


def test_a_hub_set_back_is_sent_what_it_lacks(tmp_path: Path) -> None:
    """A hub restored from yesterday's backup had given receipts for what it lost: phone and laptop send it again, since
    the hub says what it has and no note of theirs counts; it stands where it stood, its receipts too."""
    world = World()
    hub = Laptop(tmp_path / "hub.db", "00000001", Clock(world), None)
    laptop = Laptop(tmp_path / "laptop.db", "00000002", Clock(world), None)
    phone = Browser("10000000", Clock(world))
    acts = [Act("answer", NAME, "", "甲")]
    laptop.create("1", acts, "own")
    for number in range(70):
        phone.create("1", acts, "own")
        if number == 65:
            merge(hub.replica, [laptop.path])
            assert Sending(phone, hub, (), []).run(200)
            shutil.copy(hub.path, tmp_path / "yesterday.db")
            laptop.create("1", acts, "own")
    merge(hub.replica, [laptop.path])
    assert Sending(phone, hub, (), []).run(200)
    assert phone.received == set(range(1, 71))
    digest = hub.replica.state_digest()
    hub.replica.close()
    shutil.copy(tmp_path / "yesterday.db", hub.path)
    hub.replica = Replica.open(hub.path)
    assert hub.replica.counts()["changes"] == 67
    assert merge(hub.replica, [laptop.path]).taken == 1
    assert Sending(phone, hub, (), []).run(200)
    assert hub.replica.state_digest() == digest
    assert hub.replica.counts()["changes"] == 72
    assert verify(hub.replica).problems == []
    for each in (hub, laptop):
        each.close()
