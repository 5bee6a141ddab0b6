"""A team's own form, from the spreadsheet to the tables: uploaded by an administrator, filled in by an enumerator whose
phone has no network."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from collector import app_db
from collector.accounts import people
from collector.tables import Tables
from sync import Replica
from tests.browser.conftest import PASSWORD, VILLAGE, Hub, Phone
from tests.collector.own_forms.books import BROKEN, FORM_ID, REMEMBERING, TITLE, TOWNS, WELLS, book

from .test_look import faults

pytestmark = pytest.mark.browser


@pytest.fixture
def office(playwright: Playwright, hub: Hub, tmp_path: Path) -> Phone:
    """The administrator's browser, signed in; files of a form beside it."""
    with contextlib.closing(app_db.connect(app_db.path_for(hub.db))) as connection:
        people.add(connection, "root", PASSWORD, role="administrator")
    (tmp_path / "wells.xlsx").write_bytes(book())
    (tmp_path / "broken.xlsx").write_bytes(book(more=BROKEN))
    (tmp_path / "remembering.xlsx").write_bytes(book(more=REMEMBERING))
    (tmp_path / "wells.csv").write_bytes(WELLS)
    (tmp_path / "towns.xml").write_bytes(TOWNS)
    browser = Phone(playwright, tmp_path / "office", hub.address)
    browser.start()
    browser.sign_in("root", "en")
    return browser


def upload(office: Phone, folder: Path, form: str, *attached: str) -> None:
    """Chooses form, list and other files, and presses the button."""
    office.page.goto("/en/forms")
    office.page.set_input_files("#form", folder / form)
    office.page.set_input_files("#lists", [folder / name for name in ("wells.csv", *attached)])
    office.page.click('form[enctype="multipart/form-data"] button.main')
    office.page.wait_for_load_state()


def send(hub: Hub, page: Page, records: int) -> None:
    """The hub is there again, and so many records are said to be received."""
    hub.start()
    page.goto("/zh/outbox")
    page.click("#sync-now")
    expect(page.locator('[data-list="received"] li')).to_have_count(records)


