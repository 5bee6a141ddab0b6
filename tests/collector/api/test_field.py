"""Enrolment and the field package: who gets a token, and what a phone is given."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from collector import app_db
from collector.accounts import people
from sync import Replica, keys
from tests.collector.api.conftest import VILLAGE, Phone, problem

OTHER_VILLAGE = "140521901902"
KEY = keys.generate()
SPKI = keys.public_text(KEY)


def signed_in(app: Flask) -> tuple[FlaskClient, str]:
    """A browser with anna's session, and the token of its page."""
    client = app.test_client()
    page = client.get("/zh/sign-in").text
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    client.post("/zh/sign-in", data={"username": "anna", "password": "secret-anna", "csrf_token": token})
    return client, client.get("/zh/villages").text.split('name="csrf-token" content="')[1].split('"')[0]


def asked(name: str, person: str, key: keys.PrivateKey = KEY) -> dict[str, str]:
    """What a browser of that name and key sends for somebody."""
    signature = keys.sign(key, keys.enrol_text(name, person))
    return {"replica": name, "spki": keys.public_text(key), "signature": signature}


def enrol(client: FlaskClient, csrf: str, body: Any) -> Any:
    return client.post("/api/devices", json=body, headers={"X-CSRFToken": csrf})


def test_enrolment_gives_a_token_that_opens_the_sync_api(app: Flask, phone: Phone) -> None:
    """Signed in and with the page's token: a bearer token, once; the public key is a document of the hub."""
    client, csrf = signed_in(app)
    response = enrol(client, csrf, asked("7k3m9q2x", phone.person))
    assert response.status_code == 201
    headers = {"Authorization": f"Bearer {response.get_json()['token']}"}
    assert app.test_client().get("/sync/v1/field", headers=headers).get_json()["person"]["id"] == phone.person
    with Replica.open(app.config["REPLICA"]) as hub:
        document = hub.document_named(keys.KEY_KIND, "7k3m9q2x")
        assert document is not None
        assert document.data.decode() == keys.key_document("7k3m9q2x", SPKI)
    stored = [tuple(row) for row in app_db.connect(app.config["APP_DB"]).execute("SELECT * FROM device")]
    assert response.get_json()["token"] not in str(stored)


def test_enrolment_needs_a_session_and_the_pages_token(app: Flask, phone: Phone) -> None:
    """Neither a stranger nor another site's page can enrol a browser."""
    body = asked("7k3m9q2x", phone.person)
    client, csrf = signed_in(app)
    assert problem(client.post("/api/devices", json=body)) == "HW-3003"
    assert problem(app.test_client().post("/api/devices", json=body)) in ("HW-3002", "HW-3003")
    assert enrol(client, csrf, body).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"replica": "7k3m9q2x"},
        {"replica": "../../x", "spki": SPKI},
        {"replica": "7k3m9q2x", "spki": "AAAA"},
        {"replica": "7k3m9q2x", "spki": "A" * 500},
        {"replica": 7, "spki": 8},
        [],
        "text",
    ],
)
def test_a_malformed_enrolment_is_refused(app: Flask, phone: Phone, body: Any) -> None:
    """HW-3402, and no device."""
    client, csrf = signed_in(app)
    assert problem(enrol(client, csrf, body)) == "HW-3402"


def test_a_replica_keeps_its_key(app: Flask, phone: Phone) -> None:
    """Nobody takes over the name of another device: HW-3401. Enrolling again with the same key is fine."""
    client, csrf = signed_in(app)
    assert problem(enrol(client, csrf, asked(phone.replica.name, phone.person))) == "HW-3401"
    assert enrol(client, csrf, asked("7k3m9q2x", phone.person)).status_code == 201
    assert enrol(client, csrf, asked("7k3m9q2x", phone.person)).status_code == 201


