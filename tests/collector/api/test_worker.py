"""The service worker's list of files and its version."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask

from collector.api import offline
from sync import Replica


def build(app: Flask) -> dict[str, Any]:
    """The list that the worker is given."""
    found = re.search(r"^const BUILD = (.*);$", app.test_client().get("/sw.js").text, re.MULTILINE)
    assert found
    result: dict[str, Any] = json.loads(found[1])
    return result


def test_everything_on_the_list_is_there_for_everybody_and_no_redirect(app: Flask) -> None:
    """Each address answers 200 without a session; a redirect would be kept and break the start."""
    client = app.test_client()
    files = build(app)["files"]
    assert {
        "/zh/villages",
        "/en/visit/_",
        "/zh/fill/business",
        "/static/joined/app.js",
        "/static/joined/fill/mount/app.js",
    } <= set(files)
    for address in files:
        with client.get(address) as response:
            assert response.status_code == 200, address
    assert "/static/sw.js" not in files


def test_a_list_put_at_the_hub_is_a_new_version(app: Flask) -> None:
    """The version follows forms and lists, and is the same as long as they are."""
    before = build(app)
    assert build(app)["version"] == before["version"]
    with Replica.open(app.config["REPLICA"]) as hub:
        hub.put_document("list", "events.csv", b"name,label\nX,Y\n")
    after = build(app)
    assert after["version"] != before["version"]
    assert after["files"] != before["files"]


def test_a_changed_program_file_is_a_new_version(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version follows every byte of what pages are made of."""
    before = build(app)["version"]
    sources = list(offline._sources())
    assert any(path.name == "app.css" for path in sources)
    assert any(path.name == "page.html" for path in sources)
    offline._program.cache_clear()
    monkeypatch.setattr(offline, "_sources", lambda: iter(sources[1:]))
    assert build(app)["version"] != before
    offline._program.cache_clear()


def test_the_worker_has_a_form_for_browsers_without_modules(app: Flask) -> None:
    """`?plain` imports nothing; both are never cached by HTTP and may control the whole site."""
    for address, imports in (("/sw.js", True), ("/sw.js?plain", False)):
        response = app.test_client().get(address)
        assert response.text.startswith("import ") is imports
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers["Service-Worker-Allowed"] == "/"
