"""Sync over HTTP: what counts as received, and what is refused with which number."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask

from collector.api.sync_http import MEDIA_LIMIT
from sync import Replica
from sync.canonical import sha
from tests.collector.api.conftest import Phone, hub_records, problem


def test_a_change_is_receipted_by_name_and_both_digests(app: Flask, phone: Phone) -> None:
    """The receipt names the change, its header's and its payload's digest; the record is on the hub."""
    record = phone.record()
    offer = phone.offer()
    answer = phone.post("changes", offer).get_json()
    ((header, payload),) = offer["changes"]
    assert answer["refused"] == []
    assert answer["receipts"][0][:3] == [record, sha(header), sha(payload)]
    assert hub_records(app) == [record]


def test_a_lost_answer_makes_no_second_row(app: Flask, phone: Phone) -> None:
    """Sending the same again gives the same receipts and one record."""
    record = phone.record()
    first = phone.post("changes", phone.offer()).get_json()
    again = phone.post("changes", phone.offer()).get_json()
    assert first["receipts"] == again["receipts"]
    assert hub_records(app) == [record]


def test_the_hub_states_what_it_has(phone: Phone) -> None:
    """`hello` gives the highest number here, whatever the device believes."""
    phone.record()
    body = {"replica": phone.replica.name, "number": "1", "digest": phone.offer()["tip"][2]}
    assert phone.post("hello", body).get_json()["has"] == "0"
    phone.post("changes", phone.offer())
    assert phone.post("hello", body).get_json()["has"] == "1"


def test_a_request_without_a_token_or_with_a_wrong_one_is_refused(phone: Phone) -> None:
    """No cookie helps: only the device's token opens the sync API."""
    for headers in (
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": phone.token},
        {"Authorization": "Bearer "},
    ):
        response = phone.client.post("/sync/v1/hello", json={}, headers=headers)
        assert (response.status_code, problem(response)) == (401, "HW-3403")
        assert phone.client.get("/sync/v1/field", headers=headers).status_code == 401


def test_a_device_speaks_for_itself_alone(phone: Phone) -> None:
    """Changes of another replica, or in the name of somebody who never signed in here, are refused."""
    phone.record()
    assert problem(phone.post("changes", {**phone.offer(), "replica": "00000000"})) == "HW-3407"
    phone.replica.save(form=phone.form, answers={"/data/g_where/business_name": "x"}, author="someone1")
    assert problem(phone.post("changes", phone.offer())) == "HW-3408"


def test_a_changed_byte_and_a_forged_signature_are_refused(app: Flask, phone: Phone) -> None:
    """Nothing of a request whose digests or signature do not hold is taken."""
    phone.record()
    offer = phone.offer()
    header, payload = offer["changes"][0]
    forged = {**offer, "changes": [[header, payload.replace("豆腐坊", "豆腐店")]]}
    answer = phone.post("changes", forged).get_json()
    assert answer["receipts"] == []
    assert answer["refused"][0]["problem"]["code"].startswith("HW-2")
    assert phone.post("changes", {**offer, "signature": "A" * 86}).status_code == 400
    assert hub_records(app) == []


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'"x"', b"{" * 100_000, b"\xff\xfe", b'{"replica": 1}']
)
def test_a_body_of_another_shape_is_a_numbered_problem(phone: Phone, body: bytes) -> None:
    """Bad input never crashes the hub."""
    response = phone.client.post(
        "/sync/v1/changes", data=body, headers=phone.headers, content_type="application/json"
    )
    assert response.status_code in (400, 403)
    assert problem(response) in ("HW-3406", "HW-3407")


def test_json_over_two_megabytes_is_refused(phone: Phone) -> None:
    """A JSON body over 2 MB is refused with HW-3404, with and without a length in front."""
    large = b'{"replica": "' + b"x" * (2 * 1024 * 1024) + b'"}'
    response = phone.client.post("/sync/v1/changes", data=large, headers=phone.headers)
    assert (response.status_code, problem(response)) == (413, "HW-3404")


def test_a_cut_upload_is_refused_and_leaves_nothing(app: Flask, phone: Phone) -> None:
    """A body shorter than announced is HW-3021, for JSON and for photos, even when its digest fits."""
    data = b"half a photo"
    announced = {"CONTENT_LENGTH": str(len(data) + 5)}
    name = hashlib.sha256(data).hexdigest()
    response = phone.put(data, environ_overrides=announced)
    assert problem(response) in ("HW-3021", "HW-3011"), response.data
    with Replica.open(app.config["REPLICA"]) as hub:
        assert not hub.media(name).exists()


def test_a_photo_is_taken_whole_or_not_at_all(app: Flask, phone: Phone) -> None:
    """The answer names digest and length; another digest is HW-3405; sending twice is one file."""
    data = b"\xff\xd8 a photo"
    for _ in range(2):
        answer = phone.put(data).get_json()
        assert answer["size"] == len(data)
        with Replica.open(app.config["REPLICA"]) as hub:
            assert hub.media(answer["sha256"]).read_bytes() == data
    assert problem(phone.put(data, "0" * 64)) == "HW-3405"
    assert problem(phone.put(data, "../../etc")) in ("HW-3405", "HW-3001")


def test_a_photo_over_fifty_megabytes_is_refused(phone: Phone) -> None:
    """Refused by its announced length, before it is read."""
    response = phone.put(b"x", environ_overrides={"CONTENT_LENGTH": str(MEDIA_LIMIT + 1)})
    assert (response.status_code, problem(response)) == (413, "HW-3008")


def test_problems_come_in_the_language_asked_for(phone: Phone) -> None:
    """The same number, the words of the phone's language."""
    said = [
        phone.client.post("/sync/v1/hello", json={}, headers={"Accept-Language": lang}).get_json()["problem"][
            "message"
        ]
        for lang in ("zh", "en")
    ]
    assert said[0] != said[1]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said[0])
