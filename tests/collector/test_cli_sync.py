"""The commands `merge`, `status` and `verify`, run as a supervisor runs them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from sync import Replica, completeness, intakes, merge

LAYOUT = ["/data/name"]


def homeward(
    *arguments: str | Path, lang: str = "C", stdin: str | None = None, zone: str = "UTC"
) -> subprocess.CompletedProcess[str]:
    """Runs the command line; `stdin` is what a person types."""
    command = [sys.executable, "-c", "from collector.cli import main; main()", *map(str, arguments)]
    environment = {"LC_ALL": lang, "PYTHONUTF8": "1", "PATH": "", "TZ": zone}
    root = Path(__file__).parents[2]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=root, input=stdin
    )


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A hub and a folder `field` with two laptops, which have edited one record at once, and a broken
    file."""
    field = tmp_path / "field"
    with Replica.create(tmp_path / "hub.db"):
        pass
    with Replica.create(field / "anna.db") as anna:
        form = anna.put_form("test", "1", b"<x/>", LAYOUT)
        record = anna.save(form=form, answers={"/data/name": "甲"}, author="anna")
    with Replica.create(field / "bo.db") as bo:
        merge(bo, [field / "anna.db"])
        bo.save(record=record, form=form, answers={"/data/name": "乙"}, author="bo")
    with Replica.open(field / "anna.db") as anna:
        anna.save(record=record, form=form, answers={"/data/name": "丙"}, author="anna")
    (field / "broken.db").write_bytes(b"not a database")
    (field / "anna-app.db").write_bytes(b"accounts are no source")
    return tmp_path / "hub.db"


def test_merge_tells_which_photos_came_and_how_many_are_missing(tmp_path: Path) -> None:
    """A photo that is not beside its database is counted and stops nothing; it comes with a later merge."""
    with Replica.create(tmp_path / "hub.db"), Replica.create(tmp_path / "stick" / "anna.db") as anna:
        anna.put_media(b"one", "image/jpeg")
        away = anna.media(anna.put_media(b"two", "image/jpeg"))
        away.rename(tmp_path / "away")
    first = homeward("merge", tmp_path / "hub.db", tmp_path / "stick")
    assert first.returncode == 0, first.stderr
    assert "anna.db: 1 photo or recording." in first.stdout
    assert "1 photo or recording that it names is still missing" in first.stdout
    (tmp_path / "away").rename(away)
    second = json.loads(homeward("merge", tmp_path / "hub.db", tmp_path / "stick", "--json").stdout)
    told = second["sources"][0]
    assert (told["media"], told["media_copied"], told["media_missing"]) == (0, 1, 0)
    third = homeward("merge", tmp_path / "hub.db", tmp_path / "stick", lang="zh_CN.UTF-8")
    assert "anna.db：没有新内容。" in third.stdout


def test_merge_tells_what_came_and_what_was_set_aside(hub: Path) -> None:
    """A folder is merged, the broken file named with its number, status 3; again: nothing new."""
    done = homeward("merge", hub, hub.parent / "field", "--json")
    assert done.returncode == 3, done.stderr
    told = json.loads(done.stdout)
    assert told["taken"] == 3
    assert told["records_in_conflict"] == 1
    assert [Path(source["path"]).name for source in told["sources"]] == ["anna.db", "bo.db", "broken.db"]
    assert [problem["code"] for problem in told["sources"][2]["problems"]] == ["HW-2004"]
    again = homeward("merge", hub, hub.parent / "field" / "*o.db")
    assert again.returncode == 0, again.stderr
    assert "nothing new" in again.stdout
    chinese = homeward("merge", hub, hub.parent / "field", lang="zh_CN.UTF-8")
    assert "没有新内容" in chinese.stdout
    assert "HW-2004" in chinese.stderr


def test_status_and_verify(hub: Path) -> None:
    """Status counts by form and review state; verify gives the digest that an equal database gives."""
    homeward("merge", hub, hub.parent / "field")
    told = json.loads(homeward("status", hub, "--json").stdout)
    assert told["forms"] == {
        "test": {"received": 1, "has_issues": 0, "edited": 0, "approved": 0, "rejected": 0}
    }
    assert sum(row["changes"] for row in told["replicas"]) == told["counts"]["changes"] == 3
    assert told["conflicts"][0]["paths"] == ["/data/name"]
    assert [row["code"] for row in told["quarantined"]] == ["HW-2004"]
    assert "已收到 1" in homeward("status", hub, "--lang", "zh").stdout
    bo = hub.parent / "field" / "bo.db"
    homeward("merge", bo, hub.parent / "field" / "anna.db")
    digests = {json.loads(homeward("verify", file, "--json").stdout)["state_digest"] for file in (hub, bo)}
    assert len(digests) == 1


def test_what_verify_finds_is_mended_by_the_backup(hub: Path) -> None:
    """Damage of the database itself, found in it or so great that it cannot be opened: the way back is its backup, and
    not a device that it would have come from; in both languages and in JSON."""
    homeward("merge", hub, hub.parent / "field")
    with Replica.open(hub) as replica:
        replica.db.execute("DELETE FROM change WHERE rowid = (SELECT max(rowid) FROM change)")
        replica.db.execute("UPDATE content SET data = 'x'")
    cut = hub.with_name("cut.db")
    cut.write_bytes(hub.read_bytes()[:-100])
    for file, numbers in ((hub, ("HW-2014", "HW-2010", "HW-2015")), (cut, ("HW-2006",))):
        done = homeward("verify", file)
        assert (done.returncode, "device" in done.stderr, "backup" in done.stderr) == (1, False, True), done
        assert all(number in done.stderr for number in numbers)
        told = json.loads(homeward("verify", file, "--json", "--lang", "zh").stdout)
        for problem in told.get("problems") or [told["problem"]]:
            assert problem["code"] not in numbers or "备份" in problem["remedy"]