def test_a_public_key_alone_opens_nothing(app: Flask, phone: Phone) -> None:
    """HW-3423: everybody knows the public key of a device. Who does not sign with the private one, or shows what was
    signed for another person or another name, gets no token for it, and so nothing of what the device is given."""
    client, csrf = signed_in(app)
    theirs = keys.public_text(phone.key)
    body = {"replica": phone.replica.name, "spki": theirs}
    wrong = ("", "A" * 86, *(asked(*each)["signature"] for each in ((phone.replica.name, phone.person),)))
    for signature in wrong:
        assert problem(enrol(client, csrf, {**body, "signature": signature})) == "HW-3423"
    assert problem(enrol(client, csrf, body)) == "HW-3423"
    for name, person in (("7k3m9q2x", "other001"), ("7k3m9q2y", phone.person)):
        held = asked(name, person) | {"replica": "7k3m9q2x"}
        assert problem(enrol(client, csrf, held)) == "HW-3423"
    count = app_db.connect(app.config["APP_DB"]).execute("SELECT count(*) FROM device").fetchone()
    assert count[0] == 1


def test_the_field_package_is_that_of_the_persons_villages(app: Flask, phone: Phone) -> None:
    """Villages, current forms and lists; records of these villages and of nobody else's."""
    mine = phone.record("我的")
    phone.post("changes", phone.offer())
    with Replica.open(app.config["REPLICA"]) as hub:
        elsewhere = hub.save(
            form=phone.form,
            answers={"/data/g_where/business_name": "别处"},
            author="other001",
            scopes=[f"v:{OTHER_VILLAGE}"],
        )
    field = phone.client.get("/sync/v1/field", headers=phone.headers).get_json()
    assert [village["village"] for village in field["villages"]] == [VILLAGE]
    assert field["forms"]["business"]["address"] == f"/forms/{phone.form}.json"
    assert phone.client.get(field["forms"]["business"]["address"]).status_code == 200
    assert phone.client.get(field["lists"]["villages"]).get_json()[0]["name"]
    names = [record["record"] for record in field["records"]]
    assert mine in names
    assert elsewhere not in names


def test_of_other_peoples_records_a_phone_gets_what_the_roster_counts_by(app: Flask, phone: Phone) -> None:
    """Names, links and results; no telephone number, no money, no founder."""
    with Replica.open(app.config["REPLICA"]) as hub:
        hub.save(
            form=phone.form,
            answers={
                "/data/g_where/business_name": "邻居家",
                "/data/g_work/workers_total": "3",
                "/data/g_money/revenue": "70000",
                "/data/g_founders/founders[k3f9]": "m",
                "/data/g_founders/founders[k3f9]/founder_phone": "13900001111",
            },
            author="other001",
            scopes=[f"v:{VILLAGE}"],
        )
    response = phone.client.get("/sync/v1/field", headers=phone.headers)
    (record,) = response.get_json()["records"]
    assert record["own"] is False
    assert record["answers"] == {"/data/g_where/business_name": "邻居家", "/data/g_work/workers_total": "3"}
    assert "13900001111" not in response.text


def test_asking_again_costs_little(phone: Phone) -> None:
    """The same content is a 304 that says when it was looked at; a new record is a new package."""
    first = phone.client.get("/sync/v1/field", headers=phone.headers)
    asked = {**phone.headers, "If-None-Match": first.headers["ETag"]}
    again = phone.client.get("/sync/v1/field", headers=asked)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["X-Made"] >= first.get_json()["made"]
    phone.record()
    phone.post("changes", phone.offer())
    assert phone.client.get("/sync/v1/field", headers=asked).status_code == 200


def test_a_person_who_is_gone_gets_nothing(app: Flask, phone: Phone) -> None:
    """A token without its person opens no field package."""
    connection = app_db.connect(app.config["APP_DB"])
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM person WHERE id = ?", [phone.person])
    assert people.by_id(connection, phone.person) is None
    response = phone.client.get("/sync/v1/field", headers=phone.headers)
    assert (response.status_code, problem(response)) == (401, "HW-3403")
