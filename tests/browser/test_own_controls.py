"""Controls that only a team's own form has, on the phone: sliders, dates with a time."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

import forms
from collector.library import put_form
from sync import Replica
from tests.browser.conftest import Hub, Phone
from tests.browser.interview import question

pytestmark = pytest.mark.browser

FORM = """
| survey |
| | type | name | label::English (en) | label::中文 (zh) | parameters | default | constraint |
| | text | who | Who? | 谁？ | | | |
| | range | score | How good? | 好不好？ | start=1 end=5 step=1 | | |
| | dateTime | seen | When seen? | 什么时候看到？ | | | . <= now() |
| | dateTime | noted | Noted | 记录时间 | | now() | |
| settings |
| | form_id | form_title | default_language |
| | own_controls | Controls | 中文 (zh) |
"""
SCORE, SEEN, NOTED = "/data/score", "/data/seen", "/data/noted"


@pytest.fixture
def ready(hub: Hub, phone: Phone) -> Iterator[Phone]:
    """A phone of Anna's with the form."""
    with Replica.open(hub.db) as replica:
        put_form(replica, forms.compile(FORM.encode(), "own_controls.md"))
    phone.sign_in(lang="en")
    phone.ready()
    yield phone
    assert phone.errors == []


def drafts(phone: Phone) -> list[dict[str, dict[str, str]]]:
    """What is kept of unfinished records."""
    found: list[dict[str, dict[str, str]]] = phone.page.evaluate(
        "async () => (await homeward.load('store/drafts.js')).listWithAnswers()"
    )
    return found


def test_a_slider_is_no_answer_until_it_is_touched(ready: Phone) -> None:
    """Opening the form keeps nothing; a tap on the slider answers, also where it stands already; the number beside it
    can be cleared again."""
    page = ready.page
    page.goto("/en/fill/own_controls")
    page.wait_for_selector("#fill[data-live]")
    slider = question(page, SCORE).locator("[data-slider]")
    expect(slider).to_have_attribute("data-unset", "")
    assert drafts(ready) == []
    box = slider.bounding_box()
    assert box is not None
    slider.click(position={"x": 8, "y": box["height"] / 2})
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    (draft,) = drafts(ready)
    assert draft["answers"][SCORE] == "1"
    slider.press("ArrowRight")
    number = page.locator(f'[name="{SCORE}"]')
    expect(number).to_have_value("2")
    number.fill("")
    expect(slider).to_have_attribute("data-unset", "")
    ready.until(
        "async (path) => !(path in (await (await homeward.load('store/drafts.js')).listWithAnswers())[0].answers)",
        SCORE,
    )


def test_a_time_that_is_typed_is_one_of_this_place(ready: Phone) -> None:
    """An hour ago is in the past wherever the phone is; what the form gave keeps its seconds."""
    page = ready.page
    page.goto("/en/fill/own_controls")
    page.wait_for_selector("#fill[data-live]")
    ago = page.evaluate(
        "() => { const at = new Date(Date.now() - 3600000);"
        " return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16); }"
    )
    page.fill(f'[name="{SEEN}"]', ago)
    page.locator(f'[name="{SEEN}"]').blur()
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    expect(question(page, SEEN).locator(".q-error")).to_be_hidden()
    (draft,) = drafts(ready)
    zone = r"(Z|[+-]\d\d:\d\d)"
    assert re.fullmatch(rf"{ago}:00\.000{zone}", draft["answers"][SEEN])
    assert re.fullmatch(rf".{{16}}:\d\d\.\d{{3}}{zone}", draft["answers"][NOTED])
