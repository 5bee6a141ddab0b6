"""A lost phone: revoked, given nothing, and what it sends kept apart; found again, it goes on."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

import pytest

from collector import hub_sync
from collector.api import devices, sync_http
from collector.own_keys import open_to_write
from sync import Replica, keys
from sync.forks import mend
from sync.transfer.transport import Refused
from tests.collector.replicas.conftest import Laptop, record

from .conftest import PASSWORD, VILLAGE, Hub, Phone, code_of, press, refused

PHOTO = b"\xff\xd8 a photo"
DIGEST = hashlib.sha256(PHOTO).hexdigest()


@pytest.fixture
def lost(hub: Hub, phone: Phone) -> Phone:
    """A phone that has sent one record, and was then reported lost by chief."""
    phone.enrol(hub.issue().code)
    hub.confirm(phone)
    phone.record("first")
    assert not refused(phone.post("changes", phone.offer()))
    page = f"/en/people/device/{phone.replica.name}"
    assert press(hub.browser(), page, f"{page}/lost").status_code == 303
    return phone


def aside(hub: Hub) -> list[tuple[str, int, str]]:
    """What is set aside: number, how many changes, of which device."""
    with Replica.open(hub.path) as replica:
        return [(each.problem.code, each.count, each.replica) for each in replica.quarantined()]


def test_what_it_sends_later_is_kept_apart_and_not_in_the_data(hub: Hub, lost: Phone) -> None:
    """No receipt, a reason in words, and the answers are in the quarantine, once however often it sends."""
    lost.record("second")
    lost.record("third")
    assert refused(lost.post("changes", lost.offer(2, 2))) == ["HW-2115"]
    assert refused(lost.post("changes", lost.offer(3))) == ["HW-2115"]
    assert refused(lost.post("changes", lost.offer())) == ["HW-2115"]
    assert aside(hub) == [("HW-2115", 2, lost.replica.name)]
    assert len(hub.records()) == 1
    with Replica.open(hub.path) as replica:
        kept = [replica.read_kept(each) for each in replica.kept_changes(replica.quarantined()[0].id)]
    names = [found[1].answers["/data/g_where/business_name"] for found in kept if found]
    assert names == ["second", "third"]


def test_hello_says_where_to_go_on(hub: Hub, lost: Phone) -> None:
    """The phone learns how far its log is here and how far it is kept apart, so that it sends the rest alone."""
    lost.record("second")
    said = lost.hello().json()
    assert (said["problem"]["code"], said["agree"][0][0], said["kept"]) == ("HW-2115", "1", [])
    lost.post("changes", lost.offer(2))
    lost.record("third")
    assert lost.hello().json()["kept"][0][0] == "2"
    answer = lost.post("changes", lost.offer(3))
    assert refused(answer) == ["HW-2115"]
    assert aside(hub)[0][1] == 2


def test_it_is_given_nothing(hub: Hub, lost: Phone) -> None:
    """Neither field package nor photos nor lines."""
    for answer in (
        lost.get("field"),
        lost.post("pull", {}),
        lost.get(f"media/{DIGEST}"),
        lost.get("enrol/standing"),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "HW-3487")


def test_a_supervisor_releases_it_into_the_data(hub: Hub, lost: Phone) -> None:
    """Released, both records are there under their own names, and the phone's next hello finds them."""
    made = [lost.record("second"), lost.record("third")]
    lost.post("changes", lost.offer(2))
    with Replica.open(hub.path) as replica:
        found = mend.release(replica, replica.quarantined()[0].id)
        assert (found.taken, found.problems) == (2, [])
    assert set(made) < set(hub.records())
    assert lost.hello().json()["has"] == "3"
    assert aside(hub) == []


def test_a_photo_comes_only_with_what_names_it(hub: Hub, lost: Phone) -> None:
    """A file that a kept record shows is taken, so that nothing is lost; any other is not."""
    media = f"/sync/v1/media/{DIGEST}"
    assert code_of(lost.http.put(media, content=PHOTO, headers=lost.headers)) == "HW-3487"
    lost.record("second", **{"/data/g_where/photo": DIGEST})
    lost.post("changes", lost.offer(2))
    assert lost.http.put(media, content=PHOTO, headers=lost.headers).status_code == 201


def test_without_the_private_key_nothing_is_left_here(hub: Hub, lost: Phone) -> None:
    """A token that was read from the phone alone fills no quarantine, nor does a log that does not follow."""
    lost.record("second")
    lost.record("third")
    offer = lost.offer(2)
    assert code_of(lost.post("changes", {**offer, "signature": "A" * 86})) == "HW-2012"
    changed = [[header, payload.replace("third", "other")] for header, payload in offer["changes"]]
    assert refused(lost.post("changes", {**offer, "changes": changed})) == ["HW-2008"]
    assert refused(lost.post("changes", lost.offer(3))) == ["HW-2014"]
    assert aside(hub) == []


