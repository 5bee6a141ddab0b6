"""What comes in pieces: a prefix and the rest, a part without what it rests on, through hubs that hand it on."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest

from sync import Replica, keys, merge, verify
from tests.sync.conftest import Make
from tests.sync.network.browser import Browser
from tests.sync.network.clocks import Clock, World
from tests.sync.network.forms import Act
from tests.sync.network.laptop import Laptop
from tests.sync.network.road import Sending

NAME = "/data/name"


def test_a_prefix_of_a_file_and_then_the_rest(make: Make, form: str, tmp_path: Path) -> None:
    """Copies of one file, made before, at and after the end of a block of the digest chain, in any order: each brings
    what is new, an older one nothing, and the end is that of the whole file."""
    laptop, whole = make("laptop"), make("whole")
    copies = []
    for upto in (1, 63, 64, 65, 128, 130):
        with laptop.transaction():
            while laptop.counts()["changes"] < upto:
                laptop.save(form=form, answers={NAME: str(upto)}, author="a")
        copies.append((upto, tmp_path / f"copy{upto}.db"))
        shutil.copy(laptop.path, copies[-1][1])
    merge(whole, [laptop.path])
    for number, order in enumerate((copies, copies[::-1], copies[::2] + copies[1::2])):
        hub = make(f"hub{number}")
        known = 0
        for upto, path in order:
            (report,) = merge(hub, [path]).sources
            assert (report.taken, report.problems) == (max(0, upto - known), [])
            known = max(known, upto)
        assert hub.state_digest() == whole.state_digest()
        assert verify(hub).problems == []


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ("DELETE FROM change WHERE id & 16777215 = 40", "HW-2014"),
        ("DELETE FROM change WHERE id & 16777215 = 1", "HW-2010"),
        ("DELETE FROM change WHERE id & 16777215 = 70", "HW-2010"),
        ("UPDATE change SET id = id + 1 WHERE id & 16777215 = 70", "HW-2010"),
    ],
)
def test_a_file_with_a_gap_is_not_taken(make: Make, form: str, spoil: str, code: str) -> None:
    """A change is missing at the beginning, in the middle, at the end of a log, or stands at another number: nothing of
    that log is taken, others of the file are where its tables can be believed, and the whole file is taken after."""
    laptop, hub, fine = make("laptop"), make("hub"), make("fine")
    for number in range(70):
        laptop.save(form=form, answers={NAME: str(number)}, author="a")
    merge(fine, [laptop.path])
    laptop.db.execute(spoil)
    (report,) = merge(hub, [laptop.path]).sources
    assert ([problem.code for problem in report.problems], report.taken) == ([code], 0)
    assert hub.counts()["changes"] == 0
    assert verify(hub).problems == []
    assert merge(hub, [fine.path]).taken == 70


def test_what_a_phone_sends_finds_its_record_later(tmp_path: Path) -> None:
    """A phone edits what it saw at one hub and sends it to another, which has nothing of the record: it is taken and
    receipted, kept as it is, and finds its place when the record comes, also when that edit's parent comes last."""
    world = World()
    near, far, whole = (
        Laptop(tmp_path / f"{name}.db", f"0000000{place}", Clock(world), None)
        for place, name in enumerate(("near", "far", "whole"), 1)
    )
    phone = Browser("10000000", Clock(world))
    record = near.create("1", [Act("answer", NAME, "", "甲")], "own")
    near.edit(record, [Act("answer", NAME, "", "乙")], newest=False)
    phone.pull(near)
    phone.edit(record, [Act("founder", "", "k3f9", "王")], newest=False)
    phone.edit(record, [Act("answer", "/data/size", "", "2")], newest=False)
    assert Sending(phone, far, (), []).run(1)
    assert far.replica.state(record).created == ""
    early = dict(far.replica.state(record).answers)
    assert (early[NAME], early["/data/size"]) == ("乙", "2")
    assert verify(far.replica).problems == []
    merge(far.replica, [near.path])
    assert Sending(phone, whole, (), []).run(200)
    merge(whole.replica, [near.path])
    assert far.replica.state(record).answers == early
    assert far.replica.state(record).created
    assert far.replica.state_digest() == whole.replica.state_digest()
    assert verify(far.replica).problems == []
    for each in (near, far, whole):
        each.close()


