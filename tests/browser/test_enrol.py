"""A phone is set up by a code, in a real Chromium: scanned, typed, refused, confirmed, inside WeChat, without https."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, Route, expect

from collector import app_db
from collector.api import devices
from collector.enrol import invitations
from collector.enrol.invitations import Issued
from sync import Replica, keys

from .conftest import ARGS, PASSWORD, Hub, Phone
from .test_look import faults, flaws
from .test_offline import make

pytestmark = pytest.mark.browser

WECHAT = (
    "Mozilla/5.0 (Linux; Android 11; M2003J15SC) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
    " Chrome/126.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50.2701 Language/zh_CN"
)


def issue(hub: Hub) -> Issued:
    """A code for anna."""
    with closing(app_db.connect(app_db.path_for(hub.db))) as connection, Replica.open(hub.db) as replica:
        return invitations.issue(connection, replica, hub.anna)


def confirm(hub: Hub, digits: str) -> None:
    """The supervisor's word, by the digits that the phone shows."""
    with closing(app_db.connect(app_db.path_for(hub.db))) as connection, Replica.open(hub.db) as replica:
        invitations.confirm(connection, replica, invitations.with_digits(connection, digits))


def set_up(phone: Phone, issued: Issued, lang: str = "en") -> str:
    """Scans and taps; the digits that the phone shows then."""
    phone.page.goto(f"/{lang}/enrol#{issued.fragment}")
    phone.page.click("#begin")
    expect(phone.page.locator("#begin")).to_have_count(0)
    digits = phone.page.locator("#digits").inner_text()
    assert re.fullmatch(r"\d{3} \d{3}", digits)
    return digits


def ready(phone: Phone) -> None:
    """Waits until the phone can leave the network."""
    phone.page.goto("/zh/villages")
    phone.ready()


def number(page: Page) -> str:
    """The number of the problem that the page shows."""
    text = page.locator('.note.bad[role="alert"]').inner_text()
    found = re.search(r"HW-\d{4}", text)
    assert found, text
    return found[0]


def test_the_code_leaves_the_address_bar_before_anything_else(hub: Hub, phone: Phone) -> None:
    """When the first module after the page's own is asked for, the address has no code; nor has the history."""
    seen: list[str] = []
    page = phone.page

    def note(route: Route) -> None:
        seen.append(page.evaluate("() => location.href"))
        route.continue_()

    page.route("**/enrol_steps.js", note)
    page.goto(f"/zh/enrol#{issue(hub).fragment}")
    expect(page.locator("#begin")).to_be_visible()
    assert seen == [f"{hub.address}/zh/enrol"]
    assert page.url == f"{hub.address}/zh/enrol"
    page.goto("/zh/help")
    page.go_back()
    assert page.url == f"{hub.address}/zh/enrol"


def test_opening_the_page_uses_no_code_up(hub: Hub, phone: Phone) -> None:
    """What opens addresses by itself, scripts and all, leaves the code for the person's tap."""
    issued = issue(hub)
    for _ in range(2):
        phone.page.goto("about:blank")
        phone.page.goto(f"/en/enrol#{issued.fragment}")
        expect(phone.page.locator("#begin")).to_be_visible()
    with closing(app_db.connect(app_db.path_for(hub.db))) as connection:
        assert invitations.by_id(connection, issued.invitation.id).state == "live"
    set_up(phone, issued)


