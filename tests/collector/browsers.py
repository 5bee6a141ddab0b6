"""Browsers of tests: signed in through the page that people sign in on."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient


def token_of(page: str) -> str:
    """The token of the first form of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "no token on the page"
    return found.group(1)


def browser_of(app: Flask, username: str, password: str) -> FlaskClient:
    """A browser, signed in as somebody or nobody (`""`)."""
    client = app.test_client()
    if username:
        token = token_of(client.get("/en/sign-in").text)
        form = {"username": username, "password": password, "csrf_token": token}
        assert client.post("/en/sign-in", data=form).status_code == 302
    return client
