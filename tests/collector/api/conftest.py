"""A hub with the built-in library and one enumerator, and a device that talks to it over real requests."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from collector import app_db, library
from collector.accounts import people
from collector.api import devices
from collector.app import create_app
from sync import Replica, keys
from sync.names import replica_number
from sync.replica import log

VILLAGE = "140521901901"


@dataclass
class Phone:
    """A replica of its own with a key and a token; `client` is the hub's."""

    client: FlaskClient
    replica: Replica
    key: keys.PrivateKey
    token: str
    person: str
    form: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def record(self, name: str = "豆腐坊") -> str:
        """A business of this village, made on the phone."""
        answers = {
            "/data/g_where/village_code": VILLAGE,
            "/data/g_where/business_name": name,
            "/data/g_consent/consent_interview": "yes",
        }
        scopes = [f"p:{self.person}", f"v:{VILLAGE}"]
        return self.replica.save(form=self.form, answers=answers, author=self.person, scopes=scopes)

    def offer(self, first: int = 1) -> dict[str, Any]:
        """The request that sends the log from `first` on."""
        number = replica_number(self.replica.name)
        tip = log.tip(self.replica.db, number)
        rows = log.in_range(self.replica.db, number << 24 | first, number << 24 | tip.number)
        return {
            "replica": self.replica.name,
            "changes": [[header, payload] for _, _, header, payload in rows],
            "tip": [self.replica.name, str(tip.number), tip.digest],
            "signature": keys.sign(self.key, keys.tip_text(self.replica.name, tip.number, tip.digest)),
        }

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(f"/sync/v1/{path}", json=body, headers=self.headers)

    def put(self, data: bytes, sha256: str = "", **more: Any) -> Any:
        name = sha256 or hashlib.sha256(data).hexdigest()
        return self.client.put(
            f"/sync/v1/media/{name}", data=data, headers=self.headers, content_type="image/jpeg", **more
        )


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The app over a new hub."""
    hub = tmp_path / "hub.db"
    with Replica.create(hub) as replica:
        library.install_library(replica)
    return create_app(hub, config={"TESTING": True})


@pytest.fixture
def phone(app: Flask, tmp_path: Path) -> Phone:
    """An enrolled phone of the enumerator anna."""
    connection = app_db.connect(app.config["APP_DB"])
    anna = people.add(connection, "anna", "secret-anna", name="Anna", villages=[VILLAGE])
    (tmp_path / "phone").mkdir()
    replica = Replica.create(tmp_path / "phone" / "phone.db")
    library.install_library(replica)
    key = keys.generate()
    spki = keys.public_text(key)
    token = devices.enrol(connection, replica.name, anna.id, spki)
    with Replica.open(app.config["REPLICA"]) as hub:
        hub.put_document(keys.KEY_KIND, replica.name, keys.key_document(replica.name, spki).encode())
    form = library.current_form(replica, "business").version_id
    return Phone(app.test_client(), replica, key, token, anna.id, form)


def hub_records(app: Flask) -> list[str]:
    """Names of the records that the hub has."""
    with Replica.open(app.config["REPLICA"]) as hub:
        return [state.record for state in hub.states()]


def problem(response: Any) -> str:
    """The number of the problem that an answer tells."""
    code: str = json.loads(response.data)["problem"]["code"]
    return code
