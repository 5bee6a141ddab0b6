"""A form with scripts off, in a real Chromium: a button asks the server, which shows what follows."""

from __future__ import annotations

import json
import shutil
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Playwright, expect

from sync import Replica
from tests.browser.conftest import ARGS, PASSWORD, VILLAGE, Hub

pytestmark = pytest.mark.browser

WHERE = {
    "/data/g_where/village_listed": "yes",
    "/data/g_where/county_code": "140521",
    "/data/g_where/township_code": "140521901",
    "/data/g_where/village_code": VILLAGE,
}
CONTACT = "/data/g_consent/contact"
RESULT = "/data/g_result/disposition"
NOTES = "/data/g_result/notes"


def tap(page: Page, path: str, value: str) -> None:
    """Taps a choice, on its whole line."""
    page.locator(f'label.choice:has(input[name="{path}"][value="{value}"])').click()


def test_a_record_without_scripts(playwright: Playwright, hub: Hub) -> None:
    """Nobody is at home: questions follow the answer, a wrong result is refused at its question, the language
    changes without loss, and the record is saved."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
    page = browser.new_page(
        java_script_enabled=False, viewport={"width": 360, "height": 740}, base_url=hub.address
    )
    page.goto("/zh/sign-in")
    page.fill("#username", "anna")
    page.fill("#password", PASSWORD)
    page.click("main button.main")
    page.goto(f"/zh/fill/business?prefill={quote(json.dumps(WHERE))}")
    consent = page.locator('[data-path="/data/g_consent/consent_interview"]')
    tap(page, CONTACT, "yes")
    page.click('.fill-end button[value="update"]')
    assert consent.is_visible()
    tap(page, CONTACT, "no")
    tap(page, RESULT, "complete")
    page.fill(f'[name="{NOTES}"]', "家里没人")
    page.click("#finish")
    error = page.locator(f'[data-path="{RESULT}"] .q-error')
    assert error.is_visible()
    expect(error).to_contain_text("HW-1302")
    assert not consent.is_visible()
    page.click('.fill-end button[value="lang:en"]')
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.input_value(f'[name="{NOTES}"]') == "家里没人"
    tap(page, RESULT, "not_home")
    with page.expect_navigation():
        page.click("#finish")
    assert page.url.endswith(f"/en/visit/{VILLAGE}"), page.locator(".q-error:visible").all_inner_texts()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    browser.close()
    with Replica.open(hub.db) as replica:
        (state,) = replica.states()
        assert state.answers[RESULT] == "not_home"
        assert state.author == hub.anna.id
        assert "/data/g_consent/consent_interview" not in state.answers
