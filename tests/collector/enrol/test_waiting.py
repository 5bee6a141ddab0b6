"""A phone whose digits nobody has compared yet, and what becomes of it."""

from __future__ import annotations

import hashlib
import secrets

from collector.enrol import invitations
from sync import Replica, keys
from sync.canonical import sha
from sync.enrolling import trial_text
from sync.replica import documents
from tests.collector.replicas.conftest import record

from .conftest import VILLAGE, Hub, Phone, code_of


def test_it_sends_nothing_and_all_of_it_goes_once_it_is_confirmed(hub: Hub, phone: Phone) -> None:
    """What is recorded before waits on the phone with a reason, and is receipted after."""
    phone.enrol(hub.issue().code)
    made = phone.record()
    for answer in (phone.hello(), phone.post("changes", phone.offer())):
        assert (answer.status_code, code_of(answer)) == (403, "HW-3486")
    assert hub.records() == []
    hub.confirm(phone)
    answer = phone.post("changes", phone.offer()).json()
    assert [receipt[0] for receipt in answer["receipts"]] == [made]
    assert hub.records() == [made]


def test_it_is_given_forms_and_villages_and_nothing_that_anybody_recorded(hub: Hub, phone: Phone) -> None:
    """A stranger with somebody's code learns no answer; after the comparison the same call brings them."""
    with Replica.open(hub.path) as replica:
        record(replica, "旅店", VILLAGE, hub.anna.id)
    phone.enrol(hub.issue().code)
    bare = phone.get("field").json()
    assert [village["village"] for village in bare["villages"]] == [VILLAGE]
    assert bare["forms"]
    assert bare["records"] == []
    assert not any(bare["entities"].values())
    hub.confirm(phone)
    assert [
        one["answers"]["/data/g_where/business_name"] for one in phone.get("field").json()["records"]
    ] == ["旅店"]


def test_it_reads_no_photo_and_speaks_for_nobody(hub: Hub, phone: Phone) -> None:
    """Every other call is refused with the same reason, those of laptops too."""
    phone.enrol(hub.issue().code)
    name = hashlib.sha256(b"x").hexdigest()
    media = f"/sync/v1/media/{name}"
    answers = [
        phone.http.get(media, headers=phone.headers),
        phone.http.put(media, content=b"x", headers=phone.headers),
        phone.http.post("/sync/v1/push", content=b"", headers=phone.headers),
        phone.post("pull", {}),
        phone.post("media", {"media": []}),
        phone.post(
            "enrol", {"protocol": "1", "replica": "0aaaaaab", "spki": phone.spki, "number": "0", "digest": ""}
        ),
    ]
    assert {code_of(answer) for answer in answers} == {"HW-3486"}


def test_one_with_other_digits_is_turned_away(hub: Hub, phone: Phone) -> None:
    """Its token opens nothing, its key is nobody's; a new code lets it begin again."""
    issued = hub.issue()
    phone.enrol(issued.code)
    with hub.accounts() as connection:
        invitations.reject(connection, invitations.with_digits(connection, phone.digits))
    answer = phone.get("enrol/standing")
    assert (answer.status_code, code_of(answer)) == (403, "HW-3489")
    assert code_of(phone.get("field")) == "HW-3489"
    assert code_of(phone.enrol(issued.code)) == "HW-3482"
    with Replica.open(hub.path) as replica:
        assert documents.public_key(replica.db, phone.replica.name) is None
    phone.enrol(hub.issue().code)
    hub.confirm(phone)
    made = phone.record()
    phone.post("changes", phone.offer())
    assert hub.records() == [made]


def test_a_record_on_trial_is_checked_and_thrown_away(hub: Hub, phone: Phone) -> None:
    """Hub and app database hold the same bytes before and after; a wrong signature is refused."""
    phone.enrol(hub.issue().code)
    text, nonce = "这是测试" * 50, secrets.token_urlsafe(18)
    signature = keys.sign(phone.key, trial_text(phone.replica.name, f"{sha(text)} {nonce}"))
    body = {"replica": phone.replica.name, "nonce": nonce, "record": text, "signature": signature}
    before = content(hub)
    answer = phone.post("trial", body)
    assert answer.json()["sha"] == sha(text)
    assert content(hub) == before
    assert hub.records() == []
    assert code_of(phone.post("trial", {**body, "record": text + "x"})) == "HW-3423"
    assert code_of(phone.post("trial", {**body, "record": "x" * 10_000})) == "HW-3402"


def content(hub: Hub) -> list[str]:
    """Everything that both databases hold."""
    with hub.accounts() as connection, Replica.open(hub.path) as replica:
        return [*connection.iterdump(), *replica.db.iterdump()]