def test_from_the_spreadsheet_to_the_tables(hub: Hub, phone: Phone, office: Phone, tmp_path: Path) -> None:
    """Uploaded and confirmed; the phone is told, takes it, loses the network, fills group, repeat and a choice that
    follows from another, and the record reaches the hub and its tables."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    upload(office, tmp_path, "wells.xlsx")
    office.page.click('button[value="add"]')
    expect(office.page.locator(".note.ok")).to_contain_text(TITLE)
    office.close()

    page.goto(f"/zh/visit/{VILLAGE}")
    page.evaluate("async () => (await homeward.load('sync/run.js')).syncNow({ asked: true })")
    start = page.locator(f'a[data-start="{FORM_ID}"]')
    expect(start).to_contain_text(TITLE)
    expect(page.locator("#own-later")).to_contain_text(TITLE)  # not to be had without a network yet
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    page.click("#new-version button")
    expect(page.locator("#new-version")).to_have_count(0)
    expect(page.locator("#own-later")).to_have_count(0)
    hub.stop()
    phone.close()

    page = phone.start()
    page.goto(f"/zh/visit/{VILLAGE}")
    page.click(f'a[data-start="{FORM_ID}"]')
    page.wait_for_selector("#fill[data-live]")
    expect(page.locator("h1")).to_contain_text(TITLE)
    page.fill('[name="/data/g_home/owner"]', "李秀英")
    well = page.locator('[name="/data/g_home/well"]')
    page.locator('label.choice:has(input[value="s"])').click()
    expect(well.locator('option[value="w3"]')).to_have_count(1)
    expect(well.locator('option[value="w1"]')).to_have_count(0)
    page.locator('label.choice:has(input[value="n"])').click()
    expect(well.locator('option[value="w1"]')).to_have_text("老井")
    well.select_option("w1")
    page.locator("input[name^='/data/animals'][name$='/kind']").first.fill("羊")
    page.locator("input[name^='/data/animals'][name$='/heads']").first.fill("7")
    page.click("button[data-add]")
    page.locator("input[name^='/data/animals'][name$='/kind']").nth(1).fill("牛")
    page.locator("input[name^='/data/animals'][name$='/heads']").nth(1).fill("2")
    page.wait_for_selector('#save-state[data-state="saved"]')
    page.click("#finish")
    page.wait_for_url(f"**/visit/{VILLAGE}")
    line = page.locator(".lines li", has_text="李秀英")
    expect(line).to_contain_text(TITLE)
    expect(line.locator(".chip.waiting")).to_be_visible()

    send(hub, page, 1)
    (state,) = hub.records()
    assert (state.form_id, state.author) == (FORM_ID, hub.anna.id)
    assert f"v:{VILLAGE}" in state.scopes
    with Replica.open(hub.db) as replica, contextlib.closing(Tables.of(replica)) as tables:
        tables.update(replica)
        rows = tables.connection.execute(f"SELECT owner, region, well, _village, _check FROM form_{FORM_ID}")
        assert [tuple(row) for row in rows] == [("李秀英", "n", "w1", VILLAGE, "ok")]
        animals = tables.connection.execute(
            f"SELECT kind, heads FROM form_{FORM_ID}__animals ORDER BY _position"
        )
        assert [tuple(row) for row in animals] == [("羊", 7), ("牛", 2)]
    assert phone.errors == []


def test_without_a_village_it_is_begun_below_the_list(
    hub: Hub, phone: Phone, office: Phone, tmp_path: Path
) -> None:
    """Who signs in after the form has come finds it under the villages at once, and the record needs no village."""
    upload(office, tmp_path, "wells.xlsx")
    office.page.click('button[value="add"]')
    office.close()
    phone.sign_in()
    phone.ready()
    hub.stop()
    page = phone.page
    page.goto("/zh/villages")
    expect(page.locator("#own-later")).to_have_count(0)
    page.click(f'a[data-start="{FORM_ID}"]')
    page.wait_for_selector("#fill[data-live]")
    page.fill('[name="/data/g_home/owner"]', "王")
    page.wait_for_selector('#save-state[data-state="saved"]')
    page.click("#finish")
    page.wait_for_url("**/records")
    send(hub, page, 1)
    assert hub.records()[0].scopes == (f"p:{hub.anna.id}",)


def test_attached_xml_and_the_record_before_without_a_network(
    hub: Hub, phone: Phone, office: Phone, tmp_path: Path
) -> None:
    """The phone has the tree with it, and the second record begins with what was answered in the first, though no hub
    knows of that yet; what the hub then receives is both records."""
    upload(office, tmp_path, "remembering.xlsx", "towns.xml")
    expect(office.page.locator("dl.answers")).to_contain_text("towns.xml")
    office.page.click('button[value="add"]')
    office.close()
    phone.sign_in()
    phone.ready()
    hub.stop()
    phone.close()
    page = phone.start()
    for owner, before, street, town, named in (
        ("李", "", "Long Street", "t2", "Mill town"),
        ("王", "Long Street", "Short Street", "t1", "North town"),
    ):
        page.goto("/zh/villages")
        page.click(f'a[data-start="{FORM_ID}"]')
        page.wait_for_selector("#fill[data-live]")
        expect(page.locator('[name="/data/street"]')).to_have_value(before)
        page.fill('[name="/data/g_home/owner"]', owner)
        page.fill('[name="/data/street"]', street)
        page.fill('[name="/data/town"]', town)
        expect(page.locator("#fill")).to_contain_text(f"是 {named}。")
        page.wait_for_selector('#save-state[data-state="saved"]')
        page.click("#finish")
        page.wait_for_url("**/records")
    send(hub, page, 2)
    found = sorted(
        (state.answers["/data/street"], state.answers["/data/town_name"]) for state in hub.records()
    )
    assert found == [("Long Street", "Mill town"), ("Short Street", "North town")]
    assert phone.errors == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_pages_on_a_small_phone(hub: Hub, office: Phone, tmp_path: Path, lang: str) -> None:
    """List, report and confirmation: nothing sticks out, targets fit a thumb, screen readers can read them; and they
    work with scripts off."""
    assert faults(office, f"/{lang}/forms") == []
    upload(office, tmp_path, "broken.xlsx")
    expect(office.page.locator(".finding.error")).to_have_count(3)
    width = office.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    upload(office, tmp_path, "wells.xlsx")
    office.page.wait_for_url(re.compile("/en/forms/upload/"))
    assert faults(office, office.page.url.replace("/en/", f"/{lang}/")) == []
    office.close()
    office.start(java_script_enabled=False)
    upload(office, tmp_path, "wells.xlsx")
    office.page.click('button[value="drop"]')
    expect(office.page.locator(".note.ok")).to_be_visible()
    office.close()
