"""What every page keeps: languages, headers, the shell, no text outside the catalogues."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from collector.i18n import LANGUAGES, MissingText, catalogue, script_json, translate

from .conftest import VILLAGE, Site

PAGES = ["villages", f"visit/{VILLAGE}", "records", "outbox", "device", "help"]
SHELLS = ["villages", f"visit/{VILLAGE}", "records", "record/7k3m9q2x-1", "outbox", "device"]
TEMPLATES = Path(__file__).parents[3] / "collector" / "templates"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_each_page_in_each_language_leads_to_the_other(site: Site, lang: str, page: str) -> None:
    """The page names its language, has one main heading, and switches at the same address."""
    text = site.browser("anna").get(f"/{lang}/{page}?q=%E6%9D%91").text
    other = "en" if lang == "zh" else "zh"
    assert f'<html lang="{"zh-Hans" if lang == "zh" else "en"}"' in text
    assert f'href="/{other}/{page}?q=%E6%9D%91"' in text
    assert text.count("<h1") == 1


@pytest.mark.parametrize(
    ("wish", "lang"), [("en-GB,zh;q=0.5", "en"), ("zh-CN", "zh"), ("fr", "zh"), ("", "zh")]
)
def test_the_front_door_follows_the_browser(site: Site, wish: str, lang: str) -> None:
    """`/` leads to the language that the browser asks for, else to Chinese."""
    answer = site.browser().get("/", headers={"Accept-Language": wish})
    assert answer.headers["Location"] == f"/{lang}/villages"


@pytest.mark.parametrize("page", SHELLS)
def test_the_shell_is_the_same_for_everybody(site: Site, page: str) -> None:
    """Signed out, a page is a 200 without data, token or cookie: it can be kept for offline use."""
    site.record("business", site.anna, VILLAGE, business_name="Seen by nobody")
    first, second = (site.app.test_client(use_cookies=False).get(f"/en/{page}") for _ in range(2))
    assert first.status_code == 200
    assert first.data == second.data
    assert "Seen by nobody" not in first.text
    assert "csrf" not in first.text
    assert "Set-Cookie" not in first.headers
    assert first.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("page", PAGES)
def test_headers_of_every_page(site: Site, page: str) -> None:
    """In a page only our one script can run, no inline style; nothing is framed, a signed-in page is stored nowhere."""
    answer = site.browser("anna").get(f"/en/{page}")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    [held] = re.findall(r"<script>(.*?)</script>", answer.text, re.S)
    digest = base64.b64encode(hashlib.sha256(held.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"\sstyle=|\son\w+=|<style", answer.text)
    for script in re.findall(r"<script\s[^>]*>", answer.text):
        assert "src=" in script or 'type="application/json"' in script


def test_no_template_has_text_of_its_own() -> None:
    """Between the tags of a template stands no word outside the catalogues."""
    for path in TEMPLATES.rglob("*.html"):
        source = re.sub(
            r"\{% block width %\}\w*\{% endblock %\}", "", path.read_text("utf-8")
        )  # a class name
        source = re.sub(  # a macro without a tag writes parts of attributes
            r"\{% macro [^%]*%\}[^<]*?\{%-? endmacro %\}", "", source
        )
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.S)
        assert not re.search(r"[㐀-鿿]", text), path.name
        between = re.sub(r"<!doctype[^>]*>|<[^>]*>", " ", text, flags=re.I)
        assert not re.search(r"[A-Za-z]{2,}", between), (path.name, re.findall(r"[A-Za-z]{2,}", between)[:5])
        for value in re.findall(r'\b(?:alt|title|placeholder|aria-label)="([^"]*)"', text):
            assert not re.search(r"[A-Za-z]{2,}", value), (path.name, value)


def test_every_key_in_templates_exists() -> None:
    """A key written out in a template has its text."""
    for path in TEMPLATES.rglob("*.html"):
        for call, key in re.findall(r"\b(t|tn)\('([a-zA-Z_.0-9]+)'\s*[,)]", path.read_text("utf-8")):
            wanted = [key] if call == "t" else [f"{key}.one", f"{key}.other"]
            assert all(one in catalogue("en") for one in wanted), (path.name, key)


def test_a_missing_text_is_an_error() -> None:
    """An unknown key and a missing placeholder are faults, never shown as text."""
    with pytest.raises(MissingText):
        translate("no.such.key", "en")
    with pytest.raises(MissingText):
        translate("villages.more", "en", shown=1)


def test_json_in_a_page_cannot_end_its_element() -> None:
    """Text that looks like markup stays text inside a script element."""
    value = {"a": "</script><script>alert(1)</script>&amp;"}
    written = str(script_json(value))
    assert "<" not in written
    assert json.loads(written) == value


def test_a_name_is_always_text(site: Site) -> None:
    """Markup in what people typed is shown as typed."""
    record = site.record("business", site.anna, VILLAGE, business_name="<script>x</script>")
    browser = site.browser("anna")
    for page in ("records", f"record/{record}", f"visit/{VILLAGE}"):
        text = browser.get(f"/en/{page}").text
        assert "&lt;script&gt;x" in text
        assert "<script>x" not in text


def test_the_display_is_remembered(site: Site) -> None:
    """Strong sunlight holds for the next pages of this browser; an unknown display changes nothing."""
    browser = site.browser()
    browser.post("/en/display", data={"display": "sun", "next": "/en/device"})
    assert 'data-theme="sun"' in browser.get("/en/help").text
    browser.post("/en/display", data={"display": '"><script>'})
    assert "data-theme" not in browser.get("/en/help").text


@pytest.mark.parametrize(("lang", "name"), [("en", "Homeward"), ("zh", "归乡")])
def test_the_app_can_be_installed(site: Site, lang: str, name: str) -> None:
    """The manifest speaks the language of its address, and its start and its icons are there."""
    browser = site.browser()
    manifest = json.loads(browser.get(f"/{lang}/manifest.webmanifest").text)
    assert manifest["short_name"] == name
    assert browser.get(manifest["start_url"]).status_code == 200
    for icon in manifest["icons"]:
        with browser.get(icon["src"]) as image:
            width = int.from_bytes(image.data[16:20], "big")
            assert image.data.startswith(b"\x89PNG")
        assert icon["sizes"] == f"{width}x{width}"
