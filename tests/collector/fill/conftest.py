"""A real replica with the built-in library, the app over it, and people who are signed in."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from collector import app_db
from collector.accounts import people
from collector.accounts.people import Person
from collector.app import create_app
from collector.library import install_library
from sync import Replica
from tests.collector.browsers import browser_of

PASSWORD = "long enough to pass"
VILLAGE = "140502901901"
PLACE = {
    "/data/g_where/village_listed": "yes",
    "/data/g_where/county_code": "140502",
    "/data/g_where/township_code": "140502901",
    "/data/g_where/village_code": VILLAGE,
}


@dataclass
class Desk:
    """One running app."""

    app: Flask
    path: Path
    anna: Person
    boris: Person

    def client(self, who: str = "anna") -> FlaskClient:
        """A browser in which this person is signed in; nobody for ''."""
        return browser_of(self.app, who, PASSWORD)

    def replica(self) -> Replica:
        """The replica, to be closed by the caller (`with`)."""
        return Replica.open(self.path)


@pytest.fixture(scope="session")
def equipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hub that has forms, lists, Anna (enumerator of one village) and Boris (supervisor)."""
    folder = tmp_path_factory.mktemp("equipped")
    with Replica.create(folder / "hub.db") as replica:
        install_library(replica)
    connection = app_db.connect(app_db.path_for(folder / "hub.db"))
    try:
        people.add(connection, "anna", PASSWORD, role="enumerator", villages=[VILLAGE])
        people.add(connection, "boris", PASSWORD, role="supervisor")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return folder


@pytest.fixture
def desk(equipped: Path, tmp_path: Path) -> Desk:
    """An app over a fresh copy of that hub."""
    shutil.copytree(equipped, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "hub.db"
    app = create_app(path, config={"TESTING": True})
    connection = app_db.connect(app_db.path_for(path))
    try:
        anna, boris = people.everybody(connection)
    finally:
        connection.close()
    return Desk(app, path, anna, boris)


@dataclass
class Page(HTMLParser):
    """What a browser without scripts sees of the form on a page: values to post back, and what is hidden."""

    inputs: dict[str, str] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._stack: list[tuple[str, bool]] = []
        self._select = ""
        self._textarea = ""
        self._path = ""
        self._error = ""
        self._blank = 0

    @classmethod
    def of(cls, response: TestResponse) -> Page:
        """The parsed page of an answer."""
        page = cls()
        page.text = response.get_data(as_text=True)
        page.feed(page.text)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "template":
            self._blank += 1
        if self._blank:
            return
        classes = a.get("class", "").split()
        if "q" in classes:
            self._path = a["data-path"]
            (self.hidden if "hidden" in a else self.shown).append(self._path)
        if "q-error" in classes and "hidden" not in a:
            self._error = self._path
        if tag == "select":
            self._select = a.get("name", "")
            self.inputs.setdefault(self._select, "")
        if tag == "option" and self._select:
            self.choices.setdefault(self._select, []).append(a["value"])
            if "selected" in a and re.match(r"\d+:", a["value"]):
                self.many.setdefault(self._select, []).append(a["value"])  # a rank: one list for each choice
            elif "selected" in a:
                self.inputs[self._select] = a["value"]
        if tag == "textarea":
            self._textarea = a["name"]
            self.inputs[self._textarea] = ""
        if tag == "input" and a.get("name"):
            self._input(a)

    def _input(self, a: dict[str, str]) -> None:
        name, kind, value = a["name"], a.get("type", "text"), a.get("value", "")
        if kind in ("radio", "checkbox"):
            self.choices.setdefault(name, []).append(value)
            if "checked" in a and kind == "radio":
                self.inputs[name] = value
            elif "checked" in a:
                self.many.setdefault(name, []).append(value)
        elif name == "_ticked":
            self.many.setdefault(name, []).append(value)
        elif kind != "file":
            self.inputs[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._blank -= 1
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._textarea = ""
        if tag == "p":
            self._error = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.inputs[self._textarea] += data.removeprefix("\n")
        if self._error:
            self.errors[self._error] = self.errors.get(self._error, "") + data

    def posting(
        self, answers: dict[str, str | list[str]] | None = None, action: str = "update"
    ) -> dict[str, object]:
        """What the browser posts when the person has filled in `answers` and pressed a button."""
        data: dict[str, Any] = {**self.inputs, **self.many, "action": action}
        data.update(answers or {})
        return data


def follow(client: FlaskClient, response: TestResponse) -> Page:
    """The page that an answer sends the browser to."""
    assert response.status_code == 303, Page.of(response).errors or response.get_data(as_text=True)[:2000]
    return Page.of(client.get(re.sub(r"#.*", "", response.location)))
