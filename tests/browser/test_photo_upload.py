"""A photo on its way from a real browser to a hub that goes away meanwhile."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from sync import Replica
from tests.browser.conftest import VILLAGE, Hub, Phone

pytestmark = pytest.mark.browser

SIZE = 2_000_000
MAKE = """async ([village, size]) => {
  const [drafts, media, changes, field] = await Promise.all(
    ["drafts", "media", "changes", "field"].map((part) => homeward.load(`store/${part}.js`)));
  const form = await (await fetch((await field.head()).forms.business.address)).json();
  const draft = await drafts.begin({ form: "business", version: form.id, village });
  const bytes = new Uint8Array(size).map((_, place) => (place * 31 + (place >> 8)) % 251);
  const photo = await media.put(new Blob([bytes], { type: "image/jpeg" }), draft.id);
  const { record } = await changes.finalise(draft.id, { form, answers: { "/data/g_env/photo": photo }, reasons: {} });
  return { photo, record };
}"""
# What goes out, as the page itself sees it: [where the piece begins, its bytes, whether it was answered].
WATCH = """(() => {
  const { fetch } = window;
  window.sent = [];
  window.fetch = async (address, options) => {
    if (!String(address).startsWith("/sync/v1/media/") || options.method !== "PATCH") return fetch(address, options);
    const line = [Number(options.headers["Upload-Offset"]), options.body.byteLength, false];
    window.sent.push(line);
    const answer = await fetch(address, options);
    line[2] = answer.ok;
    return answer;
  };
})()"""
SYNC = "async () => (await homeward.load('sync/run.js')).syncNow({ asked: true })"


def pieces(page: Page) -> list[tuple[int, int, bool]]:
    """The pieces that went out since the page was opened."""
    sent: list[list[Any]] = page.evaluate("window.sent")
    return [(offset, size, answered) for offset, size, answered in sent]


def test_a_hub_that_goes_away_is_sent_only_the_rest(hub: Hub, phone: Phone) -> None:
    """The process ends amid a photo of two megabytes: the record is there, the page says what waits; the hub
    comes back, and not one acknowledged byte goes out again."""
    phone.sign_in()
    phone.ready()
    page = phone.page
    assert phone.context is not None
    page.add_init_script(WATCH)
    page.goto("/zh/outbox")
    passed: list[str] = []

    def stop_at_the_third(route: Route) -> None:
        if route.request.method == "PATCH":
            passed.append(route.request.headers["upload-offset"])
            if len(passed) == 3:
                hub.stop()
        route.continue_()

    phone.context.route("**/sync/v1/media/*", stop_at_the_third)
    made = page.evaluate(MAKE, [VILLAGE, SIZE])
    page.evaluate(SYNC)
    phone.context.unroute("**/sync/v1/media/*")
    expect(page.locator('[data-count="files"] b')).to_have_text("1")
    expect(page.locator('[data-count="waiting"] b')).to_have_text("0")
    first = pieces(page)
    acknowledged = sum(size for _, size, answered in first if answered)
    assert [answered for _, _, answered in first] == [True, True, False]
    assert 0 < acknowledged < SIZE
    part = hub.db.parent / "media" / ".parts" / made["photo"]
    assert part.stat().st_size == acknowledged
    assert [state.record for state in hub.records()] == [made["record"]]

    hub.start()
    page.goto("/zh/outbox")
    page.click("#sync-now")
    expect(page.locator('[data-count="files"] b')).to_have_text("0")
    second = pieces(page)
    assert second[0][0] == acknowledged
    assert sum(size for _, size, _ in second) == SIZE - acknowledged
    assert all(answered for _, _, answered in second)
    with Replica.open(hub.db) as replica:
        assert hashlib.sha256(replica.media(made["photo"]).read_bytes()).hexdigest() == made["photo"]
        assert replica.media_missing() == []
    assert not part.exists()
    assert phone.errors == []


def test_a_photo_that_is_refused_says_why_and_holds_up_nothing(hub: Hub, phone: Phone) -> None:
    """The page names the record and the reason; the other photo arrives, and the refused one later too."""
    phone.sign_in()
    phone.ready()
    page = phone.page
    assert phone.context is not None
    page.goto("/zh/outbox")
    body = '{"problem": {"code": "HW-3008", "place": "", "message": "照片太大。", "remedy": "请换一张。"}}'

    def refuse(route: Route) -> None:
        if route.request.headers.get("upload-length") != "50000":
            return route.continue_()
        return route.fulfill(status=413, content_type="application/json", body=body)

    phone.context.route("**/sync/v1/media/*", refuse)
    bad, good = (page.evaluate(MAKE, [VILLAGE, size])["photo"] for size in (50_000, 60_000))
    page.evaluate(SYNC)
    line = page.locator(f'[data-list="files"] [data-file="{bad}"]')
    expect(line).to_contain_text("HW-3008")
    expect(line).to_contain_text("照片太大。")
    expect(page.locator('[data-list="files"] li')).to_have_count(1)
    with Replica.open(hub.db) as replica:
        assert replica.media(good).exists()
    phone.context.unroute("**/sync/v1/media/*")
    page.click("#sync-now")
    expect(page.locator('[data-list="files"]')).to_have_count(0)
    with Replica.open(hub.db) as replica:
        assert replica.media(bad).exists()
