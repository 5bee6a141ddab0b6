"""A hub that is served by waitress, a supervisor's browser, and phones that speak to it over HTTP as the scripts do."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector import app_db, library
from collector.accounts import people
from collector.accounts.people import Person
from collector.enrol import invitations
from collector.enrol.invitations import Issued
from sync import Replica, enrolling, keys
from sync.names import replica_number
from sync.replica import log
from tests.collector.browsers import token_of
from tests.collector.replicas.conftest import served

VILLAGE = "140521901901"
PASSWORD = "walking-home-1"


@dataclass
class Hub:
    """A served hub with an enumerator and a supervisor."""

    path: Path
    url: str
    anna: Person
    chief: Person
    clients: list[httpx.Client] = field(default_factory=list)

    def accounts(self) -> Any:
        """The app database, to be closed."""
        return closing(app_db.connect(app_db.path_for(self.path)))

    def issue(self, username: str = "anna") -> Issued:
        """A code for somebody."""
        with self.accounts() as connection, Replica.open(self.path) as replica:
            person = people.by_username(connection, username)
            assert person is not None
            return invitations.issue(connection, replica, person)

    def later(self, issued: Issued, minutes: int) -> None:
        """Lets a code be made so many minutes earlier."""
        with self.accounts() as connection:
            expires = datetime.fromisoformat(issued.invitation.expires) - timedelta(minutes=minutes)
            connection.execute(
                "UPDATE invitation SET expires = ? WHERE id = ?",
                [expires.isoformat(timespec="milliseconds"), issued.invitation.id],
            )

    def confirm(self, phone: Phone) -> None:
        """A supervisor confirms what the phone shows."""
        with self.accounts() as connection, Replica.open(self.path) as replica:
            invitations.confirm(connection, replica, invitations.with_digits(connection, phone.digits))

    def browser(self, username: str = "chief") -> httpx.Client:
        """A browser that is signed in."""
        client = httpx.Client(base_url=self.url)
        self.clients.append(client)
        token = token_of(client.get("/en/sign-in").text)
        form = {"username": username, "password": PASSWORD, "csrf_token": token}
        assert client.post("/en/sign-in", data=form).status_code == 302
        return client

    def records(self) -> list[str]:
        """Names of the records here."""
        with Replica.open(self.path) as replica:
            return [state.record for state in replica.states()]


class Phone:
    """A replica with a key of its own that speaks as the scripts of a browser do."""

    def __init__(self, path: Path, url: str) -> None:
        self.replica = Replica.open(path) if path.exists() else Replica.create(path)
        self.key = keys.generate()
        self.spki = keys.public_text(self.key)
        self.http = httpx.Client(base_url=url, headers={"Accept-Language": "en"})
        self.token = self.person = self.digits = ""

    def enrol(self, code: str, /, **other: Any) -> httpx.Response:
        """Gives a code to the hub, `other` in place of what the phone would say."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        signature = keys.sign(self.key, keys.enrol_text(self.replica.name, code))
        body = {
            "code": code,
            "replica": self.replica.name,
            "spki": self.spki,
            "signature": signature,
            "at": at,
        }
        answer = self.http.post("/sync/v1/enrol/code", json={**body, **other})
        if answer.status_code == 201:
            self.token, self.person = answer.json()["token"], answer.json()["person"]["id"]
            proof = self.http.post("/sync/v1/enrol/proof", json={"nonce": secrets.token_urlsafe(18)}).json()
            self.digits = enrolling.confirmation(
                code, proof["hub"], proof["spki"], self.replica.name, self.spki
            )
        return answer

    def record(self, name: str = "豆腐坊", **more: str) -> str:
        """A business of this village, made on the phone."""
        form = library.current_form(self.replica, "business").version_id
        answers = {
            "/data/g_where/village_code": VILLAGE,
            "/data/g_where/business_name": name,
            "/data/g_consent/consent_interview": "yes",
            **more,
        }
        scopes = [f"p:{self.person}", f"v:{VILLAGE}"]
        return self.replica.save(form=form, answers=answers, author=self.person, scopes=scopes)

    def offer(self, first: int = 1, last: int = 0) -> dict[str, Any]:
        """The request that sends the log from `first` to `last` (0: the end)."""
        number = replica_number(self.replica.name)
        end = last or log.tip(self.replica.db, number).number
        digest = log.digest_at(self.replica.db, number, end)
        rows = log.in_range(self.replica.db, number << 24 | first, number << 24 | end)
        return {
            "replica": self.replica.name,
            "changes": [[header, payload] for _, _, header, payload in rows],
            "tip": [self.replica.name, str(end), digest],
            "signature": keys.sign(self.key, keys.tip_text(self.replica.name, end, digest)),
        }

    def post(self, path: str, body: Any) -> httpx.Response:
        """A call with the token."""
        return self.http.post(f"/sync/v1/{path}", json=body, headers=self.headers)

    def get(self, path: str) -> httpx.Response:
        """The same without a body."""
        return self.http.get(f"/sync/v1/{path}", headers=self.headers)

    def hello(self) -> httpx.Response:
        """Says what it has."""
        number, digest = self.offer()["tip"][1:]
        return self.post("hello", {"replica": self.replica.name, "number": number, "digest": digest})

    def close(self) -> None:
        """Closes its file and its connection."""
        self.http.close()
        self.replica.close()

    @property
    def headers(self) -> dict[str, str]:
        """The token."""
        return {"Authorization": f"Bearer {self.token}"}


