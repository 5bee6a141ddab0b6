"""Phones and hubs that are set back to an older state, as they see each other."""

from __future__ import annotations

import shutil
from pathlib import Path

from sync import Replica, merge, protocol, verify
from tests.sync.network.browser import Browser
from tests.sync.network.clocks import Clock, World
from tests.sync.network.forms import Act
from tests.sync.network.laptop import Laptop
from tests.sync.network.road import Sending

NAME = "/data/name"


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
