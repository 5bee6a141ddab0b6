"""Every shape of control, on another form than the built-in ones: what is posted becomes the right answer."""

from __future__ import annotations

import re
import time
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
        ("met", "2026-11-22T09:30", "2026-11-22T09:30:00.000+08:00"),
        ("met", "2026-11-22T09:30:10.5Z", "2026-11-22T09:30:10.5Z"),
        ("score", "", ""),
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
    desk: Desk,
    client: FlaskClient,
    name: str,
    posted: str | list[str],
    answer: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a browser posts for each shape is saved as the answer, and the next page shows it again. A date and time is
    one on the clock of the place: it is compared with others as that moment."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
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


def test_a_slider_that_nobody_touched_is_no_answer(desk: Desk, client: FlaskClient) -> None:
    """A range begins empty on the page, stays empty when that is posted, and only takes what it offers."""
    page = Page.of(client.get(ADDRESS))
    assert page.inputs["/data/score"] == ""
    page = step(client, page, {f"{children(page)[0]}/name": "x"})
    assert page.inputs["/data/score"] == ""
    for wrong in ("6", "0"):
        refused = Page.of(client.post(ADDRESS, data=page.posting({"/data/score": wrong}, "finish")))
        assert "from 1 to 5, in steps of 1" in refused.errors["/data/score"]
    assert client.post(ADDRESS, data=page.posting({"/data/score": ""}, "finish")).status_code == 303
    with desk.replica() as replica:
        (state,) = replica.states()
    assert "/data/score" not in state.answers


def test_a_time_that_nobody_changed_keeps_its_seconds_and_its_zone(desk: Desk, client: FlaskClient) -> None:
    """An edit of another answer on the server's page leaves them as they were, whatever the zone of the server."""
    met, opens = "2026-11-22T09:30:10.284+08:00", "08:30:15.000+08:00"
    answers = {"/data/met": met, "/data/opens": opens, "/data/story": "one"}
    with desk.replica() as replica:
        form = put_form(replica, forms.compile(FORM.encode(), "everything.md"))
        record = replica.save(form=form, answers=answers, author=desk.anna.id, scopes=(f"p:{desk.anna.id}",))
    page = Page.of(client.get(f"/en/record/{record}/edit"))
    assert (page.inputs["/data/met"], page.inputs["/data/opens"]) == (met[:16], opens[:5])
    done = client.post(f"/en/record/{record}/edit", data=page.posting({"/data/story": "two"}, "finish"))
    assert done.status_code == 303, Page.of(done).errors
    with desk.replica() as replica:
        state = replica.state(record)
    assert state.answers == answers | {"/data/story": "two"}


@pytest.mark.parametrize("languages", ["", "::English (en)"])
def test_choices_in_a_repeat_need_no_language(desk: Desk, languages: str) -> None:
    """The blank of a repeat offers the choices of a form whose labels have one language or none."""
    source = f"""
| survey |
| | type | name | label{languages} |
| | begin_repeat | kid | Kid |
| | select_one yn | first | First? |
| | end_repeat | | |
| choices |
| | list_name | name | label{languages} |
| | yn | yes | Surely |
| settings |
| | form_id |
| | kids |
"""
    with desk.replica() as replica:
        put_form(replica, forms.compile(source.encode(), "kids.md"))
    text = desk.client().get("/en/fill/kids").get_data(as_text=True)
    assert text.count("<span>Surely</span>") == 2, "once in the first instance, once in the blank"
