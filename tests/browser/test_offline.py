"""The phone without a network: starts, keeps, survives, and tells what the hub has received."""

from __future__ import annotations

import contextlib
import hashlib
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from collector import app_db
from collector.accounts import people
from collector.library import put_form
from forms import compile as compile_form
from sync import Replica
from tests.browser.conftest import PASSWORD, VILLAGE, Hub, Phone

pytestmark = pytest.mark.browser

MAKE = """async ([name, village]) => {
  const [drafts, changes, field] = await Promise.all(
    ["drafts", "changes", "field"].map((part) => homeward.load(`store/${part}.js`)));
  const form = await (await fetch((await field.head()).forms.business.address)).json();
  const draft = await drafts.begin({ form: "business", version: form.id, village });
  await drafts.save(draft.id, {
    "/data/g_where/business_name": { value: name }, "/data/g_where/village_code": { value: village },
    "/data/g_consent/consent_interview": { value: "yes" }, "/data/business_uid": { value: draft.id },
  });
  const { answers } = await drafts.load(draft.id);
  return changes.finalise(draft.id, { form, answers, reasons: {}, title: name });
}"""
SYNC = "async () => (await homeward.load('sync/run.js')).syncNow({ asked: true })"
LOG = "async () => (await homeward.load('store/changes.js')).log()"

RECEIVED = f"async () => (await ({LOG})())[0].received !== undefined"


def make(page: Page, name: str) -> str:
    """A business of this village, made by the phone's own store; returns the record."""
    record: str = page.evaluate(MAKE, [name, VILLAGE])["record"]
    return record


def test_a_day_in_a_village_without_the_server(hub: Hub, phone: Phone) -> None:
    """Server gone, browser started cold: the visit opens, a record is kept through a kill, and is received
    later."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    hub.stop()
    phone.close()

    page = phone.start()
    page.goto(f"/zh/visit/{VILLAGE}")
    expect(page.locator("h1")).to_contain_text("示例村甲")
    expect(page.locator('a[data-start="business"]')).to_be_visible()
    record = make(page, "李家豆腐坊")
    phone.kill()

    page = phone.start()
    page.goto(f"/zh/visit/{VILLAGE}")
    unit = page.locator(f'[data-record="{record}"]')
    expect(unit).to_contain_text("李家豆腐坊")
    expect(unit.locator(".chip.waiting")).to_contain_text("等待上传")
    assert (
        page.evaluate("navigator.onLine") is True
    )  # and still the phone does not believe that the hub is there

    hub.start()
    page.goto("/zh/outbox")
    page.click("#sync-now")
    received = page.locator(f'[data-list="received"] [data-record="{record}"]')
    expect(received).to_contain_text("已收到")
    expect(page.locator('[data-list="waiting"]')).to_have_count(0)
    assert [state.record for state in hub.records()] == [record]
    assert hub.records()[0].author == hub.anna.id
    assert phone.errors == []


PHOTO = """async (village) => {
  const [drafts, media, changes, field] = await Promise.all(
    ["drafts", "media", "changes", "field"].map((part) => homeward.load(`store/${part}.js`)));
  const form = await (await fetch((await field.head()).forms.business.address)).json();
  const draft = await drafts.begin({ form: "business", version: form.id, village });
  const bytes = new Uint8Array(2_000_000).map((_, place) => (place * 31) % 251);
  const photo = await media.put(new Blob([bytes], { type: "image/jpeg" }), draft.id);
  const answers = { "/data/g_env/photo": photo };
  await changes.finalise(draft.id, { form, answers, reasons: {} });
  return photo;
}"""


def test_a_photo_survives_a_kill_and_arrives_whole(hub: Hub, phone: Phone) -> None:
    """Two megabytes are on the disk once the store says so; a failed upload is tried again; then the hub
    has it."""
    phone.sign_in()
    phone.ready()
    photo = phone.page.evaluate(PHOTO, VILLAGE)
    phone.kill()
    page = phone.start()
    assert phone.context is not None
    phone.context.route("**/sync/v1/media/*", lambda route: route.abort())
    page.goto("/zh/outbox")
    expect(page.locator('[data-list="received"] li')).to_have_count(1)
    expect(page.locator('[data-count="files"] b')).to_have_text("1")
    phone.context.unroute("**/sync/v1/media/*")
    page.click("#sync-now")
    expect(page.locator('[data-count="files"] b')).to_have_text("0")
    with Replica.open(hub.db) as replica:
        assert hashlib.sha256(replica.media(photo).read_bytes()).hexdigest() == photo


def test_the_page_tells_the_receipt_by_itself_when_the_server_is_back(hub: Hub, phone: Phone) -> None:
    """Coming back to the page is enough: no button needs to be pressed."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    hub.stop()
    make(page, "山里人家")
    page.goto("/zh/records")
    expect(page.locator(".chip.waiting").first).to_be_visible()
    hub.start()
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator('[data-standing="received"]')).to_be_visible()
    assert len(hub.records()) == 1


