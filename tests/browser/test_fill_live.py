"""A form's page with scripts on, in a real Chromium: alive while one types, saved answer by answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
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
CONSENT = "/data/g_consent"
FOUNDERS = "/data/g_founders/founders"
# Types into a field as soon as the parser has made it.
EARLY = """(() => {
  const watcher = new MutationObserver(() => {
    const input = document.querySelector(`input[name="${NAME}"]`);
    if (!input) return;
    watcher.disconnect();
    window.early = document.querySelector("#fill[data-live]") ? "after" : "before";
    input.value = "2";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  watcher.observe(document, { subtree: true, childList: true });
})();"""


@pytest.fixture
def ready(hub: Hub, phone: Phone) -> Iterator[Phone]:
    """A phone that is signed in, enrolled and synced. A script that fails fails the test."""
    phone.sign_in()
    phone.ready()
    yield phone
    assert phone.errors == []


def open_form(
    phone: Phone, form: str = "business", lang: str = "zh", prefill: dict[str, str] | None = WHERE
) -> Page:
    """A new record, as a line of the visit starts it."""
    query = f"?prefill={quote(json.dumps(prefill))}" if prefill else ""
    phone.page.goto(f"/{lang}/fill/{form}{query}")
    phone.page.wait_for_selector("#fill[data-live]")
    return phone.page


def question(page: Page, path: str) -> Any:
    """The question at a path."""
    return page.locator(f'[data-path="{path}"]')


def choose(page: Page, path: str, value: str) -> None:
    """Taps a choice, on its whole line as a thumb does."""
    question(page, path).locator(
        f'.choices:not(.q-reason *) label.choice:has(input[value="{value}"])'
    ).click()


def saved(page: Page) -> None:
    """Waits until the page says that all is saved."""
    page.wait_for_selector('#save-state[data-state="saved"]')


def draft_answers(page: Page) -> dict[str, str]:
    """What the store on the phone holds of the draft in the address."""
    found: dict[str, str] = page.evaluate(
        """async () => (await (await homeward.load('store/drafts.js'))
             .load(new URLSearchParams(location.search).get('draft')))?.answers ?? {}"""
    )
    return found


def test_what_follows_from_an_answer_shows_at_once(ready: Phone) -> None:
    """Consent uncovers the questions behind it, a count makes rows, a calculation stands in a label."""
    page = open_form(ready)
    expect(question(page, f"{CONSENT}/consent_interview")).to_be_hidden()
    choose(page, f"{CONSENT}/contact", "yes")
    expect(question(page, f"{CONSENT}/consent_interview")).to_be_visible()
    expect(question(page, "/data/g_founders")).to_be_hidden()
    choose(page, f"{CONSENT}/consent_interview", "yes")
    expect(question(page, "/data/g_founders")).to_be_visible()
    page.locator('[name="/data/g_founders/founders_told"]').fill("2")
    rows = page.locator(f'section[data-path="{FOUNDERS}"] > .ri')
    expect(rows).to_have_count(2)
    page.locator('[name="/data/g_founders/founders_told"]').fill("1")
    expect(rows).to_have_count(1)
    saved(page)
    code = draft_answers(page)["/data/card_code"]
    expect(question(page, f"{CONSENT}/card_given").locator(".q-text")).to_contain_text(code)


def test_a_list_that_is_not_here_takes_no_answer_back(ready: Phone) -> None:
    """Without its lists the phone keeps the place that the address brought, and begins no draft of its own."""
    ready.page.evaluate(
        """async () => (await homeward.load('store/db.js')).transact(["documents"], "readwrite",
             (store) => void store("documents").delete(IDBKeyRange.bound(["list"], ["list", []])))"""
    )
    page = open_form(ready)
    page.wait_for_load_state("networkidle")
    assert "draft=" not in page.url
    choose(page, f"{CONSENT}/contact", "yes")
    saved(page)
    answers = draft_answers(page)
    assert {path: answers.get(path) for path in WHERE} == WHERE


def test_an_open_form_syncs_only_for_a_reason(ready: Phone) -> None:
    """What nobody needs while filling in is not loaded; finishing is there once there is something to finish."""
    loaded = "() => performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname)"
    page = open_form(ready)
    page.wait_for_load_state("networkidle")
    names = page.evaluate(loaded)
    assert "/static/joined/fill/mount/app.js" in names
    assert not {"/static/joined/fill/sync/run.js", "/static/joined/fill/mount/fill_finish.js"} & set(names)
    choose(page, f"{CONSENT}/contact", "yes")
    saved(page)
    page.wait_for_function(f"() => ({loaded})().includes('/static/joined/fill/mount/fill_finish.js')")


def test_every_answer_is_on_the_disk_and_comes_back(ready: Phone) -> None:
    """After a kill of the browser the page has every answer, row, reason, and the same code of the card."""
    page = open_form(ready)
    choose(page, f"{CONSENT}/contact", "yes")
    choose(page, f"{CONSENT}/consent_interview", "yes")
    page.locator('[name="/data/g_where/business_name"]').fill("山里人家农家乐")
    page.locator('[name="/data/g_founders/founders_told"]').fill("１")
    row = page.locator(f'section[data-path="{FOUNDERS}"] > .ri').first
    row.locator('[name$="/founder_agreed"][value="self"]').check(force=True)
    row.locator('[name^="/"][name$="/founder_name"]').fill("李梅")
    reason = row.locator('[data-path$="/founder_sex"] .q-reason')
    reason.locator("summary").click()
    reason.locator('label:has(input[value="refused"])').click()
    saved(page)
    before, address = draft_answers(page), page.url
    assert before["/data/g_founders/founders_told"] == "1"
    ready.kill()
    page = ready.start()
    page.goto(address)
    page.wait_for_selector("#fill[data-live]")
    assert draft_answers(page) == before
    expect(page.locator('[name="/data/g_where/business_name"]')).to_have_value("山里人家农家乐")
    row = page.locator(f'section[data-path="{FOUNDERS}"] > .ri').first
    expect(row.locator('[name^="/"][name$="/founder_name"]')).to_have_value("李梅")
    expect(row.locator('[data-path$="/founder_sex"] .q-reason [value="refused"]')).to_be_checked()
    expect(question(page, f"{CONSENT}/card_given").locator(".q-text")).to_contain_text(
        before["/data/card_code"]
    )


def test_unfinished_chinese_input_is_saved_and_not_yet_judged(ready: Phone) -> None:
    """Within a composition the text is saved as it stands, and no error shows until it ends."""
    page = open_form(ready)
    choose(page, f"{CONSENT}/contact", "yes")
    choose(page, f"{CONSENT}/consent_interview", "yes")
    page.locator('[name="/data/g_founders/founders_told"]').fill("1")
    row = page.locator(f'section[data-path="{FOUNDERS}"] > .ri').first
    row.locator('[name$="/founder_agreed"][value="self"]').check(force=True)
    phone_box = row.locator('[name^="/"][name$="/founder_phone"]')
    phone_box.fill("12")
    phone_box.blur()
    error = row.locator('[data-path$="/founder_phone"] .q-error')
    expect(error).to_be_visible()
    name = row.locator('[name^="/"][name$="/founder_name"]')
    name.focus()
    chrome = page.context.new_cdp_session(page)
    chrome.send("Input.imeSetComposition", {"text": "zhang", "selectionStart": 5, "selectionEnd": 5})
    ready.until(
        "async (path) => (await (await homeward.load('store/drafts.js'))"
        ".load(new URLSearchParams(location.search).get('draft')))?.answers[path] === 'zhang'",
        arg=name.get_attribute("name"),
    )
    chrome.send("Input.insertText", {"text": "张"})
    expect(name).to_have_value("张")
    saved(page)
    assert draft_answers(page)[str(name.get_attribute("name"))] == "张"


def test_choices_follow_the_county_and_the_township(ready: Phone) -> None:
    """Another county offers its own townships, and the township of the old one is no answer any more."""
    page = open_form(ready, prefill=None)
    county = page.locator('select[name="/data/g_where/county_code"]')
    township = page.locator('select[name="/data/g_where/township_code"]')
    county.select_option("140521")
    township.select_option("140521901")
    county.select_option("140502")
    expect(township).to_have_value("")
    values = township.locator("option").evaluate_all("all => all.map((one) => one.value).filter(Boolean)")
    assert values
    assert all(value.startswith("140502") for value in values)
    saved(page)
    assert "/data/g_where/township_code" not in draft_answers(page)


def test_finishing_shows_what_is_missing_and_then_makes_a_record(ready: Phone) -> None:
    """Errors stand at their questions; once mended, the record reaches the hub and the draft is gone."""
    page = open_form(ready)
    page.locator("#finish").click()
    expect(page.locator("#problems")).to_be_visible()
    expect(question(page, f"{CONSENT}/contact").locator(".q-error")).to_be_visible()
    choose(page, f"{CONSENT}/contact", "no")
    choose(page, "/data/g_result/disposition", "not_home")
    expect(question(page, f"{CONSENT}/contact").locator(".q-error")).to_be_hidden()
    page.locator("#finish").click()
    page.wait_for_url(f"**/zh/visit/{VILLAGE}")
    ready.until(
        "async () => (await (await homeward.load('store/changes.js')).log()).some((one) => one.received)"
    )


def test_the_language_changes_and_the_answers_stay(ready: Phone) -> None:
    """The link to English opens the same draft with English labels."""
    page = open_form(ready)
    choose(page, f"{CONSENT}/contact", "yes")
    page.locator('[name="/data/g_where/business_name"]').fill("山里人家")
    page.locator("a[data-lang-switch]").click()
    page.wait_for_url("**/en/fill/business?draft=*")
    page.wait_for_selector("#fill[data-live]")
    expect(page.locator('[name="/data/g_where/business_name"]')).to_have_value("山里人家")
    expect(question(page, f"{CONSENT}/contact").locator(".q-text")).to_contain_text("someone here")


def test_a_draft_open_twice_stays_one(ready: Phone) -> None:
    """The second window says that the draft is open elsewhere and takes no answers."""
    page = open_form(ready)
    choose(page, f"{CONSENT}/contact", "yes")
    saved(page)
    page.wait_for_url("**draft=*")
    assert ready.context is not None
    second = ready.context.new_page()
    second.goto(page.url)
    expect(second.locator("#save-state")).to_have_attribute("data-state", "failed")
    assert second.locator("#fill > .g").first.evaluate("(part) => part.inert")


def test_what_is_given_before_the_scripts_arrive_counts(ready: Phone) -> None:
    """On a slow network the page can be used from its first paint: a tap and a word are taken over."""
    page = ready.page
    # A worker serves the scripts, so they cannot be held back; the page's own parser is quicker than they are.
    page.add_init_script(EARLY.replace("NAME", json.dumps(f"{FOUNDERS}_told")))
    query = quote(json.dumps(WHERE | {f"{CONSENT}/contact": "yes", f"{CONSENT}/consent_interview": "yes"}))
    page.goto(f"/zh/fill/business?prefill={query}")
    assert page.evaluate("window.early") == "before"
    page.wait_for_selector("#fill[data-live]")
    saved(page)
    expect(page.locator(".ri")).to_have_count(2)
    assert draft_answers(page)[f"{FOUNDERS}_told"] == "2"


def test_a_record_is_begun_and_finished_without_the_server(hub: Hub, ready: Phone) -> None:
    """The server is gone: the form opens from the phone, follows the answers, and becomes a record that waits."""
    open_form(ready)
    hub.stop()
    page = open_form(ready)
    choose(page, f"{CONSENT}/contact", "no")
    choose(page, "/data/g_result/disposition", "not_home")
    page.locator("#finish").click()
    page.wait_for_url(f"**/zh/visit/{VILLAGE}")
    log = page.evaluate("async () => (await homeward.load('store/db.js')).all('changes')")
    assert [change["formId"] for change in log] == ["business"]
    assert "received" not in log[0]


def test_a_desk_asks_the_server(hub: Hub, phone: Phone) -> None:
    """A supervisor's browser is no replica: an answer uncovers the next questions there too, and nothing is lost."""
    phone.sign_in("chief")
    page = phone.page
    page.goto(f"/zh/fill/business?prefill={quote(json.dumps(WHERE))}")
    page.wait_for_selector('#fill[data-live="desk"]')
    choose(page, f"{CONSENT}/contact", "yes")
    expect(question(page, f"{CONSENT}/consent_interview")).to_be_visible()
    choose(page, f"{CONSENT}/consent_interview", "yes")
    expect(question(page, "/data/g_founders")).to_be_visible()
    page.locator('[name="/data/g_where/business_name"]').fill("山里人家")
    page.locator('[name="/data/g_founders/founders_told"]').fill("2")
    page.locator('[name="/data/g_founders/founders_told"]').blur()
    expect(page.locator(f'section[data-path="{FOUNDERS}"] > .ri')).to_have_count(2)
    page.reload()
    expect(page.locator('[name="/data/g_where/business_name"]')).to_have_value("山里人家")
    assert phone.errors == []


PHOTO = """async () => {
  const canvas = new OffscreenCanvas(3000, 1500);
  canvas.getContext("2d").fillRect(0, 0, 10, 10);
  const blob = await canvas.convertToBlob({ type: "image/jpeg" });
  return Array.from(new Uint8Array(await blob.arrayBuffer()));
}"""
KEPT = """async (sha) => {
  const { blob } = await (await homeward.load('store/media.js')).load(sha);
  const { width, height } = await createImageBitmap(blob);
  return [blob.type, width, height];
}"""


def test_a_photo_is_scaled_and_a_position_taken(ready: Phone) -> None:
    """The photo is kept no larger than the form asks; the position comes with its accuracy."""
    page = open_form(ready)
    assert ready.context is not None
    ready.context.grant_permissions(["geolocation"])
    ready.context.set_geolocation({"latitude": 35.49, "longitude": 112.85, "accuracy": 4})
    choose(page, f"{CONSENT}/contact", "yes")
    choose(page, f"{CONSENT}/consent_interview", "yes")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": bytes(page.evaluate(PHOTO))}
    page.locator('[data-path="/data/g_env/photo"] input[type="file"]').set_input_files([photo])
    expect(page.locator('[data-path="/data/g_env/photo"] img')).to_be_visible()
    choose(page, "/data/g_activity/gps_source", "gnss")
    page.locator("[data-locate]").first.click()
    expect(page.locator(".position-words").first).to_contain_text("4")
    saved(page)
    answers = draft_answers(page)
    assert page.evaluate(KEPT, answers["/data/g_env/photo"]) == ["image/jpeg", 1600, 800]
    taken = next(value for value in answers.values() if value.startswith("35.4900000 112.8500000"))
    assert taken.endswith("4.0")
