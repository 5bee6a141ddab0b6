"""`make bench-merge`: the merge against the least that any merge must do, into build/bench-merge.json.

The baseline is a plain `ATTACH` + upsert of the same records into one typed table with a text key (the
`instanceID`). Both sides commit each file in a transaction of its own with a rollback journal and
`synchronous=FULL`, take turns round by round, and the medians of their CPU times are compared: waiting for the disk is
the same on both sides and says more about the machine.
Ours checks every header, every payload's hash and the digest chain.

`creates_*`, `mixed_100k`, `business_creates`: baseline over ours, higher is better. The others are costs, lower is
better: `noop_cost` over opening the files and reading a row of each; `one_percent_share` over the first merge;
`concurrent_cost` over a raw copy of the same rows; `rss_mb` megabytes above a bare interpreter; `file_ratio` the hub's
file over the plain one (the larger of creates and mixed). `noop_cost` and `one_percent_share` are those of the
million (20 files of 50,000); of 100,000 the latter is mostly the 20 commits, and stands beside it without a limit.
`http_cpu_ratio`, `wire_ratio`: `benchmarks/bench_http.py`.
`--quick` takes a tenth of the size.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import merge_data
from benchmarks.merge_data import Device, Shape
from sync import Replica, merge

DEVICES = 20
LIMITS = {
    "creates_100k": 0.55,
    "creates_1m": 0.55,
    "mixed_100k": 0.5,
    "business_creates": 0.4,
    "noop_cost": 2,
    "one_percent_share": 0.05,
    "concurrent_cost": 6,
    "rss_mb": 80,
    "file_ratio": 1.8,
    "http_cpu_ratio": 5,
    "wire_ratio": 1.8,
}
HIGHER = ("creates_100k", "creates_1m", "mixed_100k", "business_creates")


def plain_merge(target: Path, sources: Sequence[Path], shape: Shape) -> float:
    """CPU seconds of the plain upsert."""
    columns = [each.split()[0] for each in shape.columns]
    db = _plain_hub(target)
    db.execute(f"CREATE TABLE record (id TEXT PRIMARY KEY, {', '.join(shape.columns)})")
    sets = ", ".join(f"{column} = excluded.{column}" for column in columns)
    names = ", ".join(["id", *columns])
    upsert = (
        f"INSERT INTO record ({names}) SELECT {names} FROM src.record WHERE true"
        f" ON CONFLICT (id) DO UPDATE SET {sets}"
    )
    start = time.process_time()
    for source in sources:
        _in_turn(db, source, upsert)
    seconds = time.process_time() - start
    db.close()
    return seconds


def _plain_hub(target: Path) -> sqlite3.Connection:
    db = sqlite3.connect(target, isolation_level=None)
    db.execute("PRAGMA journal_mode = delete")
    db.execute("PRAGMA synchronous = FULL")
    return db


def _in_turn(db: sqlite3.Connection, source: Path, statement: str) -> None:
    db.execute("ATTACH ? AS src", (str(source),))
    db.execute("BEGIN IMMEDIATE")
    db.execute(statement)
    db.execute("COMMIT")
    db.execute("DETACH src")


def our_merge(target: Path, sources: Sequence[Path], taken: int) -> float:
    """CPU seconds of the merge of `sources` into a replica, made when it is not there."""
    with Replica.open(target) if target.exists() else Replica.create(target) as hub:
        hub.db.execute("PRAGMA journal_mode = delete")
        start = time.process_time()
        report = merge(hub, sources)
        seconds = time.process_time() - start
        assert report.taken == taken, (report.taken, taken)
        assert not report.set_aside, report.as_dict()
    return seconds


class Turns:
    """Baseline and ours in turns; every round starts from nothing."""

    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder, self.rounds = folder, rounds

    def ratio(self, plain: Callable[[Path], float], ours: Callable[[Path], float]) -> tuple[float, float]:
        """Medians of both, in seconds."""
        first, second = [], []
        for number in range(self.rounds):
            for path in (self.folder / "plain-hub.db", self.folder / "our-hub.db"):
                path.unlink(missing_ok=True)
            pair = [(plain, "plain-hub.db", first), (ours, "our-hub.db", second)]
            for run, name, times in pair if number % 2 else pair[::-1]:
                times.append(run(self.folder / name))
        return statistics.median(first), statistics.median(second)

    def files(self) -> float:
        """Size of the last round's replica over the plain file's."""
        return (self.folder / "our-hub.db").stat().st_size / (self.folder / "plain-hub.db").stat().st_size


def against_plain(turns: Turns, devices: list[Device], shape: Shape) -> float:
    """Plain CPU seconds over ours for the same records."""
    taken = sum(device.number for device in devices)
    plain, ours = turns.ratio(
        lambda target: plain_merge(target, [device.plain for device in devices], shape),
        lambda target: our_merge(target, [device.path for device in devices], taken),
    )
    print(f"    plain {plain:.3f} s, ours {ours:.3f} s of CPU, {taken} changes", file=sys.stderr)
    return plain / ours


def measure_small(folder: Path, size: int, rounds: int) -> dict[str, float]:
    """Creates, one per cent more, mixed and business, of `size` changes each."""
    figures, shape, turns = {}, merge_data.short_form(), Turns(folder, rounds)
    devices = merge_data.creates(_new(folder, "creates"), shape, DEVICES, size)
    figures["creates_100k"] = against_plain(turns, devices, shape)
    files = turns.files()
    figures["one_percent_share_100k"] = one_percent(folder, devices, 5)
    mixed = merge_data.mixed(_new(folder, "mixed"), shape, DEVICES, size)
    figures["mixed_100k"] = against_plain(turns, mixed, shape)
    figures["file_ratio"] = max(files, turns.files())
    business = merge_data.business_form()
    devices = merge_data.creates(_new(folder, "business"), business, DEVICES, size // 5)
    figures["business_creates"] = against_plain(turns, devices, business)
    return figures


def one_percent(folder: Path, devices: list[Device], rounds: int) -> float:
    """CPU of merging files that hold one per cent more than last time, over that of the first merge."""
    shares = []
    for number in range(rounds):
        hub = folder / f"percent-{number}.db"
        before = sum(device.number for device in devices)
        first = our_merge(hub, [device.path for device in devices], before)
        for device in devices:
            device.create(max(1, device.number // 100))
        added = sum(device.number for device in devices) - before
        shares.append(our_merge(hub, [device.path for device in devices], added) / first)
    return statistics.median(shares)


def measure_large(folder: Path, size: int, rounds: int) -> dict[str, float]:
    """A million creations, a merge of the same that brings nothing, and the memory that a merge takes."""
    shape, turns = merge_data.short_form(), Turns(folder, rounds)
    devices = merge_data.creates(_new(folder, "large"), shape, DEVICES, size)
    figures = {"creates_1m": against_plain(turns, devices, shape)}
    paths = [device.path for device in devices]
    hub = folder / "our-hub.db"
    turns_of = [(our_merge(hub, paths, 0), open_all(paths)) for _ in range(30)]
    nothing, opening = (statistics.median(seconds) for seconds in zip(*turns_of, strict=True))
    print(f"    nothing new {nothing * 1000:.2f} ms, opening {opening * 1000:.2f} ms of CPU", file=sys.stderr)
    figures["noop_cost"] = nothing / opening
    figures["rss_mb"] = memory(folder / "memory.db", paths)
    figures["one_percent_share"] = one_percent(folder, devices, 1)
    return figures


def open_all(paths: Sequence[Path]) -> float:
    """CPU seconds of opening each file and reading one row of it."""
    start = time.process_time()
    for path in paths:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        assert db.execute("SELECT id, record, header, payload FROM change LIMIT 1").fetchone()
        db.close()
    return time.process_time() - start


_PEAK = "print(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmHWM')))"
_MERGE = (
    f"import sys; from sync import Replica, merge; merge(Replica.create(sys.argv[1]), sys.argv[2:]); {_PEAK}"
)


def memory(target: Path, paths: Sequence[Path]) -> float:
    """Peak megabytes of a process that merges, above one that does nothing."""
    peaks = [
        int(subprocess.run([sys.executable, "-c", *args], check=True, capture_output=True, text=True).stdout)
        for args in ([_PEAK], [_MERGE, str(target), *map(str, paths)])
    ]
    return (peaks[1] - peaks[0]) / 1024


def measure_concurrent(folder: Path, records: int, rounds: int) -> dict[str, float]:
    """Ten edits at once on each of `records` records, over a raw copy of those rows between tables like ours."""
    base, devices = merge_data.concurrent(_new(folder, "concurrent"), merge_data.short_form(), 10, records)

    def raw(target: Path) -> float:
        with Replica.create(target) as hub:
            hub.db.execute("PRAGMA journal_mode = delete")
            merge(hub, [base.path])
            start = time.process_time()
            for device in devices:
                _in_turn(hub.db, device.path, "INSERT INTO change SELECT * FROM src.change")
            return time.process_time() - start

    def ours(target: Path) -> float:
        our_merge(target, [base.path], records)
        return our_merge(target, [device.path for device in devices], records * len(devices))

    copied, merged = Turns(folder, rounds).ratio(raw, ours)
    print(f"    raw {copied:.3f} s, ours {merged:.3f} s of CPU", file=sys.stderr)
    return {"concurrent_cost": merged / copied}


def _new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def run(*, quick: bool = False, only: str = "") -> dict[str, float]:
    """The figures by name."""
    from benchmarks.bench_http import measure_http  # here, as it merges by file with what stands above

    share = 10 if quick else 1
    parts: list[tuple[str, Callable[[Path, int, int], dict[str, float]], int, int]] = [
        ("small", measure_small, 100_000 // share, 7),
        ("concurrent", measure_concurrent, 5_000 // share, 5),
        ("large", measure_large, 1_000_000 // share, 3),
        ("http", measure_http, 100_000 // share, 5),
    ]
    figures: dict[str, float] = {}
    for name, part, size, rounds in parts:
        if only in ("", name):
            with tempfile.TemporaryDirectory() as folder:
                figures |= part(Path(folder), size, rounds)
    return {name: round(value, 3) for name, value in figures.items()}


def main() -> int:
    """Writes the file and prints the figures; status 1 when one misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument(
        "--only", default="", choices=["", "small", "concurrent", "large", "http"], help="one part"
    )
    given = parser.parse_args()
    figures = run(quick=given.quick, only=given.only)
    out = Path("build/bench-merge.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", "utf-8")
    missed = 0
    for name, value in figures.items():
        limit = LIMITS.get(name)
        if limit is None:
            print(f"{name:24} {value:8.3f}")
            continue
        fine = value >= limit if name in HIGHER else value <= limit
        missed += not fine
        wanted = "at least" if name in HIGHER else "at most"
        print(f"{name:24} {value:8.3f}  {wanted} {limit:g}{'' if fine else '  MISSED'}")
    return 1 if missed and not given.quick else 0


if __name__ == "__main__":
    sys.exit(main())
