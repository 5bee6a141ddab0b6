"""A real replica with the built-in library, two accounts, and browsers signed in to the app over it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from collector import app_db
from collector.accounts import people
from collector.accounts.people import Person
from collector.app import create_app
from collector.library import current_forms, install_library
from sync import Replica
from tests.collector.browsers import browser_of

PASSWORD = "eight or more"
VILLAGE = "140502901901"
OTHER_VILLAGE = "140502901902"


@dataclass
class Site:
    """One app over one hub."""

    app: Flask
    hub: Path
    anna: Person
    chen: Person

    def browser(self, username: str = "") -> FlaskClient:
        """A browser, signed in as somebody or nobody."""
        return browser_of(self.app, username, PASSWORD)

    def record(self, form_id: str, author: Person, village: str, **named: str) -> str:
        """Saves a record with answers by the names of its questions; returns its name."""
        with Replica.open(self.hub) as replica:
            entry = current_forms(replica)[form_id]
            paths = {node.name: node.path for node in entry.form.nodes if node.is_leaf()}
            answers = {paths[name]: value for name, value in named.items()}
            return replica.save(
                form=entry.version_id, answers=answers, author=author.id, scopes=author.scopes(village)
            )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The app over a fresh hub; anna works in one village, chen supervises."""
    hub = tmp_path / "hub.db"
    with Replica.create(hub) as replica:
        install_library(replica)
    with closing(app_db.connect(app_db.path_for(hub))) as connection:
        anna = people.add(connection, "anna", PASSWORD, name="Anna <An>", villages=[VILLAGE])
        chen = people.add(connection, "chen", PASSWORD, role="supervisor")
    return Site(create_app(hub, config={"TESTING": True}), hub, anna, chen)