def test_a_lost_acknowledgement_makes_no_second_row(hub: Hub, phone: Phone) -> None:
    """The hub commits, the answer never arrives: the phone sends again and there is one record."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    assert phone.context is not None
    lost: list[str] = []

    def lose(route: Route, request: Request) -> None:
        answer = route.fetch()
        lost.append(answer.text())
        route.abort("connectionreset")

    phone.context.route("**/sync/v1/changes", lose)
    record = make(page, "豆腐坊")
    page.evaluate(SYNC)
    assert record in lost[0]
    assert page.evaluate(LOG)[0].get("received") is None
    phone.context.unroute("**/sync/v1/changes")
    page.evaluate(SYNC)
    assert page.evaluate(LOG)[0]["received"]
    assert [state.record for state in hub.records()] == [record]


PORTAL = "<!doctype html><title>Welcome</title><form>Accept our terms</form>"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "content_type": "text/html", "body": PORTAL},
        {"status": 200, "content_type": "application/json", "body": "{}"},
        {"status": 200, "content_type": "application/json", "body": '{"receipts": [], "refused": []}'},
        {"status": 302, "headers": {"Location": "/zh/villages"}},
        {"status": 502, "content_type": "text/html", "body": "<h1>Bad gateway</h1>"},
    ],
    ids=["captive portal", "other JSON", "no receipt", "redirect", "broken proxy"],
)
def test_what_is_no_receipt_is_not_taken_for_one(hub: Hub, phone: Phone, answer: dict[str, Any]) -> None:
    """Only JSON that names the change and both digests counts as received."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    assert phone.context is not None
    make(page, "豆腐坊")
    phone.context.route("**/sync/v1/changes", lambda route: route.fulfill(**answer))
    page.evaluate(SYNC)
    assert page.evaluate(LOG)[0].get("received") is None
    phone.context.unroute("**/sync/v1/changes")
    page.evaluate(SYNC)
    assert page.evaluate(LOG)[0]["received"]
    assert len(hub.records()) == 1


def test_a_refusal_is_shown_with_its_number_and_its_remedy(hub: Hub, phone: Phone) -> None:
    """What the hub will not take is said in words; the record stays on the phone."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    assert phone.context is not None
    record = make(page, "豆腐坊")
    problem = {"code": "HW-2016", "place": record, "message": "太大。", "remedy": "请缩短。"}
    body = {"receipts": [], "refused": [{"change": record, "problem": problem}]}
    phone.context.route("**/sync/v1/changes", lambda route: route.fulfill(json=body))
    page.evaluate(SYNC)
    page.goto("/zh/outbox")
    line = page.locator(f'[data-list="refused"] [data-record="{record}"]')
    expect(line).to_contain_text("太大。 请缩短。 (HW-2016)")
    expect(page.locator('[data-mount="status"]')).to_contain_text("1")


def test_the_kept_shell_holds_nobodys_data_and_no_redirect(hub: Hub, phone: Phone) -> None:
    """Everything in the cache was fetched without cookies: no name, no token, no page of a signed-in
    person."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    kept = page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
              const response = await cache.match(request);
              found.push([new URL(request.url).pathname, response.redirected, response.status, await
              response.text()]);
            }
          }
          return found;
        }"""
    )
    pages = [path for path, *_ in kept]
    assert {"/zh/visit/_", "/en/visit/_", "/zh/fill/business", "/en/fill/inn", "/zh/outbox"} <= set(pages)
    for path, redirected, status, text in kept:
        assert (redirected, status) == (False, 200), path
        assert "安娜" not in text, path
        assert hub.anna.id not in text, path
        assert '<meta name="csrf-token"' not in text, path


def test_a_supervisors_browser_is_no_phone(hub: Hub, phone: Phone) -> None:
    """Only an enumerator's browser keeps records; a supervisor works on the server's pages."""
    phone.sign_in("chief")
    phone.page.wait_for_load_state("networkidle")
    assert phone.page.evaluate("async () => (await homeward.load('store/identity.js')).device()") is None
    assert phone.page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0


def test_a_draft_open_in_two_tabs_is_held_by_one(hub: Hub, phone: Phone) -> None:
    """The second tab is told that the draft is open; the lock is free again when the first is gone."""
    phone.sign_in()
    phone.ready()
    assert phone.context is not None
    hold = "async () => (window.letGo = await (await homeward.load('store/drafts.js')).hold('d1')) !== null"
    other = phone.context.new_page()
    other.goto("/zh/villages")
    assert phone.page.evaluate(hold) is True
    assert other.evaluate(hold) is False
    phone.page.close()
    phone.page = other
    phone.until(hold)  # the browser frees what a closed page held a moment after it is gone


def test_the_key_cannot_leave_the_browser(hub: Hub, phone: Phone) -> None:
    """The private half is not extractable, and storage that was cleared underneath is opened again."""
    phone.sign_in()
    phone.ready()
    assert phone.context is not None
    extractable = """async () => {
      const { identity } = await homeward.load("store/identity.js");
      return (await identity()).keys.privateKey.extractable;
    }"""
    assert phone.page.evaluate(extractable) is False
    session = phone.context.new_cdp_session(phone.page)
    session.send("Storage.clearDataForOrigin", {"origin": hub.address, "storageTypes": "indexeddb"})
    assert phone.page.evaluate("async () => (await homeward.load('store/drafts.js')).list()") == []


def test_signing_out_hides_the_pages_and_still_sends_what_waits(hub: Hub, phone: Phone) -> None:
    """After signing out no page shows data; the record that waited is received all the same."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    hub.stop()
    record = make(page, "豆腐坊")
    hub.start()
    page.goto("/zh/device")
    page.click('form[action$="/sign-out"] button')
    page.wait_for_url(re.compile("/sign-in"))
    page.goto(f"/zh/visit/{VILLAGE}")
    expect(page.locator("[data-sign-in]")).to_be_visible()
    phone.until(RECEIVED)
    expect(page.locator("body")).not_to_contain_text("豆腐坊")
    assert [state.record for state in hub.records()] == [record]


