"""Refusals and faults as numbered problems, on pages and as JSON."""

from __future__ import annotations

import pytest

from collector.app import create_app

from .conftest import Site


@pytest.mark.parametrize(
    ("lang", "text"), [("en", "There is no page at this address."), ("zh", "这个地址没有页面。")]
)
def test_an_unknown_address_answers_in_its_language(site: Site, lang: str, text: str) -> None:
    """A missing page is HW-3001 in the language of the address, whatever the browser prefers."""
    answer = site.browser().get(f"/{lang}/nowhere", headers={"Accept-Language": "fr"})
    assert answer.status_code == 404
    assert "HW-3001" in answer.text
    assert text in answer.text


@pytest.mark.parametrize("path", ["/api/nowhere", "/sync/nowhere"])
def test_programs_get_json(site: Site, path: str) -> None:
    """Below /api/ and /sync/ a problem is JSON with code, place, message, remedy."""
    answer = site.browser().get(path, headers={"Accept-Language": "zh"})
    problem = answer.get_json()["problem"]
    assert problem["code"] == "HW-3001"
    assert problem["place"] == path
    assert problem["message"] == "这个地址没有页面。"
    assert problem["remedy"]


@pytest.mark.parametrize(
    ("method", "path", "code", "status"),
    [
        ("get", "/en/visit/000", "HW-3013", 404),
        ("get", "/en/record/7k3m9q2x-1", "HW-2021", 404),
        ("get", "/en/record/not a name", "HW-2032", 400),
        ("get", "/en/sign-out", "HW-3010", 405),
    ],
)
def test_what_is_not_there(site: Site, method: str, path: str, code: str, status: int) -> None:
    """Each refusal has its number and its status."""
    answer = site.browser("anna").open(path, method=method.upper())
    assert code in answer.text
    assert answer.status_code == status


def test_a_body_beyond_the_limit(site: Site) -> None:
    """More than the limit is HW-3007 with status 413."""
    app = create_app(site.hub, config={"TESTING": True, "MAX_CONTENT_LENGTH": 1000})
    answer = app.test_client().post("/en/sign-in", data={"username": "x" * 2000})
    assert answer.status_code == 413
    assert "HW-3007" in answer.text


def test_a_fault_is_told_without_its_inside(site: Site) -> None:
    """A fault of the program is HW-3009 with status 500, and says nothing of the code."""
    app = create_app(site.hub)

    @app.get("/en/fault")
    def fault() -> str:
        raise RuntimeError("secret inside")

    answer = app.test_client().get("/en/fault")
    assert answer.status_code == 500
    assert "HW-3009" in answer.text
    assert "secret inside" not in answer.text
