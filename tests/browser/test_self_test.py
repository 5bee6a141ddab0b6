"""The test before the first field day, in a real Chromium: each line in words, passed or with what to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from sync import Replica

from .conftest import ARGS, Hub, Phone
from .test_enrol import confirm, issue, ready, set_up
from .test_look import faults

pytestmark = pytest.mark.browser

EYE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
HERE = {"latitude": 35.69, "longitude": 112.18, "accuracy": 12}


def start(phone: Phone, monkeypatch: pytest.MonkeyPatch, *more: str, **options: Any) -> None:
    """Opens the browser again, with a camera where `more` says so."""
    phone.close()
    monkeypatch.setattr("tests.browser.conftest.ARGS", [*ARGS, *more])
    phone.start(**options)


def state(phone: Phone, name: str) -> str:
    """How a line stands."""
    found = phone.page.locator(f'[data-check="{name}"]').get_attribute("data-state")
    assert found
    return found


def test_a_phone_that_is_ready_passes_all_seven(
    hub: Hub, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions given, enrolled, connected: all pass, and neither hub nor phone holds a record afterwards."""
    start(phone, monkeypatch, *EYE, geolocation=HERE, permissions=["geolocation", "camera"])
    assert phone.context is not None
    cdp = phone.context.new_cdp_session(phone.page)
    cdp.send("Browser.grantPermissions", {"permissions": ["durableStorage", "geolocation", "videoCapture"]})
    confirm(hub, set_up(phone, issue(hub)))
    ready(phone)
    phone.page.goto("/en/device")
    phone.page.get_by_role("link", name="Test before the first field day").click()
    phone.page.click("#run-test")
    expect(phone.page.locator("#self-test")).to_have_attribute("data-done", "0")
    expect(phone.page.locator(".note.ok")).to_contain_text("All seven passed")
    expect(phone.page.locator('[data-check="position"]')).to_contain_text("accurate to 12 m")
    expect(phone.page.locator('[data-check="record"]')).to_contain_text("never becomes a record")
    assert (
        phone.page.evaluate("async () => (await (await homeward.load('store/changes.js')).log()).length")
        == 0
    )
    with Replica.open(hub.db) as replica:
        assert list(replica.states()) == []
    assert faults(phone, "/en/self-test") == []
    assert phone.errors == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_before_a_tap_it_asks_for_nothing(phone: Phone, lang: str) -> None:
    """Nothing is asked on opening; what was not asked yet says so, and nothing claims to have passed untested."""
    assert faults(phone, f"/{lang}/self-test") == []
    words = {"zh": "还没有询问过", "en": "Not asked yet"}[lang]
    expect(phone.page.locator('[data-check="position"]')).to_contain_text(words)
    assert {state(phone, name) for name in ("clock", "position", "offline", "record")} == {"untested"}
    assert (
        phone.page.evaluate("async () => (await navigator.permissions.query({name: 'geolocation'})).state")
        == "prompt"
    )


def test_what_fails_says_what_to_do(hub: Hub, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """No camera, position forbidden, a full disk, a clock an hour off, no hub: each has its own words."""
    start(phone, monkeypatch)
    confirm(hub, set_up(phone, issue(hub)))
    ready(phone)
    assert phone.context is not None
    cdp = phone.context.new_cdp_session(phone.page)
    cdp.send(
        "Browser.setPermission",
        {"permission": {"name": "geolocation"}, "setting": "denied", "origin": hub.address},
    )
    phone.page.add_init_script(
        "StorageManager.prototype.estimate = async () => ({ usage: 90 * 2 ** 20, quota: 100 * 2 ** 20 });"
    )

    def an_hour_later(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        later = datetime.fromisoformat(told["at"]) + timedelta(hours=1)
        route.fulfill(response=answer, json={**told, "at": later.isoformat()})

    phone.page.route("**/sync/v1/trial", an_hour_later)
    phone.page.goto("/en/self-test")
    phone.page.click("#run-test")
    expect(phone.page.locator("#self-test")).to_have_attribute("data-done", "5")
    for name, words in {
        "camera": "No camera was found",
        "position": "Not allowed. Tap the sign",
        "room": "Only 10 MB are free. Delete",
        "clock": "by 60 minutes. Switch on the automatic",
        "storage": "home screen",
    }.items():
        assert state(phone, name) == "failed", name
        expect(phone.page.locator(f'[data-check="{name}"]')).to_contain_text(words)
    assert (state(phone, "record"), state(phone, "offline")) == ("passed", "passed")
    phone.page.unroute("**/sync/v1/trial")
    hub.stop()
    phone.page.goto("/en/self-test")
    phone.page.click("#run-test")
    expect(phone.page.locator('[data-check="record"]')).to_contain_text("does not answer")
    expect(phone.page.locator("#run-test")).to_be_enabled()
    assert (state(phone, "record"), state(phone, "clock"), state(phone, "offline")) == (
        "failed",
        "untested",
        "passed",
    )
    assert phone.errors == []


def test_what_comes_back_changed_is_no_receipt(hub: Hub, phone: Phone) -> None:
    """Only the digest of what was sent counts as received."""
    set_up(phone, issue(hub))
    phone.page.route(
        "**/sync/v1/trial", lambda route: route.fulfill(json={"at": "2026-01-01T00:00:00Z", "sha": "x"})
    )
    phone.page.goto("/zh/self-test")
    phone.page.click("#run-test")
    expect(phone.page.locator('[data-check="record"]')).to_contain_text("返回的内容与发出的不同")
    assert state(phone, "clock") == "failed"
