"""Who withdrew is gone from the next release: the row, the figures, and what hung on the record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collector import entities
from collector.release import release
from collector.tables import Tables
from tests.release.test_release import figures, opened


def rows(out: Path, table: str) -> int:
    count: int = opened(out).execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return count


def take_back(survey: Any, record: str, kind: str) -> None:
    if kind == "withdraw":
        survey.hub.withdraw(record, "called", author="hub")
    else:
        survey.hub.erase(record, "asked to", author="hub")


@pytest.mark.parametrize("kind", ["withdraw", "erase"])
def test_a_withdrawn_business_is_in_no_row_and_no_figure(survey: Any, tmp_path: Path, kind: str) -> None:
    """Neither itself nor the jobs and support that hang on it, also those that were asked on their own; the
    report counts it."""
    businesses = [survey.business() for _ in range(6)]
    for business in businesses:
        survey.support(business)
    before = release(survey.hub, tmp_path / "public")
    assert (rows(before.out, "businesses"), figures(before.out)["I18", "all", "tax"]) == (6, (6, ""))
    with Tables.of(survey.hub) as tables:
        tables.update(survey.hub)
        take_back(survey, businesses[0], kind)
        if kind == "withdraw":  # an erased record takes nothing more
            survey.hub.review(businesses[0], "approved", author="hub")
        tables.update(survey.hub)
        assert tables.connection.execute("SELECT count(*) FROM pub_business").fetchone()[0] == 5
        gone = tables.connection.execute("SELECT _withdrawn FROM record WHERE _record = ?", businesses[:1])
        assert gone.fetchone()[0] == 1
    after = release(survey.hub, tmp_path / "public")
    assert (rows(after.out, "businesses"), figures(after.out)["I18", "all", "tax"]) == (5, (5, ""))
    report = json.loads((after.out / "report.json").read_text("utf-8"))
    assert report["records"]["business"]["withdrawn"] == 1
    assert (
        sum(report["records"]["business"][k] for k in ("used", "withdrawn", "consent", "not_approved")) == 6
    )


def test_a_withdrawn_business_is_offered_to_nobody(survey: Any) -> None:
    """It leaves the list from which jobs and support choose their business."""
    business = survey.business()
    assert len(entities.rows(survey.hub, "businesses") or []) == 1
    survey.hub.withdraw(business, "called", author="hub")
    assert entities.rows(survey.hub, "businesses") == []
