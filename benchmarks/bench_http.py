"""The same changes over HTTP and by file: what the road costs.

A laptop that holds the logs of twenty devices syncs with an empty hub: batches over real HTTP on loopback, the hub a
process of its own (`homeward serve`), checked like a file, receipts compared. `http_cpu_ratio`: CPU of both sides
together over that of merging the twenty files into an empty hub; starting up and enrolling are not counted. Rounds take
turns, medians are compared. `wire_ratio`: all bytes on the wire, headers too, both ways, over the same records as one
CSV file, gzip level 6.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import merge_data
from benchmarks.bench_merge_full import DEVICES, our_merge
from benchmarks.merge_data import Device
from collector import app_db, hub_sync, hubs
from collector.accounts import people
from sync import Replica, merge

PASSWORD = "benchmark-1"
TICKS = os.sysconf("SC_CLK_TCK")


def measure_http(folder: Path, size: int, rounds: int) -> dict[str, float]:
    """Both figures, of `size` changes."""
    for name in ("creates", "laptop", "hubs"):
        (folder / name).mkdir()
    devices = merge_data.creates(folder / "creates", merge_data.short_form(), DEVICES, size)
    laptop = folder / "laptop" / "laptop.db"
    with Replica.create(laptop) as replica:
        assert merge(replica, [device.path for device in devices]).taken == size
    by_file, by_http = [], []
    for number in range(rounds):
        target = folder / f"file-{number}.db"
        by_file.append(our_merge(target, [device.path for device in devices], size))
        target.unlink()
        by_http.append(over_http(folder / "hubs" / f"round-{number}", laptop, size)[0])
    wire = over_http(folder / "hubs" / "counted", laptop, size, counted=True)[1]
    table = csv_bytes(devices)
    print(
        f"    by file {statistics.median(by_file):.3f} s, over HTTP {statistics.median(by_http):.3f} s of CPU;"
        f" {wire} bytes on the wire, CSV {table}",
        file=sys.stderr,
    )
    return {
        "http_cpu_ratio": statistics.median(by_http) / statistics.median(by_file),
        "wire_ratio": wire / table,
    }


def over_http(folder: Path, laptop: Path, size: int, *, counted: bool = False) -> tuple[float, int]:
    """CPU seconds of both sides of a sync with a new hub, and the bytes between them when they are `counted`."""
    hub = folder / "hub.db"
    Replica.create(hub).close()
    with closing(app_db.connect(app_db.path_for(hub))) as connection:
        people.add(connection, folder.name, PASSWORD, role="supervisor")
    with serving(hub) as (url, process), counting(url) as (counter, total):
        place = counter if counted else url
        with Replica.open(laptop) as replica, closing(app_db.connect(app_db.path_for(laptop))) as connection:
            with hub_sync.road(place) as way:
                access = hub_sync.enrol(replica, connection, way, folder.name, PASSWORD)
            before, total[0] = cpu_of(process), 0
            start = time.process_time()
            report = hub_sync.run(replica, connection, access)
            seconds = time.process_time() - start + cpu_of(process) - before
            hubs.forget(connection, access)
        assert (report.sent, report.problems) == (size, []), report.as_dict()
    return seconds, total[0]


@contextmanager
def serving(hub: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`homeward serve` as a process; its address, once it has answered."""
    command = [sys.executable, "-m", "collector.cli", "serve", str(hub), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        url = next(found[0] for line in process.stdout if (found := re.search(r"http://[\d.]+:\d+", line)))
        yield url, process
    finally:
        process.terminate()  # a shell that starts this in the background has it ignore SIGINT
        process.communicate(timeout=60)


def cpu_of(process: subprocess.Popen[str]) -> float:
    """CPU seconds of a process until now, in all its threads, in the program and in the system."""
    fields = Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def counting(url: str) -> Iterator[tuple[str, list[int]]]:
    """A place on the way to `url` that counts the bytes that pass, both ways."""
    total, parts = [0], urlsplit(url)
    upstream = (str(parts.hostname), int(parts.port or 80))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    near, _ = server.accept()
                except OSError:  # the server was closed: the end
                    return
                far = socket.create_connection(upstream)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=(one, other, total), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", total
        server.shutdown(socket.SHUT_RDWR)


def pump(source: socket.socket, target: socket.socket, total: list[int]) -> None:
    """Hands on what comes, and counts it; the other direction may have ended both."""
    with contextlib.suppress(OSError), source:
        while data := source.recv(1 << 16):
            total[0] += len(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def csv_bytes(devices: Sequence[Device]) -> int:
    """Length of all records as one CSV file, packed by gzip at level 6."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="")
        writer = csv.writer(text)
        for number, device in enumerate(devices):
            with closing(sqlite3.connect(device.plain)) as db:
                rows = db.execute("SELECT * FROM record")
                if not number:
                    writer.writerow([column[0] for column in rows.description])
                writer.writerows(rows)
        text.flush()
    return len(packed.getvalue())
