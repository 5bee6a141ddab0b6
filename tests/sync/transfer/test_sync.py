"""A sync whatever the road does: nothing lost, nothing doubled, and "all received" only when it is."""

from __future__ import annotations

from random import Random

import pytest

from sync import Replica, SyncError, merge, verify
from sync.names import replica_number
from sync.replica import log, sighting
from sync.transfer import client, give, giving, session
from sync.transfer import pull as pulling
from sync.transfer.transport import Unreachable
from tests.sync.transfer.roads import Direct, MakeStation, Station, outcome


def equal(*stations: Station) -> bool:
    """Whether all have the same state digest, and each proves its own log."""
    for each in stations:
        assert verify(each.replica).problems == []
    return len({each.replica.state_digest() for each in stations}) == 1


@pytest.mark.parametrize("seed", range(6))
def test_lost_cut_repeated_and_late_batches_end_as_an_undisturbed_run(
    station: MakeStation, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four replicas that write and sync over bad roads, in small batches; once the roads are good again, each with the
    hub is enough for all to be equal, and every change is there once."""
    monkeypatch.setattr(giving, "MOST", 7)
    monkeypatch.setattr(pulling, "MOST", 7)
    monkeypatch.setattr(session, "MOST", 7)
    chance = Random(seed)
    hub, *field = (station(name) for name in ("hub", "a", "b", "c"))
    made = 0
    for _ in range(6):
        for each in [hub, *field]:
            for _ in range(chance.randrange(4)):
                known = list(each.names())
                made += 1
                if known and chance.random() < 0.5:
                    each.rename(chance.choice(known), f"name {made}")
                else:
                    each.record(f"name {made}")
        one = chance.choice(field)
        code = outcome(one, hub, Random(chance.random()))
        assert code in ("", "HW-2052", "HW-2037", "HW-2036")
    for _ in range(2):
        for each in field:
            report = each.sync(hub)
            assert (report.complete, report.problems) == (True, [])
    assert equal(hub, *field)
    assert hub.replica.counts()["changes"] == made
    for each in field:
        report = each.sync(hub)
        assert (report.sent, report.received, report.documents_sent, report.documents_received) == (
            0,
            0,
            0,
            0,
        )


def test_what_is_written_during_a_sync_is_not_skipped(station: MakeStation) -> None:
    """On either side, between any two requests: it goes over in the same sync or the next, and "all received" is said
    of the tip that there is."""
    hub, anna = station("hub"), station("anna")
    anna.record("before")
    written = {"hello": "a", "push": "b", "pull": "c"}

    def before(path: str) -> None:
        if path in written:
            name = written.pop(path)
            with Replica.open(anna.path) as replica:
                replica.save(form=anna.form, answers={"/data/name": name}, author="p")
            with Replica.open(hub.path) as replica:
                replica.save(form=hub.form, answers={"/data/name": f"hub {name}"}, author="p")

    report = anna.sync(hub, anna.to(hub, before=before))
    assert (report.complete, report.made, report.there) == (True, 4, 4)
    assert written == {}
    anna.sync(hub)
    assert equal(hub, anna)
    assert len(anna.names()) == 7


def test_a_receipt_counts_only_with_a_digest_of_ours(station: MakeStation) -> None:
    """A hub that answers a receipt for something else is not believed: the log is named as a fork, and nothing counts
    as received."""

    class Liar(Direct):
        """Receipts with another digest, and a hello that says the same."""

        def push(self, body):  # type: ignore[no-untyped-def]
            answer = super().push(body)
            for receipt in answer["receipts"]:
                receipt[2] = "A" * 43
            return answer

    hub, anna = station("hub"), station("anna")
    anna.record("x")
    report = anna.sync(hub, Liar(hub.path, hub.key, anna.replica.name))
    assert [problem.code for problem in report.problems] == ["HW-2011"]
    assert not report.complete


def test_batches_are_bounded(station: MakeStation, monkeypatch: pytest.MonkeyPatch) -> None:
    """By changes and by size, also of a log that was never signed before: it is signed in steps."""
    hub, anna = station("hub"), station("anna")
    for number in range(25):
        anna.record(f"{number} " + "x" * 1000)
    for module in (giving, session):
        monkeypatch.setattr(module, "MOST", 10)
    road = anna.to(hub)
    assert anna.sync(hub, road).complete
    assert road.calls.count("push") == 3
    for module in (giving, session):
        monkeypatch.setattr(module, "MOST", 1000)
        monkeypatch.setattr(module, "ROOM", 5000)
    for number in range(10):
        anna.record(f"{number} " + "y" * 1000)
    road = anna.to(hub)
    assert anna.sync(hub, road).complete
    assert road.calls.count("push") == 3  # four of them have room
    assert equal(hub, anna)


def test_answers_are_bounded(station: MakeStation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub gives as much as fits, and says that there is more."""
    hub, anna = station("hub"), station("anna")
    for number in range(25):
        hub.record(f"{number}")
    monkeypatch.setattr(pulling, "MOST", 10)
    hub.replica.sign_tip(hub.key)
    road = anna.to(hub)
    assert anna.sync(hub, road).received == 25
    assert road.calls.count("pull") == 1  # signed once, at its end: a log is cut only where its author signed
    for number in range(25):
        hub.record(f"{number}")
        hub.replica.sign_tip(hub.key)
    road = anna.to(hub)
    assert anna.sync(hub, road).received == 25
    assert road.calls.count("pull") == 3
    assert equal(hub, anna)


def test_no_network_is_tried_again_and_then_told(station: MakeStation) -> None:
    """With growing pauses, and HW-2052 in the end; what came until then stays, and the next sync goes on from there."""
    hub, anna = station("hub"), station("anna")
    for number in range(30):
        anna.record(f"{number}")
    hub.record("of the hub")
    pauses: list[float] = []
    left = {"push": 1}

    def before(path: str) -> None:
        if path == "pull":
            raise Unreachable("no network")
        if path == "push" and left["push"]:
            left["push"] -= 1
            raise Unreachable("a hiccup")

    with pytest.raises(SyncError, match="HW-2052"):
        client.sync(anna.replica, anna.to(hub, before=before), anna.key, sleep=pauses.append)
    assert pauses == [session.PAUSES[0], *session.PAUSES]
    assert len(hub.names()) == 31
    report = anna.sync(hub)
    assert (report.sent, report.received) == (0, 1)


def test_hello_is_evidence_on_both_sides(station: MakeStation) -> None:
    """Who was seen to have how much of which log, with the digest there."""
    hub, anna = station("hub"), station("anna")
    anna.record("x")
    hub.record("y")
    anna.sync(hub)
    number = replica_number(anna.replica.name)
    digest = log.tip(anna.replica.db, number).digest
    seen = {(s.replica, s.source): (s.number, s.digest) for s in sighting.rows(hub.replica.db)}
    assert seen[number, anna.replica.name] == (1, digest)
    seen = {(s.replica, s.source): (s.number, s.digest) for s in sighting.rows(anna.replica.db)}
    assert seen[number, hub.replica.name] == (1, digest)
    assert seen[replica_number(hub.replica.name), hub.replica.name][0] == 1


def test_documents_do_not_go_back_and_forth(station: MakeStation) -> None:
    """A form that was put again here has the later date on both sides after one sync, and then nothing moves."""
    hub, anna = station("hub"), station("anna")
    anna.sync(hub)
    anna.replica.put_form("test", "1", b"<h:html/>", LAYOUT)
    assert anna.sync(hub).documents_sent == 0  # they are there: only their date is new
    assert give.document_keys(anna.replica) == give.document_keys(hub.replica)
    road = anna.to(hub)
    anna.sync(hub, road)
    assert road.calls == ["hello"]


def test_a_log_that_is_set_aside_does_not_stop_the_others(station: MakeStation) -> None:
    """Neither in the sync nor in the next one; the problem is told each time, and the hub keeps it once."""
    hub, anna, bert = station("hub"), station("anna"), station("bert")
    bert.record("x")
    bert.sync(hub)
    bert.record("forged")
    bert.replica.sign_tip(bert.key)
    anna.sync(hub)
    merge(anna.replica, [bert.path])
    with anna.replica.transaction():
        anna.replica.db.execute("UPDATE change SET payload = replace(payload, 'forged', 'altered')")
    anna.record("mine")
    for _ in range(2):
        report = anna.sync(hub)
        assert [problem.code for problem in report.problems] == ["HW-2008"]
        assert (report.complete, report.lacking) == (True, {bert.replica.name: 1})
    assert sorted(hub.names().values()) == ["mine", "x"]
    assert len(hub.replica.quarantined()) == 1


LAYOUT = [
    "/data/name",
    "/data/size",
    ["/data/label"],
    ["/data/founders", ["founder_name", "founder_sex", ["age"]]],
]
