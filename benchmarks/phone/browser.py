"""Chromium as a phone: contexts with nothing cached, a slow line, a slow processor."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize

SIZE: ViewportSize = {"width": 360, "height": 740}
SETTLED = 700
"""Milliseconds until the pages that a new window loads for itself have come."""


@dataclass(frozen=True)
class Hardship:
    """`cpu`: how many times slower. `kbps`, `delay` (ms): of the line; 0 is loopback as it is."""

    cpu: int = 1
    kbps: int = 0
    delay: int = 0


EASY = Hardship()


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium without traffic of its own."""
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"),
        args=[
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
        ],
    )


@contextlib.contextmanager
def cold_page(browser: Browser, state: Path | None, hard: Hardship = EASY) -> Iterator[Page]:
    """A page of a context with nothing cached. Service workers are kept out: this is the page from the network."""
    context = browser.new_context(viewport=SIZE, storage_state=state, service_workers="block")
    try:
        yield new_page(context, hard)
    finally:
        context.close()


def new_page(context: BrowserContext, hard: Hardship = EASY) -> Page:
    """A page whose window has settled."""
    page = context.new_page()
    page.wait_for_timeout(SETTLED)
    session = context.new_cdp_session(page)
    if hard.cpu != 1:
        session.send("Emulation.setCPUThrottlingRate", {"rate": hard.cpu})
    if hard.kbps:
        session.send("Network.enable")
        rate = hard.kbps * 1000 / 8
        session.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": hard.delay, "downloadThroughput": rate, "uploadThroughput": rate},
        )
    return page
