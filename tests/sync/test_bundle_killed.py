"""A process that is killed while it writes or takes a bundle: nothing is half there, and the next run completes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync import Replica, merge, verify
from sync.transfer import bundle, pack
from tests.sync.bundles import Make, busy, making

# Every statement of SQL and every step of the progress is a point to be killed at; the last of them says how many.
KILLED = """
import os, signal, sys
from pathlib import Path
from sync import Replica, merge
from sync.transfer import pack
what, db, path, count = sys.argv[1:]
seen = 0
def point(*about):
    global seen
    seen += 1
    if seen == int(count):
        os.kill(os.getpid(), signal.SIGKILL)
replica = Replica.open(db)
replica.db.set_trace_callback(point)
pack.PART_CHANGES = 10
if what == "write":
    pack.write(replica, Path(path), progress=point)
else:
    merge(replica, [path], reading=point)
replica.close()
print(seen)
"""


def run(what: str, db: Path, path: Path, count: int) -> int:
    """Write or take a bundle in a process that is killed at its `count`-th point; how many there are when it was
    not."""
    command = [sys.executable, "-c", KILLED, what, str(db), str(path), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if count:
        assert done.returncode == -signal.SIGKILL, done.stderr
        return 0
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Replicas with folders of their own."""
    with making(tmp_path) as build:
        yield build


def test_a_writing_that_is_killed_leaves_no_half_file(make: Make, form: str, tmp_path: Path) -> None:
    """Killed anywhere, the name is not taken, or by a whole bundle; what lies around is gone after the next run."""
    anna = busy(make("anna"), form, 60)
    anna.close()
    stick = tmp_path / "stick"
    stick.mkdir()
    target = stick / "a.homeward"
    points = run("write", anna.path, target, 0)
    wanted = bundle.check(target)
    target.unlink()
    for count in sorted({1, points, *random.Random(3).sample(range(1, points), 6)}):
        run("write", anna.path, target, count)
        if target.exists():
            bundle.check(target)
            target.unlink()
        assert list(stick.glob("*.homeward")) == []
    run("write", anna.path, target, 0)
    assert [path.name for path in stick.iterdir()] == ["a.homeward"]
    assert bundle.check(target).parts == wanted.parts


def test_a_taking_that_is_killed_is_completed_by_the_next(make: Make, form: str, tmp_path: Path) -> None:
    """Killed anywhere, the hub is sound and has all changes or none; the next run brings it to where an undisturbed
    one stands."""
    anna = busy(make("anna"), form, 60)
    pack.write(anna, tmp_path / "a.homeward")
    whole = make("whole")
    whole.close()
    points = run("take", whole.path, tmp_path / "a.homeward", 0)
    with Replica.open(whole.path) as again:
        wanted = again.state_digest()
        assert merge(again, [tmp_path / "a.homeward"]).taken == 0
    seen = set()
    for count in sorted({1, points, *random.Random(4).sample(range(1, points), 8)}):
        hub = make(f"hub{count}")
        empty = hub.state_digest()
        hub.close()
        run("take", hub.path, tmp_path / "a.homeward", count)
        with Replica.open(hub.path) as found:
            assert verify(found).sound
            assert found.state_digest() in (empty, wanted)
            seen.add(found.state_digest() == wanted)
            (source,) = merge(found, [tmp_path / "a.homeward"]).sources
            assert source.problems == []
            assert found.state_digest() == wanted
            assert found.media_missing() == []
            assert verify(found).sound
            before = found.path.read_bytes()
            merge(found, [tmp_path / "a.homeward"])
            assert found.path.read_bytes() == before
    assert seen == {True, False}
