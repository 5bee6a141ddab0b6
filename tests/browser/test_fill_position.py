"""A form that asks by itself where the phone is, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from collector.library import put_form
from forms import compile_form
from sync import Replica
from tests.browser.conftest import Hub, Phone

pytestmark = pytest.mark.browser

FORM = """
| survey | | | | |
| | type | name | label | trigger |
| | start-geopoint | began_at | | |
| | text | name | Name | |
| | background-geopoint | named_at | | ${name} |
| settings | | |
| | form_id | version |
| | where | 1 |
"""
ANSWERS = """async () => {
  const { load } = await homeward.load('store/drafts.js');
  return (await load(new URLSearchParams(location.search).get('draft'))).answers;
}"""


@pytest.fixture
def form_page(hub: Hub, phone: Phone) -> Iterator[Phone]:
    """A phone that has the form. A script that fails fails the test."""
    with Replica.open(hub.db) as replica:
        put_form(replica, compile_form(FORM.encode(), "where.md"))
    phone.sign_in()
    phone.ready()
    yield phone
    assert phone.errors == []


def answered(page: Page) -> dict[str, str]:
    """Opens a new record, names somebody, and gives the answers that are on the disk."""
    page.goto("/en/fill/where")
    page.wait_for_selector("#fill[data-live]")
    page.locator('[data-path="/data/name"] input').first.fill("Li Wei")
    page.wait_for_selector('#save-state[data-state="saved"]')
    found: dict[str, str] = page.evaluate(ANSWERS)
    return found


def test_positions_are_taken_at_the_beginning_and_with_an_answer(form_page: Phone) -> None:
    """Where it is allowed, both are saved with the record, without a tap."""
    assert form_page.context is not None
    form_page.context.grant_permissions(["geolocation"])
    form_page.context.set_geolocation({"latitude": 35.49, "longitude": 112.85, "accuracy": 4})
    answered(form_page.page)
    form_page.until(f"async () => (await ({ANSWERS})())['/data/named_at']?.startsWith('35.49')")
    assert form_page.page.evaluate(ANSWERS)["/data/began_at"] == "35.4900000 112.8500000 0.0 4.0"


def test_a_position_that_nobody_allows_holds_up_nothing(form_page: Phone) -> None:
    """The record goes on without it, and nobody is asked again and again."""
    assert form_page.context is not None
    form_page.context.clear_permissions()
    answers = answered(form_page.page)
    assert answers["/data/name"] == "Li Wei"
    assert "/data/began_at" not in answers
