"""`homeward explain`: why each answer of a record is what it is, as a supervisor reads it."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from collector import app_db
from collector.accounts import people
from collector.cli import main
from sync import Replica, merge
from tests.conftest import Survey


@pytest.fixture
def in_shanxi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This computer's clock shows the time of Shanxi."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The folder that every test gets a copy of, the business and the job in it."""
    folder = tmp_path_factory.mktemp("explained")
    survey = Survey(folder / "hub.db")
    record = survey.business([{}, {}], approve=False)
    survey.business(approve=False)
    job = survey.job(record, approve=False)
    survey.hub.close()
    with closing(app_db.connect(folder / "hub-app.db")) as accounts:
        for name, person in (("An Na", "anna0000"), ("Bo", "bo000000"), ("方主任", "fang0000")):
            people.add(accounts, person, "a long password", name=name, person_id=person)
    return folder, record, job


class County:
    """A hub with two businesses and a job at one of them, and a laptop that has merged them; Anna recorded
    them."""

    def __init__(self, folder: Path, record: str, job: str) -> None:
        self.hub = Replica.open(folder / "hub.db")
        self.record, self.job = record, job
        self.laptop = Replica.create(folder / "laptop.db")
        merge(self.laptop, [self.hub.path])

    def path(self, name: str) -> str:
        """The one path of a question."""
        (found,) = (path for path in self.hub.state(self.record).answers if path.rpartition("/")[2] == name)
        return found

    def edit(self, replica: Replica, author: str, hour: int, *gone: str, **given: str) -> str:
        """A change on 2 March 2021, at a full hour in UTC."""
        state = replica.state(self.record)
        kept = {path: value for path, value in state.answers.items() if not path.startswith(gone or ("#",))}
        return replica.save(
            record=self.record,
            form=state.form,
            answers=kept | {self.path(name): value for name, value in given.items()},
            author=author,
            at=datetime(2021, 3, 2, hour, tzinfo=UTC),
        )

    def meet(self) -> None:
        """The hub has what the laptop has."""
        assert not merge(self.hub, [self.laptop.path]).set_aside

    def explain(self, *more: str, record: str = "", lang: str = "en") -> Result:
        """Runs the command."""
        done = CliRunner().invoke(
            main, ["explain", str(self.hub.path), record or self.record, *more, "--lang", lang]
        )
        assert done.exit_code == 0, done.output
        return done

    def lines(self, *more: str, record: str = "", lang: str = "en") -> list[str]:
        """What it prints."""
        return self.explain(*more, record=record, lang=lang).output.splitlines()

    def json(self, *more: str) -> dict[str, Any]:
        """What it gives a program."""
        found: dict[str, Any] = json.loads(self.explain(*more, "--json").output)
        return found


@pytest.fixture
def county(furnished: tuple[Path, str, str], tmp_path: Path, in_shanxi: None) -> Iterator[County]:
    """A county on its first day."""
    folder, record, job = furnished
    shutil.copytree(folder, tmp_path / "county")
    made = County(tmp_path / "county", record, job)
    yield made
    made.laptop.close()
    made.hub.close()


def test_an_answer_that_nobody_changed(county: County) -> None:
    """Question, answer, who, when by this computer's clock, where, in both languages."""
    change = county.edit(county.laptop, "bo000000", 6, business_name="王家客栈")
    county.meet()
    device = county.laptop.name
    assert county.lines("--path", "business_name") == [
        f"Name of the business: 王家客栈 — written by Bo on 2021-03-02 14:00 (device {device}, change {change});"
        " nobody changed it since."
    ]
    assert county.lines("--path", "business_name", lang="zh") == [
        f"店名或叫法是什么？王家客栈 —— Bo于 2021-03-02 14:00 填写（设备 {device}，变更 {change}），此后没有人改过。"
    ]


