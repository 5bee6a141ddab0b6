"""Three processes on loopback, a network that does everything a network does, and SIGKILL."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from collector import library
from sync import Replica, merge, verify
from tests.collector.replicas.conftest import ROOT, Hub, Laptop, MakeLaptop, digest_at
from tests.collector.replicas.process import enrolled_at
from tests.collector.replicas.proxy import CUT_ANSWER, CUT_REQUEST, LOSE_ANSWER, REPEAT, proxy
from tests.soak import HOURS, SEED, share


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """A Python process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C", "PYTHONUTF8": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )


class Server:
    """`homeward serve` as a process, at one port, whatever happens to it."""

    def __init__(self, path: Path) -> None:
        self.path, self.port = path, 0
        self.process = self._start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def _start(self) -> subprocess.Popen[str]:
        process = start("collector.cli", "serve", self.path, "--port", str(self.port))
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found[1])
                return process
        raise AssertionError("it never served")

    def kill(self) -> None:
        """SIGKILL, and start again at the same port."""
        end(self.process, signal.SIGKILL)
        self.process = self._start()


def end(process: subprocess.Popen[str], how: int) -> str:
    """End a process; what it said."""
    process.send_signal(how)
    said, _ = process.communicate(timeout=60)
    return said


@contextmanager
def serving(path: Path) -> Iterator[Server]:
    """A hub as a process."""
    server = Server(path)
    try:
        yield server
    finally:
        assert "Traceback" not in end(server.process, signal.SIGINT)


@pytest.fixture
def chiefs(hub: Hub, laptop: MakeLaptop) -> list[Laptop]:
    """Two enrolled laptops that are given everything."""
    hub.add("boss", "supervisor")
    made = [laptop(hub, name) for name in ("chief", "boss")]
    for each in made:
        each.sync()
    return made


def undisturbed(tmp_path: Path, sources: list[Path]) -> str:
    """The digest of what all wrote, merged from their files into a new replica."""
    with Replica.create(tmp_path / "undisturbed.db") as replica:
        library.install_library(replica)
        assert not merge(replica, sources).set_aside
        return replica.state_digest()


def check(tmp_path: Path, hub: Path, laptops: list[Laptop]) -> None:
    """All are sound, and hold what an undisturbed run would have brought."""
    for path in (hub, *(each.path for each in laptops)):
        with Replica.open(path) as replica:
            assert verify(replica).problems == []
            assert replica.quarantined() == []
    wanted = undisturbed(tmp_path, [each.path for each in laptops])
    assert {digest_at(hub), *(digest_at(each.path) for each in laptops)} == {wanted}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_network_that_delays_cuts_repeats_and_reorders(
    hub: Hub, chiefs: list[Laptop], tmp_path: Path, seed: int
) -> None:
    """Two laptops and a hub, each a process of its own, both laptops at once through a proxy that spoils two of five
    requests. After one quiet sync each, all hold what an undisturbed run brings."""
    with serving(hub.path) as server, proxy(server.url, seed, keep=False) as wire:
        for each in chiefs:
            with enrolled_at(each, wire.url):
                pass
        module = "tests.collector.replicas.process"
        running = [start(module, each.path, wire.url, each.username, "6") for each in chiefs]
        for process in running:
            said, _ = process.communicate(timeout=200)
            assert "Traceback" not in said, said
        for fault in (CUT_REQUEST, LOSE_ANSWER, CUT_ANSWER, REPEAT):
            assert wire.faults[fault] > 0
    for each in [*chiefs, *chiefs]:
        report = each.sync()
        assert (report.complete, report.problems) == (True, [])
    check(tmp_path, hub.path, chiefs)


def test_two_syncs_at_once(hub: Hub, chiefs: list[Laptop], tmp_path: Path) -> None:
    """The same laptop twice, and another one, at the same time: each change arrives once."""
    module = "tests.collector.replicas.process"
    running = [
        start(module, each.path, each.url, each.username, "4") for each in (chiefs[0], chiefs[0], chiefs[1])
    ]
    for process in running:
        said, _ = process.communicate(timeout=200)
        assert process.returncode == 0, said
    for each in [*chiefs, *chiefs]:
        assert each.sync().complete
    check(tmp_path, hub.path, chiefs)


@pytest.mark.soak
@pytest.mark.timeout(HOURS)
@pytest.mark.parametrize("seed", range(4 + SEED, 4 + SEED + share(1, 34)))
def test_killed_at_random_points(hub: Hub, chiefs: list[Laptop], tmp_path: Path, seed: int) -> None:
    """SIGKILL of a laptop or of the hub while a request is on its way, six times: afterwards both prove their log, a
    rerun completes, and all hold what an undisturbed run brings."""
    chance, lacking = Random(seed), 0
    module = "tests.collector.replicas.process"
    with serving(hub.path) as server, proxy(server.url, keep=False) as wire:
        for each in chiefs:
            with enrolled_at(each, wire.url):
                pass
        for number in range(6):
            one, at = chiefs[number % 2], wire.requests + chance.randrange(2, 22)
            client = start(module, one.path, wire.url, one.username, "1", "400")
            while wire.requests < at and client.poll() is None:
                time.sleep(0.002)
            if number % 3 == 2:
                server.kill()
                said, _ = client.communicate(timeout=200)
                assert "Traceback" not in said, said
            else:
                end(client, signal.SIGKILL)
            for path in (hub.path, one.path):
                with Replica.open(path) as replica:
                    assert verify(replica).problems == [], number
            lacking += made_at(one.path, one.path) > made_at(one.path, hub.path)
    assert lacking > 2, "the kills came too late to be of interest"
    for each in [*chiefs, *chiefs]:
        assert each.sync().complete
    check(tmp_path, hub.path, chiefs)


def made_at(whose: Path, where: Path) -> int:
    """How many changes of a replica are in a file."""
    with Replica.open(whose) as replica:
        name = replica.name
    with Replica.open(where) as replica:
        return {each["replica"]: each["changes"] for each in replica.logs()}.get(name, 0)
