"""Hubs that are served by waitress, and laptops that sync with them through the library or the command line."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from collector import app_db, hub_sync, library
from collector.accounts import people
from collector.accounts.people import Person
from collector.app import create_app
from collector.cli.serve import listen, make_server
from collector.own_keys import open_to_write
from sync import Replica, backup
from sync.transfer.report import SyncReport

HERE, THERE, FAR = "140521901901", "140521901902", "140521902901"
NAME = "/data/g_where/business_name"
VILLAGE = "/data/g_where/village_code"
GIVEN = {"/data/g_consent/contact": "yes", "/data/g_consent/consent_interview": "yes"}
SECRET = "/data/g_contact/told_in_confidence"
ROOT = Path(__file__).parents[3]


def secret(username: str) -> str:
    """The password of somebody."""
    return f"secret-{username}"


@dataclass
class Hub:
    """A replica with accounts, served at `url` as long as the test runs."""

    path: Path
    url: str = ""
    people: dict[str, Person] = field(default_factory=dict)

    def add(self, username: str, role: str = "enumerator", villages: tuple[str, ...] = (HERE,)) -> Person:
        """An account; supervisors are given no villages."""
        codes = villages if role == "enumerator" else ()
        with closing(app_db.connect(app_db.path_for(self.path))) as connection:
            self.people[username] = people.add(
                connection, username, secret(username), role=role, villages=codes
            )
        return self.people[username]

    def assign(self, username: str, *villages: str) -> None:
        """Another assignment."""
        with closing(app_db.connect(app_db.path_for(self.path))) as connection:
            people.assign(connection, username, villages)

    def backed_up(self) -> None:
        """A backup of all that is here."""
        (self.path.parent / "backup").mkdir(exist_ok=True)
        with Replica.open(self.path) as replica:
            backup.backup(replica, self.path.parent / "backup")

    def record(self, name: str, village: str, person: str = "hub00000") -> str:
        """A record made at the hub itself."""
        with open_to_write(self.path) as replica:
            return record(replica, name, village, person)


def record(replica: Replica, name: str, village: str, person: str) -> str:
    """A business, as far as sync is concerned."""
    form = library.current_form(replica, "business").version_id
    answers = {**GIVEN, NAME: name, VILLAGE: village, SECRET: secret_of(name)}
    answers["/data/meta/instanceID"] = f"uuid:{name}"
    return replica.save(form=form, answers=answers, author=person, scopes=[f"p:{person}", f"v:{village}"])


def secret_of(name: str) -> str:
    """An answer of a record that nobody but its people are to read."""
    return f"只有{name}知道"


def rename(replica: Replica, which: str, name: str, person: str) -> str:
    """An edit of a record's name."""
    state = replica.state(which)
    answers = {**state.answers, NAME: name}
    return replica.save(record=which, form=state.form, answers=answers, author=person)


@dataclass
class Laptop:
    """A replica that syncs with a hub for somebody."""

    path: Path
    url: str
    username: str

    def sync(self, **more: Any) -> SyncReport:
        """One sync; enrols first where needed."""
        with Replica.open(self.path) as replica, closing(self.accounts()) as connection:
            access = hub_sync.access_to(replica, connection, self.url, self.username)
            if access is None:
                with hub_sync.road(self.url) as way:
                    access = hub_sync.enrol(replica, connection, way, self.username, secret(self.username))
            return hub_sync.run(replica, connection, access, sleep=lambda seconds: None, **more)

    def accounts(self) -> Any:
        """The app database."""
        return app_db.connect(app_db.path_for(self.path))

    def record(self, name: str, village: str = HERE, person: str = "") -> str:
        """A record made here."""
        with open_to_write(self.path) as replica:
            return record(replica, name, village, person or self.person)

    def rename(self, which: str, name: str) -> str:
        """An edit made here."""
        with open_to_write(self.path) as replica:
            return rename(replica, which, name, self.person)

    @property
    def person(self) -> str:
        """The id of its person."""
        with closing(self.accounts()) as connection:
            found = people.by_username(connection, self.username)
        assert found is not None
        return found.id

    def names(self) -> dict[str, str]:
        """Record → its name, as this replica shows it."""
        return names_at(self.path)


def names_at(path: Path) -> dict[str, str]:
    """Record → its name, as a replica shows it."""
    with Replica.open(path) as replica:
        return {state.record: state.answers.get(NAME, "") for state in replica.states() if not state.deleted}


def digest_at(path: Path) -> str:
    """The state digest of a replica."""
    with Replica.open(path) as replica:
        return replica.state_digest()


Serve = Callable[[str], Hub]
MakeLaptop = Callable[..., Laptop]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """`serve("hub")` makes `hub/hub.db` with the library and serves it by waitress."""
    with ExitStack() as stack:

        def start(name: str) -> Hub:
            path = tmp_path / name / f"{name}.db"
            with Replica.create(path) as replica:
                library.install_library(replica)
            return Hub(path, stack.enter_context(served(path)))

        yield start


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The app over a replica, served by waitress in a thread; its address."""
    opened = listen("127.0.0.1", 0)
    server = make_server(create_app(path, config={"TESTING": True}), opened)
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            server.asyncore.loop(timeout=0.05, map=server._map, count=1)
        server.task_dispatcher.shutdown()
        server.asyncore.close_all(server._map)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{opened.getsockname()[1]}"
    finally:
        ended.set()
        thread.join()


@pytest.fixture
def hub(serve: Serve) -> Hub:
    """A hub with an enumerator for each of two villages, and a supervisor."""
    made = serve("hub")
    made.add("anna", villages=(HERE,))
    made.add("bert", villages=(FAR,))
    made.add("chief", "supervisor")
    return made


@pytest.fixture
def laptop(tmp_path: Path) -> MakeLaptop:
    """`laptop(hub, "anna")` makes `anna/anna.db`, empty, that syncs with the hub for anna."""

    def make(at: Hub, username: str, name: str = "", url: str = "") -> Laptop:
        path = tmp_path / (name or username) / f"{name or username}.db"
        if not path.exists():
            Replica.create(path).close()
        return Laptop(path, url or at.url, username)

    return make


@pytest.fixture
def anna(hub: Hub, laptop: MakeLaptop) -> Laptop:
    """Anna's laptop after its first sync."""
    made = laptop(hub, "anna")
    made.sync()
    return made


def homeward(*arguments: str | Path, username: str = "", lang: str = "C") -> subprocess.CompletedProcess[str]:
    """Runs the command line as a process."""
    environment = {
        **os.environ,
        "LC_ALL": lang,
        "PYTHONUTF8": "1",
        "PYTHONPATH": str(ROOT),
        "HOMEWARD_PASSWORD": secret(username) if username else "",
    }
    command = [sys.executable, "-m", "collector.cli", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, stdin=subprocess.DEVNULL
    )
