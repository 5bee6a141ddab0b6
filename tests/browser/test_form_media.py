"""Pictures and sound of a form on a phone without a network."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from collector.form_media import MEDIA_KIND
from collector.own_forms.file import File
from collector.own_forms.parcel import add, examine
from sync import Replica
from tests.browser.conftest import Hub, Phone
from tests.collector.own_forms.pictures import FILES, FORM, FORM_ID, png

from .test_look import AXE

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


BOXES = """() => [...document.querySelectorAll('#fill .shown :is(img, a, audio)')]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.tagName, ...[one.closest('.choice, .q'), one].map((each) => each.getBoundingClientRect())])"""
PART = """async (address) => {
  const answer = await fetch(address, { headers: { Range: 'bytes=4-7' } });
  return [answer.status, answer.headers.get('Content-Range'), (await answer.arrayBuffer()).byteLength];
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
    herbs = page.locator("[data-path='/data/herb'] > .choices > .choice")
    expect(herbs).to_have_count(2)
    expect(herbs.locator("img")).to_have_count(2)
    expect(herbs.nth(1).locator("img")).to_have_attribute("alt", "moss")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#fill img')].every((one) => one.naturalWidth === 8)"
    )
    page.locator('label.choice:has(input[value="n"])').click()
    expect(herbs).to_have_count(1)
    assert page.evaluate(HEARD, "[data-path='/data/herb'] > .choices audio") == pytest.approx(0.4)
    sound = herbs.locator("audio").get_attribute("src")
    assert page.evaluate(PART, sound) == [206, f"bytes 4-7/{len(FILES['mint.wav'])}", 4]
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
    """Also of pictures that are larger than the screen nothing sticks out; links and players fit a thumb, and screen
    readers can read the questions."""
    with Replica.open(shown.db) as replica:
        for name in ("map.png", "sage.png", "moss.png"):
            replica.put_document(MEDIA_KIND, name, png(side=1200))
    phone.sign_in(lang=lang)
    phone.ready()
    page = phone.page
    opened(page, lang)
    page.locator('label.choice:has(input[value="s"])').click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('#fill .choices img')].some((one) => one.naturalWidth === 1200)"
    )
    width = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    boxes = page.evaluate(BOXES)
    assert {tag for tag, _, _ in boxes} == {"IMG", "A", "AUDIO"}
    for tag, around, box in boxes:
        assert around["left"] <= box["left"] <= box["right"] <= around["right"], tag
        assert tag == "IMG" or box["height"] >= 44
    page.evaluate(AXE)
    result = page.evaluate("async () => await axe.run('#fill .q')")
    assert len(result["passes"]) > 10  # it has looked
    assert [(one["id"], one["nodes"][0]["html"]) for one in result["violations"]] == []
