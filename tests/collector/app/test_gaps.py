"""What the page of a visit says of a business whose jobs do not add up."""

from __future__ import annotations

import pytest

from tests.collector.app.conftest import VILLAGE, Site


@pytest.mark.parametrize(
    ("lang", "too_few", "too_many"),
    [("en", "3 of 4 people entered", "please check"), ("zh", "共 4 人", "请核对")],
)
def test_more_people_than_there_are_is_odd_and_no_progress(
    site: Site, lang: str, too_few: str, too_many: str
) -> None:
    """Three of four are a gap to close; five of four are said to be too many."""
    where = {"village_code": VILLAGE}
    known = {**where, "business_uid": "u1", "consent_interview": "yes", "workers_total": "4"}
    site.record("business", site.anna, VILLAGE, **known)
    site.record("jobs", site.anna, VILLAGE, **where, business_uid="u1", headcount="3")
    page = site.browser("anna").get(f"/{lang}/visit/{VILLAGE}").text.partition("<main")[2]
    page = page.partition("</main")[0]
    assert too_few in page
    assert too_many not in page
    site.record("jobs", site.anna, VILLAGE, **where, business_uid="u1", headcount="2")
    page = site.browser("anna").get(f"/{lang}/visit/{VILLAGE}").text.partition("<main")[2]
    page = page.partition("</main")[0]
    assert too_many in page
    assert too_few not in page
