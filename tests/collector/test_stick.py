"""A supervisor's stick: twelve databases, not all of them in order, and one command."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.cli import main
from sync import Replica, verify
from tests.collector import stick as sticks
from tests.collector.stick import Stick

pytestmark = pytest.mark.slow
RECORDS, PHOTOS = 30, 2


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Stick:
    """The stick and the hub, made once."""
    return sticks.build(tmp_path_factory.mktemp("night"), RECORDS, PHOTOS, 5_000)


@pytest.fixture
def stick(made: Stick, tmp_path: Path) -> Iterator[Stick]:
    """The same with a hub of its own; nothing on the stick may have changed afterwards."""
    before = everything(made.folder)
    shutil.copytree(made.hub.parent, tmp_path / "office")
    yield Stick(tmp_path / "office" / "hub.db", made.folder, made.fresh)
    assert everything(made.folder) == before


def everything(folder: Path) -> dict[str, bytes]:
    """The bytes of every file."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def photos(folder: Path) -> dict[str, bytes]:
    """Those of every photo in a media folder."""
    return {name: data for name, data in everything(folder).items() if len(Path(name).name) == 64}


def homeward(*arguments: str | Path) -> Result:
    """Runs the command line."""
    return CliRunner().invoke(main, [*map(str, arguments)])


def line(told: str, name: str) -> str:
    """The line of a file."""
    return next(each for each in told.splitlines() if each.startswith(name))


