"""Every shape of control, on another form than the built-in ones: what is posted becomes the right answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

import forms
from collector.library import put_form
from tests.collector.fill.conftest import Desk, Page, follow

FORM = """
| survey |
| | type | name | label::English (en) | label::中文 (zh) | appearance | parameters | constraint | required |
| | text | story | Story | 故事 | multiline | | | |
| | decimal | share | Share | 份额 | | | . <= 1 | |
| | time | opens | Opens | 开门 | | | | |
| | dateTime | met | Met | 见面 | | | | |
| | geopoint | place | Place | 位置 | | | | |
| | select_multiple crop | crops | Crops | 作物 | | | | |
| | rank crop | best | Best | 最好 | | | | |
| | range | score | Score | 打分 | | start=1 end=5 step=1 | | |
| | acknowledge | seen | Seen | 已看 | | | | |
| | select_one crop | main | Main | 主要 | minimal | | | |
| | begin_repeat | child | Child | 孩子 | | | | |
| | text | name | Name | 名字 | | | | yes |
| | begin_repeat | pet | Pet | 宠物 | | | | |
| | text | kind | Kind | 种类 | | | | |
| | end_repeat | | | | | | | |
| | end_repeat | | | | | | | |
| choices |
| | list_name | name | label::English (en) | label::中文 (zh) |
| | crop | millet | Millet | 小米 |
| | crop | maize | Maize | 玉米 |
| | crop | bean | Bean | 豆 |
| settings |
| | form_id | form_title | version | default_language |
| | everything | Everything | 1 | 中文 (zh) |
"""
ADDRESS = "/en/fill/everything"


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    """Anna's browser, on a hub that has the form above."""
    with desk.replica() as replica:
        put_form(replica, forms.compile(FORM.encode(), "everything.md"))
    return desk.client()


def step(client: FlaskClient, page: Page, answers: dict[str, Any], action: str = "update") -> Page:
    """Posts, and shows the next page."""
    return follow(client, client.post(ADDRESS, data=page.posting(answers, action)))


@pytest.mark.parametrize(
    ("name", "posted", "answer"),
    [
        ("story", "一行\r\n\r\n两行", "一行\n\n两行"),
        ("story", "\r\nbegins with an empty line", "\nbegins with an empty line"),
        ("share", "０．５", "0.5"),
        ("opens", "08:30", "08:30"),
        ("met", "2026-11-22T09:30", "2026-11-22T09:30"),
        ("place", "35.49，112.85", "35.49 112.85 0 0"),
        ("place", "35.4900 112.8500 700 5", "35.4900 112.8500 700 5"),
        ("crops", ["millet", "bean"], "millet bean"),
        ("best", ["2:millet", "0:maize", "1:bean"], "bean millet maize"),
        ("best", ["0:millet", "0:maize", "0:bean"], ""),
        ("score", "4", "4"),
        ("seen", "OK", "OK"),
        ("main", "maize", "maize"),
    ],
)
def test_what_is_posted_is_the_answer(
    desk: Desk, client: FlaskClient, name: str, posted: str | list[str], answer: str
) -> None:
    """What a browser posts for each shape is saved as the answer, and the next page shows it again."""
    page = Page.of(client.get(ADDRESS))
    page = step(client, page, {f"/data/{name}": posted, f"{children(page)[0]}/name": "x"})
    again = client.post(ADDRESS, data=page.posting(action="finish"))
    assert again.status_code == 303, Page.of(again).errors
    with desk.replica() as replica:
        (state,) = replica.states()
    assert state.answers.get(f"/data/{name}", "") == answer


def test_unticking_all_is_no_answer(client: FlaskClient) -> None:
    """A box that was ticked and is not any more is taken back, though a browser posts nothing for it."""
    page = step(client, Page.of(client.get(ADDRESS)), {"/data/crops": ["millet"], "/data/seen": "OK"})
    assert page.many["/data/crops"] == ["millet"]
    page.many.pop("/data/crops")
    page.many.pop("/data/seen")
    page = step(client, page, {})
    assert "/data/crops" not in page.many
    assert "/data/seen" not in page.many


def test_what_was_not_on_the_page_keeps_its_answer(client: FlaskClient) -> None:
    """A post that lacks a question (an old page, a cut one) does not clear it."""
    page = step(client, Page.of(client.get(ADDRESS)), {"/data/story": "kept", "/data/crops": ["bean"]})
    bare = {name: page.inputs[name] for name in ("csrf_token", "_state")}
    page = follow(client, client.post(ADDRESS, data=bare | {"action": "update"}))
    assert page.inputs["/data/story"] == "kept"
    assert page.many["/data/crops"] == ["bean"]


def test_instances_are_added_and_removed(client: FlaskClient) -> None:
    """Where no rule counts them, a button adds an instance at the end and another removes one with all in it.

    As in ODK, a repeat begins with one instance.
    """
    page = Page.of(client.get(ADDRESS))
    page = step(client, page, {}, "add:/data/child")
    one, two = children(page)
    page = step(client, page, {f"{one}/name": "甲", f"{two}/name": "乙"}, f"add:{two}/pet")
    assert [path for path in page.inputs if path.startswith(f"{two}/pet[") and path.endswith("/kind")]
    page = step(client, page, {}, f"remove:{one}")
    assert children(page) == [two]
    assert page.inputs[f"{two}/name"] == "乙"


def test_a_required_question_in_an_instance(client: FlaskClient) -> None:
    """A problem inside an instance stands at that instance's question and says which one it is."""
    answer = client.post(ADDRESS, data=Page.of(client.get(ADDRESS)).posting(action="finish"))
    assert answer.status_code == 422
    page = Page.of(answer)
    assert set(page.errors) == {f"{children(page)[0]}/name"}
    assert "No. 1: Name" in page.text


def test_a_blank_instance_stands_ready_for_scripts(client: FlaskClient) -> None:
    """The page holds a blank of each repeat, with a placeholder where the id of the instance belongs."""
    text = client.get(ADDRESS).get_data(as_text=True)
    blank = text[text.index('data-path="/data/child[__ID__]"') :]
    assert (
        text.count("<template>") == 3
    )  # of child, and of pet in the child that is there and in the blank one
    assert 'name="/data/child[__ID__]/name"' in blank
    assert 'name="/data/child[__ID__]/pet[__ID__]/kind"' in blank


def children(page: Page) -> list[str]:
    """Paths of the instances of `child` on the page, in order."""
    found = [re.match(r"(/data/child\[\w+\])/name$", path) for path in page.shown]
    return [match[1] for match in found if match]
