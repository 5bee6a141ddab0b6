"""Enrolling a laptop: once, with a password; after that a token and a key."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from collector import app_db, hub_sync, library
from collector.accounts import people
from collector.api import devices
from collector.own_keys import to_hand_over
from collector.problems import Problem
from sync import Replica, SyncError, keys, merge
from sync.transfer.transport import Refused
from tests.collector.replicas.conftest import (
    FAR,
    HERE,
    Hub,
    Laptop,
    MakeLaptop,
    names_at,
    record,
    secret,
)


def enrol(laptop: Laptop, username: str, password: str) -> None:
    """Enrolment alone."""
    with (
        Replica.open(laptop.path) as replica,
        closing(laptop.accounts()) as connection,
        hub_sync.road(laptop.url) as way,
    ):
        hub_sync.enrol(replica, connection, way, username, password)


def test_both_sides_know_each_others_key(hub: Hub, laptop: MakeLaptop) -> None:
    """Each has the other's public key as a document; the private key lies in the app database alone."""
    anna = laptop(hub, "anna")
    anna.sync()
    with Replica.open(anna.path) as here, Replica.open(hub.path) as there:
        for name in (here.name, there.name):
            found = {replica.document_named(keys.KEY_KIND, name).id for replica in (here, there)}  # type: ignore[union-attr]
            assert len(found) == 1
        with closing(anna.accounts()) as connection:
            pem = keys.to_pem(to_hand_over(connection, here))
    assert pem.encode() not in anna.path.read_bytes()


def test_wrong_passwords_are_refused_and_counted(hub: Hub, laptop: MakeLaptop) -> None:
    """HW-3005, and after eight of them HW-3006, as on the page; nothing is enrolled."""
    anna = laptop(hub, "anna")
    for _ in range(8):
        with pytest.raises(Refused, match="HW-3005"):
            enrol(anna, "anna", "wrong password")
    with pytest.raises(Refused, match="HW-3006"):
        enrol(anna, "anna", secret("anna"))
    with closing(app_db.connect(app_db.path_for(hub.path))) as connection:
        assert connection.execute("SELECT count(*) FROM device").fetchone()[0] == 0


def test_she_signs_in_on_the_laptop_with_the_same_password(hub: Hub, laptop: MakeLaptop) -> None:
    """The account is there under the hub's id; its villages follow the hub's with each sync."""
    anna = laptop(hub, "anna")
    anna.sync()
    with closing(anna.accounts()) as connection:
        person = people.by_password(connection, "anna", secret("anna"))
        assert person is not None
        assert (person.id, person.villages) == (hub.people["anna"].id, (HERE,))
        hub.assign("anna", FAR)
        anna.sync()
        assert people.by_id(connection, person.id).villages == (FAR,)  # type: ignore[union-attr]


def test_a_hub_of_its_own_gets_no_account_of_the_upper_one(hub: Hub, laptop: MakeLaptop) -> None:
    """A supervisor's account is made on a computer without accounts only."""
    chief = laptop(hub, "chief")
    with closing(chief.accounts()) as connection:
        people.add(connection, "local", "a-local-password", role="administrator")
        chief.sync()
        assert [person.username for person in people.everybody(connection)] == ["local"]


def test_an_account_that_was_made_before_becomes_hers(hub: Hub, laptop: MakeLaptop) -> None:
    """Records that were made under the laptop's own account before the first sync are taken, and are hers."""
    anna = laptop(hub, "anna")
    with closing(anna.accounts()) as connection, Replica.open(anna.path) as replica:
        before = people.add(connection, "anna", "another-password")
        library.install_library(replica)
        made = record(replica, "以前的店", HERE, before.id)
    report = anna.sync()
    assert (report.problems, report.complete) == ([], True)
    assert names_at(hub.path) == {made: "以前的店"}
    with closing(anna.accounts()) as connection:
        assert people.by_id(connection, before.id) is None
        assert people.by_username(connection, "anna").id == hub.people["anna"].id  # type: ignore[union-attr]
    with Replica.open(hub.path) as replica:
        replica.review(made, "approved", author="chief000")
    assert anna.sync().excerpts == 1


