"""Roads between replicas, and what must hold on each of them whatever is carried."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest

from sync import SyncError, merge, protocol
from sync.canonical import sha
from sync.names import change_key, replica_name, replica_number
from sync.replica import documents, log
from tests.sync.network.browser import Browser, Packet
from tests.sync.network.laptop import Laptop

FAULTS = ("fine", "lost", "unanswered", "twice", "cut", "payload", "header")
"""What a network does to a request: `lost` and `unanswered` end the round, `cut` sends half of it, `payload` and
`header` alter a byte of one change."""


class Unreachable(Exception):
    """No answer came."""


def file_bytes(laptop: Laptop) -> list[bytes]:
    """The file, and what SQLite keeps beside it."""
    beside = (Path(f"{laptop.path}{end}") for end in ("", "-wal", "-journal"))
    return [path.read_bytes() if path.exists() else b"" for path in beside]


def bring(target: Laptop, source: Path) -> int:
    """Merges a file; returns how many changes were new.

    Nothing is set aside but a log whose signature does not cover what is new, and the same file again writes
    nothing."""
    expected = _unsigned(target, source)
    report = merge(target.at_work(), [source]).sources[0]
    found = {(problem.code, problem.place) for problem in report.problems}
    assert found == {("HW-2012", name) for name in expected}
    _signed(target, source, expected)
    before = file_bytes(target)
    again = merge(target.replica, [source]).sources[0]
    assert (again.taken, again.documents, again.problems) == (0, 0, report.problems)
    # What is set aside leaves a note of when it was last seen.
    assert report.problems or file_bytes(target) == before, "a merge that brought nothing wrote to the file"
    return report.taken


def _unsigned(target: Laptop, source: Path) -> set[str]:
    """Logs of a file that go on beyond their signature although a key is known: of a batch that was cut short."""
    found = set()
    with closing(connect(f"file:{source}?mode=ro", uri=True)) as db:
        known = {name for (name,) in db.execute("SELECT name FROM document WHERE kind = 'key'")}
        for number, tip, signed in db.execute("SELECT replica, tip, signed FROM log"):
            name = replica_name(number)
            here = log.tip(target.replica.db, number).number
            keyed = name in known or documents.public_key(target.replica.db, name) is not None
            if keyed and tip > here and signed != tip:
                found.add(name)
    return found


def _signed(target: Laptop, source: Path, aside: set[str]) -> None:
    """The later signature over a log is kept, also where the changes were here before."""
    with closing(connect(f"file:{source}?mode=ro", uri=True)) as db:
        for number, signed in db.execute("SELECT replica, signed FROM log"):
            name = replica_name(number)
            if name not in aside and documents.public_key(target.replica.db, name) is not None:
                assert log.tip(target.replica.db, number).signed >= signed


def deliver(hub: Laptop, packet: Packet) -> dict[str, Any]:
    """Hands a request to a hub; every receipt stands for bytes that are there, and what the hub had already writes
    nothing."""
    replica = packet.sender
    before, tip = file_bytes(hub), log.tip(hub.replica.db, replica_number(replica))
    keyed = documents.public_key(hub.replica.db, replica) is not None
    answer = protocol.receive(hub.at_work(), packet.request, replica)
    for change, header_sha, payload_sha, _ in answer["receipts"]:
        row = log.one(hub.replica.db, change_key(change))
        assert row is not None
        assert sha(row[2]) == header_sha
        assert row[3] is None or sha(row[3]) == payload_sha
    if keyed and tip.number >= packet.last <= tip.signed:
        assert file_bytes(hub) == before, "a request that brought nothing wrote to the file"
    return answer


def spoiled(packet: Packet, fault: str, has: int) -> Packet:
    """The request as a bad road hands it over; only what the hub has not is altered."""
    changes = [list(pair) for pair in packet.request["changes"]]
    place = max(has + 1 - packet.first, len(changes) // 2)
    if fault == "cut":
        changes = changes[:-1]
    elif fault == "payload":
        changes[place][1] = changes[place][1][:-1] + ",[]]"
    else:
        changes[place][0] = changes[place][0].replace('"bo"', '"be"')
    return packet._replace(request={**packet.request, "changes": changes})


class Sending:
    """A round of a browser's sync over a network that follows `plan`, a fault for each request; then all is fine.

    `flying` takes every request that went out: it may arrive once more, later, and somewhere else."""

    def __init__(self, browser: Browser, hub: Laptop, plan: Sequence[str], flying: list[Packet]) -> None:
        self.browser, self.hub = browser, hub
        self.plan = list(plan)
        self.flying = flying

    def run(self, size: int) -> bool:
        """Sends what waits in batches of `size`; returns whether all has its receipt."""
        browser = self.browser
        hello = protocol.hello(self.hub.replica, browser.hello())
        assert "problem" not in hello
        upcoming = browser.waiting(int(hello["has"]))
        try:
            while upcoming:
                last = min(upcoming + size - 1, len(browser.log))
                if not self._batch(upcoming, last):
                    return False
                upcoming = last + 1 if last < len(browser.log) else 0
        except (Unreachable, SyncError):
            return False
        return True

    def _batch(self, first: int, last: int) -> bool:
        answer = self._post(self.browser.packet(first, last))
        self.browser.take(answer)
        received = len(answer["receipts"])
        # The signature was over the whole batch: what was taken of it gets its own.
        if 0 < received < last - first + 1:
            self._batch(first, first + received - 1)
        return received == last - first + 1

    def _post(self, packet: Packet) -> dict[str, Any]:
        fault = self.plan.pop(0) if self.plan else "fine"
        self.flying.append(packet)
        if fault == "lost":
            raise Unreachable
        has = log.tip(self.hub.replica.db, replica_number(packet.sender)).number
        if fault in ("cut", "payload", "header") and packet.last > has:
            if fault == "cut" and packet.first == packet.last:
                raise Unreachable  # nothing of it is left
            return self._refused(spoiled(packet, fault, has), fault)
        answer = deliver(self.hub, packet)
        assert answer["refused"] == []
        if fault == "twice":
            assert deliver(self.hub, packet)["receipts"] == answer["receipts"]
        if fault == "unanswered":
            raise Unreachable
        return answer

    def _refused(self, packet: Packet, fault: str) -> dict[str, Any]:
        """A damaged request is refused whole, or from the damaged change on."""
        if fault == "payload":
            answer = deliver(self.hub, packet)
            assert [each["problem"]["code"] for each in answer["refused"]] == ["HW-2008"]
            return answer
        before = file_bytes(self.hub)
        with pytest.raises(SyncError) as refusal:
            protocol.receive(self.hub.at_work(), packet.request, packet.sender)
        assert refusal.value.problem.code == {"cut": "HW-2020", "header": "HW-2010"}[fault]
        assert file_bytes(self.hub) == before
        raise refusal.value


def flush(browser: Browser, hub: Laptop) -> None:
    """Sends all that waits over a road without faults."""
    assert Sending(browser, hub, (), []).run(200)
    assert browser.waiting(len(browser.log)) == 0
