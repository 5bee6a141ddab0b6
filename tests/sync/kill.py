"""Kills a real process at any point of its work, and asks what holds afterwards.

`survives(prepare, check, folder, times, seed)` is the whole of it for a command that ends by itself;
`start(command, count, at)` is there for a server, which a test talks to while it dies.

`python -m tests.sync.kill COUNT AT MODULE ARG…` runs a module as `python -m MODULE ARG…` does and counts points: each
statement that any of its SQLite connections begins, each stretch of work inside a long one, each file that it opens for
writing, renames, links or removes. At point AT it sends itself SIGKILL; when it ends by itself (AT 0: always) the file
COUNT holds the number of points."""

from __future__ import annotations

import os
import runpy
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[2]
STRETCH = 200  # instructions of SQLite's virtual machine between two points
PATIENCE = 120  # seconds
CHANGES_FILES = {"os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"}

Command = Sequence[str]
"""The name of a module and its arguments."""


class Points:
    """Counts points of the process that it is in, and ends it at one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def passed(self, *_: object) -> int:
        """One more point; 0, so that SQLite goes on."""
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        """What Python is about to do to files."""
        if event in CHANGES_FILES or (event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR)):
            self.passed()

    def watch(self) -> None:
        """Counts here from now on."""
        connect = sqlite3.connect

        def watched(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            opened: sqlite3.Connection = connect(*args, **kwargs)
            opened.set_trace_callback(self.passed)
            opened.set_progress_handler(self.passed, STRETCH)
            return opened

        sqlite3.connect = watched  # type: ignore[assignment]
        sys.addaudithook(self.hook)


def main(count: str, at: str, module: str, *args: str) -> None:
    """The process that is killed."""
    points = Points(int(at))
    sys.argv = [module, *args]
    points.watch()
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        passed = points.count
        Path(count).write_text(str(passed), "ascii")


@dataclass(frozen=True)
class Ended:
    """How a process ended: `points` it passed (0 when it was killed), `killed` by SIGKILL, what it printed."""

    points: int
    killed: bool
    status: int
    text: str


def start(command: Command, count: Path, at: int = 0) -> subprocess.Popen[str]:
    """The process, which dies at point `at` (0: never). Its standard output and errors come through one pipe."""
    return subprocess.Popen(
        [sys.executable, "-B", "-m", "tests.sync.kill", str(count), str(at), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def run(command: Command, count: Path, at: int = 0, seconds: float = 0) -> Ended:
    """Runs it to its end, to point `at`, or for so many seconds and then kills it from outside."""
    count.unlink(missing_ok=True)
    with start(command, count, at) as process:
        try:
            text, _ = process.communicate(timeout=seconds or PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            text, _ = process.communicate()
            if not seconds:
                raise
        points = int(count.read_text("ascii")) if count.exists() else 0
        return Ended(points, process.returncode == -signal.SIGKILL, process.returncode, text)


def survives(
    prepare: Callable[[Path], Command],
    check: Callable[[Path], None],
    folder: Path,
    *,
    times: int,
    seed: int,
    status: int = 0,
) -> None:
    """Kills a command `times` times, at points and at times drawn from `seed`.

    `prepare` lays out a fresh case in a folder that is not there yet and returns the command; `check` is called with
    that folder after each end, of the undisturbed run (exit status `status`) too: it looks at what is there, lets the
    command run again, and asserts that all is as if nothing had been. An error of `check` says at which point."""
    began = time.monotonic()
    whole = run(prepare(folder / "whole"), folder / "count")
    seconds = time.monotonic() - began
    assert (whole.status, whole.points > 0) == (status, True), whole.text
    check(folder / "whole")
    chance, kills, tries = Random(seed), 0, 0
    while kills < times:
        tries += 1
        assert tries <= 4 * times, "the command mostly ends before it can be killed"
        at, wait = chance.randint(1, whole.points), 0.0
        if tries % 5 == 0:  # within a system call too
            at, wait = 0, chance.uniform(0.2 * seconds, seconds)
        case = folder / f"case{tries}"
        ended = run(prepare(case), folder / "count", at, wait)
        assert ended.killed or ended.status == status, ended.text
        try:
            check(case)
        except BaseException as error:
            error.add_note(
                f"killed at point {at} of {whole.points}, or after {wait:.3f} s (seed {seed}, try {tries})"
            )
            raise
        shutil.rmtree(case)
        kills += ended.killed


if __name__ == "__main__":
    main(*sys.argv[1:])
