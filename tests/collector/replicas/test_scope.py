"""Who is given what, read from the bytes that go over the wire."""

from __future__ import annotations

import gzip
from pathlib import Path

from collector import entities
from collector.fill import drafts
from sync import Replica, completeness, merge, verify
from sync.names import replica_number
from sync.replica import sighting
from sync.replica.sighting import Sighting
from tests.collector.replicas.conftest import (
    FAR,
    HERE,
    THERE,
    Hub,
    MakeLaptop,
    homeward,
    names_at,
    rename,
    secret_of,
)
from tests.collector.replicas.proxy import Exchange, proxy


def read(exchange: Exchange) -> str:
    """The text of an answer, unpacked."""
    return (
        gzip.decompress(exchange.answer) if exchange.answer[:2] == b"\x1f\x8b" else exchange.answer
    ).decode()


def filled(hub: Hub) -> dict[str, str]:
    """A hub with records of two people in three villages and of a phone; by what they are called."""
    anna, bert = hub.people["anna"].id, hub.people["bert"].id
    return {
        "安娜的店": hub.record("安娜的店", HERE, anna),
        "邻居的店": hub.record("邻居的店", HERE, bert),
        "远处的店": hub.record("远处的店", FAR, bert),
    }


def test_a_field_device_is_given_nobody_elses_answers(hub: Hub, laptop: MakeLaptop) -> None:
    """Her own records, reviews of her village, and no answer of anybody else's record in any byte she receives, but
    what the entity lists of her villages name for her to choose; of other villages not even that."""
    records = filled(hub)
    with Replica.open(hub.path) as replica:
        replica.review(records["邻居的店"], "has_issues", "看一下", author="chief000")
        replica.review(records["远处的店"], "has_issues", "远处的话", author="chief000")
        rename(replica, records["邻居的店"], "邻居改的店", "chief000")
    with proxy(hub.url) as wire:
        anna = laptop(hub, "anna", url=wire.url)
        anna.sync()
        received = "".join(read(each) for each in wire.seen)
    assert secret_of("安娜的店") in received
    assert "看一下" in received
    for secret in (secret_of("邻居的店"), secret_of("远处的店"), "远处的店", "远处的话"):
        assert secret not in received, secret
    assert records["安娜的店"] in names_at(anna.path)
    assert "远处" not in anna.path.read_bytes().decode("utf-8", "replace")


def test_what_a_field_device_is_not_given_is_no_loss(hub: Hub, laptop: MakeLaptop) -> None:
    """Its status says that the hub keeps what is not here, and misses nothing; a device whose log was seen somewhere
    else is still missed, and nothing is missing any more when all is given."""
    filled(hub)
    anna = laptop(hub, "anna")
    anna.sync()
    told = homeward("status", anna.path, username="anna").stdout
    assert "this device is given only what it needs" in told
    assert "missing here" not in told
    with Replica.open(anna.path) as replica, replica.transaction():
        assert {each.kept_at for each in completeness(replica) if each.missing} == {hub_name(hub)}
        seen = Sighting(replica_number(hub_name(hub)), "stick/other.db", 99, "", "2026-01-01T00:00:00Z")
        sighting.see(replica.db, [seen])
        assert {each.kept_at for each in completeness(replica) if each.missing} == {""}


def hub_name(hub: Hub) -> str:
    """The name of its database."""
    with Replica.open(hub.path) as replica:
        return replica.name


def test_erasures_of_her_village_reach_her_and_destroy(hub: Hub, laptop: MakeLaptop) -> None:
    """What a respondent takes back is gone from the laptop's file too, bytes and all."""
    anna = laptop(hub, "anna")
    anna.sync()
    record = anna.record("要删除的店")
    anna.sync()
    assert "要删除的店".encode() in anna.path.read_bytes()
    with Replica.open(hub.path) as replica:
        replica.erase(record, "受访者要求", author="chief000")
    assert anna.sync().excerpts == 1
    assert "要删除的店".encode() not in anna.path.read_bytes()
    with Replica.open(anna.path) as replica:
        assert verify(replica).problems == []
        assert replica.state(record).withdrawn


