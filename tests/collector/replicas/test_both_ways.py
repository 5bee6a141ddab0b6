"""Laptop and hub, hub and hub, over real HTTP: what goes where, and that nothing is lost or doubled."""

from __future__ import annotations

import io
from pathlib import Path

from sync import Replica, merge, verify
from tests.collector.replicas.conftest import (
    FAR,
    HERE,
    THERE,
    Hub,
    MakeLaptop,
    Serve,
    digest_at,
    homeward,
    names_at,
    record,
    rename,
)


def test_a_laptop_gives_its_records_and_is_given_what_its_forms_need(hub: Hub, laptop: MakeLaptop) -> None:
    """The first sync brings forms and lists, the second takes the records to the hub; then all is received, and a
    third moves nothing."""
    anna = laptop(hub, "anna")
    first = anna.sync()
    assert (first.complete, first.made) == (True, 0)
    assert first.documents_received > 10
    record = anna.record("豆腐坊")
    second = anna.sync()
    assert (second.complete, second.made, second.there, second.sent) == (True, 1, 1, 1)
    assert names_at(hub.path) == {record: "豆腐坊"}
    third = anna.sync()
    assert (third.sent, third.received, third.excerpts, third.documents_received) == (0, 0, 0, 0)
    assert (third.documents_sent, third.problems) == (0, [])


def test_reviews_and_corrections_come_back_and_the_log_is_proved(hub: Hub, laptop: MakeLaptop) -> None:
    """A supervisor's correction and comment reach the laptop by scope; edits on both sides at once are a conflict on
    both."""
    anna = laptop(hub, "anna")
    anna.sync()
    record = anna.record("豆腐坊")
    anna.sync()
    with Replica.open(hub.path) as replica:
        rename(replica, record, "豆腐店", "chief000")
        replica.review(record, "has_issues", "哪一年？", author="chief000")
    anna.rename(record, "豆腐铺")
    report = anna.sync()
    assert (report.sent, report.excerpts, report.complete) == (1, 2, True)
    with Replica.open(anna.path) as here, Replica.open(hub.path) as there:
        assert here.state(record).conflicts == there.state(record).conflicts
        assert len(here.state(record).conflicts) == 1
        assert here.state(record).review == there.state(record).review
        assert verify(here).problems == []
        assert verify(there).problems == []


def test_a_supervisors_laptop_holds_everything(hub: Hub, laptop: MakeLaptop) -> None:
    """Whoever is given everything ends with the hub's own digest, and hands on what the hub lacks."""
    for username in ("anna", "bert"):
        field = laptop(hub, username)
        field.sync()
        field.record(f"店 {username}", HERE if username == "anna" else FAR)
        field.sync()
    hub.record("汇总端的店", THERE)
    chief = laptop(hub, "chief")
    report = chief.sync()
    assert (report.received, report.problems) == (3, [])
    assert digest_at(chief.path) == digest_at(hub.path)
    with Replica.open(chief.path) as replica:
        record = next(state.record for state in replica.states())
        replica.review(record, "approved", author=hub.people["chief"].id)
    assert chief.sync().sent == 1
    assert digest_at(chief.path) == digest_at(hub.path)


def test_what_a_laptop_hands_over_for_others_is_told(hub: Hub, laptop: MakeLaptop, tmp_path: Path) -> None:
    """A supervisor's laptop that made nothing itself and carries other people's changes says how many went over."""
    chief = laptop(hub, "chief")
    chief.sync()
    with Replica.create(tmp_path / "field.db") as field, Replica.open(chief.path) as carrier:
        merge(field, [carrier.path])
        for name in ("甲", "乙"):
            record(field, name, HERE, hub.people["anna"].id)
        merge(carrier, [field.path])
    told = homeward("sync", chief.path, hub.url)
    assert told.returncode == 0, told.stderr
    assert "2 changes that were made on other devices were handed over." in told.stdout
    assert "All received: nothing was made here yet." in told.stdout


def test_three_hubs_in_a_row_with_phones_logs_relayed(serve: Serve, laptop: MakeLaptop) -> None:
    """County to prefecture to province and back: every hub ends with the same digest, the laptop's log signed all the
    way, and a further round moves nothing."""
    county, prefecture, province = (serve(name) for name in ("county", "prefecture", "province"))
    county.add("anna")
    prefecture.add("county", "supervisor")
    province.add("prefecture", "administrator")
    anna = laptop(county, "anna")
    anna.sync()
    records = [anna.record(f"店{number}") for number in range(3)]
    anna.sync()
    up = [
        laptop(prefecture, "county", name="county"),
        laptop(province, "prefecture", name="prefecture"),
    ]
    for _ in range(2):
        for each in up:
            assert each.sync().problems == []
    province.record("省里的店", FAR)
    with Replica.open(province.path) as replica:
        replica.review(records[0], "approved", author="province")
    for each in reversed(up):
        assert each.sync().complete
    assert len({digest_at(each.path) for each in (county, prefecture, province)}) == 1
    assert anna.sync().excerpts == 1
    with Replica.open(province.path) as replica:
        signed = {log["replica"]: (log["changes"], log["signed"]) for log in replica.logs()}
    assert all(changes == number for changes, number in signed.values())
    for each in up:
        report = each.sync()
        assert (report.sent, report.received, report.documents_sent, report.documents_received) == (
            0,
            0,
            0,
            0,
        )


def test_photos_go_over_http_both_ways(hub: Hub, laptop: MakeLaptop) -> None:
    """In pieces, from where they were cut; a laptop is given those of its own records alone, a supervisor all."""
    photo, theirs = "/data/g_shop/photo", bytes(range(256)) * 20_000
    anna, chief = laptop(hub, "anna"), laptop(hub, "chief")
    anna.sync()
    record = anna.record("有照片的店")
    with Replica.open(anna.path) as replica:
        mine = replica.put_media(b"\xff\xd8" + bytes(3_000_000), "image/jpeg")
        state = replica.state(record)
        answers = {**state.answers, photo: mine}
        replica.save(record=record, form=state.form, answers=answers, author=anna.person)
    with Replica.open(hub.path) as replica:
        replica.append_media(mine, 0, io.BytesIO(b"\xff\xd8" + bytes(1_000_000)), 3_000_002, "image/jpeg")
    report = anna.sync()
    assert (report.media_sent, report.problems, report.complete) == (1, [], True)
    with Replica.open(hub.path) as replica:
        assert replica.media(mine).stat().st_size == 3_000_002
        state = replica.state(record)
        other = replica.put_media(theirs, "image/jpeg")
        answers = {**state.answers, photo: other}
        replica.save(record=record, form=state.form, answers=answers, author="chief000")
        stranger = replica.put_media(b"of nobody", "image/jpeg")
    report = anna.sync()
    assert (report.media_received, report.media_missing) == (1, 0)
    with Replica.open(anna.path) as replica:
        assert replica.media(other).read_bytes() == theirs
        assert replica.media_type(stranger) is None
    assert chief.sync().media_received == 3
    assert laptop(hub, "bert").sync().media_received == 0
