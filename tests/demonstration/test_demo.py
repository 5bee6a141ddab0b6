"""The demonstration: its records, its troubles, and its books against a real release."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from datasette.app import Datasette

from collector.demo.build import Demo
from collector.demo.names import homophone, mistyped, mistyped_number, phone
from collector.review import review_records
from sync import Replica

HOMEWARD = str(Path(sys.executable).with_name("homeward"))


class Silent:
    """Progress that nobody looks at."""

    def step(self, key: str, total: int) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A county as it stands before the other two databases are merged."""
    demo = Demo(tmp_path_factory.mktemp("demo") / "county")
    assert demo.build(Silent())
    return demo


def read(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text("utf-8"))


def released(demo: Demo) -> dict[str, dict[str, tuple[int | None, str]]]:
    """Indicator -> breakdown -> (value, why withheld), of the county; the whole area says the same."""
    found: dict[str, dict[str, dict[str, tuple[int | None, str]]]] = {}
    with sqlite3.connect(demo.public / "homeward.db") as connection:
        rows = connection.execute(
            "SELECT place_code, indicator, breakdown, value, withheld FROM figures"
        ).fetchall()
    connection.close()
    for place, indicator, breakdown, value, withheld in rows:
        found.setdefault(place, {}).setdefault(indicator, {})[breakdown] = (value, withheld)
    assert found.keys() == {"140521", "all"}
    assert found["140521"] == found["all"]
    return found["all"]


def compare(demo: Demo, stage: str) -> None:
    """The release says what the books say, and withholds what is too small."""
    books = read(demo.folder / "books.json")
    told, least, out = books["figures"][stage], books["least"], released(demo)
    for indicator in ("I01", "I02", "I02b", "I08b", "I25"):
        assert out[indicator][""] == (told[indicator], ""), indicator
        assert told[indicator] >= least[indicator] > -1
    for instrument, (value, withheld) in out["I18"].items():
        count = told["I18"].get(instrument, 0)
        assert (value, withheld) == ((count, "") if count >= least["I18"] else (None, "threshold")), (
            instrument
        )
    assert set(told["I18"]) <= set(out["I18"])


@pytest.mark.slow
def test_the_books_agree_with_the_release_before_and_after_the_merge(county: Demo) -> None:
    """Figures worked out from the made-up world alone are the release's, for one database and for three."""
    compare(county, "an")
    before = released(county)
    county.complete(Silent())
    compare(county, "an+bo+chen")
    assert released(county)["I01"] != before["I01"]
    assert read(county.public / "release.json")["version"].endswith(".2")
    county.complete(Silent())
    assert read(county.public / "release.json")["version"].endswith(".2"), "nothing new, no new release"


@pytest.mark.slow
def test_naive_counts_go_wrong(county: Demo) -> None:
    """The made-up county holds the traps: serial founders, doubles, parts of events, records taken back."""
    county.complete(Silent())
    books = read(county.folder / "books.json")
    told = books["figures"]["an+bo+chen"]
    causes = Counter(double["cause"] for double in books["doubles"])
    assert sum(causes.values()) == 20
    assert causes.keys() == {"typing", "homophone", "number", "missing"}
    assert told["I01_true"] < told["I01"], "a wrong or missing number makes two people of one"
    with sqlite3.connect(county.folder / "hub-tables.db") as connection:
        naive = connection.execute("SELECT count(*) FROM form_business__founders").fetchone()[0]
        trained = connection.execute("SELECT sum(completed_first) FROM form_event").fetchone()[0]
    connection.close()
    assert naive > told["I01"]
    assert trained > told["I25"]


@pytest.mark.slow
def test_conflicts_wait_and_other_edits_merge(county: Demo) -> None:
    """Exactly the records that two people changed differently are held back; the rest is approved."""
    county.complete(Silent())
    books = read(county.folder / "books.json")
    with Replica.open(county.hub) as hub:
        done = review_records(hub, "approved", [], author="test")
        states = {state.record: state for state in hub.states()}
        assert sorted(held.record for held in done.held) == books["conflicts"]
        assert {held.reason for held in done.held} == {"conflict"}
        assert not done.done
        assert len(states) == books["records"]
        assert sorted(record for record, state in states.items() if state.deleted) == books["deleted"]
        for record in books["merged_edits"]:
            answers = hub.state(record).answers
            assert "电话回访过" in answers["/data/g_result/notes"]
            assert answers["/data/g_env/story_willing"] == "yes"
            assert not hub.state(record).conflicts
    assert len(books["conflicts"]) == 8


@pytest.mark.slow
def test_all_forms_and_all_outcomes_are_there(county: Demo) -> None:
    """About 650 records in all seven forms, with refusals, people away and visits that were not finished."""
    county.complete(Silent())
    with Replica.open(county.hub) as hub:
        forms = Counter(state.form_id for state in hub.states())
        outcomes = Counter(
            answer
            for state in hub.states()
            for path, answer in state.answers.items()
            if path.endswith("/disposition")
        )
        villages = {scope for state in hub.states() for scope in state.scopes if scope.startswith("v:")}
    assert len(forms) == 7
    assert 550 <= sum(forms.values()) <= 750
    assert {"complete", "partial", "refused", "not_home"} <= outcomes.keys()
    assert len(villages) == 40


