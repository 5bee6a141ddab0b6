"""Erasing: what a person asks to have destroyed is destroyed wherever the erase arrives, and the log still proves
itself."""

from __future__ import annotations

import itertools
import sqlite3

import pytest

from sync import Replica, SyncError, merge, protocol, verify
from sync.interest import Interest
from sync.replica.schema import FIRST_QUARANTINE
from sync.transfer import give, lines
from tests.sync.conftest import Make
from tests.sync.test_protocol import request_of
from tests.sync.transfer.conftest import hand_over, unpacked

NAME = "/data/name"
SECRET = "王秘密的名字"


def told(replica: Replica, form: str) -> tuple[str, str]:
    """A record that says something, with a photo, an edit and a comment; the record and the photo's digest."""
    photo = replica.put_media(b"a face", "image/jpeg")
    record = replica.save(form=form, answers={NAME: SECRET, "/data/size": photo}, author="a", scopes=["v:1"])
    replica.save(record=record, form=form, answers={NAME: SECRET + "2", "/data/size": photo}, author="a")
    replica.review(record, "has_issues", f"is it {SECRET}?", author="s")
    return record, photo


def assert_gone(replica: Replica, record: str, photo: str) -> None:
    """Nothing of the record is left in the state, the tables, the file's bytes or the media folder."""
    state = replica.state(record)
    assert (state.withdrawn, dict(state.answers), state.review.comment) == (True, {}, "")
    assert SECRET.encode() not in replica.path.read_bytes()
    assert not replica.media(photo).exists()
    assert replica.media_missing() == []
    assert verify(replica).problems == []


def test_what_is_erased_is_gone_from_the_file(make: Make, form: str) -> None:
    """Payloads, comments and media go, also from the free pages of the file; headers, reason and chain stay."""
    hub = make("hub")
    record, photo = told(hub, form)
    other = hub.save(form=form, answers={NAME: "kept"}, author="a")
    hub.erase(record, "asked by telephone", author="s")
    assert_gone(hub, record, photo)
    assert hub.state(other).answers == {NAME: "kept"}
    assert [change.payload is None for change in hub.history(record)] == [True, True, True, False]
    with pytest.raises(SyncError) as refused:
        hub.save(record=record, form=form, answers={NAME: "again"}, author="a")
    assert refused.value.problem.code == "HW-2035"


@pytest.mark.parametrize("road", ["file", "lines"])
def test_an_erase_reaches_whoever_holds_a_copy(make: Make, form: str, road: str) -> None:
    """By file and by lines; before, after and between what it erases, all end up equal and empty."""
    laptop, hub = make("laptop"), make("hub")
    record, photo = told(laptop, form)
    merge(hub, [laptop.path])
    copy = make("copy")
    merge(copy, [hub.path])
    hub.erase(record, "asked", author="s")
    digests = set()
    for number, order in enumerate(itertools.permutations([laptop, copy, hub])):
        late = make(f"late{number}")
        for source in order:
            problems = (
                merge(late, [source.path]).sources[0].problems
                if road == "file"
                else hand_over(source, late).problems
            )
            assert problems == []
        assert_gone(late, record, photo)
        digests.add(late.state_digest())
    assert digests == {hub.state_digest()}
    if road == "file":
        merge(laptop, [hub.path])
    else:
        hand_over(hub, laptop)
    assert_gone(laptop, record, photo)


def test_an_edit_that_did_not_know_of_the_erase_is_destroyed_where_it_arrives(make: Make, form: str) -> None:
    """A device that comes back after weeks with more of an erased record brings nothing of it back."""
    laptop, hub = make("laptop"), make("hub")
    record, photo = told(laptop, form)
    merge(hub, [laptop.path])
    hub.erase(record, "asked", author="s")
    again = laptop.put_media(b"another face", "image/jpeg")
    laptop.save(record=record, form=form, answers={NAME: SECRET + "3", "/data/size": again}, author="a")
    assert merge(hub, [laptop.path]).taken == 1
    assert_gone(hub, record, photo)
    assert not hub.media(again).exists()
    assert hand_over(hub, laptop).problems == []
    assert_gone(laptop, record, again)
    assert laptop.state_digest() == hub.state_digest()


def test_a_phone_that_did_not_know_of_the_erase_brings_nothing_back(make: Make, form: str) -> None:
    """What it sends of an erased record is receipted, and destroyed in the transaction that takes it."""
    phone, hub = make("phone"), make("hub")
    record, photo = told(phone, form)
    assert protocol.receive(hub, request_of(phone, 1, 2), phone.name)["refused"] == []
    hub.erase(record, "asked", author="s")
    phone.save(record=record, form=form, answers={NAME: SECRET + "3", "/data/size": photo}, author="a")
    answer = protocol.receive(hub, request_of(phone, 3, 4), phone.name, kinds=["edit", "review"])
    assert [receipt[0] for receipt in answer["receipts"]] == [f"{phone.name}-3", f"{phone.name}-4"]
    assert_gone(hub, record, photo)


