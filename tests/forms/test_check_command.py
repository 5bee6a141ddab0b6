"""`homeward forms check`: what is wrong with a form, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from collector.cli import main
from forms import library
from tests.forms.test_bad_forms import table


def test_good_forms_end_with_zero() -> None:
    """The built-in forms pass, named with what they hold."""
    paths = [str(library.path(name)) for name in library.names()]
    done = CliRunner().invoke(main, ["forms", "check", "--json", "--lang", "en", *paths])
    assert done.exit_code == 0, done.output
    reports = json.loads(done.stdout)
    assert [report["form_id"] for report in reports] == library.names()
    assert all(report["ok"] and not report["problems"] for report in reports)


def test_faults_end_with_one_and_are_told_in_the_language_asked(tmp_path: Path) -> None:
    """Each fault is told with number, place, excerpt and remedy; good files beside it are told too."""
    bad = tmp_path / "bad.md"
    bad.write_bytes(table("text ¦ a ¦ A ¦ ¦ (1 = 1", "calculate ¦ b ¦ ¦ zzz()"))
    good = str(library.path("jobs"))
    done = CliRunner().invoke(main, ["forms", "check", "--lang", "zh", str(bad), good])
    assert done.exit_code == 1
    assert "jobs" in done.stdout
    for part in ("HW-1106", "bad.md /data/a relevant", "缺少右括号", "^", "HW-1109", "没有“zzz”这个函数"):
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