def code_of(answer: httpx.Response) -> str:
    """The number of the problem that an answer tells, with both its parts in words."""
    problem = answer.json()["problem"]
    assert problem["message"]
    assert problem["remedy"]
    return str(problem["code"])


def refused(answer: httpx.Response) -> list[str]:
    """The numbers of the problems of changes that were refused."""
    assert answer.status_code == 200, answer.text
    return [each["problem"]["code"] for each in answer.json()["refused"]]


def press(browser: httpx.Client, page: str, to: str, /, **form: str) -> httpx.Response:
    """Posts a form with the token that its page has."""
    token = token_of(browser.get(page).text)
    return browser.post(to, data={**form, "csrf_token": token})


def link(pattern: str, page: str) -> str:
    """The first address on a page of this pattern."""
    found = re.search(rf'"({pattern})"', page)
    assert found, pattern
    return found.group(1)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub and a phone with the built-in forms, to be copied."""
    folder = tmp_path_factory.mktemp("templates")
    for name in ("hub", "phone"):
        with Replica.create(folder / f"{name}.db") as replica:
            library.install_library(replica)
    return folder


@pytest.fixture
def hub(tmp_path: Path, templates: Path) -> Iterator[Hub]:
    """A served hub with anna, who walks, and chief, who supervises."""
    path = tmp_path / "hub.db"
    shutil.copyfile(templates / "hub.db", path)
    with closing(app_db.connect(app_db.path_for(path))) as connection:
        anna = people.add(connection, "anna", PASSWORD, name="Anna <An>", villages=[VILLAGE])
        chief = people.add(connection, "chief", PASSWORD, name="Chief", role="supervisor")
    with served(path) as url:
        made = Hub(path, url, anna, chief)
        yield made
        for client in made.clients:
            client.close()


@pytest.fixture
def phone(hub: Hub, tmp_path: Path, templates: Path) -> Iterator[Phone]:
    """A phone that has never been here."""
    (tmp_path / "phone").mkdir()
    shutil.copyfile(templates / "phone.db", tmp_path / "phone" / "phone.db")
    made = Phone(tmp_path / "phone" / "phone.db", hub.url)
    yield made
    made.close()


@pytest.fixture
def other(hub: Hub, tmp_path: Path) -> Iterator[Phone]:
    """A stranger's phone."""
    made = Phone(tmp_path / "other.db", hub.url)
    yield made
    made.close()
