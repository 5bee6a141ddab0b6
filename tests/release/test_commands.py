"""`homeward release` and `homeward review`, as a person or a program calls them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from collector import app_db
from collector.accounts import people
from collector.cli import main
from collector.tables import Tables


def run(*arguments: object) -> Result:
    """A command with its output; errors of the program are raised."""
    return CliRunner().invoke(main, [str(part) for part in arguments], catch_exceptions=False)


def review(survey: Any, *arguments: str) -> Result:
    """`homeward review` of the survey's hub."""
    return run("review", survey.hub.path, "--lang", "en", *arguments)


def states(survey: Any) -> dict[str, str]:
    """Record -> review state."""
    return {state.record: state.review.state for state in survey.hub.states()}


def disputed(survey: Any) -> str:
    """A business with two start years that do not know of each other."""
    record = survey.business(approve=False)
    state = survey.hub.state(record)
    for year in ("2014", "2015"):
        answers = {**state.answers, "/data/g_activity/start_year": year}
        survey.hub.save(
            record=record, form=state.form, answers=answers, parents=state.heads, author="ben00000"
        )
    return str(record)


def failing(survey: Any) -> str:
    """A business that breaks a constraint of its form."""
    record = survey.business(approve=False)
    state = survey.hub.state(record)
    answers = {**state.answers, "/data/g_activity/start_year": "1066"}
    survey.hub.save(record=record, form=state.form, answers=answers, author="anna0000")
    return str(record)


def test_release_says_what_it_did(survey: Any, tmp_path: Path) -> None:
    """The command names version, place, counts and the report; --json gives the same to a program."""
    survey.business()
    out = tmp_path / "public"
    done = run("release", survey.hub.path, out, "--date", "2026-11-22", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "Release 2026-11-22.1" in done.output
    assert "from 1 approved records" in done.output
    assert str(out / "report.txt") in done.output
    again = json.loads(run("release", survey.hub.path, out, "--date", "2026-11-22", "--json").stdout)
    assert again["version"] == "2026-11-22.2"
    assert again["tables"]["businesses"] == 1
    assert again["report"]["records"]["business"]["used"] == 1


def test_release_speaks_chinese(survey: Any, tmp_path: Path) -> None:
    """Every line in Chinese with --lang zh."""
    done = run("release", survey.hub.path, tmp_path / "public", "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert "还没有通过的记录" in done.output


@pytest.mark.parametrize("content", [None, b"", b"no database at all"])
def test_release_of_something_else_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """A missing, empty or foreign file is a numbered problem with status 1, as text and as JSON."""
    hub = tmp_path / "hub.db"
    if content is not None:
        hub.write_bytes(content)
    done = run("release", hub, tmp_path / "public", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["problem"]["code"].startswith("HW-20")
    assert not (tmp_path / "public").exists()
    assert run("release", hub, tmp_path / "public", "--lang", "en").exit_code == 1


def test_approve_everything(survey: Any) -> None:
    """--approve approves what was received; a second time there is nothing left to do."""
    for _ in range(2):
        survey.business(approve=False)
    done = review(survey, "--approve")
    assert (done.exit_code, set(states(survey).values())) == (0, {"approved"})
    assert "Records approved: 2; approved before: 0." in done.output
    changes = survey.hub.counts()["changes"]
    assert "Records approved: 0; approved before: 2." in review(survey, "--approve").output
    assert survey.hub.counts()["changes"] == changes


def test_filters_must_all_hold(survey: Any) -> None:
    """Form, village, county, state and author choose together; author takes a user name as well."""
    connection = app_db.connect(app_db.path_for(survey.hub.path))
    anna = people.add(connection, "anna", "long enough", person_id="anna0000")
    connection.close()
    meant = survey.business(approve=False)
    survey.business(village="140522901901", approve=False)
    survey.business(author="ben00000", approve=False)
    survey.inn(approve=False)
    filters = ["form=business", "county=140521", "village=140521901901", "author=anna", "state=received"]
    done = json.loads(review(survey, "--approve", "--json", *filters).stdout)
    assert done["reviewed"] == [meant]
    assert anna.id == "anna0000"
    assert sorted(states(survey).values()) == ["approved", "received", "received", "received"]


def test_conflicts_and_failures_are_held_back(survey: Any) -> None:
    """What has a conflict or a failed check is listed, not approved; status 3; --anyway approves it."""
    fine, conflicting, wrong = survey.business(approve=False), disputed(survey), failing(survey)
    done = review(survey, "--approve", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 3
    assert found["reviewed"] == [fine]
    assert {(item["record"], item["reason"]) for item in found["held"]} == {
        (conflicting, "conflict"),
        (wrong, "failed"),
    }
    told = review(survey, "--approve")
    assert told.exit_code == 3
    assert conflicting in told.output
    assert re.search(rf"{conflicting}  Business “.+”  .+  an answer", told.output), told.output
    assert "/data/" not in told.output
    assert "HW-3509" in told.output
    assert review(survey, "--approve", "--anyway").exit_code == 0
    assert set(states(survey).values()) == {"approved"}


def test_sending_back_carries_the_comment(survey: Any) -> None:
    """--has-issues with a comment reaches the record, and is said again though the state is the same."""
    record = survey.business(approve=False)
    for comment in ("Which village?", "Please ask again"):
        assert review(survey, "--has-issues", "--comment", comment, f"record={record}").exit_code == 0
        state = survey.hub.state(record).review
        assert (state.state, state.comment) == ("has_issues", comment)


def test_who_reviews(survey: Any) -> None:
    """The first supervisor or administrator by default, a named one with --as; an enumerator's name is
    refused.
    """
    record = survey.business(approve=False)
    assert review(survey, "--reject").exit_code == 0
    assert survey.hub.state(record).review.by == "hub"
    connection = app_db.connect(app_db.path_for(survey.hub.path))
    people.add(connection, "anna", "long enough", role="enumerator")
    first = people.add(connection, "chen", "long enough", role="supervisor")
    second = people.add(connection, "dong", "long enough", role="administrator")
    connection.close()
    for arguments, who in (((), first), (("--as", "Dong"), second)):
        assert review(survey, "--reject", "--comment", "again", *arguments).exit_code == 0
        assert survey.hub.state(record).review.by == who.id
    refused = review(survey, "--reject", "--as", "anna", "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["problem"]["code"]) == (1, "HW-3508")


@pytest.mark.parametrize("text", ["form", "colour=red", "form="])
def test_filter_that_is_none(survey: Any, text: str) -> None:
    """A filter that cannot be understood is refused and nothing is reviewed."""
    survey.business(approve=False)
    done = review(survey, "--approve", "--json", text)
    assert (done.exit_code, json.loads(done.stdout)["problem"]["code"]) == (1, "HW-3507")
    assert set(states(survey).values()) == {"received"}


def test_nothing_fits(survey: Any) -> None:
    """Filters that no record fits are a numbered problem, not a silent success."""
    survey.business(approve=False)
    done = review(survey, "--approve", "form=inn")
    assert done.exit_code == 1
    assert "HW-3510" in done.output


def test_a_state_must_be_named(survey: Any) -> None:
    """Without --approve, --reject or --has-issues nothing happens."""
    assert review(survey).exit_code == 2


def test_tables_follow_the_review(survey: Any) -> None:
    """After a review the tables, brought up to date, know it."""
    survey.business(approve=False)
    review(survey, "--approve")
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        assert tables.connection.execute("SELECT _review FROM record").fetchall() == [("approved",)]
