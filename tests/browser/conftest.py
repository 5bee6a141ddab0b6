"""A served hub and a real Chromium on a profile of its own: both can be stopped, killed and started again."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from collector import app_db
from collector.accounts import people
from collector.library import install_library
from sync import Replica

VILLAGE = "140521901901"
PASSWORD = "walking-home-1"
PATIENCE = 20_000  # ms; a browser started cold on a busy computer needs more than the 5 s that `expect` has
ARGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


def free_port() -> int:
    """A port of the loopback interface that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """A replica's database and the process that serves it, always at the same address."""

    def __init__(self, db: Path) -> None:
        self.db = db
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = db.parent / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serves, and returns once the server accepts connections."""
        command = [
            str(Path(sys.executable).parent / "homeward"),
            "serve",
            str(self.db),
            "--port",
            str(self.port),
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.log.read_text())
            time.sleep(0.05)  # polling a condition: the server listens

    def stop(self) -> None:
        """Ends the server process; the port refuses connections afterwards."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def records(self) -> list[Any]:
        """The states of all records here."""
        with Replica.open(self.db) as replica:
            return list(replica.states())


class Hub(Served):
    """A new hub with the built-in forms, two enumerators' villages and a supervisor."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "hub.db")
        with Replica.create(self.db) as replica:
            install_library(replica)
        connection = app_db.connect(app_db.path_for(self.db))
        self.anna = people.add(connection, "anna", PASSWORD, name="安娜", villages=[VILLAGE, "140521901902"])
        self.chief = people.add(connection, "chief", PASSWORD, name="Chief", role="supervisor")
        connection.close()


class Phone:
    """Chromium on one profile. `page` is its page after `start`."""

    def __init__(self, playwright: Playwright, profile: Path, address: str) -> None:
        self.playwright = playwright
        self.profile = profile
        self.address = address
        self.context: BrowserContext | None = None
        self.errors: list[str] = []

    def start(self, **options: Any) -> Page:
        """Opens the browser on its profile and gives its page."""
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=shutil.which("chromium"),
            headless=True,
            args=ARGS,
            base_url=self.address,
            viewport={"width": 360, "height": 740},
            **options,
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        return self.page

    def close(self) -> None:
        """Closes the browser in good order."""
        if self.context is not None:
            with contextlib.suppress(PlaywrightError):
                self.context.close()
            self.context = None

    def kill(self) -> None:
        """Kills the browser's own process without a warning, as an empty battery does."""
        pid = self._pid()
        os.kill(pid, signal.SIGKILL)
        self.close()

    def _pid(self) -> int:
        wanted = f"--user-data-dir={self.profile}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if wanted in words and not any(word.startswith(b"--type=") for word in words):
                    return int(folder.name)
        raise RuntimeError("the browser's process is not there")

    def sign_in(self, username: str = "anna", lang: str = "zh", password: str = PASSWORD) -> None:
        """Signs in; for an enumerator waits until the phone is enrolled, synced and ready without a
        network."""
        self.page.goto(f"/{lang}/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.click("form button.main")
        self.page.wait_for_url(re.compile(r"/villages"))

    def ready(self) -> None:
        """Waits until the service worker controls the page and the field package is here."""
        self.page.wait_for_function("() => document.documentElement.dataset.enrolled !== undefined")
        self.page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        self.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        self.until(
            """async () => {
              const [{ device }, { head }] = await Promise.all(
                ["identity", "field"].map((part) => homeward.load(`store/${part}.js`)));
              return (await head())?.person.id === (await device())?.person;
            }"""
        )
        self.wait_for_sync("done")

    def until(self, predicate: str, arg: Any = None) -> None:
        """Waits until an async predicate of the page holds. `wait_for_function` takes any promise for true."""
        deadline = time.monotonic() + 30
        while not self.page.evaluate(predicate, arg):
            assert time.monotonic() < deadline, predicate
            self.page.wait_for_timeout(50)  # polling a condition

    def wait_for_sync(self, state: str) -> None:
        """Waits until the last round of sync ended in this state."""
        self.until(
            "async (state) => (await (await homeward.load('sync/run.js')).last())?.state === state",
            state,
        )


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright, once a file: its event loop must not outlast it, other tests of the process run their own."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as running:
        yield running


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A served hub with the built-in forms, the enumerator anna and the supervisor chief."""
    served = Hub(tmp_path)
    served.start()
    yield served
    served.stop()


@pytest.fixture
def phone(playwright: Playwright, hub: Hub, tmp_path: Path) -> Iterator[Phone]:
    """A phone that has never been here."""
    device = Phone(playwright, tmp_path / "profile", hub.address)
    device.start()
    yield device
    device.close()
