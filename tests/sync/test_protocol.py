"""Sync of a device: receipts, repetition, gaps, forks, forgeries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sync import Replica, SyncError, canonical, keys, merge, protocol, verify
from sync.names import replica_number
from sync.replica import log

Make = Callable[[str], Replica]


def request_of(device: Replica, first: int, last: int, key: keys.PrivateKey | None = None) -> dict[str, Any]:
    """What a device sends: changes `first` to `last` of its log."""
    number = replica_number(device.name)
    rows = log.in_range(device.db, number << 24 | first, number << 24 | last)
    digest = log.digest_at(device.db, number, last)
    text = keys.tip_text(device.name, last, digest)
    return {
        "replica": device.name,
        "changes": [[header, payload] for _, _, header, payload in rows],
        "tip": [device.name, str(last), digest],
        "signature": keys.sign(key, text) if key else "",
    }


def fill(device: Replica, form: str, count: int = 3) -> None:
    """Some records."""
    for number in range(count):
        device.save(
            form=form, answers={"/data/name": f"甲{number}"}, author="a", scopes=["v:1" if number else "v:2"]
        )


def enrol(hub: Replica, device: Replica) -> keys.PrivateKey:
    """A key that the hub knows."""
    key = keys.generate()
    hub.put_document("key", device.name, keys.key_document(device.name, keys.public_text(key)).encode())
    return key


def test_a_receipt_names_what_is_committed(make: Make, form: str) -> None:
    """Receipts name change and digests with the time of the first commit; sending again gives the same
    ones."""
    device, hub = make("device"), make("hub")
    fill(device, form)
    key = enrol(hub, device)
    assert protocol.hello(hub, {"replica": device.name, "number": "3", "digest": "x"})["has"] == "0"
    request = request_of(device, 1, 3, key)
    answer = protocol.receive(hub, request, device.name)
    assert answer["refused"] == answer["notes"] == []
    assert [r[:3] for r in answer["receipts"]] == [
        [f"{device.name}-{n}", canonical.sha(h), canonical.sha(p)]
        for n, (h, p) in enumerate(request["changes"], 1)
    ]
    assert protocol.receive(hub, request, device.name) == answer
    assert (
        protocol.receive(hub, request_of(device, 2, 2, key), device.name)["receipts"]
        == answer["receipts"][1:2]
    )
    tip = log.tip(device.db, replica_number(device.name))
    hello = protocol.hello(hub, {"replica": device.name, "number": "3", "digest": tip.digest})
    assert (hello["has"], hello["digest"], "problem" in hello) == ("3", tip.digest, False)
    assert hub.state_digest() == device.state_digest()
    assert verify(hub).sound


def test_a_gap_is_named_and_a_prefix_kept(make: Make, form: str) -> None:
    """A prefix, then what lies behind a gap (refused), then the rest: nothing is lost."""
    device, hub = make("device"), make("hub")
    fill(device, form)
    key = enrol(hub, device)
    assert len(protocol.receive(hub, request_of(device, 1, 1, key), device.name)["receipts"]) == 1
    answer = protocol.receive(hub, request_of(device, 3, 3, key), device.name)
    assert answer["receipts"] == []
    assert answer["refused"][0]["problem"]["code"] == "HW-2014"
    assert answer["refused"][0]["problem"]["place"] == f"{device.name}-2"
    assert len(protocol.receive(hub, request_of(device, 1, 3, key), device.name)["receipts"]) == 3


def test_a_changed_payload_is_refused_and_the_changes_before_it_taken(make: Make, form: str) -> None:
    """A byte changed on the way is named; what stands before it is receipted; sent again whole, all is
    taken."""
    device, hub = make("device"), make("hub")
    fill(device, form)
    key = enrol(hub, device)
    request = request_of(device, 1, 3, key)
    request["changes"][1][1] = request["changes"][1][1].replace("甲1", "乙1")
    answer = protocol.receive(hub, request, device.name)
    assert [receipt[0] for receipt in answer["receipts"]] == [f"{device.name}-1"]
    assert [(r["change"], r["problem"]["code"]) for r in answer["refused"]] == [
        (f"{device.name}-2", "HW-2008")
    ]
    assert len(protocol.receive(hub, request_of(device, 1, 3, key), device.name)["receipts"]) == 3
    assert verify(hub).sound


def test_a_fork_is_refused_and_kept(make: Make, form: str, tmp_path: Any) -> None:
    """A device that reuses its numbers is found in hello and in receive; what it sent is kept aside."""
    hub, device = make("hub"), make("device")
    with Replica.create(tmp_path / "clone.db", name=device.name) as clone:
        fill(device, form)
        protocol.receive(hub, request_of(device, 1, 3), device.name)
        other = clone.put_form("other", "1", b"<y/>", ["/data/name"])
        clone.save(form=other, answers={"/data/name": "clone"}, author="a")
        request = request_of(clone, 1, 1)
        hello = protocol.hello(hub, {"replica": clone.name, "number": "1", "digest": request["tip"][2]})
        assert hello["problem"]["code"] == "HW-2011"
        answer = protocol.receive(hub, request, clone.name)
    assert answer["receipts"] == []
    assert answer["refused"][0]["problem"]["code"] == "HW-2011"
    (kept,) = hub.quarantined()
    assert [[each.header, each.payload] for each in hub.kept_changes(kept.id)] == request["changes"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda r: r | {"replica": "7k3m9q2x"}, "HW-2019"),
        (lambda r: r | {"signature": ""}, "HW-2012"),
        (lambda r: r | {"tip": [*r["tip"][:2], "x"]}, "HW-2010"),
        (lambda r: r | {"tip": None}, "HW-2020"),
        (lambda r: r | {"changes": [["x", "y"]]}, "HW-2009"),
        (lambda r: r | {"changes": [["\ud800", "y"]]}, "HW-2001"),
        (lambda r: r | {"changes": "all"}, "HW-2020"),
        (lambda r: r | {"changes": r["changes"][::2]}, "HW-2014"),
        (
            lambda r: (
                r | {"documents": [{"id": "x", "kind": "list", "name": "villages", "added": "", "data": ""}]}
            ),
            "HW-2020",
        ),
    ],
)
def test_what_is_not_the_protocol_is_refused_whole(
    make: Make, form: str, spoil: Callable[[Any], Any], code: str
) -> None:
    """A foreign name, no signature, a wrong digest, malformed parts: a numbered problem, and nothing is
    taken."""
    device, hub = make("device"), make("hub")
    fill(device, form)
    request = request_of(device, 1, 3, enrol(hub, device))
    with pytest.raises(SyncError) as error:
        protocol.receive(hub, spoil(request), device.name)
    assert error.value.problem.code == code
    assert hub.counts()["changes"] == 0
    assert len(protocol.receive(hub, request, device.name)["receipts"]) == 3


def test_a_device_may_not_review(make: Make, form: str) -> None:
    """A device approves nothing, its own records neither."""
    device, hub = make("device"), make("hub")
    fill(device, form, 1)
    device.review(f"{device.name}-1", "approved", author="a")
    answer = protocol.receive(hub, request_of(device, 1, 2), device.name)
    assert len(answer["receipts"]) == 1
    assert answer["refused"][0]["problem"]["code"] == "HW-2033"
    assert hub.state(f"{device.name}-1").review.state == "received"


def test_an_unknown_form_version_is_taken_and_shown_raw(make: Make) -> None:
    """A record of a form version unknown here is receipted with a note, kept, and read once the form
    arrives."""
    device, hub = make("device"), make("hub")
    form = device.put_form("new", "1", b"<n/>", ["/data/x"])
    record = device.save(form=form, answers={"/data/x": "1"}, author="a")
    answer = protocol.receive(hub, request_of(device, 1, 1), device.name)
    assert len(answer["receipts"]) == 1
    assert answer["notes"][0]["problem"]["code"] == "HW-2018"
    assert hub.state(record).answers == {"#0": "1"}
    assert hub.state(record).form_id == ""
    hub.put_form("new", "1", b"<n/>", ["/data/x"])
    assert hub.state(record).answers == {"/data/x": "1"}


def test_what_was_taken_of_a_batch_is_signed_when_it_is_sent_again(make: Make, form: str) -> None:
    """A batch cut short by a refusal leaves changes that no signature covers; sent once more by themselves
    they are signed here, and another hub takes them."""
    hub, upper, device = make("hub"), make("upper"), make("device")
    key = enrol(hub, device)
    fill(device, form, 2)
    device.review(f"{device.name}-1", "approved", author="anna")
    answer = protocol.receive(hub, request_of(device, 1, 3, key), device.name)
    assert (len(answer["receipts"]), len(answer["refused"])) == (2, 1)
    assert [problem.code for problem in merge(upper, [hub.path]).sources[0].problems] == ["HW-2012"]
    assert len(protocol.receive(hub, request_of(device, 1, 2, key), device.name)["receipts"]) == 2
    report = merge(upper, [hub.path]).sources[0]
    assert (report.taken, report.problems) == (2, [])
