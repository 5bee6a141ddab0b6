"""`merge_ratio`: a plain `ATTACH` + upsert of 20 databases x 500 records into one typed table, divided by our
merge.

Both commit each database in a transaction of its own with a rollback journal and `synchronous=FULL`; runs
alternate and the medians are compared. The plain table has typed columns, a text key and no history: it is
the least that any merge must do. Ours checks every payload's hash and the digest chain."""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sync import Replica, merge

DATABASES = 20
RECORDS = 500
ANSWERS = 25
ROUNDS = 7
COLUMNS = [f"c{number}" for number in range(ANSWERS)]
TYPES = ["TEXT", "INTEGER", "REAL", "TEXT", "TEXT"]
SYLLABLES = "村头沟坪庄里河口上下王李张刘陈杨赵黄周吴农家乐超市修理加工养殖"


def answers_of(chance: random.Random) -> list[str]:
    """25 answers as a short interview gives them: codes, numbers, a few words."""
    makers = (
        lambda: chance.choice(["yes", "no", "kiln_house", "household", "company"]),
        lambda: str(chance.randrange(1, 400)),
        lambda: f"{chance.uniform(34, 41):.5f}",
        lambda: "".join(chance.choice(SYLLABLES) for _ in range(chance.randrange(3, 9))),
        lambda: f"20{chance.randrange(10, 26)}-{chance.randrange(1, 13):02d}-11",
    )
    return [makers[number % len(makers)]() for number in range(ANSWERS)]


def fill(folder: Path) -> tuple[list[Path], list[Path]]:
    """The same records as replicas and as plain tables: their files."""
    chance = random.Random(20)
    replicas, plains = [], []
    layout = [f"/data/{column}" for column in COLUMNS]
    for number in range(DATABASES):
        rows = [answers_of(chance) for _ in range(RECORDS)]
        replicas.append(folder / f"ours-{number}.db")
        plains.append(folder / f"plain-{number}.db")
        with Replica.create(replicas[-1]) as replica, replica.transaction():
            form = replica.put_form("bench", "1", b"<xform/>", layout)
            names = [
                replica.save(
                    form=form,
                    answers=dict(zip(layout, row, strict=True)),
                    author="a",
                    scopes=["p:a", "v:140521"],
                )
                for row in rows
            ]
        plain = sqlite3.connect(plains[-1])
        plain.execute(definition())
        marks = ", ".join("?" * (ANSWERS + 1))
        plain.executemany(
            f"INSERT INTO record VALUES ({marks})",
            [[name, *row] for name, row in zip(names, rows, strict=True)],
        )
        plain.commit()
        plain.close()
    return replicas, plains


def definition() -> str:
    """The plain typed table."""
    columns = ", ".join(f"{column} {TYPES[n % len(TYPES)]}" for n, column in enumerate(COLUMNS))
    return f"CREATE TABLE record (id TEXT PRIMARY KEY, {columns})"


def plain_merge(target: Path, sources: list[Path]) -> float:
    """Seconds for the plain upsert."""
    db = sqlite3.connect(target, isolation_level=None)
    db.execute("PRAGMA journal_mode = delete")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(definition())
    names = ", ".join(["id", *COLUMNS])
    sets = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS)
    start = time.perf_counter()
    for source in sources:
        db.execute("ATTACH ? AS src", (str(source),))
        db.execute("BEGIN IMMEDIATE")
        db.execute(
            f"INSERT INTO record ({names}) SELECT {names} FROM src.record WHERE true"
            f" ON CONFLICT (id) DO UPDATE SET {sets}"
        )
        db.execute("COMMIT")
        db.execute("DETACH src")
    seconds = time.perf_counter() - start
    assert db.execute("SELECT count(*) FROM record").fetchone()[0] == DATABASES * RECORDS
    db.close()
    return seconds


def our_merge(target: Path, sources: list[Path]) -> tuple[float, float]:
    """Seconds for the merge, and for one that brings nothing."""
    with Replica.create(target) as hub:
        hub.db.execute("PRAGMA journal_mode = delete")
        start = time.perf_counter()
        report = merge(hub, sources)
        seconds = time.perf_counter() - start
        assert report.taken == DATABASES * RECORDS
        assert not report.set_aside
        start = time.perf_counter()
        assert merge(hub, sources).taken == 0
        again = time.perf_counter() - start
    return seconds, again


def run() -> dict[str, float]:
    """`merge_ratio` (higher is better, at least 0.4), the medians in seconds, and a merge that brings
    nothing."""
    plain, ours, again = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        replicas, plains = fill(folder)
        for number in range(ROUNDS):
            plain.append(plain_merge(folder / f"plain-hub-{number}.db", plains))
            first, second = our_merge(folder / f"our-hub-{number}.db", replicas)
            ours.append(first)
            again.append(second)
    return {
        "merge_ratio": round(statistics.median(plain) / statistics.median(ours), 3),
        "merge_plain_seconds": round(statistics.median(plain), 4),
        "merge_seconds": round(statistics.median(ours), 4),
        "merge_nothing_seconds": round(statistics.median(again), 4),
    }


if __name__ == "__main__":
    for figure, value in run().items():
        sys.stdout.write(f"{figure} {value}\n")