def test_the_same_seed_makes_the_same_records(tmp_path: Path) -> None:
    """Two demonstrations of one seed hold the same answers under the same names; another seed others."""
    found = []
    for name, seed in (("one", 7), ("two", 7), ("other", 8)):
        demo = Demo(tmp_path / name, "village", seed)
        demo.build(Silent())
        digests = []
        for path in demo.sources():
            with Replica.open(path) as replica:
                digests.append(replica.state_digest())
        found.append((digests, (demo.folder / "books.json").read_bytes()))
    assert found[0] == found[1]
    assert found[0][0] != found[2][0]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """HW-3710, status 1, and the file that was there is still there."""
    (tmp_path / "thesis.txt").write_text("years of work", "utf-8")
    command = [HOMEWARD, "demo", "--dir", str(tmp_path), "--no-serve", "--lang", "en"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "HW-3710" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_second_call_uses_what_is_there(tmp_path: Path) -> None:
    """The second `--no-serve` changes nothing; a build cut short is made again."""
    command = [
        HOMEWARD,
        "demo",
        "--dir",
        str(tmp_path / "d"),
        "--scale",
        "village",
        "--no-serve",
        "--lang",
        "en",
    ]
    first = subprocess.run(command, capture_output=True, text=True, check=True)
    release = (tmp_path / "d" / "public" / "release.json").read_bytes()
    field = (tmp_path / "d" / "field" / "an.db").read_bytes()
    second = subprocess.run(command, capture_output=True, text=True, check=True)
    assert first.stdout != second.stdout
    assert (tmp_path / "d" / "public" / "release.json").read_bytes() == release
    assert (tmp_path / "d" / "field" / "an.db").read_bytes() == field
    (tmp_path / "d" / "demo.json").write_text("{}\n", "utf-8")
    (tmp_path / "d" / "hub.db").write_bytes(b"half of a")
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert again.stdout == first.stdout
    assert (tmp_path / "d" / "hub.db").read_bytes().startswith(b"SQLite format 3")


def test_wrong_spellings_never_name_somebody_else() -> None:
    """A telephone number with its last digits swapped is nobody else's; names stay marked as examples."""
    numbers = {phone(number) for number in range(1, 2000)}
    assert len(numbers) == 1999
    assert all(len(number) == 11 for number in numbers)
    assert not {mistyped_number(number) for number in numbers} & numbers
    assert homophone("王小梅（示例）") == "王小媒（示例）"
    assert mistyped("王小梅（示例）") == "小王梅（示例）"


@pytest.mark.slow
def test_a_served_demonstration_shows_the_figures_change(tmp_path: Path) -> None:
    """Both addresses answer; the printed commands merge, approve, release; the public site then says so."""
    folder = tmp_path / "d"
    command = [HOMEWARD, "demo", "--dir", str(folder), "--scale", "village", "--lang", "en"]
    process = subprocess.Popen(
        [*command, "--port", "0", "--public-port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        said = list(iter(process.stdout.readline, "Ctrl+C ends both.\n"))
        app, public = (line.split()[-1] for line in said if "http://127.0.0.1:" in line)
        assert fetch(app + "zh/")
        assert fetch(app + "en/")
        assert "2020" in fetch(public + "en")
        before = read(folder / "public" / "release.json")["version"]
        assert before in fetch(public + "en")
        printed = [line.split()[1:] for line in said if line.startswith("  ") and str(folder) in line]
        statuses = [
            subprocess.run([HOMEWARD, *line], capture_output=True, check=False).returncode for line in printed
        ]
        assert [line[0] for line in printed] == ["merge", "review", "release"]
        assert statuses[0] == statuses[2] == 0
        assert statuses[1] in (0, 3)
        after = read(folder / "public" / "release.json")["version"]
        assert after != before
        assert after in process.stdout.readline()
        assert after in fetch(public + "zh")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


def fetch(address: str) -> str:
    """The page at an address of this computer, redirects followed."""
    with urlopen(address, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


@pytest.mark.slow
def test_the_public_site_reads_the_real_release(county: Demo) -> None:
    """Over a real release, the front page shows the figures of the books, and every table opens."""
    county.complete(Silent())
    told = read(county.folder / "books.json")["figures"]["an+bo+chen"]
    data = read(county.public / "inspect.json")
    site = Datasette(files=[], immutables=[str(county.public / "homeward.db")], inspect_data=data)

    async def pages() -> dict[str, str]:
        with sqlite3.connect(county.public / "homeward.db") as connection:
            names = [
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
        connection.close()
        addresses = ["/en", "/zh", *(f"/homeward/{name}?_lang=zh" for name in names)]
        found = {}
        for address in addresses:
            answer = await site.client.get(address)
            assert answer.status_code == 200, address
            found[address] = answer.text
        return found

    found = asyncio.run(pages())
    for lang in ("en", "zh"):
        for indicator in ("I01", "I02", "I02b", "I08b", "I25"):
            card = found[f"/{lang}"].split(f'data-indicator="{indicator}"')[1].split("</article>")[0]
            assert f"<b>{told[indicator]:,}</b>" in card
        assert str(told["I18"]["training"]) in found[f"/{lang}"].split("<svg")[1].split("</svg>")[0]
    assert "synthetic" in found["/en"]
    assert "沁水县" in found["/homeward/businesses?_lang=zh"]