def test_a_conflict_and_who_settled_it(county: County) -> None:
    """Each value with who and when, the one that shows marked, first of all; settled, the values that were
    seen."""
    county.edit(county.laptop, "bo000000", 7, op_status="closed")
    county.edit(county.hub, "anna0000", 6, op_status="suspended")
    county.meet()
    lines = county.lines()
    at = next(place for place, line in enumerate(lines) if line.startswith("Status today"))
    assert "the answers disagree" in lines[at]
    assert lines[at].startswith("Status today: Closed for good — ")
    assert re.fullmatch(
        r"    .+ — An Na on 2021-03-02 14:00 \(this database, change \w{8}-\d+\)", lines[at + 1]
    )
    assert re.fullmatch(
        r"    Closed for good — Bo on 2021-03-02 15:00 \(device \w+, .+\) ← shows now", lines[at + 2]
    )
    assert not any("nobody changed it since" in line for line in lines[:at])
    county.edit(county.hub, "fang0000", 8, op_status="closed")
    settled = county.lines("--path", "op_status", lang="zh")
    assert "方主任于 2021-03-02 16:00 核定" in settled[0]
    assert [line.split(" —— ")[1].partition("，")[0] for line in settled[1:]] == ["An Na", "Bo"]


def test_answers_of_one_change_stand_together(county: County) -> None:
    """Under one sentence, in the order of the form, those of a founder below the founder; what changed later
    before what stands since the beginning."""
    county.edit(county.laptop, "bo000000", 6, business_name="王家客栈")
    county.meet()
    lines = county.lines()
    (first,) = (place for place, line in enumerate(lines) if line.startswith("Written by An Na on"))
    assert lines[first].endswith("nobody changed it since:")
    block = lines[first + 1 : lines.index("", first)]
    assert all(line.startswith("  ") for line in block)
    assert [line for line in block if re.match(r"  \S", line)][-1] == "  Result: Completed"
    founder = block.index("  Founder or partner (one row for each) 1")
    assert block[founder + 1].startswith("    Does this founder agree")
    assert "  Founder or partner (one row for each) 2" in block
    assert any(line.startswith("Name of the business") for line in lines[:first])


def test_a_founder_who_was_removed(county: County) -> None:
    """The founder by id, by whom, and what went with the founder; what is left is counted anew."""
    founder = next(path for path in county.hub.state(county.record).answers if path.endswith("]"))
    county.edit(county.hub, "fang0000", 6, founder)
    (line,) = (one for one in county.lines() if "removed by" in one)
    name = re.search(r"\[(\w+)\]", founder)
    assert name is not None
    assert line.startswith(f"Founder or partner (one row for each) {name[1]} — removed by 方主任")
    inside = county.lines("--path", f"{founder}/hukou_rel")
    assert len(inside) == 1
    start = f"Founder or partner (one row for each) {name[1]} › Household registration"
    assert inside[0].startswith(start)
    assert ": no answer — gone with the entry that it stood in, by 方主任 on " in inside[0]
    everything = county.lines("--path", "founders", lang="zh")
    assert any(one.startswith("创办人、合伙人（每人一行） 1 ›") for one in everything)
    assert not any(one.startswith("创办人、合伙人（每人一行） 2") for one in everything)


def test_the_record(county: County) -> None:
    """Who recorded it, deletion and return, withdrawal, the review and what it had not seen."""
    county.hub.review(county.record, "has_issues", "Which village?", author="fang0000")
    county.edit(county.laptop, "bo000000", 6, business_name="王家客栈")
    county.meet()
    county.hub.delete(county.record, "recorded twice", author="anna0000")
    lines = county.lines()
    assert re.fullmatch(r"Business, record \w+-\d+", lines[0])
    assert lines[1].startswith("Recorded by An Na on 2021-01-05 17:")
    assert lines[2].startswith("Deleted by An Na on ")
    assert lines[2].endswith(" “recorded twice”")
    assert lines[3].startswith("Review: edited. 方主任 said “has issues” on ")
    assert lines[3].endswith(" “Which village?”")
    assert lines[4].startswith("  Name of the business — Bo on 2021-03-02 14:00 (device ")
    assert lines[5].startswith("  deleted — An Na on ")
    assert len(lines) == 6
    county.edit(county.hub, "anna0000", 9)
    county.hub.withdraw(county.record, "来电", author="fang0000")
    lines = county.lines(lang="zh")
    assert any(line.startswith("An Na于 2021-03-02 17:00 恢复（本库") for line in lines)
    assert any("本人撤回，方主任于" in line and line.endswith("“来电”") for line in lines)