def test_supervisor_and_enumerator_side_by_side(
    hub: Hub, phone: Phone, playwright: Playwright, tmp_path: Path
) -> None:
    """Two browsers: the page shows the code and goes on by itself to the digits that the phone shows; after the word
    the phone says so, works without the hub, and has the person's villages."""
    desk = Phone(playwright, tmp_path / "desk", hub.address)
    desk.start()
    try:
        desk.sign_in("chief", "en")
        desk.page.goto("/en/people")
        desk.page.get_by_role("link", name="Set up a phone").click()
        desk.page.fill("#address", hub.address)
        desk.page.get_by_role("button", name="Show the code").click()
        expect(desk.page.locator("[data-countdown]")).to_have_text(re.compile(r"Valid for 9:5\d"))
        desk.page.locator("summary").click()
        typed = desk.page.locator(".typed").nth(1).inner_text()
        page = phone.page
        page.goto(desk.page.locator(".typed").first.inner_text())
        page.fill("#code", typed.lower().replace("-", " "))
        page.get_by_role("button", name="Next").click()
        page.click("#begin")
        digits = page.locator("#digits").inner_text()
        desk.page.wait_for_url(re.compile("/people/invitation/"))
        assert desk.page.locator(".digits").inner_text() == digits
        assert faults(desk, desk.page.url) == []
        desk.page.get_by_role("button", name="The same: confirm").click()
        expect(desk.page.locator(".note.ok")).to_contain_text("安娜")
        expect(page.locator("#confirmed")).to_contain_text("安娜")
        assert desk.errors == []
    finally:
        desk.close()
    ready(phone)
    hub.stop()
    page.goto("/zh/villages")
    expect(page.locator('a[href*="/visit/"]')).to_have_count(2)
    assert phone.errors == []


def test_what_is_recorded_before_the_word_goes_out_after_it(hub: Hub, phone: Phone) -> None:
    """A waiting phone fills in; the outbox says why it waits; a browser that was killed still shows the digits."""
    digits = set_up(phone, issue(hub), "zh")
    ready(phone)
    make(phone.page, "李家豆腐坊")
    phone.page.goto("/zh/outbox")
    phone.page.click("#sync-now")
    expect(phone.page.locator(".note.bad")).to_contain_text("HW-3486")
    expect(phone.page.locator('[data-list="waiting"] li')).to_have_count(1)
    assert hub.records() == []
    phone.kill()
    phone.start()
    phone.page.goto("/zh/enrol")
    assert phone.page.locator("#digits").inner_text() == digits
    confirm(hub, digits)
    expect(phone.page.locator("#confirmed")).to_be_visible()
    phone.wait_for_sync("done")
    assert len(hub.records()) == 1
    phone.page.goto("/zh/outbox")
    expect(phone.page.locator('[data-list="received"] li')).to_have_count(1)
    assert phone.errors == []


@pytest.mark.parametrize("state", ["used", "expired", "withdrawn", "unknown"])
def test_a_code_that_opens_nothing_says_what_to_do(hub: Hub, phone: Phone, state: str) -> None:
    """Each in words and with a number, and the page stays usable with another code."""
    issued = issue(hub)
    fragment, wanted = issued.fragment, {"used": "HW-3482", "expired": "HW-3481", "withdrawn": "HW-3483"}
    with closing(app_db.connect(app_db.path_for(hub.db))) as connection:
        past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat(timespec="milliseconds")
        if state == "used":
            connection.execute("UPDATE invitation SET used = ?, replica = '0aaaaaaa', spki = 'k'", [past])
        elif state == "expired":
            connection.execute("UPDATE invitation SET expires = ?", [past])
        elif state == "withdrawn":
            invitations.withdraw(connection, issued.invitation.id)
        else:
            fragment = f"0000000000.{fragment.partition('.')[2]}"
    phone.page.goto(f"/en/enrol#{fragment}")
    phone.page.click("#begin")
    assert number(phone.page) == wanted.get(state, "HW-3480")
    set_up(phone, issue(hub))


def test_a_hub_with_another_key_is_not_told_the_code(hub: Hub, phone: Phone) -> None:
    """Fingerprint of another hub, scanned or typed: HW-3485, and no request that holds the code left the phone."""
    issued = issue(hub)
    sent: list[str] = []
    phone.page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    swapped = "A" if issued.fragment[-1] != "A" else "E"
    phone.page.goto(f"/en/enrol#{issued.fragment[:-1]}{swapped}")
    phone.page.click("#begin")
    assert number(phone.page) == "HW-3485"
    assert any("/enrol/proof" in one for one in sent)
    assert not any(issued.code in one for one in sent)


def test_a_wrong_clock_is_told_with_the_right_time(hub: Hub, phone: Phone) -> None:
    """A phone that is a day behind says so and keeps the code for when it is set."""
    issued = issue(hub)
    phone.page.goto(f"/en/enrol#{issued.fragment}")
    phone.page.evaluate(
        """() => { const now = Date.prototype.toISOString;
          Date.prototype.toISOString = function () { return now.call(new Date(this.getTime() - 86400000)); }; }"""
    )
    phone.page.click("#begin")
    assert number(phone.page) == "HW-3484"
    expect(phone.page.locator('[role="alert"]')).to_contain_text("1440 minutes")
    phone.page.goto("about:blank")
    set_up(phone, issued)


