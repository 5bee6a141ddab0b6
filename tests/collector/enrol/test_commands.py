"""`homeward user invite`, `confirm`, `devices`, `revoke`, as people call them."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from collector.cli import main

from .conftest import Hub, Phone, code_of, refused

TYPED = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")


def run(*arguments: object, lang: str = "C") -> tuple[int, str, str]:
    """Exit status, stdout, stderr of a command."""
    done = CliRunner(env={"LC_ALL": lang}).invoke(main, [str(one) for one in arguments])
    return done.exit_code, done.stdout, done.stderr


def test_from_the_terminal_to_the_confirmed_phone(hub: Hub, phone: Phone) -> None:
    """The QR code is printed in blocks, the typed code below it; the digits of the phone confirm it."""
    address = ("--address", "https://hub.example.org")
    status, out, _ = run("user", "invite", hub.path, "anna", *address, lang="zh_CN.UTF-8")
    assert status == 0
    assert "▀" in out
    assert "https://hub.example.org/zh/enrol" in out
    (typed,) = TYPED.findall(out)
    phone.enrol(typed.replace("-", "").lower()[:10])
    assert phone.person == hub.anna.id
    status, out, _ = run("user", "devices", hub.path)
    assert out.split("\t")[:3] == [phone.replica.name, "anna", "Waiting"]
    status, _, err = run("user", "confirm", hub.path, "000000" if phone.digits != "000000" else "000001")
    assert (status, "HW-3495" in err) == (1, True)
    status, out, _ = run("user", "confirm", hub.path, f"{phone.digits[:3]} {phone.digits[3:]}")
    assert (status, out) == (0, "The phone of Anna <An> is confirmed. It may send and receive now.\n")
    assert phone.get("enrol/standing").json() == {"standing": "confirmed"}


def test_the_address_is_remembered(hub: Hub) -> None:
    """Said once it need not be said again; never said is HW-3496."""
    status, _, err = run("user", "invite", hub.path, "anna")
    assert (status, "HW-3496" in err) == (1, True)
    run("user", "invite", hub.path, "anna", "--address", "http://10.0.0.5:8765")
    status, out, err = run("user", "invite", hub.path, "anna", "--json")
    made = json.loads(out)
    assert made["url"].startswith("http://10.0.0.5:8765/en/enrol#")
    assert TYPED.fullmatch(made["code"])


@pytest.mark.parametrize(("who", "number"), [("nobody", "HW-3022"), ("chief", "HW-3490")])
def test_codes_are_for_enumerators_who_are_here(hub: Hub, who: str, number: str) -> None:
    """Anybody else is a numbered problem."""
    status, _, err = run("user", "invite", hub.path, who, "--address", "https://hub.example.org")
    assert (status, number in err) == (1, True)


def test_a_lost_device_is_reported(hub: Hub, phone: Phone) -> None:
    """What it sends is kept apart; the list says how it stands; one that is not there is HW-3492."""
    phone.enrol(hub.issue().code)
    hub.confirm(phone)
    assert run("user", "revoke", hub.path, phone.replica.name)[0] == 0
    phone.record()
    assert refused(phone.post("changes", phone.offer())) == ["HW-2115"]
    assert code_of(phone.get("field")) == "HW-3487"
    assert json.loads(run("user", "devices", hub.path, "--json")[1])[0]["standing"] == "lost"
    status, out, _ = run("quarantine", hub.path)
    assert status == 3
    assert "was reported lost" in out
    assert "HW-3492" in run("user", "revoke", hub.path, "0zzzzzzz")[2]
