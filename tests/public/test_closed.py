"""What the public site refuses, whatever Datasette's settings say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REFUSED = [
    "/homeward.db",
    "/homeward?sql=select+1",
    "/homeward.json?sql=select+1",
    "/homeward.csv?sql=select+1",
    "/homeward/businesses?_where=1%3D1",
    "/homeward/businesses.json?_where=1%3D1",
    "/_internal",
    "/_internal.json",
]
GONE = [
    "databases",
    "databases.json",
    "threads",
    "plugins.json",
    "permissions",
    "patterns",
    "logout",
    "actor.json",
]


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("address", REFUSED)
def test_sql_and_downloads_are_refused(
    release_dir: Path, site_of: Callable[..., Any], address: str, allowed: bool
) -> None:
    """403 and HW-4003, also when a setting would allow it."""
    served = site_of(release_dir / "homeward.db", default_allow_sql=allowed, allow_download=allowed)
    answer = served.get(address)
    assert answer.status_code == 403
    assert not answer.content.startswith(b"SQLite format 3")
    if address.partition("?")[0].endswith(".json"):
        assert answer.json()["problem"]["code"] == "HW-4003"
    elif ".csv" not in address:
        assert "HW-4003" in answer.text


@pytest.mark.parametrize("name", GONE)
def test_pages_about_the_machine_are_not_there(site: Any, release_dir: Path, name: str) -> None:
    """Paths, threads and permissions of the machine are nobody's affair: 404 and HW-4004."""
    answer = site.get(f"/-/{name}")
    assert answer.status_code == 404
    assert "HW-4004" in answer.text
    assert str(release_dir) not in answer.text


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/nowhere", 404, "HW-4004"),
        ("/homeward/nosuch", 404, "HW-4004"),
        ("/homeward/businesses/nosuch", 404, "HW-4004"),
        ("/homeward/businesses?_sort=nosuch", 400, "HW-4005"),
        ("/homeward/businesses?_col=nosuch", 400, "HW-4005"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_wrong_address_gets_a_numbered_problem(
    site: Any, address: str, status: int, code: str, lang: str
) -> None:
    """Pages and JSON answer with the same number in the reader's language, without the program's insides."""
    answer = site.get(address, lang=lang)
    assert answer.status_code == status
    assert code in answer.text
    assert ("返回数据首页" in answer.text) is (lang == "zh")
    assert "Traceback" not in answer.text
    path, _, query = address.partition("?")
    as_json = site.get(f"{path}.json?{query}", lang=lang)
    assert as_json.status_code == status
    assert as_json.json()["problem"]["code"] == code
    assert as_json.json()["problem"]["remedy"]


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/en",
        "/homeward",
        "/homeward/figures.json",
        "/homeward.db",
        "/nowhere",
        "/-/homeward/site.css",
        "/-/static/app.css",
    ],
)
def test_every_answer_carries_the_headers(site: Any, address: str) -> None:
    """Pages, JSON, files, refusals, errors: all forbid scripts, framing, other origins, and set no cookie."""
    headers = site.get(address).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["style-src"] == policy["img-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "set-cookie" not in headers
