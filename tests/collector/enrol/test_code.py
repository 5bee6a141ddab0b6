"""A one-time code: what it opens, once, for ten minutes, and what it does not."""

from __future__ import annotations

import secrets
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from collector import app_db
from collector.accounts import session
from sync import Replica, enrolling, keys
from sync.replica import documents

from .conftest import Hub, Phone, code_of


def test_a_code_enrols_without_a_password_and_waits(hub: Hub, phone: Phone) -> None:
    """The phone gets its token and person; both sides come to the same digits; nothing is trusted yet."""
    issued = hub.issue()
    answer = phone.enrol(issued.code)
    assert answer.status_code == 201
    assert answer.json()["person"] == {"id": hub.anna.id, "name": "Anna <An>", "username": "anna"}
    assert phone.get("enrol/standing").json() == {"standing": "waiting"}
    with hub.accounts() as connection:
        (row,) = connection.execute("SELECT digits FROM invitation").fetchall()
    assert row["digits"] == phone.digits
    with Replica.open(hub.path) as replica:
        assert documents.public_key(replica.db, phone.replica.name) is None


def test_the_code_is_kept_as_a_hash_alone(hub: Hub, phone: Phone) -> None:
    """Neither before nor after its use does any file of the hub hold the code or the token."""
    issued = hub.issue()
    assert phone.enrol(issued.code).status_code == 201
    with hub.accounts() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in hub.path.parent.glob("hub*"):
        if path.is_file():
            data = path.read_bytes()
            assert issued.code.encode() not in data, path
            assert phone.token.encode() not in data, path


def test_a_code_works_once(hub: Hub, phone: Phone, other: Phone) -> None:
    """Another phone is told that it was used; the same phone, whose answer was lost, gets a new token."""
    issued = hub.issue()
    assert phone.enrol(issued.code).status_code == 201
    lost, digits = phone.token, phone.digits
    assert code_of(other.enrol(issued.code)) == "HW-3482"
    assert phone.enrol(issued.code).status_code == 201
    assert phone.digits == digits
    assert phone.get("enrol/standing").status_code == 200
    phone.token = lost
    assert code_of(phone.get("enrol/standing")) == "HW-3403"


def test_after_it_was_confirmed_a_code_gives_no_second_token(hub: Hub, phone: Phone) -> None:
    """Whoever read the code from the screen later cannot use it, not even under the phone's own name."""
    issued = hub.issue()
    phone.enrol(issued.code)
    hub.confirm(phone)
    assert code_of(phone.enrol(issued.code)) == "HW-3482"
    assert phone.get("enrol/standing").json() == {"standing": "confirmed"}


def test_a_code_is_over_after_ten_minutes(hub: Hub, phone: Phone) -> None:
    """A minute before its end it works; a moment after, it is HW-3481 and enrols nobody."""
    issued = hub.issue()
    made, expires = (
        datetime.fromisoformat(at) for at in (issued.invitation.created, issued.invitation.expires)
    )
    assert expires - made == timedelta(minutes=10)
    hub.later(issued, 10)
    assert code_of(phone.enrol(issued.code)) == "HW-3481"
    fresh = hub.issue()
    hub.later(fresh, 9)
    assert phone.enrol(fresh.code).status_code == 201


def test_a_newer_code_ends_the_one_before(hub: Hub, phone: Phone) -> None:
    """A code that lies about on a screen is no second door."""
    first, second = hub.issue(), hub.issue()
    assert code_of(phone.enrol(first.code)) == "HW-3483"
    assert phone.enrol(second.code).status_code == 201


def test_a_wrong_clock_is_told_before_the_code_is_used_up(hub: Hub, phone: Phone) -> None:
    """A phone that is a day behind is told so with the hub's time; with its clock set the same code works."""
    issued = hub.issue()
    for off in (timedelta(days=-1), timedelta(minutes=6)):
        at = (datetime.now(UTC) + off).isoformat()
        answer = phone.enrol(issued.code, at=at)
        assert code_of(answer) == "HW-3484"
    assert "6 minutes off" in answer.json()["problem"]["message"]
    assert phone.enrol(issued.code, at="yesterday").status_code == 400
    assert phone.enrol(issued.code).status_code == 201


def test_guesses_are_counted(hub: Hub, phone: Phone) -> None:
    """After eight wrong codes from one place even the right one waits; who signs in by a password does not."""
    issued = hub.issue()
    for _ in range(session.ATTEMPTS):
        assert code_of(phone.enrol(enrolling.new_code())) == "HW-3480"
    answer = phone.enrol(issued.code)
    assert (answer.status_code, code_of(answer)) == (429, "HW-3491")
    hub.browser("anna")


def test_old_codes_are_no_guesses(hub: Hub, phone: Phone) -> None:
    """Somebody who scans yesterday's code ten times locks nobody out."""
    issued = hub.issue()
    hub.later(issued, 600)
    for _ in range(session.ATTEMPTS + 2):
        assert code_of(phone.enrol(issued.code)) == "HW-3481"
    assert phone.enrol(hub.issue().code).status_code == 201


def test_the_phone_shows_that_it_has_the_private_key(hub: Hub, phone: Phone) -> None:
    """Another's public key enrols nobody, and the code is not used up by trying."""
    issued = hub.issue()
    other = keys.public_text(keys.generate())
    assert code_of(phone.enrol(issued.code, spki=other)) == "HW-3423"
    assert phone.enrol(issued.code).status_code == 201


@pytest.mark.parametrize(
    "other",
    [{"code": 5}, {"code": None}, {"replica": "ZZ"}, {"spki": "x"}, {"at": 5}, {"at": "2026-01-01T00:00:00"}],
)
def test_a_malformed_request_is_a_numbered_problem(hub: Hub, phone: Phone, other: dict[str, object]) -> None:
    """Bad input is refused in words."""
    answer = phone.enrol(hub.issue().code, **other)
    assert (answer.status_code, code_of(answer)) == (400, "HW-3402")


def test_the_hub_proves_itself_before_it_is_told_the_code(hub: Hub, phone: Phone) -> None:
    """Its answer is signed by the key of the fingerprint in the code, over a word that the phone has just chosen."""
    issued = hub.issue()
    nonce = secrets.token_urlsafe(18)
    proof = phone.http.post("/sync/v1/enrol/proof", json={"nonce": nonce}).json()
    assert issued.fragment == f"{issued.code}.{enrolling.fingerprint(proof['spki'])}"
    text = enrolling.proof_text(proof["hub"], nonce, proof["at"])
    assert keys.verify(proof["spki"], text, proof["signature"])
    assert code_of(phone.http.post("/sync/v1/enrol/proof", json={"nonce": "short"})) == "HW-3402"


def test_the_table_of_devices_comes_from_the_version_before(hub: Hub) -> None:
    """Devices that were enrolled before there were codes are confirmed."""
    path = app_db.path_for(hub.path)
    with sqlite3.connect(path) as before:
        before.execute("ALTER TABLE device DROP COLUMN standing")
        before.execute("DROP TABLE lost_device")
        before.execute("DELETE FROM _sqlite_migrations WHERE name = 'add_standing'")
        before.execute(
            "INSERT INTO device (token_sha, replica, person, spki, created, used)"
            " VALUES ('x', '0aaaaaaa', ?, 'k', '2026-01-01', '2026-01-01')",
            [hub.anna.id],
        )
    before.close()
    app_db._ready.clear()
    with hub.accounts() as connection:
        (row,) = connection.execute("SELECT standing FROM device WHERE replica = '0aaaaaaa'").fetchall()
    assert row["standing"] == "confirmed"