def test_entity_lists_of_her_villages_are_offered_under_her_own(hub: Hub, laptop: MakeLaptop) -> None:
    """A business recorded by a colleague in her village is a choice in her forms; the list is replaced, never piled
    up, and is handed on to nobody."""
    filled(hub)
    hub.record("同村的店", HERE, hub.people["bert"].id)
    anna = laptop(hub, "anna")
    anna.sync()
    with Replica.open(anna.path) as replica:
        name = next(iter(entities.list_names(replica)))
        offered = [row["name"] for row in entities.rows(replica, name) or []]
        assert len(replica.documents("entities")) == len(entities.list_names(replica))
    assert sorted(offered) == ["同村的店", "安娜的店", "邻居的店"]
    assert not anna.sync().documents_received
    with Replica.open(anna.path) as replica:
        own = next(state.record for state in replica.states())
        replica.delete(own, "重复", author=anna.person)
        left = [row["name"] for row in entities.rows(replica, name) or []]
    assert sorted(left) == ["同村的店", "邻居的店"]
    other = anna.path.parent / "other.db"
    with Replica.create(other) as replica:
        merge(replica, [anna.path])
        assert replica.documents("entities") == []


def test_a_supervisor_with_an_area_is_given_the_area(hub: Hub, laptop: MakeLaptop, tmp_path: Path) -> None:
    """All answers of the own villages, none of others."""
    filled(hub)
    hub.add("dora", "supervisor")
    hub.assign("dora", HERE)
    with proxy(hub.url) as wire:
        dora = laptop(hub, "dora", url=wire.url)
        dora.sync()
        received = "".join(read(each) for each in wire.seen)
    assert set(dora.names().values()) == {"安娜的店", "邻居的店"}
    assert "远处的店" not in received


def test_a_change_of_the_assignment_is_followed_both_ways(hub: Hub, laptop: MakeLaptop) -> None:
    """A village taken away: her records of it leave the laptop once the hub has them in a backup, and not before; the
    log still proves itself. Given back: they come again."""
    hub.assign("anna", HERE, THERE)
    anna = laptop(hub, "anna")
    anna.sync()
    kept, gone = anna.record("留下的店", HERE), anna.record("移走的店", THERE)
    anna.sync()
    hub.assign("anna", HERE)
    assert anna.sync().left == []
    assert set(anna.names()) == {kept, gone}
    hub.backed_up()
    later = anna.record("还没发的店", THERE)
    report = anna.sync()
    assert report.left == [gone]
    assert "移走的店".encode() not in anna.path.read_bytes()
    assert set(anna.names()) == {kept, later}
    with Replica.open(anna.path) as replica:
        assert verify(replica).problems == []
        assert replica.counts()["records"] == 2
    assert set(names_at(hub.path)) == {kept, gone, later}
    anna.record("之后的店", HERE)
    assert anna.sync().complete
    hub.assign("anna", HERE, THERE)
    back = anna.sync()
    assert (back.back, back.problems) == (1, [])
    assert anna.names()[gone] == "移走的店"
    with Replica.open(anna.path) as replica:
        assert verify(replica).problems == []
        assert replica.db.execute("SELECT count(*) FROM released").fetchone()[0] == 0


def test_a_file_that_let_answers_go_says_so_where_they_are_missed(
    hub: Hub, laptop: MakeLaptop, tmp_path: Path
) -> None:
    """Merged into a hub that has them it is like any other; into one that lacks them the log is set aside with
    HW-2038, which names who has them."""
    anna = laptop(hub, "anna")
    anna.sync()
    record = anna.record("移走的店")
    anna.sync()
    hub.backed_up()
    hub.assign("anna", THERE)
    assert anna.sync().left == [record]
    with Replica.open(hub.path) as replica:
        assert merge(replica, [anna.path]).set_aside == []
        name = replica.name
    with Replica.create(tmp_path / "stranger.db") as stranger:
        (aside,) = merge(stranger, [anna.path]).set_aside
        (problem,) = aside.problems
        assert (problem.code, problem.params["hub"]) == ("HW-2038", name)


def test_what_somebody_is_at_work_on_stays(hub: Hub, laptop: MakeLaptop) -> None:
    """A record with an open draft does not leave."""
    anna = laptop(hub, "anna")
    anna.sync()
    record = anna.record("正在改的店")
    anna.sync()
    hub.backed_up()
    hub.assign("anna", THERE)
    connection = anna.accounts()
    with Replica.open(anna.path) as replica:
        draft = drafts.Draft(form=replica.state(record).form, created="2026-01-01", record=record)
    drafts.put(connection, draft)
    assert anna.sync().left == []
    drafts.saved(connection, draft.id, f"{record}")
    connection.close()
    assert anna.sync().left == [record]