def test_a_picture_that_another_record_shows_stays(make: Make, form: str) -> None:
    """Media are shared by their bytes: they go with the last record that names them."""
    hub = make("hub")
    record, photo = told(hub, form)
    other = hub.save(form=form, answers={NAME: "b", "/data/size": photo}, author="a")
    hub.erase(record, "asked", author="s")
    assert hub.media(photo).exists()
    hub.erase(other, "asked too", author="s")
    assert not hub.media(photo).exists()


def test_an_erased_record_is_handed_on_with_its_erasure(make: Make, form: str) -> None:
    """A log whose payloads are gone is taken only with the proof that they were erased, which travels before it."""
    laptop, hub, top = make("laptop"), make("hub"), make("top")
    told(laptop, form)
    merge(hub, [laptop.path])
    record = laptop.save(form=form, answers={NAME: "x"}, author="a")
    merge(hub, [laptop.path])
    hub.erase(record, "asked", author="s")
    assert hand_over(hub, top).problems == []
    assert verify(top).problems == []
    assert top.state_digest() == hub.state_digest()


def test_a_file_proves_what_was_erased_by_a_notice(make: Make, form: str) -> None:
    """A laptop that was told of an erase alone, without the log that it stands in, hands its file to a hub that has
    not heard of it: the gap is proved by what it was told, the hub proves itself and hands it on the same way, the
    rest of the log is there, and the log of the erase takes the place of the notice."""
    anna, county, hub, province = make("anna"), make("county"), make("hub"), make("province")
    gone = anna.save(form=form, answers={NAME: SECRET}, author="a", scopes=["p:a"])
    kept = anna.save(form=form, answers={NAME: "kept"}, author="a", scopes=["p:a"])
    merge(county, [anna.path])
    county.erase(gone, "asked", author="s")
    tell(county, anna)
    for target, source in ((hub, anna), (province, hub)):
        (report,) = merge(target, [source.path]).sources
        assert (report.taken, report.problems) == (2, [])
        state = target.state(gone)
        assert (state.withdrawn, dict(state.answers)) == (True, {})
        assert target.state(kept).answers == {NAME: "kept"}
        assert verify(target).problems == []
        before = target.path.read_bytes()
        assert merge(target, [source.path]).taken == 0
        assert target.path.read_bytes() == before
    merge(province, [county.path])
    assert province.db.execute("SELECT count(*) FROM excerpt").fetchone() == (0,)
    assert verify(province).problems == []
    assert province.state_digest() == county.state_digest()


def tell(source: Replica, target: Replica) -> None:
    """What concerns the target, without the logs that it stands in."""
    changes, _, _ = give.concerning(source, Interest(frozenset({"p:a"})), "", target.name, 100)
    out: list[bytes] = []
    writer = lines.Writer(out.append)
    writer.excerpts([(text, payload) for _, text, payload in changes])
    writer.end()
    assert unpacked(target, b"".join(out)).problems == []


def test_withdrawing_keeps_the_media_until_they_are_erased(make: Make, form: str) -> None:
    """A withdrawal publishes nothing; only an erase destroys."""
    hub = make("hub")
    record, photo = told(hub, form)
    hub.withdraw(record, "asked", author="s")
    assert hub.media(photo).exists()
    assert hub.state(record).answers[NAME] == SECRET + "2"


def test_an_erase_of_the_version_before_is_carried_out_by_the_migration(make: Make, form: str) -> None:
    """A file in which an erase stood beside payloads that were not destroyed loses them when it is opened."""
    hub = make("hub")
    record, photo = told(hub, form)
    rows = hub.db.execute("SELECT id, payload FROM change").fetchall()
    hub.erase(record, "asked", author="s")
    hub.close()
    with sqlite3.connect(hub.path) as old:
        old.executemany("UPDATE change SET payload = ?2 WHERE id = ?1", rows)
        for table in (
            "excerpt",
            "signature",
            "erased",
            "gone",
            "released",
            "sighting",
            "intake",
            "backed_up",
            "quarantine",
            "kept",
        ):
            old.execute(f"DROP TABLE {table}")
        old.execute(FIRST_QUARANTINE)
        old.execute("DELETE FROM _sqlite_migrations WHERE name <> '0001_first_light'")
        old.execute("PRAGMA user_version = 1")
    old.close()
    assert SECRET.encode() in hub.path.read_bytes()
    with Replica.open(hub.path) as opened:
        assert_gone(opened, record, photo)
