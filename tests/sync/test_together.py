"""Several processes at once at one replica: merges, writers, and a source that somebody is writing to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sync import Replica, keys, merge, protocol, verify
from tests.sync.conftest import Make
from tests.sync.kill import ROOT
from tests.sync.test_protocol import request_of

pytestmark = pytest.mark.slow

NAME = "/data/name"
MERGES = """
import sys
from sync import Replica, merge
hub, *sources = sys.argv[1:]
with Replica.open(hub) as replica:
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(3):
        report = merge(replica, sources)
        assert not report.set_aside, report.set_aside
        print(report.taken, flush=True)
"""
WRITES = """
import sys
from sync import Replica
path, form, count = sys.argv[1:]
with Replica.open(path) as replica:
    print("ready", flush=True)
    sys.stdin.readline()
    record = replica.save(form=form, answers={"/data/name": "0"}, author="w")
    for number in range(1, int(count)):
        if number % 3:
            replica.save(form=form, answers={"/data/name": str(number)}, author="w")
        else:
            replica.save(record=record, form=form, answers={"/data/name": str(number)}, author="w")
"""


class Process:
    """A process that waits to be let go."""

    def __init__(self, script: str, *args: str | Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, args)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> None:
        """Lets it go."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    @property
    def goes_on(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def end(self) -> str:
        """What it printed; it must end well."""
        text, _ = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, text
        return text


def fields(make: Make, form: str, count: int) -> Sequence[Path]:
    """Field databases that share a record and disagree about it."""
    found = [make(f"field{number}") for number in range(count)]
    record = found[0].save(form=form, answers={NAME: "甲"}, author="a")
    for number, field in enumerate(found):
        merge(field, [found[0].path])
        with field.transaction():
            for place in range(150):
                field.save(form=form, answers={NAME: str(place)}, author="a")
        field.save(record=record, form=form, answers={NAME: str(number)}, author="a")
        field.sign_tip(keys.generate())
        field.close()
    return [field.path for field in found]


def test_two_merges_at_once_into_one_hub(make: Make, form: str) -> None:
    """Two processes merge overlapping files into one hub, again and again and in opposite orders: both end well, each
    change was taken once, and the hub is that of one merge."""
    sources = fields(make, form, 8)
    hub, calm = make("hub"), make("calm")
    merge(calm, sources)
    hub.close()
    both = [Process(MERGES, hub.path, *sources[:6]), Process(MERGES, hub.path, *sources[:1:-1])]
    for process in both:
        process.go()
    taken = sum(int(line) for process in both for line in process.end().split())
    with Replica.open(hub.path) as merged:
        assert taken == merged.counts()["changes"] == calm.counts()["changes"]
        assert verify(merged).problems == []
        assert merged.state_digest() == calm.state_digest()
        assert merge(merged, sources).taken == 0


def test_a_write_during_a_merge_is_not_skipped(make: Make, form: str) -> None:
    """A person goes on writing to a laptop while its file is merged over and over: each merge takes a prefix that
    proves itself or says that the file could not be read just now; in the end every change is here."""
    hub, laptop, later = make("hub"), make("laptop"), make("later")
    laptop.close()
    writer = Process(WRITES, laptop.path, form, "240")
    writer.go()
    rounds = known = grew = 0
    while writer.goes_on:
        (report,) = merge(hub, [laptop.path]).sources
        assert {problem.code for problem in report.problems} <= {"HW-2002", "HW-2006"}
        here = hub.counts()["changes"]
        assert here == known + report.taken
        grew += here > known
        rounds, known = rounds + 1, here
    writer.end()
    assert rounds > 1
    assert grew > 0
    assert merge(hub, [laptop.path]).set_aside == []
    merge(later, [laptop.path])
    assert hub.counts()["changes"] == 240
    assert hub.state_digest() == later.state_digest()
    assert verify(hub).problems == []


def test_a_write_to_the_hub_during_its_merge_is_not_lost(make: Make, form: str) -> None:
    """Records are entered at the hub and a phone's changes are received there while another process merges into it: all
    of it is there afterwards, every receipt stands, and the log has no gap."""
    sources = fields(make, form, 6)
    hub, phone = make("hub"), make("phone")
    for number in range(30):
        phone.save(form=form, answers={NAME: str(number)}, author="p")
    hub.close()
    merging, writer = Process(MERGES, hub.path, *sources), Process(WRITES, hub.path, form, "60")
    for process in (merging, writer):
        process.go()
    with Replica.open(hub.path) as own:
        for number in range(1, 31):
            answer = protocol.receive(own, request_of(phone, number, number), phone.name)
            assert [receipt[0] for receipt in answer["receipts"]] == [f"{phone.name}-{number}"]
        for process in (merging, writer):
            process.end()
        counts = {each["replica"]: each["changes"] for each in own.logs()}
        assert (counts[own.name], counts[phone.name]) == (60, 30)
        assert verify(own).problems == []
        calm = make("calm")
        merge(calm, [*sources, hub.path, phone.path])
        assert calm.state_digest() == own.state_digest()
        assert calm.counts()["changes"] == own.counts()["changes"]
