"""A draft on the phone when the form gets a new version at the hub."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from collector.library import put_form
from sync import Replica
from tests.browser.conftest import Hub, Phone
from tests.browser.interview import give, question
from tests.forms.carrying import FILE, forms_of
from tests.forms.vectors import read

FORMS = forms_of(read(FILE))
FIRST = {
    "/data/name": "山里人家（示例）",
    "/data/rooms": "12",
    "/data/kind": "other",
    "/data/acts": "pick fish",
    "/data/opened": "2019年秋天",
    "/data/price": "88.5",
}
PICTURES = os.environ.get("PICTURES", "")
"""A folder for pictures of what a person sees, for somebody to look at."""


def put(hub: Hub, name: str) -> str:
    """Gives the hub a version of the form; returns its id."""
    with Replica.open(hub.db) as replica:
        return put_form(replica, FORMS[name])


def begin(phone: Phone, hub: Hub, lang: str) -> str:
    """A draft of the first version on this phone; returns its address."""
    put(hub, "stay1")
    phone.sign_in(lang=lang)
    phone.ready()
    page = phone.page
    page.goto(f"/{lang}/fill/stay")
    page.wait_for_selector("#fill[data-live]")
    for path, value in FIRST.items():
        give(page, path, value)
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    page.wait_for_url(re.compile(r"draft="))
    return page.url


def take_over(phone: Phone, lang: str, version: str) -> None:
    """The phone syncs, sees that there is something new, and its owner takes it."""
    page = phone.page
    page.goto(f"/{lang}/villages")
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    page.click("#new-version button")
    expect(page.locator("#new-version")).to_have_count(0)
    phone.until("async (address) => (await caches.match(address)) !== undefined", f"/forms/{version}.json")


def picture(page: Page, name: str) -> None:
    """Keeps what the person sees now, where somebody wants to look."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def draft_of(page: Page) -> dict[str, object]:
    """The draft as the phone keeps it."""
    found: dict[str, object] = page.evaluate(
        "async () => (await (await homeward.load('store/drafts.js')).listWithAnswers())[0]"
    )
    return found


def test_a_draft_goes_on_in_the_new_version_without_a_network(hub: Hub, phone: Phone) -> None:
    """What is asked again is there, the rest is shown in words until it is let go of, also after the browser was
    killed; the record is one of the new version."""
    address = begin(phone, hub, "en")
    newest = put(hub, "stay2")
    take_over(phone, "en", newest)
    hub.stop()
    page = phone.page
    page.goto(address)
    page.wait_for_selector("#fill[data-live]")
    moved = page.locator("#moved")
    expect(moved).to_contain_text("2 answers are carried over. 2 questions are new.")
    expect(moved).to_contain_text("“Number of rooms” is not asked any more. Your answer: 12")
    expect(moved).to_contain_text("“Kind of inn”: the choice “Other” does not exist any more.")
    expect(page.locator('[name="/data/g/name"]')).to_have_value(FIRST["/data/name"])
    picture(page, "moved-en")
    page.locator('#moved li[data-left="/data/price"]').scroll_into_view_if_needed()
    picture(page, "moved-en-end")
    assert draft_of(page)["draft"]["version"] == newest  # type: ignore[index]
    phone.kill()
    page = phone.start()
    page.goto(address.replace("/en/", "/zh/"))
    page.wait_for_selector("#fill[data-live]")
    moved = page.locator("#moved")
    expect(moved).to_contain_text("已带过来 2 个答案。")
    expect(moved).to_contain_text("“类型”：“其他”这个选项已经没有了。")
    expect(moved.locator("li")).to_have_count(5)
    picture(page, "moved-zh")
    finish_it(page)
    hub.start()
    page.evaluate("async () => (await homeward.load('sync/run.js')).syncNow({ asked: true })")
    (state,) = hub.records()
    assert state.form == newest
    assert state.answers["/data/rooms"] == "12"
    assert state.answers["/data/g/kind"] == "farm"
    assert state.answers["/data/by"] == "anna", "a first value that the new version gives"
    assert "/data/price" not in state.answers
    assert phone.errors == []


def finish_it(page: Page) -> None:
    """Finishing is stopped at each thing that is undecided; an answer decides one, letting go the others."""
    page.locator("#finish").click()
    expect(page.locator("#problems li")).to_have_count(3)
    expect(page.locator("#problems")).to_contain_text("旧版的答案没能带过来")
    picture(page, "undecided-zh")
    page.locator("#problems a").first.click()
    give(page, "/data/g/kind", "farm")
    expect(page.locator('#moved li[data-left="/data/g/kind"]')).to_contain_text("它不会保存")
    page.on("dialog", lambda dialog: dialog.accept())
    for path in ("/data/opened", "/data/price"):
        page.locator(f'#moved li[data-left="{path}"] button').click()
        expect(page.locator(f'#moved li[data-left="{path}"]')).to_have_count(0)
    page.reload()
    page.wait_for_selector("#fill[data-live]")
    expect(page.locator("#moved li")).to_have_count(3)
    expect(question(page, "/data/g/kind").locator('[value="farm"]')).to_be_checked()
    page.locator("#finish").click()
    page.wait_for_url(re.compile("/zh/records"))


def test_a_record_that_was_made_with_an_earlier_version_keeps_what_it_has(hub: Hub, phone: Phone) -> None:
    """Opened for an edit on the phone it is asked in the form of now; an answer that nobody asks for any more stays
    with it, also when the edit was left and gone on with later."""
    begin(phone, hub, "zh")
    page = phone.page
    page.locator("#finish").click()
    page.wait_for_url(re.compile("/zh/records"))
    phone.until(
        "async () => (await (await homeward.load('store/changes.js')).log())[0]?.received !== undefined"
    )
    (state,) = hub.records()
    newest = put(hub, "stay2")
    take_over(phone, "zh", newest)
    hub.stop()
    page.goto(f"/zh/fill/stay?record={state.record}")
    page.wait_for_selector("#fill[data-live]")
    expect(page.locator("#moved")).to_contain_text("“房间数”这道题现在不问了。您原来的答案：12")
    page.on("dialog", lambda dialog: dialog.accept())
    for path in ("/data/opened", "/data/price", "/data/g/kind"):
        page.locator(f'#moved li[data-left="{path}"] button').click()
        expect(page.locator(f'#moved li[data-left="{path}"]')).to_have_count(0)
    page.wait_for_url(re.compile(r"draft="))
    page.reload()
    page.wait_for_selector("#fill[data-live]")
    give(page, "/data/g/name", "河边人家（示例）")
    page.locator("#finish").click()
    page.wait_for_url(re.compile("/zh/records"))
    hub.start()
    page.evaluate("async () => (await homeward.load('sync/run.js')).syncNow({ asked: true })")
    (now,) = hub.records()
    assert now.answers["/data/g/name"] == "河边人家（示例）"
    assert now.answers["/data/rooms"] == "12"
    assert "/data/kind" not in now.answers
    assert now.form == newest
    assert phone.errors == []
