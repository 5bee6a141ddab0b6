"""A hub with one sound record, people, an enrolled phone, and every kind of bad file that a field day can
bring."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from collector import app_db
from collector.accounts import people
from collector.api import devices
from collector.app import create_app
from collector.cli import main
from collector.i18n import catalogue
from collector.library import current_form, install_library
from sync import Replica, keys
from tests.conftest import Survey

PASSWORD = "long enough to pass"
VILLAGE = "140521901901"
LANGUAGES = ("en", "zh")

BAD_FILES = {
    "truncated": "HW-2006",
    "cut in its header": "HW-2004",
    "empty": "HW-2003",
    "not SQLite": "HW-2004",
    "of another program": "HW-2005",
    "with altered tables": "HW-2005",
    "of a newer version": "HW-2007",
    "not there": "HW-2002",
}
"""A `.db` that is none of ours -> the number that every road gives it."""


@dataclass
class House:
    """One hub, the app over it, and a folder for what comes in."""

    folder: Path
    app: Flask
    person: str

    @property
    def hub(self) -> Path:
        """The hub's file."""
        return self.folder / "hub.db"

    @property
    def laptop(self) -> Path:
        """A sound field database with one record that the hub does not have."""
        return self.folder / "field" / "laptop.db"

    def digest(self) -> str:
        """The hub's state digest."""
        with Replica.open(self.hub) as replica:
            return replica.state_digest()

    def client(self, who: str = "boris") -> FlaskClient:
        """A browser in which somebody is signed in."""
        client = self.app.test_client()
        done = client.post("/en/sign-in", data=with_token(client, username=who, password=PASSWORD))
        assert done.status_code == 302
        return client

    def bad(self, kind: str, path: Path | None = None) -> Path:
        """A bad file of this kind, made of the sound laptop, at `path`."""
        made = path or self.folder / "bad.db"
        sound = self.laptop.read_bytes()
        texts = {
            "truncated": sound[: len(sound) // 2],
            "cut in its header": sound[:60],
            "empty": b"",
            "not SQLite": b"name,village\n" * 200,
        }
        made.unlink(missing_ok=True)
        if kind in texts:
            made.write_bytes(texts[kind])
        elif kind == "of another program":
            with closing(sqlite3.connect(made)) as db:
                db.execute("CREATE TABLE notes (text)")
                db.commit()
        elif kind != "not there":
            shutil.copy(self.laptop, made)
            with closing(sqlite3.connect(made)) as db:
                db.execute(
                    "PRAGMA user_version = 99"
                    if kind == "of a newer version"
                    else "ALTER TABLE media ADD COLUMN stranger"
                )
                db.commit()
        return made


def with_token(client: FlaskClient, **data: str) -> dict[str, str]:
    """Form data with the token of the sign-in page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/en/sign-in").text)
    assert found
    return {"csrf_token": found.group(1), **data}


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that every test gets a copy of."""
    folder = tmp_path_factory.mktemp("furnished")
    survey = Survey(folder / "hub.db")
    survey.business()
    survey.hub.close()
    with closing(app_db.connect(app_db.path_for(folder / "hub.db"))) as connection:
        people.add(connection, "boris", PASSWORD, role="supervisor")
        people.add(connection, "anna", PASSWORD, villages=[VILLAGE])
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (folder / "field").mkdir()
    laptop = Survey(folder / "field" / "laptop.db")
    laptop.business(approve=False, business_name="豆腐坊")
    laptop.hub.close()
    return folder


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """A fresh copy of the hub, the app over it."""
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    with closing(app_db.connect(app_db.path_for(tmp_path / "hub.db"))) as connection:
        person = people.everybody(connection)[0].id
    yield House(tmp_path, create_app(tmp_path / "hub.db", config={"TESTING": True}), person)
    with Replica.open(tmp_path / "hub.db") as replica:
        assert replica.db.execute("PRAGMA quick_check").fetchone() == ("ok",), "the hub must stay sound"


def homeward(*arguments: object) -> Result:
    """A command as a person runs it; an error of the program itself is raised, so that no traceback
    passes."""
    return CliRunner().invoke(main, [str(one) for one in arguments], catch_exceptions=False)


def words(number: str, lang: str, **params: object) -> tuple[str, str]:
    """(message, remedy) of a number as the one catalogue has them, with `params` filled in."""
    texts = catalogue(lang)
    return texts[f"{number}.message"].format_map(params), texts[f"{number}.remedy"].format_map(params)


def beginning(number: str, lang: str) -> tuple[str, str]:
    """(message, remedy) of a number up to the first part that depends on the case."""
    texts = catalogue(lang)
    return texts[f"{number}.message"].partition("{")[0], texts[f"{number}.remedy"].partition("{")[0]


def problems_in(value: Any) -> list[dict[str, str]]:
    """Every numbered problem anywhere in a JSON value; each must have place, message and remedy."""
    found: list[dict[str, str]] = []
    if isinstance(value, dict):
        if {"code", "message", "remedy"} <= value.keys():
            assert all(value[part] for part in ("code", "place", "message", "remedy")), value
            found.append(value)
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            found += problems_in(each)
    return found


@dataclass
class Phone:
    """An enrolled browser of Anna's, as the hub sees it over HTTP."""

    client: FlaskClient
    replica: Replica
    key: keys.PrivateKey
    token: str
    person: str

    def record(self, **answers: str) -> str:
        """A record of a business in Anna's village."""
        form = current_form(self.replica, "business").version_id
        given = {"/data/g_where/village_code": VILLAGE, **answers}
        scopes = [f"p:{self.person}", f"v:{VILLAGE}"]
        return self.replica.save(form=form, answers=given, author=self.person, scopes=scopes)

    def offer(self) -> dict[str, Any]:
        """The request that sends the whole log."""
        rows = self.replica.db.execute("SELECT header, payload FROM change ORDER BY id").fetchall()
        tip, digest = self.replica.db.execute("SELECT tip, digest FROM log").fetchone()
        return {
            "replica": self.replica.name,
            "changes": [list(row) for row in rows],
            "tip": [self.replica.name, str(tip), digest],
            "signature": keys.sign(self.key, keys.tip_text(self.replica.name, tip, digest)),
        }

    def headers(self, lang: str = "en") -> dict[str, str]:
        """What the app sends with each request."""
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": lang}

    def post(self, body: Any, lang: str = "en") -> Any:
        """Sends changes; `body` is JSON or bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(
            "/sync/v1/changes", data=data, headers=self.headers(lang), content_type="application/json"
        )

    def put(self, data: bytes, lang: str = "en", **more: Any) -> Any:
        """Sends a photo."""
        name = hashlib.sha256(data).hexdigest()
        headers = self.headers(lang)
        return self.client.put(
            f"/sync/v1/media/{name}", data=data, headers=headers, content_type="image/jpeg", **more
        )


@pytest.fixture
def phone(house: House) -> Iterator[Phone]:
    """Anna's phone."""
    with closing(app_db.connect(app_db.path_for(house.hub))) as connection:
        anna = next(one for one in people.everybody(connection) if one.username == "anna")
        (house.folder / "phone").mkdir()
        with Replica.create(house.folder / "phone" / "phone.db") as replica:
            install_library(replica)
            key = keys.generate()
            spki = keys.public_text(key)
            token = devices.enrol(connection, replica.name, anna.id, spki)
            with Replica.open(house.hub) as hub:
                hub.put_document(keys.KEY_KIND, replica.name, keys.key_document(replica.name, spki).encode())
            yield Phone(house.app.test_client(), replica, key, token, anna.id)
