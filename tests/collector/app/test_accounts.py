"""Accounts, sessions, and the door."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from collector import app_db
from collector.accounts import people, session
from collector.accounts.views import safe_next
from collector.problems import Problem
from tests.collector.browsers import token_of

from .conftest import PASSWORD, VILLAGE, Site


def test_a_session_lives_on_the_server_and_can_be_revoked(site: Site) -> None:
    """A revoked session is signed out at its next request, though the browser still holds the cookie."""
    browser = site.browser("anna")
    assert "Anna &lt;An&gt;" in browser.get("/en/villages").text
    with closing(app_db.connect(app_db.path_for(site.hub))) as connection:
        assert session.revoke(connection, site.anna.id) == 1
    page = browser.get("/en/villages").text
    assert "Anna" not in page
    assert "data-shell" in page


def test_signing_out_ends_the_session(site: Site) -> None:
    """After signing out, a copy of the cookie opens nothing."""
    browser = site.browser("anna")
    cookie = browser.get_cookie("homeward")
    assert cookie
    token = token_of(browser.get("/en/device").text)
    assert browser.post("/en/sign-out", data={"csrf_token": token}).status_code == 302
    thief = site.app.test_client()
    thief.set_cookie("homeward", cookie.value)
    assert "data-shell" in thief.get("/en/villages").text


@pytest.mark.parametrize("username", ["anna", "nobody"])
def test_a_wrong_password_says_the_same_for_every_name(site: Site, username: str) -> None:
    """Nobody learns from the answer whether an account exists; the name stays on the page."""
    browser = site.browser()
    token = token_of(browser.get("/en/sign-in").text)
    form = {"username": username, "password": "wrong password", "csrf_token": token}
    answer = browser.post("/en/sign-in", data=form)
    assert answer.status_code == 403
    assert "HW-3005" in answer.text
    assert f'value="{username}"' in answer.text


def test_too_many_wrong_passwords_make_a_name_wait(site: Site) -> None:
    """After eight wrong passwords even the right one is refused for a while; other names are not."""
    browser = site.browser()
    token = token_of(browser.get("/en/sign-in").text)
    form = {"username": "anna", "password": "wrong password", "csrf_token": token}
    for _ in range(session.ATTEMPTS):
        assert browser.post("/en/sign-in", data=form).status_code == 403
    answer = browser.post("/en/sign-in", data=form | {"password": PASSWORD})
    assert answer.status_code == 429
    assert "HW-3006" in answer.text
    assert site.browser("chen").get("/en/villages").status_code == 200


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", ""]
)
def test_signing_in_never_leads_to_another_site(site: Site, address: str) -> None:
    """Only a path on this site is followed after signing in."""
    with site.app.test_request_context("/en/sign-in"):
        assert safe_next(address) == "/en/villages"
        assert safe_next("/en/visit/1?a=b") == "/en/visit/1?a=b"


def test_passwords_are_kept_as_argon2id_only(site: Site) -> None:
    """Neither password nor session token stands in the file."""
    site.browser("anna")
    with closing(app_db.connect(app_db.path_for(site.hub))) as connection:
        dump = "\n".join(connection.iterdump())
    assert PASSWORD not in dump
    assert dump.count("$argon2id$") == 2
    assert app_db.path_for(site.hub).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "ANNA"}, "HW-3014"),
        ({"username": "with space"}, "HW-3020"),
        ({"password": "short"}, "HW-3015"),
        ({"role": "king"}, "HW-3016"),
    ],
)
def test_an_account_that_cannot_be_is_refused(site: Site, changes: dict[str, Any], code: str) -> None:
    """Each refusal has its number, and no account is made."""
    given: dict[str, Any] = {"username": "new", "password": PASSWORD, "role": "enumerator"} | changes
    with closing(app_db.connect(app_db.path_for(site.hub))) as connection:
        with pytest.raises(Problem) as refused:
            people.add(connection, given["username"], given["password"], role=given["role"])
        assert refused.value.code == code
        assert len(people.everybody(connection)) == 2


def test_what_a_person_sees(site: Site) -> None:
    """An enumerator sees own records and those of the own village; a supervisor all."""
    mine = site.record("business", site.anna, VILLAGE, business_name="Mine")
    far = site.record("business", site.chen, "140502901902", business_name="Far away")
    near = site.record("business", site.chen, VILLAGE, business_name="Next door")
    anna, chen = site.browser("anna"), site.browser("chen")
    assert [anna.get(f"/en/record/{one}").status_code for one in (mine, far, near)] == [200, 404, 200]
    assert [chen.get(f"/en/record/{one}").status_code for one in (mine, far, near)] == [200, 200, 200]
    assert "Far away" not in anna.get("/en/records").text
    assert "Far away" in chen.get("/en/records").text
