"""What the page of a record says where two people changed one answer without seeing each other."""

from __future__ import annotations

import pytest

from collector.library import current_forms
from sync import Replica
from tests.collector.app.conftest import VILLAGE, Site

NAME = "/data/g_where/business_name"
STATUS = "/data/g_activity/op_status"


@pytest.mark.parametrize(
    ("lang", "operating", "settle"), [("en", "disagree", "settles it"), ("zh", "不一致", "定下来")]
)
def test_both_values_are_there_with_who_and_when_until_settled(
    site: Site, lang: str, operating: str, settle: str
) -> None:
    """Each disputed question shows both values, who gave each, and how to settle; a change that names it ends it."""
    record = site.record("business", site.anna, VILLAGE, business_name="At first")
    with Replica.open(site.hub) as replica:
        form = current_forms(replica)["business"].version_id
        for author, name in ((site.anna, "Tofu by the river"), (site.chen, "Tofu on the hill")):
            replica.save(
                record=record,
                form=form,
                answers={NAME: name},
                author=author.id,
                scopes=site.anna.scopes(VILLAGE),
                parents=[record],
            )
        assert [each.path for each in replica.state(record).conflicts] == [NAME]
    page = site.browser("chen").get(f"/{lang}/record/{record}").text
    part = page.partition('id="disputed"')[2].partition("</section>")[0]
    assert operating in part
    assert settle in part
    assert "Tofu by the river" in part
    assert "Tofu on the hill" in part
    assert "Anna &lt;An&gt;" in part
    assert "chen" in part
    assert part.count("<time ") == 2
    with Replica.open(site.hub) as replica:
        replica.save(
            record=record,
            form=form,
            answers={NAME: "Tofu on the hill"},
            author=site.chen.id,
            scopes=site.anna.scopes(VILLAGE),
            parents=list(replica.state(record).heads),
        )
        assert replica.state(record).conflicts == ()
    assert 'id="disputed"' not in site.browser("chen").get(f"/{lang}/record/{record}").text


def test_a_delete_against_an_edit_is_said_in_words(site: Site) -> None:
    """The whole record is in dispute: one deleted it, one changed it."""
    record = site.record("business", site.anna, VILLAGE, business_name="At first")
    with Replica.open(site.hub) as replica:
        form = current_forms(replica)["business"].version_id
        replica.delete(record, "twice", author=site.chen.id, parents=[record])
        replica.save(
            record=record,
            form=form,
            answers={NAME: "Later"},
            author=site.anna.id,
            scopes=site.anna.scopes(VILLAGE),
            parents=[record],
        )
    part = site.browser("chen").get(f"/en/record/{record}").text.partition('id="disputed"')[2]
    assert "The whole record" in part
    assert ">deleted " in part
    assert ">changed " in part
