"""The public site in a real Chromium: it fits, reads without scripts, and asks nothing of others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent.parent
PAGES = [
    "{lang}",
    "homeward?_lang={lang}",
    "homeward/figures?_lang={lang}",
    "homeward/businesses?_lang={lang}",
]
PAGES += ["homeward/businesses/b001?_lang={lang}", "nowhere?_lang={lang}"]
# What axe would not see by itself: each pair of text and ground colours of the sheet.
PAIRS = (
    ("--ink", "--paper"),
    ("--ink", "--card"),
    ("--ink-2", "--paper"),
    ("--ink-2", "--card"),
    ("--brand", "--card"),
    ("--brand", "--paper"),
    ("--brand-ink", "--brand"),
    ("--warn", "--warn-soft"),
    ("--warn", "--card"),
    ("--accent", "--card"),
)


@pytest.fixture(scope="module")
def address(release_dir: Path) -> Iterator[str]:
    """The site as `homeward public` serves it."""
    homeward = str(Path(sys.executable).with_name("homeward"))
    command = [homeward, "public", str(release_dir), "--port", "0", "--lang", "en"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    yield process.stdout.readline().split()[-1]
    process.terminate()
    process.wait(20)
    process.stdout.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_fit_and_stay_on_their_own_server(
    browser: Browser, address: str, width: int, lang: str
) -> None:
    """No page is too wide, loads from elsewhere, breaks its own policy, or has a small target on top."""
    context = browser.new_context(viewport={"width": width, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if "404" not in message.text else None)
    for name in PAGES:
        page.goto(address + name.format(lang=lang))
        box = page.locator("body").bounding_box()
        assert box is not None
        assert box["width"] <= width, name
        for link in page.locator(".top a").all():
            target = link.bounding_box()
            assert target is not None
            assert target["height"] >= 44
            assert target["x"] + target["width"] <= width
    assert all(url.startswith(address) for url in asked)
    assert said == []
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_axe_finds_nothing(browser: Browser, address: str, lang: str, scheme: Any) -> None:
    """axe-core has nothing against any page, in light and dark."""
    axe = (ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8")
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    for name in PAGES:
        page.goto(address + name.format(lang=lang))
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= 360, name
        page.evaluate(axe)
        found = page.evaluate("() => axe.run()")["violations"]
        assert found == [], f"{name}: {json.dumps([(one['id'], one['nodes'][0]['html']) for one in found])}"
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read(browser: Browser, address: str, scheme: Any) -> None:
    """Every pair of text and ground of the sheet has a contrast of at least 4.5 (WCAG 2.2, 1.4.3)."""
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address + "en")
    colours = page.evaluate(
        "names => Object.fromEntries(names.map(n => [n, getComputedStyle(document.documentElement)"
        ".getPropertyValue(n).trim()]))",
        sorted({name for pair in PAIRS for name in pair}),
    )
    for text, ground in PAIRS:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    context.close()


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours `#rgb` or `#rrggbb` (WCAG 2.2)."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