def test_hubs_of_hubs_hand_on_what_they_were_given(make: Make, form: str) -> None:
    """Signed changes of three devices go through village and county to the province, another way round through a laptop
    that only carries, and directly: everywhere the same states, authors and signatures, and nothing comes twice."""
    devices = [make(f"device{number}") for number in range(3)]
    village, county, carrier, province, direct = map(
        make, ("village", "county", "carrier", "province", "direct")
    )
    record = devices[0].save(form=form, answers={NAME: "甲"}, author="a")
    for number, device in enumerate(devices):
        merge(device, [devices[0].path])
        device.save(record=record, form=form, answers={NAME: str(number)}, author=f"a{number}")
        for _ in range(66):
            device.save(form=form, answers={NAME: "乙"}, author=f"a{number}")
        device.sign_tip(keys.generate())
    merge(village, [devices[0].path, devices[1].path])
    merge(carrier, [devices[2].path, devices[1].path])
    merge(county, [village.path])
    merge(county, [carrier.path, village.path])
    merge(province, [carrier.path, county.path])
    merge(direct, [device.path for device in devices])
    village.review(record, "approved", author="v")
    for target, source in ((county, village), (province, county), (direct, village), (county, province)):
        assert merge(target, [source.path]).set_aside == []
    for target, source in itertools.permutations((county, province, direct), 2):
        assert merge(target, [source.path]).taken == 0
    assert len({hub.state_digest() for hub in (county, province, direct)}) == 1
    for hub in (county, province, direct):
        assert [(log["changes"], log["signed"]) for log in hub.logs() if log["signed"]] == [
            (log["changes"], log["changes"]) for log in direct.logs() if log["signed"]
        ]
        assert {change.header.author for change in hub.history(record)} == {"a", "a0", "a1", "a2", "v"}
        assert verify(hub).problems == []
    assert sum(bool(log["signed"]) for log in province.logs()) == 3


def derived(replica: Replica) -> list[tuple[object, ...]]:
    """The derived rows, in order."""
    replica.settle_stale()
    return replica.db.execute("SELECT * FROM state ORDER BY record").fetchall()


def test_the_state_is_the_log_s_whatever_was_derived(make: Make, form: str) -> None:
    """Derived rows are thrown away, are wrong, or were left behind by a merge: rebuilt from the log they are the same
    to the letter, `verify` gives the digest of the log meanwhile, and so does a replica that gets the log in one
    go."""
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    records = [anna.save(form=form, answers={NAME: str(number)}, author="a") for number in range(8)]
    merge(bo, [anna.path])
    for place, (replica, value) in enumerate(itertools.product((anna, bo), ("甲", "乙"))):
        replica.save(record=records[place % 2], form=form, answers={NAME: value}, author="a")
    anna.delete(records[2], "twice", author="a")
    bo.save(record=records[2], form=form, answers={NAME: "丙"}, author="b")
    bo.review(records[3], "approved", author="s")
    bo.delete(records[4], "twice", author="b")
    anna.withdraw(records[5], "called", author="s")
    bo.erase(records[6], "asked", author="s")
    merge(hub, [anna.path, bo.path])
    rows, digest = derived(hub), hub.state_digest()
    assert len(rows) == 7
    for statement in (
        "DELETE FROM state",
        "UPDATE state SET conflicts = 9, heads = 9, head = 0, review = 'approved'",
        "INSERT INTO stale SELECT record FROM state",
    ):
        hub.db.execute(statement)
        assert verify(hub).state_digest == digest
        verify(hub, repair=True)
        assert derived(hub) == rows
        assert verify(hub).problems == []
    fresh = make("fresh")
    merge(fresh, [hub.path])
    assert (derived(fresh), fresh.state_digest()) == (rows, digest)
