"""`homeward forms check`: what is wrong with a form, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from collector.cli import main
from collector.library import put_form
from forms import compile_form, library
from sync import Replica
from tests.forms.test_bad_forms import table


def test_good_forms_end_with_zero() -> None:
    """The built-in forms pass, named with what they hold."""
    paths = [str(library.path(name)) for name in library.names()]
    done = CliRunner().invoke(main, ["forms", "check", "--json", "--lang", "en", *paths])
    assert done.exit_code == 0, done.output
    reports = json.loads(done.stdout)
    assert [report["form_id"] for report in reports] == library.names()
    assert all(report["ok"] and not report["errors"] for report in reports)


def test_faults_end_with_one_and_are_told_in_the_language_asked(tmp_path: Path) -> None:
    """Each fault is told with number, place, excerpt and remedy; good files beside it are told too."""
    bad = tmp_path / "bad.md"
    bad.write_bytes(table("text ¦ a ¦ A ¦ ¦ (1 = 1", "calculate ¦ b ¦ ¦ zzz()"))
    good = str(library.path("jobs"))
    done = CliRunner().invoke(main, ["forms", "check", "--lang", "zh", str(bad), good])
    assert done.exit_code == 1
    assert "jobs" in done.stdout
    for part in (
        "HW-1106",
        "survey，第 3 行，“a”，relevant 列",
        "缺少右括号",
        "^",
        "HW-1109",
        "没有“zzz”这个函数",
    ):
        assert part in done.stderr, part


def test_json_of_faults_has_the_same_texts(tmp_path: Path) -> None:
    """A program reads the same numbers, places and remedies."""
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"not a workbook")
    done = CliRunner().invoke(
        main, ["forms", "check", "--json", "--lang", "en", str(broken), str(tmp_path / "none.md")]
    )
    assert done.exit_code == 1
    first, second = json.loads(done.stdout)
    assert [problem["code"] for problem in first["problems"]] == ["HW-1008"]
    assert [problem["code"] for problem in second["problems"]] == ["HW-1001"]
    assert first["problems"][0]["remedy"].startswith("Open it in a spreadsheet program")


def test_report_for_people_is_sorted_and_counted(tmp_path: Path) -> None:
    """Under the name of the file: errors before warnings, with places in words, and how many there are."""
    bad = tmp_path / "bad.md"
    bad.write_bytes(table("text ¦ a ¦ A ¦ ¦ ${ab} = 1", "txt ¦ b ¦ B"))
    done = CliRunner().invoke(main, ["forms", "check", "--lang", "en", str(bad)])
    assert done.exit_code == 1
    lines = done.stderr.splitlines()
    assert lines[0] == f"{bad}: cannot be used."
    assert "error HW-1345  survey, row 3, “a”, column relevant" in lines
    assert lines.index("error HW-1328  survey, row 4, “b”, column type") < lines.index(
        "warning HW-1343  choices, row 7"
    )
    assert lines[-1] == "2 errors, 1 warning."


def test_warnings_alone_end_with_zero(tmp_path: Path) -> None:
    """A form that can be used is told on standard output, with its warnings."""
    fine = tmp_path / "fine.md"
    fine.write_bytes(table("text ¦ a ¦ A"))
    done = CliRunner().invoke(main, ["forms", "check", "--lang", "en", str(fine)])
    assert done.exit_code == 0
    assert "can be used." in done.stdout
    assert "0 errors, 1 warning." in done.stdout


VISIT = "| survey |\n| | type | name | label |\n{rows}| settings |\n| | form_id |\n| | visit |\n"


def written(path: Path, *rows: str) -> Path:
    """A form of these rows."""
    path.write_text(VISIT.format(rows="".join(f"| | {row} |\n" for row in rows)), "utf-8")
    return path


def test_against_a_file_and_a_database(tmp_path: Path) -> None:
    """What records of a database use is counted: two of three have an answer to the question that is gone."""
    old = written(tmp_path / "old.md", "text | name | Name", "integer | age | Age")
    new = written(tmp_path / "new.md", "text | name | Name")
    db = tmp_path / "hub.db"
    form = compile_form(old)
    with Replica.create(db) as replica:
        version = put_form(replica, form)
        for answers in ({"/data/age": "30"}, {"/data/age": "40"}, {"/data/name": "x"}):
            replica.save(form=version, answers=answers, author="a")
    for extra, records in ((["--against", str(old)], None), (["--db", str(db)], 2)):
        done = CliRunner().invoke(main, ["forms", "check", "--json", "--lang", "en", *extra, str(new)])
        assert done.exit_code == 0, done.output
        (problem,) = json.loads(done.stdout)[0]["problems"]
        assert (problem["code"], problem["severity"], problem["question"]) == ("HW-1364", "warning", "age")
        assert problem.get("records") == records


def test_version_before_that_is_no_form(tmp_path: Path) -> None:
    """A version before that cannot be read is refused by number."""
    new = written(tmp_path / "new.md", "text | name | Name")
    done = CliRunner().invoke(
        main, ["forms", "check", "--lang", "en", "--against", str(tmp_path / "x.md"), str(new)]
    )
    assert done.exit_code == 1
    assert "HW-1001" in done.stderr


def test_form_id_that_no_hub_can_take_is_told_by_the_check(tmp_path: Path) -> None:
    """Not only when the form is added; with a database as well as without."""
    bad = tmp_path / "bad.md"
    text = "| survey |\n| | type | name | label |\n| | text | a | A |\n| settings |\n| | form_id |\n| | my form/1 |\n"
    bad.write_text(text, "utf-8")
    with Replica.create(tmp_path / "hub.db"):
        pass
    for more in ([], ["--db", str(tmp_path / "hub.db")]):
        done = CliRunner().invoke(main, ["forms", "check", "--lang", "zh", *more, str(bad)])
        assert done.exit_code == 1
        assert "HW-3452" in done.stderr
        assert "“my form/1”不能" in done.stderr
