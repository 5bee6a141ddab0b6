"""What a fill page weighs."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from playwright.sync_api import Browser, Response

from .browser import cold_page

HELD = re.compile(r"<(?:script(?![^>]*application/json)|style)[^>]*>(.*?)</(?:script|style)>", re.S)


def assets(browser: Browser, state: Path, url: str) -> int:
    """Gzipped bytes of the script and style that the page asks for or holds."""
    found: dict[str, int] = {}

    def take(response: Response) -> None:
        if response.request.resource_type in {"script", "stylesheet"}:
            found[response.url.rsplit("/static/", 1)[-1]] = len(gzip.compress(response.body(), 9))

    with cold_page(browser, state) as page:
        page.on("response", take)
        answer = page.goto(url)
        page.wait_for_load_state("networkidle")
        if answer is None:
            raise RuntimeError(f"no answer for {url}")
        for number, text in enumerate(filter(None, HELD.findall(answer.text()))):
            found[f"in the page, {number + 1}"] = len(gzip.compress(text.encode("utf-8"), 9))
    for name, size in sorted(found.items(), key=lambda pair: -pair[1]):
        print(f"  {size:6d} {name}")
    return sum(found.values())
