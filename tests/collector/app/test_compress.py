"""Pages and forms on the way to a phone."""

from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient

from collector.compress import BLUR, packed

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def client(site: object) -> FlaskClient:
    """A browser that is nobody's."""
    browser: FlaskClient = site.browser()  # type: ignore[attr-defined] # tests are not a package
    return browser


def test_a_page_comes_in_a_sixth_of_its_bytes(client: FlaskClient) -> None:
    """To a browser that takes it; another gets the same page as it is."""
    plain = client.get("/en/fill/business")
    small = client.get("/en/fill/business", headers=GZIP)
    assert plain.headers.get("Content-Encoding") is None
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in small.headers["Vary"]
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 6
    assert gzip.decompress(small.data)[:2000] == plain.data[:2000]


@pytest.mark.parametrize("address", ["/static/icons/logo.svg", "/sync/v1/status"])
def test_what_packs_itself_is_left_alone(client: FlaskClient, address: str) -> None:
    """Files come from memory as they were packed once; the sync protocol says itself what it does."""
    once, twice = (client.get(address, headers=GZIP) for _ in range(2))
    assert once.data == twice.data


def test_the_length_says_nothing_exact() -> None:
    """The same page has many lengths, within what was promised."""
    lengths = {len(packed(b"page" * 1000)) for _ in range(200)}
    assert len(lengths) > BLUR / 2
    assert max(lengths) - min(lengths) < BLUR