def test_status_puts_each_list_below_its_heading(hub: Path) -> None:
    """Records whose answers disagree come right below their heading, with what to do, and only then what was set aside;
    forms, times and separators as the reader has them, and no path of a question."""
    homeward("merge", hub, hub.parent / "field")
    told = homeward("status", hub).stdout.splitlines()
    disagree = told.index("1 record holds answers that disagree:")
    aside = told.index("1 thing was set aside by a merge:")
    assert re.fullmatch(r"  \w{8}-1  test: /data/name", told[disagree + 1])  # a form that cannot be read here
    assert "“Change the answers”" in told[disagree + 2]
    assert aside == disagree + 3
    assert "HW-2004 (" in told[aside + 2]
    chinese = homeward("status", hub, lang="zh_CN.UTF-8").stdout
    assert "点“修改答案”" in chinese
    assert re.search(r"HW-2004（\S+）：这不是数据库文件。\S", chinese)
    assert ", " not in chinese


def test_times_are_those_of_the_place(hub: Path) -> None:
    """What is listed is told in local time, to the minute, the same by every command; JSON keeps UTC."""
    homeward("merge", hub, hub.parent / "field")
    with Replica.open(hub) as office:
        arrived = datetime.fromisoformat(completeness(office)[0].arrived)
        at = datetime.fromisoformat(intakes(office)[0].intake.at)
    far = timezone(timedelta(hours=14))
    for command, when in (("status", arrived), ("undo", at)):
        told = homeward(command, hub, zone="Pacific/Kiritimati").stdout
        assert f"{when.astimezone(far):%Y-%m-%d %H:%M}" in told, told
    assert arrived.astimezone(UTC).isoformat()[:19] in homeward("status", hub, "--json").stdout


def test_refusals_have_status_1(hub: Path) -> None:
    """A hub that is none, a source that is nowhere, and a database that does not hold: status 1 and a
    number."""
    field = hub.parent / "field"
    for arguments, code in (
        (("merge", field / "broken.db", field / "anna.db"), "HW-2004"),
        (("merge", hub, field / "none*.db"), "HW-2002"),
        (("status", field / "nowhere.db"), "HW-2002"),
        (("verify", field / "broken.db"), "HW-2004"),
    ):
        done = homeward(*arguments)
        assert (done.returncode, code in done.stderr) == (1, True), done
    with Replica.open(field / "anna.db") as anna, anna.transaction():
        anna.db.execute("UPDATE change SET payload = replace(payload, '甲', '丁')")
    done = homeward("verify", field / "anna.db")
    assert done.returncode == 1
    assert "HW-2008" in done.stderr


def test_a_pattern_without_files_holds_nothing_up(hub: Path) -> None:
    """A pattern or a folder in which nothing is found is set aside with the reason, as a file that is not there is; the
    others are merged, and previewed."""
    field, empty = hub.parent / "field", hub.parent / "empty"
    empty.mkdir()
    sources = (field / "anna.db", field / "none*.db", empty)
    for more, came in ((("--preview",), 2), ((), 2), ((), 0)):
        done = homeward("merge", hub, *sources, "--json", *more)
        assert done.returncode == 3, done.stderr
        told = json.loads(done.stdout)
        assert told["taken"] == came
        assert [len(source["problems"]) for source in told["sources"]] == [0, 1, 1]
    done = homeward("merge", hub, *sources)
    assert done.stderr.count("HW-2002") == 2, done.stderr


def test_a_wrong_call_is_answered_in_the_language_of_the_caller(hub: Path) -> None:
    """Of the terminal, or what --lang asks for; status 2, whether click or the command found it."""
    for arguments, said in (
        (("merge",), "缺少参数 'HUB'。"),
        (("nothing",), "没有“nothing”这个命令。"),
        (("status", hub, "--nothing"), "没有 --nothing 这个选项。"),
        (("status", hub, hub), f"多出了参数（{hub}）。"),
        (("status", hub.parent), "'DB' 的值不对：“"),
        (("watch", hub, hub.parent, "--every", "x"), "“x”不是数字。"),
        (("review", hub), "--approve、--reject、--has-issues 要写一个。"),
    ):
        done = homeward(*arguments, lang="zh_CN.UTF-8")
        assert (done.returncode, said in done.stderr, "用法：" in done.stderr) == (2, True, True), done
        assert not re.search("Error|Usage|Try", done.stderr)
    assert "Error: Missing argument 'HUB'." in homeward("merge").stderr
    assert "缺少参数" in homeward("undo", "--lang", "zh").stderr
    assert homeward(lang="zh_CN.UTF-8").stderr.startswith(
        "用法："
    )  # the help, as it is in docs/commands.zh.md
    assert "没有写命令。" in homeward("--lang", "zh").stderr


def test_one_is_said_as_one(tmp_path: Path) -> None:
    """A database with one of everything is told of in the singular, by `status` and `verify`; none and two in
    the plural."""
    with Replica.create(tmp_path / "one.db") as one:
        form = one.put_form("test", "1", b"<x/>", LAYOUT)
        one.save(form=form, answers={"/data/name": "甲"}, author="anna")
    for command in ("status", "verify"):
        told = homeward(command, tmp_path / "one.db").stdout
        assert "1 record" in told
        assert "1 change," in told
        assert "1 records" not in told
        assert "0 photos or recordings" in told
    assert "记录 1 条" in homeward("status", tmp_path / "one.db", lang="zh_CN.UTF-8").stdout