def test_a_supervisors_account_is_nobodys_to_take(hub: Hub, laptop: MakeLaptop) -> None:
    """HW-3412 when the name here belongs to somebody who supervises."""
    anna = laptop(hub, "anna")
    with closing(anna.accounts()) as connection:
        people.add(connection, "anna", "another-password", role="supervisor")
    with pytest.raises(Problem, match="HW-3412"):
        enrol(anna, "anna", secret("anna"))


def test_two_people_share_a_laptop(hub: Hub, laptop: MakeLaptop) -> None:
    """Each enrols once; what comes is what concerns either, whoever syncs."""
    anna = laptop(hub, "anna")
    anna.sync()
    bert = laptop(hub, "bert", name="anna")
    bert.sync()
    of_anna, of_bert = anna.record("安娜的店", HERE), bert.record("伯特的店", FAR)
    assert anna.sync().problems == []
    with Replica.open(hub.path) as replica:
        for made in (of_anna, of_bert):
            replica.review(made, "has_issues", "看一下", author="chief000")
    assert anna.sync().excerpts == 2
    assert bert.sync().excerpts == 0
    with Replica.open(anna.path) as replica:
        assert {state.review.comment for state in replica.states()} == {"看一下"}


def test_a_new_password_ends_the_laptops_token(hub: Hub, laptop: MakeLaptop) -> None:
    """HW-3416, and after enrolling again it goes on."""
    anna = laptop(hub, "anna")
    anna.sync()
    with closing(app_db.connect(app_db.path_for(hub.path))) as connection:
        devices.revoke(connection, hub.people["anna"].id)
    made = anna.record("店")
    with pytest.raises(Problem, match="HW-3416"):
        anna.sync()
    assert anna.sync().complete
    assert names_at(hub.path) == {made: "店"}


def merged_before(hub: Hub, laptop: Laptop, person: str) -> str:
    """A laptop without a key, with a record that came to the hub by file, and one that did not."""
    with Replica.open(laptop.path) as replica:
        library.install_library(replica)
        record(replica, "带来的店", HERE, person)
        with Replica.open(hub.path) as there:
            assert not merge(there, [laptop.path]).set_aside
        record(replica, "后来的店", HERE, person)
        return replica.name


def test_a_laptop_that_came_by_file_before_goes_on_by_network(hub: Hub, laptop: MakeLaptop) -> None:
    """It shows the digest of its log where it ends at the hub, and is the one."""
    anna = laptop(hub, "anna")
    merged_before(hub, anna, hub.people["anna"].id)
    report = anna.sync()
    assert (report.complete, report.made, report.problems) == (True, 2, [])
    assert sorted(names_at(hub.path).values()) == ["后来的店", "带来的店"]


def test_nobody_enrols_as_somebody_elses_laptop(hub: Hub, laptop: MakeLaptop, tmp_path: Path) -> None:
    """HW-3414 for a log of somebody else's records, for a made-up log under that name, for the hub's own name, and for
    a copy of an enrolled laptop without its key. A supervisor vouches for the first."""
    bert = laptop(hub, "bert")
    name = merged_before(hub, bert, hub.people["bert"].id)
    with pytest.raises(Refused, match="HW-3414"):
        enrol(bert, "anna", secret("anna"))
    for number, taken in enumerate((name, names_of(hub))):
        path = tmp_path / f"forged{number}" / "forged.db"
        with Replica.create(path, taken) as replica:
            library.install_library(replica)
            record(replica, "假的店", HERE, hub.people["anna"].id)
        with pytest.raises(Refused, match="HW-3414"):
            enrol(Laptop(path, hub.url, "anna"), "anna", secret("anna"))
    enrol(bert, "chief", secret("chief"))
    copy = tmp_path / "copy" / "copy.db"
    copy.parent.mkdir()
    shutil.copy(bert.path, copy)
    with pytest.raises((Refused, SyncError), match=r"HW-3414|HW-2049"):
        enrol(Laptop(copy, hub.url, "chief"), "chief", secret("chief"))


def names_of(hub: Hub) -> str:
    """The hub's own name."""
    with Replica.open(hub.path) as replica:
        return replica.name
