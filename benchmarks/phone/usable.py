"""When a page is usable."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from .browser import EASY, Hardship, cold_page, new_page
from .cases import Case

ROUNDS = 7
# Types into the field as soon as it is in the page, whether scripts have started or not, as an impatient thumb
# does. Then waits for what follows, and for the page's word that it is on the disk.
WATCH = """
(() => {
  const { field, value, follows, count, live } = CASE;
  let typed = 0;
  const look = () => {
    const input = document.querySelector(`input[name="${field}"]`);
    if (!typed && input) {
      input.value = value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      typed = performance.now();
      if (!live) { window.usableAt = typed; return true; }
    }
    if (typed && document.querySelectorAll(follows).length >= count
        && document.querySelector("#save-state")?.dataset.state === "saved") {
      window.usableAt = performance.now();
      return true;
    }
    return false;
  };
  const watcher = new MutationObserver(() => { if (look()) watcher.disconnect(); });
  watcher.observe(document, { subtree: true, childList: true, attributes: true });
})();
"""


def usable(page: Page, url: str, case: Case, *, live: bool) -> float:
    """Milliseconds from the start of the navigation until the page is usable."""
    task = {
        "field": case.field,
        "value": case.value,
        "follows": case.follows,
        "count": case.count,
        "live": live,
    }
    page.add_init_script(WATCH.replace("CASE", json.dumps(task)))
    page.goto(url, wait_until="commit")
    page.wait_for_function("() => window.usableAt !== undefined", timeout=120_000)
    at: float = page.evaluate("window.usableAt")
    return at


def cold_ratio(
    browser: Browser, state: Path, urls: tuple[str, str], case: Case, hard: Hardship = EASY
) -> tuple[float, float]:
    """Medians (ours, static; ms) of rounds by turns. `urls`: ours and the static copy."""

    def ours() -> float:
        with cold_page(browser, state, hard) as page:
            return usable(page, urls[0], case, live=True)

    def bare() -> float:
        with cold_page(browser, None, hard) as page:
            return usable(page, urls[1], case, live=False)

    return by_turns(ours, bare)


def offline_ratio(
    browser: Browser, phone: BrowserContext, urls: tuple[str, str], case: Case
) -> tuple[float, float]:
    """The same with ours from the service worker of a phone that has no network."""

    def ours() -> float:
        phone.set_offline(True)
        page = new_page(phone)
        try:
            return usable(page, urls[0], case, live=True)
        finally:
            page.close()
            phone.set_offline(False)

    def bare() -> float:
        with cold_page(browser, None) as page:
            return usable(page, urls[1], case, live=False)

    return by_turns(ours, bare)


def by_turns(
    ours: Callable[[], float], bare: Callable[[], float], rounds: int = ROUNDS
) -> tuple[float, float]:
    """Medians of both; one round of each before them is not counted (the hub's own first page)."""
    taken = [(ours(), bare()) for _ in range(rounds + 1)][1:]
    return statistics.median(one for one, _ in taken), statistics.median(one for _, one in taken)
