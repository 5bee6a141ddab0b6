"""A hub with the forms that are measured, served, and a browser that has signed in there."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from collector import app_db
from collector.accounts import people
from collector.library import install_library, put_form
from forms import Form
from sync import Replica

PASSWORD = "benchmark-1"
VILLAGE = "140521901901"


@contextlib.contextmanager
def served_hub(folder: Path, forms: Sequence[Form] = ()) -> Iterator[str]:
    """A hub with the built-in forms and these, and one enumerator, served; its address."""
    db = folder / "hub.db"
    with Replica.create(db) as replica:
        install_library(replica)
        for form in forms:
            put_form(replica, form)
    connection = app_db.connect(app_db.path_for(db))
    people.add(connection, "anna", PASSWORD, name="Anna", villages=[VILLAGE])
    connection.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "homeward"), "serve", str(db), "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.05)  # polling a condition: the server listens
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def sign_in(context: BrowserContext, address: str, lang: str = "zh") -> Page:
    """Signs in and enrols; the page, once the field package is on the phone."""
    page = context.new_page()
    page.goto(f"{address}/{lang}/sign-in")
    page.fill("#username", "anna")
    page.fill("#password", PASSWORD)
    page.click("form button.main")
    page.wait_for_url(re.compile("/villages"))
    page.wait_for_function("() => document.documentElement.dataset.enrolled !== undefined")
    deadline = time.monotonic() + 60
    # Not `wait_for_function`, which takes any promise for true.
    while not page.evaluate(
        "async () => (await (await homeward.load('sync/run.js')).last())?.state === 'done'"
    ):
        if time.monotonic() > deadline:
            raise RuntimeError("the phone did not get its field package")
        page.wait_for_timeout(50)
    return page
