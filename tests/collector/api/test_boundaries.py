"""What a device with a sound token must not be able to do: speak for others, reach other villages' records,
change what the survey asks."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from collector import app_db, library
from collector.accounts import people
from collector.accounts.people import Person
from collector.api import devices
from collector.cli import main
from sync import Replica, keys, merge
from sync.canonical import encode, short_id, to_base64url
from tests.collector.api.conftest import VILLAGE, Phone, problem
from tests.collector.api.test_field import SPKI, asked, enrol, signed_in

FAR = "140521901902"
NAME = "/data/g_where/business_name"
SECRET = "别村的店"


def add_person(app: Flask, username: str, role: str = "enumerator", village: str = FAR) -> Person:
    villages = [village] if role == "enumerator" else []
    connection = app_db.connect(app.config["APP_DB"])
    return people.add(connection, username, f"secret-{username}", role=role, villages=villages)


def far_record(app: Flask, phone: Phone) -> str:
    """A record of a village that anna does not work in, made by bert on the hub."""
    bert = add_person(app, "bert")
    with Replica.open(app.config["REPLICA"]) as hub:
        answers = {"/data/g_where/village_code": FAR, NAME: SECRET}
        return hub.save(form=phone.form, answers=answers, author=bert.id, scopes=bert.scopes(FAR))


def overwrite(phone: Phone, record: str, parents: list[str], kind: str = "edit") -> None:
    """Lets the phone write a change of a record that it never got, tagged as its own."""
    scopes = [f"p:{phone.person}", f"v:{VILLAGE}"]
    payload = encode(["1", "A" * 22, [], [], ["*"], []] if kind == "edit" else ["1", "A" * 22, "so"])
    with phone.replica.transaction():
        phone.replica._append(kind, record, phone.form, parents, phone.person, scopes, payload, None, None)


@pytest.mark.parametrize("kind", ["edit", "delete"])
@pytest.mark.parametrize("seen", [True, False])
def test_a_device_changes_no_record_of_a_village_that_is_not_its_persons(
    app: Flask, phone: Phone, kind: str, seen: bool
) -> None:
    """Refused with HW-2034, and neither the record nor who may read it is touched; what stood before in the
    log is taken."""
    far = far_record(app, phone)
    own = phone.record()
    overwrite(phone, far, [far] if seen else [], kind)
    answer = phone.post("changes", phone.offer()).get_json()
    assert [receipt[0] for receipt in answer["receipts"]] == [own]
    assert [refused["problem"]["code"] for refused in answer["refused"]] == ["HW-2034"]
    with Replica.open(app.config["REPLICA"]) as hub:
        state = hub.state(far)
        assert (state.answers[NAME], state.deleted, len(state.heads)) == (SECRET, False, 1)
    field = phone.client.get("/sync/v1/field", headers=phone.headers)
    assert far not in field.text
    assert SECRET not in field.text


def test_a_change_of_a_record_that_has_not_arrived_waits_for_it(app: Flask, phone: Phone) -> None:
    """Nobody can tag a record as his own before it is here; when it is and is one of the person's village,
    the same change is taken."""
    other = Replica.create(phone.replica.path.parent / "other.db")
    library.install_library(other)
    answers = {"/data/g_where/village_code": VILLAGE, NAME: "邻家"}
    record = other.save(form=phone.form, answers=answers, author="bert0000", scopes=[f"v:{VILLAGE}"])
    overwrite(phone, record, [record])
    answer = phone.post("changes", phone.offer()).get_json()
    assert (answer["receipts"], answer["refused"][0]["problem"]["code"]) == ([], "HW-2034")
    other.close()
    with Replica.open(app.config["REPLICA"]) as hub:
        merge(hub, [phone.replica.path.parent / "other.db"])
    assert phone.post("changes", phone.offer()).get_json()["refused"] == []


def test_a_supervisor_who_signs_in_on_the_phone_carries_in_what_was_refused(app: Flask, phone: Phone) -> None:
    """The way out for an honest edit of a village that was taken from the worker meanwhile."""
    far = far_record(app, phone)
    overwrite(phone, far, [far])
    assert phone.post("changes", phone.offer()).get_json()["refused"]
    chief = add_person(app, "chief", "supervisor")
    connection = app_db.connect(app.config["APP_DB"])
    phone.token = devices.enrol(connection, phone.replica.name, chief.id, keys.public_text(phone.key))
    assert phone.post("changes", phone.offer()).get_json()["refused"] == []


def test_a_record_made_on_the_phone_can_be_changed_in_any_village(app: Flask, phone: Phone) -> None:
    """A person's own records stay that person's, wherever they were made."""
    record = phone.record()
    answers = {"/data/g_where/village_code": FAR, NAME: "搬走了"}
    phone.replica.save(
        record=record, form=phone.form, answers=answers, author=phone.person, scopes=[f"v:{FAR}"]
    )
    answer = phone.post("changes", phone.offer()).get_json()
    assert (len(answer["receipts"]), answer["refused"]) == (2, [])


def test_nobody_enrols_as_a_replica_that_is_somebody_elses(app: Flask, phone: Phone) -> None:
    """The hub's own name, a field laptop's whose changes are here, a name with another key: HW-3401, no token
    and no key."""
    laptop = Replica.create(phone.replica.path.parent / "laptop.db")
    library.install_library(laptop)
    laptop.save(form=phone.form, answers={NAME: "x"}, author="bert0000", scopes=[f"v:{FAR}"])
    laptop.close()
    with Replica.open(app.config["REPLICA"]) as hub:
        merge(hub, [phone.replica.path.parent / "laptop.db"])
        hub.put_document(keys.KEY_KIND, "7k3m9q2x", keys.key_document("7k3m9q2x", "other").encode())
        names = [hub.name, laptop.name, "7k3m9q2x"]
    client, csrf = signed_in(app)
    for name in names:
        response = enrol(client, csrf, asked(name, phone.person))
        assert (response.status_code, problem(response)) == (409, "HW-3401"), name
    with Replica.open(app.config["REPLICA"]) as hub:
        known = [document.data.decode() for document in hub.documents(keys.KEY_KIND)]
    assert not [text for text in known if SPKI in text]
    rows = app_db.connect(app.config["APP_DB"]).execute("SELECT replica FROM device").fetchall()
    assert [row["replica"] for row in rows] == [phone.replica.name]


def test_a_phone_of_a_hub_that_lost_its_accounts_enrols_again(app: Flask, phone: Phone) -> None:
    """The key that the hub knows is the proof: the same browser goes on under its name."""
    phone.record()
    phone.post("changes", phone.offer())
    connection = app_db.connect(app.config["APP_DB"])
    connection.execute("DELETE FROM device")
    client, csrf = signed_in(app)
    body = asked(phone.replica.name, phone.person, phone.key)
    assert enrol(client, csrf, body).status_code == 201


def document(kind: str, name: str, data: bytes) -> dict[str, Any]:
    return {
        "id": short_id(data),
        "kind": kind,
        "name": name,
        "scopes": [],
        "added": "f" * 16,
        "data": to_base64url(data),
    }


def test_a_device_brings_no_form_and_no_strangers_key(app: Flask, phone: Phone) -> None:
    """What the survey asks and publishes is the hub's alone; a key is brought for one's own name alone."""
    with Replica.open(app.config["REPLICA"]) as hub:
        before = {form_id: entry.version_id for form_id, entry in library.current_forms(hub).items()}
    form = encode(["form", "business", "9", "A" * 22, ["/data/x"]]).encode()
    stranger = keys.key_document("7k3m9q2x", SPKI).encode()
    for offered in (
        document("form", "business", form),
        document("form", "zzz", form),
        document("xform", "business", b"<x/>"),
        document("key", "7k3m9q2x", stranger),
    ):
        response = phone.post("changes", {**phone.offer(), "documents": [offered]})
        assert (response.status_code, problem(response)[:5]) in ((400, "HW-20"), (403, "HW-20")), offered
    with Replica.open(app.config["REPLICA"]) as hub:
        assert {f: entry.version_id for f, entry in library.current_forms(hub).items()} == before
        assert hub.document_named(keys.KEY_KIND, "7k3m9q2x") is None


def test_a_form_whose_definition_is_missing_does_not_stop_the_others(app: Flask, phone: Phone) -> None:
    """A merged file may name a form whose XForm never came: the other forms and their pages go on."""
    with Replica.open(app.config["REPLICA"]) as hub:
        before = set(library.current_forms(hub))
        hub.put_document("form", "zzz", encode(["form", "zzz", "1", "A" * 22, ["/data/x"]]).encode())
        assert set(library.current_forms(hub)) == before
    assert phone.client.get("/sw.js").status_code == 200


def test_a_new_password_ends_the_tokens_of_a_lost_phone(app: Flask, phone: Phone) -> None:
    """Neither sending nor the field package is open to the finder; after signing in again the same browser
    goes on, and its changes are still its person's."""
    phone.record()
    hub = str(app.config["REPLICA"])
    result = CliRunner().invoke(main, ["user", "password", hub, "anna", "--password", "another secret"])
    assert result.exit_code == 0, result.output
    assert problem(phone.post("changes", phone.offer())) == "HW-3403"
    assert phone.client.get("/sync/v1/field", headers=phone.headers).status_code == 401
    for guess in ("ended ", f"ended {phone.replica.name} {phone.person}"):
        headers = {"Authorization": f"Bearer {guess}"}
        assert phone.client.get("/sync/v1/field", headers=headers).status_code == 401
    connection = app_db.connect(app.config["APP_DB"])
    phone.token = devices.enrol(connection, phone.replica.name, phone.person, keys.public_text(phone.key))
    assert len(phone.post("changes", phone.offer()).get_json()["receipts"]) == 1
