"""`stick_ratio`: one `homeward merge HUB STICK` of a supervisor's twelve databases, over plainly copying the stick.

Both are commands of their own, timed from outside with all that they start: `cp -r` for the copy, the interpreter and
the summary for the merge. They take turns over a hub that is as it was before, and medians are compared.
`stick_ratio` compares CPU, `stick_wall_ratio` the time that passes, `stick_seconds` is the latter alone (at most 5).
The copy neither checks nor flushes anything; the merge checks every byte and is on the disk when it ends."""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.collector.stick import build

ROUNDS = 5
HOMEWARD = (sys.executable, "-c", "from collector.cli import main; main()")


def timed(command: Sequence[str | Path], status: int) -> tuple[float, float]:
    """CPU and wall seconds of a command that must end with `status`."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == status, done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def run() -> dict[str, float]:
    """`stick_ratio`, `stick_wall_ratio`, `stick_seconds`, and the stick's size in megabytes."""
    copies, merges = [], []
    with tempfile.TemporaryDirectory() as name:
        stick = build(Path(name))
        office, fresh = stick.hub.parent, Path(name) / "fresh"
        office.rename(fresh)
        for turn in range(ROUNDS):
            shutil.copytree(fresh, office)
            copies.append(timed(("cp", "-r", stick.folder, Path(name) / f"copy-{turn}"), 0))
            merges.append(timed((*HOMEWARD, "merge", stick.hub, stick.folder), 3))
            shutil.rmtree(office)
        size = sum(path.stat().st_size for path in stick.folder.rglob("*") if path.is_file())
    (copy_cpu, copy_wall), (cpu, wall) = (
        [statistics.median(each) for each in zip(*rows, strict=True)] for rows in (copies, merges)
    )
    return {
        "stick_ratio": round(cpu / copy_cpu, 2),
        "stick_wall_ratio": round(wall / copy_wall, 2),
        "stick_seconds": round(wall, 3),
        "stick_cpu_seconds": round(cpu, 3),
        "stick_megabytes": round(size / 1e6, 1),
    }


if __name__ == "__main__":
    for figure, value in run().items():
        sys.stdout.write(f"{figure} {value}\n")