def test_one_command_takes_all_that_is_sound(stick: Stick) -> None:
    """Of the twelve the sound ones come whole with their photos, last year's and the one with a WAL among them; the
    torn one and one of the two clones are set aside with a reason, and nothing else is. Under five seconds' work."""
    start = time.process_time()
    done = homeward("merge", stick.hub, stick.folder, "--json")
    assert time.process_time() - start < 5
    assert done.exit_code == 3, done.stderr
    told = json.loads(done.stdout)
    sources = {Path(source["path"]).name: source for source in told["sources"]}
    assert len(sources) == 12
    aside = {
        name: [each["code"] for each in one["problems"]] for name, one in sources.items() if one["problems"]
    }
    assert aside == {"an.db": ["HW-2011"], sticks.TRUNCATED: ["HW-2006"]}
    for name, count in stick.fresh.items():
        if name != "an.db":
            assert sources[name]["records"] == ({"business": count} if count else {}), name
    assert sources[sticks.CLONE]["records"] == {"business": RECORDS + sticks.WENT_ON // 2}
    with Replica.open(stick.hub) as hub:
        assert verify(hub).problems == []
        assert len(hub.quarantined()) == 2
    again = json.loads(homeward("merge", stick.hub, stick.folder, "--json").stdout)
    assert again["taken"] == 0
    assert told["taken"] == sum(source["taken"] for source in told["sources"]) > 8 * RECORDS


def test_the_photos_come_too(stick: Stick) -> None:
    """Every photo that a database names whose records came is at the hub, byte for byte."""
    homeward("merge", stick.hub, stick.folder)
    with Replica.open(stick.hub) as hub:
        assert hub.media_missing() == []
        assert (
            hub.counts()["media"] == 10 * PHOTOS
        )  # of all but the torn one; both copies of An's have the same
        copied = photos(hub.media_folder)
    assert len(copied) == 10 * PHOTOS
    assert all(photos(stick.folder / "media")[name] == data for name, data in copied.items())


def test_a_supervisor_understands_the_summary(stick: Stick) -> None:
    """People by name, how many new records of which form, what is set aside and what to do about it; in Chinese too.
    No device's name where somebody is known."""
    done = homeward("merge", stick.hub, stick.folder, "--lang", "en")
    said = done.stdout
    assert line(said, "bo.db").startswith("bo.db (薄文): 30 new records (Business 30), ")
    assert line(said, "hu.db").startswith("hu.db (胡月): 30 new records (Business 30), ")
    assert line(said, "kang.db").startswith("kang.db (康宁): 35 new records (Business 35), ")
    assert line(said, "jin.db") == "jin.db (金河): nothing new."
    assert re.match(r"mei\.db \(device [0-9a-z]{8}\): 30 new records", line(said, "mei.db"))
    assert line(said, "an.db") == "an.db (安小川): set aside, see below."
    assert line(said, "gao.db") == "gao.db: set aside, see below."
    assert "Together (9 of 12 files with something new): 279 new records (Business 279), " in said
    people = line(said, "New records by person: ")
    assert "康宁 35, 安小川 34, " in people
    assert "mei (no account here) 30" in people
    assert "homeward undo" in said
    assert "2 files were set aside, in whole or in part:" in done.stderr
    assert re.search(r"HW-2011 \(.*/an\.db, 安小川 [0-9a-z]{8}-31\)", done.stderr)
    assert done.stderr.count("What to do: ") == 2
    for name in stick.fresh.keys() - {"mei.db"}:
        assert "device" not in line(said, name)
    chinese = homeward("merge", stick.hub, stick.folder, "--lang", "zh")
    assert line(chinese.stdout, "bo.db") == "bo.db（薄文）：没有新内容。"
    assert "有 2 个文件全部或部分被搁置：" in chinese.stderr
    assert chinese.stderr.count("怎么办：") == 2


def test_the_preview_says_the_same_and_writes_nothing(stick: Stick) -> None:
    """What the preview tells of the stick is what the merge then brings, and until then the hub is as it was."""
    before = everything(stick.hub.parent)
    told = homeward("merge", stick.hub, stick.folder, "--preview", "--lang", "zh")
    said = json.loads(homeward("merge", stick.hub, stick.folder, "--preview", "--json").stdout)
    assert everything(stick.hub.parent) == before
    assert told.exit_code == 3
    assert told.stdout.startswith("预览：没有写入任何内容。如果合并，会并入：")
    assert "薄文）：新记录 30 条（创业项目 30），照片或录音 2 个（10 kB）。" in told.stdout
    assert "HW-2006" in told.stderr
    did = json.loads(homeward("merge", stick.hub, stick.folder, "--json").stdout)
    assert said["taken"] == did["taken"]
    for one, other in zip(said["sources"], did["sources"], strict=True):
        for key in ("path", "taken", "already", "records", "kinds", "people", "problems", "notes"):
            assert one[key] == other[key]
    held = PHOTOS  # of the database that was merged another day
    assert said["total"]["media"]["new"] == len(photos(stick.hub.parent / "media")) - held


def test_a_database_of_the_stick_is_taken_back(stick: Stick) -> None:
    """What came is listed with its numbers; one of them undone, its records are gone, the others are there, and
    merging the stick again brings nothing back."""
    homeward("merge", stick.hub, stick.folder)
    listed = json.loads(homeward("undo", stick.hub, "--json").stdout)["intakes"]
    (wrong,) = (each for each in listed if Path(each["source"]).name == "bo.db")
    assert (wrong["records"], wrong["road"], wrong["undone"]) == (30, "file", "")
    would = homeward("undo", stick.hub, str(wrong["id"]), "--lang", "en")
    assert would.exit_code == 0
    assert "30 records deleted" in would.stdout
    assert "Nothing has been written" in would.stdout
    with Replica.open(stick.hub) as hub:
        assert hub.counts()["deleted"] == 0
    done = homeward("undo", stick.hub, str(wrong["id"]), "--yes", "--lang", "zh")
    assert done.exit_code == 0, done.stderr
    assert "30 条记录已删除" in done.stdout
    assert json.loads(homeward("merge", stick.hub, stick.folder, "--json").stdout)["taken"] == 0
    with Replica.open(stick.hub) as hub:
        assert hub.counts()["deleted"] == 30
        assert verify(hub).sound
    assert homeward("undo", stick.hub, str(wrong["id"]), "--yes").exit_code == 1
    assert "undoing of" in homeward("undo", stick.hub, "--lang", "en").stdout
