"""`homeward user` and `homeward serve`, as people call them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from collector.cli import main
from sync import Replica

PASSWORD = "eight or more"


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """An empty replica."""
    path = tmp_path / "hub.db"
    Replica.create(path).close()
    return path


def run(*arguments: object, text: str = "") -> tuple[int, str, str]:
    """Exit status, stdout, stderr of a command in English."""
    done = CliRunner(env={"LC_ALL": "C", "LANG": "C"}).invoke(
        main, [str(one) for one in arguments], input=text
    )
    return done.exit_code, done.stdout, done.stderr


def test_accounts_are_added_listed_and_given_passwords(hub: Path) -> None:
    """The password may come from stdin; the list shows whom there is; nothing shows a password."""
    status, out, _ = run(
        "user", "add", hub, "anna", "--village", "140502901901", "--json", text=PASSWORD + "\n"
    )
    assert status == 0
    added = json.loads(out)
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{8}", added["id"])
    assert run("user", "password", hub, "anna", "--password", "another one")[0] == 0
    status, out, _ = run("user", "list", hub, "--json")
    assert (status, json.loads(out)) == (0, [added])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "{hub}", "anna", "--password", "short"), "HW-3015"),
        (("add", "{hub}", "anna", "--password", PASSWORD, "--role", "king"), "HW-3016"),
        (("add", "{hub}.missing", "anna", "--password", PASSWORD), "HW-2002"),
        (("password", "{hub}", "nobody", "--password", PASSWORD), "HW-3022"),
    ],
)
def test_refusals_are_numbered(hub: Path, arguments: tuple[str, ...], code: str) -> None:
    """Status 1, the number and how to mend it; no file is made for a replica that is not there."""
    status, _, error = run("user", *(one.format(hub=hub) for one in arguments))
    assert status == 1
    assert code in error
    assert not list(hub.parent.glob("*missing*"))


def test_serving_beyond_this_computer_must_be_asked_for(hub: Path) -> None:
    """An address that others reach is HW-3017 unless --listen-everywhere stands beside it."""
    status, _, error = run("serve", hub, "--host", "0.0.0.0")  # noqa: S104  # it is refused
    assert status == 1
    assert "HW-3017" in error


def test_a_taken_port_is_told(hub: Path) -> None:
    """HW-3018 names the port."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        status, _, error = run("serve", hub, "--port", port)
    assert status == 1
    assert "HW-3018" in error
    assert str(port) in error


def test_serve_makes_the_hub_and_answers(tmp_path: Path) -> None:
    """Over a path without a file it makes a hub with forms and lists, answers, and ends when told."""
    hub = tmp_path / "new.db"
    command = [sys.executable, "-m", "collector.cli", "serve", str(hub), "--port", "0", "--lang", "en"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        try:
            address = next(
                found.group()
                for line in process.stdout
                if (found := re.search(r"http://127\.0\.0\.1:\d+/en/", line))
            )
            with urllib.request.urlopen(address) as page:
                assert "Homeward" in page.read().decode()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(10)
    assert process.returncode == 0
    with Replica.open(hub) as replica:
        assert len(replica.documents("form")) == 7
        assert len(replica.documents("list")) == 5