def test_a_link_is_called_by_its_name(county: County) -> None:
    """An answer that names another record is called as the form calls that record, not by its uuid."""
    (line,) = county.lines("--path", "business_uid", record=county.job)
    assert line.startswith("Which business? 示例 (")
    assert county.hub.state(county.record).answers["/data/business_uid"] not in line


def test_without_accounts_and_without_the_form(county: County, tmp_path: Path) -> None:
    """Authors are ids where there are no accounts; a record of a form version that is not here is explained by
    its raw paths."""
    with Replica.create(tmp_path / "bare.db") as bare:
        form = bare.put_form("test", "1", b"<x/>", ["/data/name"])
        record = bare.save(form=form, answers={"/data/name": "甲"}, author="anna0000")
        arguments = ["explain", str(bare.path), record, "--lang", "en"]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0
        assert "\n/data/name: 甲 — written by anna0000 on " in done.output
        bare.db.execute("DELETE FROM document WHERE id = ?", (form,))
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0
    assert "\n#0: 甲 — written by anna0000 on " in done.output


def test_a_clock_at_the_end_of_time(county: County) -> None:
    """A change with a clock that has no hour in this time zone is told of like another."""
    state = county.hub.state(county.record)
    answers = state.answers | {county.path("business_name"): "甲"}
    county.hub.save(record=county.record, form=state.form, answers=answers, author="bo000000", clock="f" * 16)
    (line,) = county.lines("--path", "business_name")
    assert "written by Bo on 9999-12-31 23:59 (" in line


def test_json(county: County) -> None:
    """The whole explanation with names, labels and texts; `--path` narrows the answers."""
    county.edit(county.laptop, "bo000000", 7, op_status="closed")
    county.edit(county.hub, "anna0000", 6, op_status="suspended")
    county.meet()
    told = county.json()
    assert (told["record"], told["form_id"], told["created"]["name"]) == (county.record, "business", "An Na")
    assert {why["path"] for why in told["answers"]} == set(county.hub.state(county.record).answers)
    (why,) = county.json("--path", "op_status")["answers"]
    assert (why["rule"], why["value"], why["text"], why["label"]) == (
        "conflict",
        "closed",
        "Closed for good",
        "Status today",
    )
    assert [(each["origin"]["name"], each["value"]) for each in why["voices"]] == [
        ("An Na", "suspended"),
        ("Bo", "closed"),
    ]


@pytest.mark.parametrize(
    ("record", "more", "number"),
    [
        ("0aaaaaaa-1", [], "HW-2021"),
        ("nonsense", [], "HW-2032"),
        ("", ["--path", "nothing_of_that_name"], "HW-3027"),
        ("", ["--path", "name"], "HW-3027"),
    ],
)
def test_refusals(county: County, record: str, more: list[str], number: str) -> None:
    """A record that is not here, a name that is none, an answer that the record does not have: a number and
    status 1."""
    arguments = ["explain", str(county.hub.path), record or county.record, *more, "--json", "--lang", "zh"]
    done = CliRunner().invoke(main, arguments)
    assert (done.exit_code, json.loads(done.stdout)["problem"]["code"]) == (1, number)


def test_what_a_review_had_not_seen_is_named_briefly(county: County) -> None:
    """An entry for all that is in it, and of many questions the first."""
    county.hub.review(county.record, "approved", author="fang0000")
    founder = next(path for path in county.hub.state(county.record).answers if path.endswith("]"))
    county.edit(county.hub, "bo000000", 6, founder)
    county.edit(county.hub, "bo000000", 7, "/data/g_")
    lines = county.lines()
    at = next(place for place, line in enumerate(lines) if line.startswith("Review: edited."))
    assert re.match(r"  Founder or partner \(one row for each\) \w+ — Bo on 2021-03-02 14:00 ", lines[at + 1])
    many = lines[at + 2].partition(" — Bo on ")[0].split("; ")
    assert (len(many), many[-1]) == (7, "…")
