"""A posted form that cannot be taken is not lost."""

from __future__ import annotations

import pytest

from tests.collector.browsers import token_of

from .conftest import PASSWORD, Site

OWN = {"Sec-Fetch-Site": "same-origin"}
ANSWERS = {"/data/g/name": "山泉\n“农家乐” <b>", "/data/g/many": ["a", "b"]}


def test_a_missing_token_keeps_the_answers(site: Site) -> None:
    """The page shows HW-3003 and a form with every answer and a fresh token, which then passes the check."""
    browser = site.browser("anna")
    answer = browser.post("/en/sign-out", data=ANSWERS, headers=OWN)
    assert answer.status_code == 400
    assert "HW-3003" in answer.text
    assert "山泉\n“农家乐” &lt;b&gt;" in answer.text
    assert answer.text.count('name="/data/g/many"') == 2
    again = browser.post("/en/sign-out", data={"csrf_token": token_of(answer.text)}, headers=OWN)
    assert again.status_code == 302


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}]
)
def test_another_site_cannot_put_words_into_a_form(site: Site, headers: dict[str, str]) -> None:
    """What a stranger's page posted is refused without an offer to send it again."""
    answer = site.browser("anna").post("/en/sign-out", data=ANSWERS, headers=headers)
    assert answer.status_code == 400
    assert "山泉" not in answer.text


def test_a_password_is_never_written_back(site: Site) -> None:
    """A sign-in without a token does not carry the password into the page."""
    form = {"username": "anna", "password": PASSWORD}
    answer = site.browser().post("/en/sign-in", data=form, headers=OWN)
    assert answer.status_code == 400
    assert PASSWORD not in answer.text


def test_signed_out_meanwhile(site: Site) -> None:
    """A form posted after the session ended keeps its answers and can be sent again after signing in."""
    browser = site.browser()
    token = token_of(browser.get("/zh/sign-in").text)
    answer = browser.post("/zh/fill/business", data=ANSWERS | {"csrf_token": token}, headers=OWN)
    assert answer.status_code == 401
    assert "HW-3002" in answer.text
    assert "山泉" in answer.text
    sign_in = {"username": "anna", "password": PASSWORD, "csrf_token": token_of(answer.text)}
    assert browser.post("/zh/sign-in", data=sign_in).status_code == 302
    again = browser.post(
        "/zh/fill/business", data=ANSWERS | {"csrf_token": token_of(answer.text)}, headers=OWN
    )
    assert "HW-3002" not in again.text
    assert "HW-3003" not in again.text


def test_the_token_lasts_all_day_and_over_https_without_a_referer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form opened in the morning goes through in the evening; HTTPS without a Referer is taken."""
    import time

    browser = site.browser("anna")
    token = token_of(browser.get("/en/device").text)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 20 * 3600)
    answer = browser.post("/en/sign-out", data={"csrf_token": token}, base_url="https://localhost")
    # The cookie of the plain connection goes to https as well; nothing asks for a Referer.
    assert answer.status_code == 302
