"""The visit of a village by hand, with the server stopped: a business, from its line the inn."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from sync import Replica
from tests.browser.conftest import VILLAGE, Hub, Phone

pytestmark = pytest.mark.browser


def choose(page: Page, name: str, value: str) -> None:
    """Taps a choice of the question `name`."""
    page.locator(
        f'.q[data-path$="/{name}"] .choices > label.choice:has(input[value="{value}"])'
    ).first.click()


def consent(page: Page, *, role: bool) -> None:
    """The first part of an interview: somebody is there and agrees."""
    choose(page, "contact", "yes")
    choose(page, "consent_interview", "yes")
    if role:
        choose(page, "respondent_role", "founder")
    choose(page, "publish_record", "totals")
    choose(page, "card_given", "yes")


def finish(page: Page) -> None:
    """Ends the interview as broken off, which asks for little, and goes back to the visit."""
    choose(page, "disposition", "partial")
    page.wait_for_selector('#save-state[data-state="saved"]')
    page.click("#finish")
    page.wait_for_url(f"**/visit/{VILLAGE}")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_business_and_its_inn_without_the_server(hub: Hub, phone: Phone, lang: str) -> None:
    """Place, employer and link are entered once; both records wait, and are received when the server is
    back."""
    page = phone.page
    phone.sign_in(lang=lang)
    phone.ready()
    hub.stop()
    page.goto(f"/{lang}/visit/{VILLAGE}")
    page.click('a[data-start="business"]')
    page.wait_for_selector("#fill[data-live]")
    consent(page, role=True)
    page.fill('[name="/data/g_where/business_name"]', "山里人家")
    choose(page, "fields", "lodging")
    finish(page)

    unit = page.locator(".unit").first
    expect(unit).to_contain_text("山里人家")
    expect(unit.locator(".chip.waiting").first).to_be_visible()
    unit.locator('.gap a[data-start="inn"]').click()
    page.wait_for_selector("#fill[data-live]")
    consent(page, role=False)
    choose(page, "operator", "returnee")
    finish(page)

    child = page.locator(".unit.child")
    expect(child).to_have_count(1)
    expect(page.locator('.gap a[data-start="inn"]')).to_have_count(0)
    hub.start()
    page.goto(f"/{lang}/outbox")
    page.click("#sync-now")
    expect(page.locator('[data-list="received"] li')).to_have_count(2)
    business, inn = sorted(hub.records(), key=lambda state: state.form_id)
    assert [business.form_id, inn.form_id] == ["business", "inn"]
    assert inn.answers["/data/g_link/business_uid"] == business.answers["/data/business_uid"]
    assert inn.answers["/data/g_where/village_code"] == VILLAGE
    assert f"v:{VILLAGE}" in inn.scopes
    assert phone.errors == []


def test_a_received_record_is_mended_on_the_phone(hub: Hub, phone: Phone) -> None:
    """Looking leaves no draft; a change is an edit with its parent; the other language keeps the place."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    page.goto(f"/zh/visit/{VILLAGE}")
    page.click('a[data-start="business"]')
    page.wait_for_selector("#fill[data-live]")
    consent(page, role=True)
    page.fill('[name="/data/g_where/business_name"]', "山里人家")
    finish(page)
    expect(page.locator(".unit .chip.received")).to_be_visible()
    (record,) = [state.record for state in hub.records()]

    page.click(f'[data-record="{record}"] .title')
    page.wait_for_selector("#fill[data-live]")
    expect(page.locator('[name="/data/g_where/business_name"]')).to_have_value("山里人家")
    page.go_back()
    page.click("a[data-lang-switch]")
    page.wait_for_url(f"**/en/visit/{VILLAGE}")
    expect(page.locator(".chip.phone")).to_have_count(0)

    page.click(f'[data-record="{record}"] .title')
    page.wait_for_selector("#fill[data-live]")
    page.fill('[name="/data/g_where/business_name"]', "山里人家农家乐")
    page.wait_for_selector('#save-state[data-state="saved"]')
    page.click("#finish")
    page.wait_for_url("**/en/records")
    expect(page.locator('[data-standing="received"]')).to_contain_text("山里人家农家乐")
    (state,) = hub.records()
    assert state.answers["/data/g_where/business_name"] == "山里人家农家乐"
    assert state.conflicts == ()
    with Replica.open(hub.db) as replica:
        edit = replica.history(record)[-1]
    assert edit.header.parents == (record,)
    assert edit.payload.changed == ("/data/g_where/business_name",)
    assert phone.errors == []