def test_two_people_share_a_phone(hub: Hub, phone: Phone) -> None:
    """The second person sees their own villages; both are authors of what each made; one log."""
    with contextlib.closing(app_db.connect(app_db.path_for(hub.db))) as connection:
        ben = people.add(connection, "ben", PASSWORD, name="Ben", villages=["140521901902"])
    phone.sign_in()
    phone.ready()
    make(phone.page, "安娜家")
    phone.page.evaluate(SYNC)
    phone.sign_in("ben")
    phone.ready()
    expect(phone.page.locator("main .card")).to_have_count(1)
    expect(phone.page.locator("main .card")).to_contain_text("示例村乙")
    make(phone.page, "本家")
    phone.page.evaluate(SYNC)
    states = hub.records()
    assert {state.author for state in states} == {hub.anna.id, ben.id}
    assert len({state.record.split("-")[0] for state in states}) == 1


def test_a_token_that_ended_is_said_and_mended_by_signing_in(hub: Hub, phone: Phone) -> None:
    """The hub forgot the device: nothing is lost, and the next sign-in sends it."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    with contextlib.closing(app_db.connect(app_db.path_for(hub.db))) as connection:
        connection.execute("DELETE FROM device")
    record = make(page, "豆腐坊")
    page.evaluate(SYNC)
    phone.wait_for_sync("refused")
    assert page.evaluate(LOG)[0].get("received") is None
    phone.sign_in()
    phone.until(RECEIVED)
    assert [state.record for state in hub.records()] == [record]


def test_background_sync_sends_without_a_page(hub: Hub, phone: Phone) -> None:
    """The system wakes the worker: it sends what waits by itself."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    assert phone.context is not None
    record = make(page, "豆腐坊")
    session = phone.context.new_cdp_session(page)
    versions: list[dict[str, Any]] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated", lambda event: versions.extend(event["registrations"])
    )
    session.send("ServiceWorker.enable")
    expect(page.locator("main")).to_be_visible()  # a round trip, in which the events arrive
    phone.until("async () => (await navigator.serviceWorker.ready).active !== null")
    registration = next(one["registrationId"] for one in versions if one["scopeURL"].startswith(hub.address))
    wake = {"origin": hub.address, "registrationId": registration, "tag": "outbox", "lastChance": False}
    session.send("ServiceWorker.dispatchSyncEvent", wake)
    phone.until(RECEIVED)
    assert [state.record for state in hub.records()] == [record]


SURVEY = """| survey | | | |
| | type | name | label |
| | text | a | A |
| settings | | | |
| | form_id | form_title | version |
| | extra | Extra | 1 |
"""


def test_a_new_version_waits_for_a_word_and_never_breaks_into_a_form(hub: Hub, phone: Phone) -> None:
    """A form added at the hub is a new version: told on the page, taken over on the person's word alone."""
    page = phone.page
    phone.sign_in()
    phone.ready()
    with Replica.open(hub.db) as replica:
        put_form(replica, compile_form(SURVEY.encode(), "extra.md"))
    page.goto("/zh/fill/business")
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    expect(page.locator("#new-version")).to_be_visible()
    expect(page.locator("#new-version button")).to_have_count(0)
    page.goto("/zh/villages")
    page.click("#new-version button")
    expect(page.locator("#new-version")).to_have_count(0)
    phone.until("async () => (await caches.match('/zh/fill/extra')) !== undefined")
