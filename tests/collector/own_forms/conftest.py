"""A hub with the built-in library, people of each role, and browsers that upload to it."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from collector import app_db
from collector.accounts import people
from collector.accounts.people import Person
from collector.app import create_app
from collector.library import install_library
from sync import Replica
from tests.collector.browsers import browser_of, token_of

PASSWORD = "eight or more"
VILLAGE = "140521901901"


@dataclass
class Site:
    """One app over one hub; `root` administers, `chen` supervises, `anna` records in one village."""

    app: Flask
    hub: Path
    anna: Person

    def browser(self, username: str = "") -> FlaskClient:
        """A browser, signed in as somebody or nobody."""
        return browser_of(self.app, username, PASSWORD)

    def upload(
        self,
        client: FlaskClient,
        form: tuple[str, bytes] | None,
        *lists: tuple[str, bytes],
        lang: str = "en",
        token: str = "",
    ) -> TestResponse:
        """Sends files to the page of the forms as (name, bytes)."""
        data: MultiDict[str, Any] = MultiDict()
        data["csrf_token"] = token or token_of(client.get(f"/{lang}/forms").text)
        for field, (name, content) in [("form", each) for each in [form] if each] + [
            ("lists", each) for each in lists
        ]:
            data.add(field, FileStorage(BytesIO(content), name))
        boundary, body = encode_multipart(data)
        return client.post(
            f"/{lang}/forms", data=body, content_type=f"multipart/form-data; boundary={boundary}"
        )

    def add(self, client: FlaskClient, form: tuple[str, bytes], *lists: tuple[str, bytes]) -> TestResponse:
        """Uploads files without errors and says yes."""
        asked = self.upload(client, form, *lists)
        assert asked.status_code == 303, asked.text
        page = client.get(asked.location).text
        return client.post(asked.location, data=decision(page, "add"))

    def documents(self) -> set[tuple[str, str, str]]:
        """(kind, name, id) of everything in the hub."""
        with Replica.open(self.hub) as replica:
            rows = replica.db.execute("SELECT kind, name, id FROM document")
            return {(str(kind), str(name), str(id_)) for kind, name, id_ in rows}

    def waiting(self) -> int:
        """How many files of uploads are kept."""
        with closing(app_db.connect(app_db.path_for(self.hub))) as connection:
            (count,) = connection.execute("SELECT count(*) FROM form_upload_file").fetchone()
            return int(count)


def decision(page: str, action: str) -> dict[str, str]:
    """What a button of the page of an upload posts."""
    base = re.search(r'name="base" value="([^"]*)"', page)
    assert base
    return {"csrf_token": token_of(page), "base": base.group(1), "action": action}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The app over a fresh hub."""
    hub = tmp_path / "hub.db"
    with Replica.create(hub) as replica:
        install_library(replica)
    with closing(app_db.connect(app_db.path_for(hub))) as connection:
        people.add(connection, "root", PASSWORD, role="administrator")
        people.add(connection, "chen", PASSWORD, role="supervisor")
        anna = people.add(connection, "anna", PASSWORD, villages=[VILLAGE])
    return Site(create_app(hub, config={"TESTING": True}), hub, anna)