def test_another_code_in_the_same_tab_is_another_beginning(hub: Hub, phone: Phone) -> None:
    """While the phone waits, a newer code is opened where it waits: the digits become the new ones and stay."""
    first = set_up(phone, issue(hub))
    second = set_up(phone, issue(hub))
    assert first != second
    for _ in range(3):  # a question about the first may still have been on its way
        with phone.page.expect_response("**/enrol/standing") as answer:
            pass
    assert answer.value.json() == {"standing": "waiting"}
    assert phone.page.locator("#digits").inner_text() == second
    confirm(hub, second)
    expect(phone.page.locator("#confirmed")).to_be_visible()
    assert phone.errors == []


def test_a_lost_answer_makes_no_second_phone(hub: Hub, phone: Phone) -> None:
    """The hub has taken the code and the answer is cut: the same tap again brings the phone through."""
    issued = issue(hub)
    cut = [True]

    def lose(route: Route) -> None:
        if cut.pop() if cut else False:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    phone.page.route("**/enrol/code", lose)
    phone.page.goto(f"/en/enrol#{issued.fragment}")
    phone.page.click("#begin")
    expect(phone.page.locator('.note.warn[role="alert"]')).to_contain_text("does not answer")
    phone.page.click("#begin")
    confirm(hub, phone.page.locator("#digits").inner_text())
    expect(phone.page.locator("#confirmed")).to_be_visible()
    with closing(app_db.connect(app_db.path_for(hub.db))) as connection:
        assert len(devices.everyone(connection)) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_inside_wechat_it_says_how_to_get_out(hub: Hub, phone: Phone, lang: str) -> None:
    """The way to the browser in words, the code still in the address and for typing, and nothing redeemed."""
    phone.close()
    phone.start(user_agent=WECHAT)
    issued = issue(hub)
    phone.page.goto(f"/{lang}/enrol#{issued.fragment}")
    card = phone.page.locator("#wechat")
    expect(card).to_contain_text("···")
    expect(card).to_contain_text("在浏览器打开")
    expect(card).to_contain_text(issued.typed)
    assert phone.page.url.endswith(issued.fragment)
    expect(phone.page.locator("#begin")).to_have_count(0)
    phone.close()
    phone.start()
    set_up(phone, issued)


@pytest.fixture
def plain(playwright: Playwright, hub: Hub, tmp_path: Path) -> Iterator[Page]:
    """A page at a name of the local network, over plain http: no secure context."""
    context = playwright.chromium.launch_persistent_context(
        str(tmp_path / "plain"), executable_path=shutil.which("chromium"), headless=True,
        args=[*ARGS, "--host-resolver-rules=MAP hub.village 127.0.0.1"],
        base_url=f"http://hub.village:{hub.port}", viewport={"width": 360, "height": 740},
    )  # fmt: skip
    yield context.pages[0]
    context.close()


def test_without_https_it_says_that_this_is_online_only(hub: Hub, plain: Page) -> None:
    """No code is used up, the words say why, and the way to the online form is there."""
    issued = issue(hub)
    plain.goto(f"/en/enrol#{issued.fragment}")
    expect(plain.locator("#online-only")).to_contain_text("online only")
    expect(plain.get_by_role("link", name="Sign in with a password")).to_be_visible()
    with closing(app_db.connect(app_db.path_for(hub.db))) as connection:
        assert invitations.by_id(connection, issued.invitation.id).state == "live"


def test_without_storage_it_says_so_too(hub: Hub, phone: Phone) -> None:
    """A window that refuses IndexedDB is online only."""
    phone.page.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };"
    )
    phone.page.goto(f"/zh/enrol#{issue(hub).fragment}")
    expect(phone.page.locator("#online-only")).to_contain_text("不为本页保存内容")


