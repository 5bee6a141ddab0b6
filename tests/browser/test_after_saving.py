"""What a person sees after saving, and where a jump down a long form ends, in a real Chromium of a phone's size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import VILLAGE, Hub, Phone

pytestmark = pytest.mark.browser

WHERE = {
    "/data/g_where/village_listed": "yes",
    "/data/g_where/county_code": "140521",
    "/data/g_where/township_code": "140521901",
    "/data/g_where/village_code": VILLAGE,
}
NAME = '[name="/data/g_where/business_name"]'
TARGET = "/data/g_result/disposition"
IN_SIGHT = """(path) => {
  const place = document.querySelector(`.q[data-path="${path}"]`);
  const { top, bottom } = place.getBoundingClientRect();
  const x = place.getBoundingClientRect().left + 20;
  const hit = document.elementFromPoint(x, Math.max(top, 0) + 20);
  return top >= 0 && top < innerHeight && bottom - top > 60 && place.contains(hit);
}"""
PAINTED = """() => [...document.querySelectorAll(".q")].filter((place) => {
  const { top, bottom } = place.getBoundingClientRect();
  return bottom > 0 && top < innerHeight && place.offsetParent
    && !place.querySelector(".q-label").checkVisibility({ contentVisibilityAuto: true });
}).length"""


@pytest.fixture
def ready(hub: Hub, phone: Phone) -> Iterator[Phone]:
    """A phone that is signed in, enrolled and synced. A script that fails fails the test."""
    phone.sign_in()
    phone.ready()
    yield phone
    assert phone.errors == []


def begin(page: Page, name: str, lang: str = "zh") -> None:
    """Begins a business of this name; it is saved as a draft."""
    given = WHERE | {"/data/g_consent/contact": "yes", "/data/g_consent/consent_interview": "yes"}
    page.goto(f"/{lang}/fill/business?prefill={quote(json.dumps(given))}")
    page.wait_for_selector("#fill[data-live]")
    page.fill(NAME, name)
    page.wait_for_selector('#save-state[data-state="saved"]')


def finish(page: Page) -> None:
    """Ends the interview as broken off, which asks for little."""
    for name, value in (
        ("respondent_role", "founder"),
        ("publish_record", "totals"),
        ("card_given", "yes"),
        ("disposition", "partial"),
    ):
        page.locator(
            f'.q[data-path$="/{name}"] .choices > label.choice:has(input[value="{value}"])'
        ).first.click()
    page.wait_for_selector('#save-state[data-state="saved"]')
    page.click("#finish")
    page.wait_for_url(f"**/visit/{VILLAGE}")


@pytest.mark.parametrize(
    ("lang", "waits", "arrived"), [("zh", "等待上传", "汇总端已收到"), ("en", "waits", "received")]
)
def test_saving_is_said_beside_the_record(
    hub: Hub, ready: Phone, lang: str, waits: str, arrived: str
) -> None:
    """The record is named, said to wait, later said to be received, its card in sight; a reload is silent."""
    page = ready.page
    for number in range(4):
        begin(page, f"第{number}家", lang)
        finish(page)
        expect(page.locator('[data-mount="status"] .chip.received')).to_be_visible()
    hub.stop()
    begin(page, "山里人家", lang)
    finish(page)
    note = page.locator(".unit .note.saved")
    expect(note).to_contain_text("山里人家")
    expect(note).to_contain_text(waits)
    expect(note).to_have_attribute("role", "status")
    expect(note).to_be_in_viewport(ratio=1)
    expect(page.locator(".unit", has=page.locator(".note.saved"))).to_contain_text("山里人家")
    expect(page.locator('[data-mount="status"]')).to_contain_text("1 条记录" if lang == "zh" else "1 record")
    hub.start()
    page.evaluate("async () => (await homeward.load('sync/run.js')).syncNow({ asked: true })")
    expect(note).to_contain_text(arrived)
    page.reload()
    expect(page.locator(".unit")).to_have_count(5)
    expect(note).to_have_count(0)


def test_two_drafts_are_called_by_their_names(ready: Phone) -> None:
    """On the visit and in the list of records a draft shows the name given so far."""
    page = ready.page
    for name in ("山里人家", "河边人家"):
        begin(page, name)
    for address in (f"/zh/visit/{VILLAGE}", "/zh/records"):
        page.goto(address)
        lines = page.locator("[data-draft]")
        expect(lines).to_have_count(2)
        expect(lines.nth(0)).to_contain_text("河边人家")
        expect(lines.nth(1)).to_contain_text("山里人家")


def test_a_jump_ends_at_a_laid_out_question(ready: Phone) -> None:
    """By a link of the list of problems and by the address, the question is in sight, and no card there is
    empty, from the first frame on."""
    page = ready.page
    begin(page, "山里人家")
    page.click("#finish")
    expect(page.locator("#problems")).to_be_visible()
    page.locator(f'#problems a[href="#{quote(TARGET, safe="")}"]').evaluate("(link) => link.click()")
    assert page.evaluate(IN_SIGHT, TARGET)
    assert page.evaluate(PAINTED) == 0
    begin(page, "河边人家")
    last = page.locator(".fill-parts a").last
    last.evaluate("(link) => link.click()")
    part = str(last.get_attribute("href"))[1:]
    top = page.evaluate("(id) => document.getElementById(id).getBoundingClientRect().top", part)
    assert 0 <= top < 740
    assert page.evaluate(PAINTED) == 0


def test_photos_and_records_are_counted_apart(hub: Hub, ready: Phone) -> None:
    """A record with a photo that waits is one record and one photo, not two records."""
    page = ready.page
    hub.stop()
    begin(page, "山里人家")
    picture = bytes(
        page.evaluate(
            """async () => {
              const canvas = new OffscreenCanvas(30, 30);
              canvas.getContext("2d").fillRect(0, 0, 10, 10);
              const blob = await canvas.convertToBlob({ type: "image/jpeg" });
              return Array.from(new Uint8Array(await blob.arrayBuffer()));
            }"""
        )
    )
    photo = page.locator('[data-path="/data/g_env/photo"]')
    photo.locator('input[type="file"]').set_input_files(
        [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture}]
    )
    expect(photo.locator("img")).to_be_visible()
    finish(page)
    expect(page.locator('[data-mount="status"]')).to_contain_text("1 条记录、1 个照片或录音等待上传")