def test_it_cannot_fill_the_disk(hub: Hub, lost: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a bound what it sends stays on it, with a number."""
    lost.record("second")
    lost.post("changes", lost.offer(2))
    monkeypatch.setattr(sync_http, "APART_LIMIT", 100)
    lost.record("third")
    answer = lost.post("changes", lost.offer(3))
    assert (answer.status_code, code_of(answer)) == (413, "HW-3494")


def test_a_password_does_not_bring_it_back(hub: Hub, lost: Phone) -> None:
    """The finder is signed out; who knows the password may work on pages, but the device stays lost."""
    browser = hub.browser("anna")
    page = browser.get("/en/villages").text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    signature = keys.sign(lost.key, keys.enrol_text(lost.replica.name, hub.anna.id))
    body = {"replica": lost.replica.name, "spki": lost.spki, "signature": signature}
    answer = browser.post("/api/devices", json=body, headers={"X-CSRFToken": token})
    assert (answer.status_code, code_of(answer)) == (403, "HW-3488")
    laptop = {
        "protocol": "1",
        "username": "anna",
        "password": PASSWORD,
        "number": "0",
        "digest": "",
        "authors": [],
    }
    proof = keys.sign(lost.key, keys.enrol_text(lost.replica.name, "anna"))
    assert code_of(lost.http.post("/sync/v1/enrol", json={**body, **laptop, "signature": proof})) == "HW-3488"


def test_reporting_it_ends_the_sessions_of_its_people(hub: Hub, phone: Phone) -> None:
    """Pages that the finder still has open are signed out at the next tap."""
    phone.enrol(hub.issue().code)
    hub.confirm(phone)
    browser = hub.browser("anna")
    assert "data-shell" not in browser.get("/en/villages").text
    page = f"/en/people/device/{phone.replica.name}"
    press(hub.browser(), page, f"{page}/lost")
    assert "data-shell" in browser.get("/en/villages").text


def test_found_again_it_goes_on_with_a_new_code(hub: Hub, lost: Phone) -> None:
    """Confirmed once more, the phone sends what was kept apart as ever; the quarantine is empty by itself."""
    made = lost.record("second")
    lost.post("changes", lost.offer(2))
    old = lost.token
    assert lost.enrol(hub.issue().code).status_code == 201
    assert lost.get("enrol/standing").json() == {"standing": "waiting"}
    hub.confirm(lost)
    answer = lost.post("changes", lost.offer(2)).json()
    assert [receipt[0] for receipt in answer["receipts"]] == [made]
    assert aside(hub) == []
    lost.token = old
    assert code_of(lost.get("field")) == "HW-3403"


def test_a_phone_that_waits_and_is_reported_is_turned_away(hub: Hub, phone: Phone) -> None:
    """Nobody can confirm it any more."""
    phone.enrol(hub.issue().code)
    with hub.accounts() as connection:
        devices.report_lost(connection, phone.replica.name)
    assert code_of(phone.get("enrol/standing")) == "HW-3489"


def test_a_laptop_is_kept_apart_too(hub: Hub, tmp_path: Path) -> None:
    """A field laptop that was reported lost is given nothing; its log is set aside, and found again by its number."""
    path = tmp_path / "anna.db"
    Replica.create(path).close()
    laptop = Laptop(path, hub.url, "anna")
    with Replica.open(path) as replica, closing(laptop.accounts()) as connection:
        name = replica.name
        with hub_sync.road(hub.url) as way:
            access = hub_sync.enrol(replica, connection, way, "anna", PASSWORD)
        hub_sync.run(replica, connection, access, sleep=lambda seconds: None)
    with hub.accounts() as accounts:
        devices.report_lost(accounts, name)
    with open_to_write(path) as replica:
        record(replica, "after", VILLAGE, hub.anna.id)
    with (
        Replica.open(path) as replica,
        closing(laptop.accounts()) as connection,
        pytest.raises(Refused, match="HW-3487"),
    ):
        hub_sync.run(replica, connection, access, sleep=lambda seconds: None)
    assert hub.records() == []
    assert aside(hub) == [("HW-2115", 1, name)]
    with Replica.open(hub.path) as replica:
        assert mend.release(replica, replica.quarantined()[0].id).taken == 1
    assert len(hub.records()) == 1