def test_a_lost_phone_shows_nothing_more_and_what_it_holds_is_kept_apart(hub: Hub, phone: Phone) -> None:
    """After the report its pages ask to sign in; the record that waited is in the quarantine and not in the data."""
    confirm(hub, set_up(phone, issue(hub), "zh"))
    ready(phone)
    hub.stop()
    make(phone.page, "李家豆腐坊")
    with closing(app_db.connect(app_db.path_for(hub.db))) as connection:
        (held,) = devices.everyone(connection)
        devices.report_lost(connection, held.replica)
    hub.start()
    phone.page.goto("/zh/outbox")
    phone.page.click("#sync-now")
    phone.wait_for_sync("refused")
    with Replica.open(hub.db) as replica:
        assert [(each.problem.code, each.count) for each in replica.quarantined()] == [("HW-2115", 1)]
        assert list(replica.states()) == []
    phone.page.goto("/zh/villages")
    expect(phone.page.locator("[data-shell]")).to_be_visible()
    phone.page.goto("/zh/sign-in")
    phone.page.fill("#username", "anna")
    phone.page.fill("#password", PASSWORD)
    phone.page.click("form button.main")
    expect(phone.page.locator(".note.bad")).to_contain_text("HW-3488")
    assert phone.errors == []


LOW = """() => [...document.querySelectorAll('main :is(.button, button, input:not([type=hidden]), summary, .lines a)')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 48).map((one) => one.outerHTML)"""
"""Targets of these pages under 48 pixels."""


def kept_key(phone: Phone) -> Any:
    """Whether the private key of this phone can leave it."""
    return phone.page.evaluate(
        """async () => { const { identity } = await homeward.load('store/identity.js');
          const { keys } = await identity();
          return [keys.privateKey.extractable, keys.privateKey.algorithm.namedCurve]; }"""
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_step_can_be_read_and_tapped(
    hub: Hub, phone: Phone, lang: str, request: pytest.FixtureRequest
) -> None:
    """Axe finds nothing, nothing sticks out, every target has 44 pixels, on each step of the page."""
    issued = issue(hub)
    page = phone.page
    assert faults(phone, f"/{lang}/enrol") + page.evaluate(LOW) == []
    page.goto("about:blank")
    assert faults(phone, f"/{lang}/enrol#{issued.fragment}") + page.evaluate(LOW) == []
    page.goto("about:blank")
    set_up(phone, issued, lang)
    assert page.evaluate(LOW) == []
    assert kept_key(phone) == [False, "P-256"]
    assert faults(phone, f"/{lang}/enrol") == []
    assert json.loads(page.locator("#catalogue").inner_text())["enrol.title"]
    assert phone.errors == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_supervisors_pages_can_be_read_and_tapped(hub: Hub, phone: Phone, lang: str) -> None:
    """The same of people, code, comparison and a lost device, on a small screen."""
    phone.sign_in("chief", lang)
    page = phone.page
    found = {"people": faults(phone, f"/{lang}/people")}
    page.locator('a[href$="/code"]').click()
    found["ask"] = flaws(phone) + page.evaluate(LOW)
    page.click("form button.main")
    page.locator("summary").click()
    expect(page.locator("[data-countdown]")).to_contain_text(":")
    found["code"] = unpolled(phone) + page.evaluate(LOW)
    with closing(app_db.connect(app_db.path_for(hub.db))) as connection, Replica.open(hub.db) as replica:
        issued = invitations.issue(connection, replica, hub.anna)
        spki = keys.public_text(keys.generate())
        invitations.redeem(connection, replica, issued.code, "0aaaaaaa", spki)
    found["waiting"] = faults(phone, f"/{lang}/people")
    found["compare"] = faults(phone, f"/{lang}/people/invitation/{issued.invitation.id}")
    found["targets"] = page.evaluate(LOW)
    page.locator('button[value="same"]').click()
    page.wait_for_url(re.compile("/people$"))
    found["device"] = faults(phone, f"/{lang}/people/device/0aaaaaaa")
    page.locator("main form button").click()
    found["lost"] = flaws(phone) + page.evaluate(LOW)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert phone.errors == []


def unpolled(phone: Phone) -> list[Any]:
    """What is wrong with a page that keeps asking, and so is never idle for long."""
    phone.page.route("**/state", lambda route: route.abort())
    return flaws(phone)
