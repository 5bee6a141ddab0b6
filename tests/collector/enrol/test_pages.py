"""The supervisor's pages: a code, what became of it, the comparison, a device that was lost."""

from __future__ import annotations

import html
import re

import pytest

from collector.enrol import address
from collector.problems import Problem

from .conftest import Hub, Phone, code_of, link, press

PAGES = ["people", "people/{anna}/code"]


def shown(page: str) -> str:
    """The words of a page."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("</main>")[0]))


@pytest.mark.parametrize("page", PAGES)
def test_they_are_for_supervisors(hub: Hub, phone: Phone, page: str) -> None:
    """Signed out is HW-3002, an enumerator HW-3004; neither sees a name."""
    where = f"/en/{page.format(anna=hub.anna.id)}"
    assert "HW-3002" in phone.http.get(where).text
    anna = hub.browser("anna")
    answer = anna.get(where)
    assert answer.status_code == 403
    assert "HW-3004" in answer.text
    assert "Chief" not in answer.text
    assert anna.get("/en/villages").text.count("/en/people") == 0


def test_a_code_from_the_page_to_the_confirmed_phone(hub: Hub, phone: Phone) -> None:
    """QR code and typed code on a page that no store keeps; the digits after its use; then the phone may send."""
    chief = hub.browser()
    ask = link(f"/en/people/{hub.anna.id}/code", chief.get("/en/people").text)
    answer = press(chief, ask, ask, address="https://hub.example.org/en/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<svg role="img" aria-label="QR code' in answer.text
    typed = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", shown(answer.text))
    assert typed
    assert "https://hub.example.org/en/enrol " in shown(answer.text)
    assert "Anna <An>" in shown(answer.text)
    invitation = link(r"/en/people/invitation/\w{8}", answer.text)
    assert chief.get(f"{invitation}/state").json()["state"] == "live"
    assert phone.enrol(typed[0].replace("-", "").lower()[:10]).status_code == 201
    assert chief.get(f"{invitation}/state").json() == {"state": "used", "left": 0}
    words = shown(chief.get(invitation).text)
    assert f"{phone.digits[:3]} {phone.digits[3:]}" in words
    assert "Waiting for you to compare" in shown(chief.get("/en/people").text)
    assert press(chief, invitation, invitation, action="same").status_code == 303
    assert "is confirmed" in shown(chief.get("/en/people").text)
    assert phone.get("enrol/standing").json() == {"standing": "confirmed"}
    assert "Confirmed" in shown(chief.get(invitation).text)


def test_other_digits_turn_the_phone_away(hub: Hub, phone: Phone) -> None:
    """One tap, and what the phone asks next is HW-3489."""
    issued = hub.issue()
    phone.enrol(issued.code)
    chief = hub.browser()
    page = f"/zh/people/invitation/{issued.invitation.id}"
    press(chief, page, page, action="other")
    assert code_of(phone.get("field")) == "HW-3489"
    assert "未通过" in shown(chief.get(page).text)


def test_deciding_twice_changes_nothing(hub: Hub, phone: Phone) -> None:
    """A second tap on a page that is old by now is HW-3492 and leaves the phone confirmed."""
    issued = hub.issue()
    phone.enrol(issued.code)
    chief = hub.browser()
    page = f"/en/people/invitation/{issued.invitation.id}"
    token = chief.get(page).text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    assert chief.post(page, data={"action": "same", "csrf_token": token}).status_code == 303
    for action in ("same", "other"):
        answer = chief.post(page, data={"action": action, "csrf_token": token})
        assert answer.status_code == 404
        assert "HW-3492" in answer.text
    assert phone.get("enrol/standing").json() == {"standing": "confirmed"}


def test_a_code_can_be_withdrawn(hub: Hub, phone: Phone) -> None:
    """It opens nothing any more, and the page says so."""
    issued = hub.issue()
    chief = hub.browser()
    page = f"/en/people/invitation/{issued.invitation.id}"
    press(chief, f"/en/people/{hub.anna.id}/code", page, action="withdraw")
    assert code_of(phone.enrol(issued.code)) == "HW-3483"
    assert "withdrawn" in shown(chief.get(page).text)


def test_the_page_takes_no_post_without_its_token(hub: Hub) -> None:
    """Another site cannot make a code or report a device."""
    chief = hub.browser()
    assert "HW-3003" in chief.post(f"/en/people/{hub.anna.id}/code").text
    assert "HW-3003" in chief.post("/en/people/device/0aaaaaaa/lost").text


def test_codes_are_for_enumerators(hub: Hub) -> None:
    """A supervisor's phone would see everything: HW-3490, and an address that is none is HW-3418."""
    chief = hub.browser()
    page = f"/en/people/{hub.chief.id}/code"
    assert "HW-3490" in press(chief, page, page, address=hub.url).text
    page = f"/en/people/{hub.anna.id}/code"
    answer = press(chief, page, page, address="https://")
    assert (answer.status_code, "HW-3418" in answer.text) == (400, True)


def test_a_lost_device_says_what_it_sent_since(hub: Hub, phone: Phone) -> None:
    """The page counts what is kept apart and names its number."""
    phone.enrol(hub.issue().code)
    hub.confirm(phone)
    chief = hub.browser()
    page = link(f"/en/people/device/{phone.replica.name}", chief.get("/en/people").text)
    press(chief, page, f"{page}/lost")
    assert "It has sent nothing since." in shown(chief.get(page).text)
    phone.record()
    phone.post("changes", phone.offer())
    words = shown(chief.get(page).text)
    assert "1 change that it sent since is kept apart." in words
    assert "(number 1)" in words
    assert "HW-3492" in chief.get("/en/people/device/0zzzzzzz").text


@pytest.mark.parametrize(
    ("given", "kept", "doubt"),
    [
        ("https://hub.example.org/zh/people", "https://hub.example.org", ""),
        ("hub.example.org", "https://hub.example.org", ""),
        ("http://10.0.0.5:8765/", "http://10.0.0.5:8765", "plain"),
        ("http://localhost:8765", "http://localhost:8765", "alone"),
        ("https://[::1]:80", "https://[::1]:80", "alone"),
    ],
)
def test_addresses(given: str, kept: str, doubt: str) -> None:
    """What stands in a code is scheme, host and port; what phones will not manage there is said."""
    assert (address.read(given), address.doubt(kept)) == (kept, doubt)


@pytest.mark.parametrize(
    "given", ["", "ftp://x", "https://a:b@c", "https://x:99999", "javascript:alert(1)", "//"]
)
def test_what_is_no_address(given: str) -> None:
    """HW-3418."""
    with pytest.raises(Problem, match="HW-3418"):
        address.read(given)
