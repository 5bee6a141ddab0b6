"""What a phone may have written where a choice belongs never reaches a record file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from collector.release import release
from tests.release.test_release import opened

TEXT = "王小明示例<script>alert(1)</script>"


def test_an_answer_that_is_no_choice_is_not_published(survey: Any, tmp_path: Path) -> None:
    """Even when a supervisor approved the record without looking: the cell is empty, the row stays, and the
    name stands in no byte of the file."""
    record = survey.business()
    state = survey.hub.state(record)
    wrong = {"/data/g_activity/op_status": TEXT, "/data/g_where/county_code": TEXT}
    survey.hub.save(record=record, form=state.form, answers={**state.answers, **wrong}, author="anna0000")
    survey.hub.review(record, "approved", author="hub")
    survey.business()
    out = release(survey.hub, tmp_path / "public").out
    rows = opened(out).execute("SELECT county_code, op_status FROM businesses ORDER BY op_status").fetchall()
    assert rows == [(None, None), ("140521", "operating")]
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert TEXT.encode() not in everything
    assert "王小明示例".encode() not in everything


def test_a_figure_is_broken_down_by_choices_alone(survey: Any, tmp_path: Path) -> None:
    """An instrument of support that is none of the choices makes no cell of its own, not even a withheld
    one."""
    support = survey.support(survey.business())
    state = survey.hub.state(support)
    path = next(path for path in state.answers if path.endswith("/instrument"))
    survey.hub.save(record=support, form=state.form, answers={**state.answers, path: TEXT}, author="anna0000")
    survey.hub.review(support, "approved", author="hub")
    out = release(survey.hub, tmp_path / "public").out
    breakdowns = {row[0] for row in opened(out).execute("SELECT breakdown FROM figures")}
    assert "tax" in breakdowns
    assert TEXT not in breakdowns
    assert "王小明示例".encode() not in (out / "homeward.db").read_bytes()
