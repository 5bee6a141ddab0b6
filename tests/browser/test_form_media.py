"""Pictures and sound of a form on a phone without a network."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from collector.own_forms.file import File
from collector.own_forms.parcel import add, examine
from sync import Replica
from tests.browser.conftest import Hub, Phone
from tests.collector.own_forms.pictures import FILES, FORM, FORM_ID

from .test_look import faults

pytestmark = pytest.mark.browser

DRAWN = """() => [...document.querySelectorAll('#fill img')].filter((one) => one.checkVisibility())
  .map((one) => [one.complete && one.naturalWidth, one.alt])"""
HEARD = """async (path) => {
  const audio = document.querySelector(path);
  audio.preload = 'metadata';
  audio.load();
  await new Promise((done, fail) => {
    audio.onloadedmetadata = done;
    audio.onerror = () => fail(audio.error.message);
  });
  return audio.duration;
}"""


@pytest.fixture
def shown(hub: Hub) -> Hub:
    """The hub has the form with all that it shows."""
    with Replica.open(hub.db) as replica:
        files = [File(name, data) for name, data in FILES.items()]
        add(replica, examine(replica, [File("herbs.md", FORM.encode())], files))
    return hub


def opened(page: Page, lang: str) -> None:
    """The form, live, with its pictures drawn."""
    page.goto(f"/{lang}/fill/{FORM_ID}")
    page.wait_for_selector("#fill[data-live]")
    page.wait_for_load_state("networkidle")


def addresses(page: Page) -> set[str]:
    """Of all pictures that can be seen."""
    found = page.evaluate(
        "() => [...document.querySelectorAll('#fill img')].filter((one) => one.checkVisibility()).map((one) => one.src)"
    )
    return set(found)


def test_shown_and_heard_without_a_network(shown: Hub, phone: Phone) -> None:
    """From a cold start: pictures of labels in each language, sound, pictures of choices that another answer opens and
    of an added instance of a repeat; and the large picture opens."""
    phone.sign_in()
    phone.ready()
    shown.stop()
    phone.close()
    page = phone.start()
    opened(page, "zh")
    assert page.evaluate(DRAWN) == [[8, ""], [8, ""], [8, ""]]
    chinese = addresses(page)
    assert page.evaluate(HEARD, "[data-path='/data/place'] > .shown audio") == pytest.approx(0.2)
    page.locator('label.choice:has(input[value="s"])').click()
    herbs = page.locator("[data-path='/data/herb'] .choice")
    expect(herbs).to_have_count(2)
    expect(herbs.locator("img")).to_have_count(2)
    expect(herbs.nth(1).locator("img")).to_have_attribute("alt", "moss")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#fill img')].every((one) => one.naturalWidth === 8)"
    )
    page.locator('label.choice:has(input[value="n"])').click()
    expect(herbs).to_have_count(1)
    assert page.evaluate(HEARD, "[data-path='/data/herb'] .choice audio") == pytest.approx(0.4)
    herbs.locator("img").click()
    expect(herbs.locator("input")).to_be_checked()
    before = len(addresses(page))
    page.click("button[data-add]")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#fill img')].every((one) => one.naturalWidth === 8)"
    )
    assert len(page.evaluate(DRAWN)) == before + 1
    with page.expect_popup() as popup:
        page.click("[data-path='/data/place'] > .shown a")
    large = popup.value
    large.wait_for_load_state()
    assert large.evaluate("() => document.images[0].naturalWidth") == 8
    large.close()
    opened(page, "en")
    assert page.evaluate(DRAWN)[0] == [8, ""]
    assert len(addresses(page) - chinese) == 1
    assert phone.errors == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_on_a_small_phone(shown: Hub, phone: Phone, lang: str) -> None:
    """Nothing sticks out, targets fit a thumb, screen readers can read it."""
    phone.sign_in(lang=lang)
    phone.ready()
    assert faults(phone, f"/{lang}/fill/{FORM_ID}") == []
