"""From an answer to the updated screen, and what a live page holds in memory."""

from __future__ import annotations

import statistics
from pathlib import Path

from playwright.sync_api import Browser, Page

from .browser import EASY, Hardship, cold_page
from .usable import by_turns

PASSES = 3
QUESTIONS = 16
# Answers the first questions that are shown, one after the other, and takes the time from each input event until the
# frame after it is done. The static page is given the very same.
ANSWER = """async ([passes, questions]) => {
  const shown = (element) => element.checkVisibility();
  const boxes = [...document.querySelectorAll("#fill .q:not([hidden])")].filter(shown).slice(0, questions)
    .map((question) => [...question.querySelectorAll(":scope input:not([type=hidden], [type=file], .q-reason *)")])
    .filter((found) => found.length > 0);
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now());
    port2.postMessage(0);
  }));
  const times = [];
  for (let pass = 0; pass < passes; pass++) {
    for (const found of boxes) {
      const box = found[pass % found.length];
      await frame();
      const began = performance.now();
      if (box.type === "radio" || box.type === "checkbox") box.click();
      else {
        box.value = box.type === "text" ? `${pass + 1}` : box.value;
        box.dispatchEvent(new Event("input", { bubbles: true }));
      }
      times.push(await frame() - began);
    }
  }
  return times;
}"""


def p95(page: Page) -> float:
    """Milliseconds; the page is open and, if it is ours, alive."""
    times: list[float] = page.evaluate(ANSWER, [PASSES, QUESTIONS])
    return statistics.quantiles(times, n=20)[-1]


def latency(browser: Browser, state: Path, urls: tuple[str, str], hard: Hardship) -> tuple[float, float]:
    """p95 (ours, static; ms), medians of rounds by turns."""

    def ours() -> float:
        with cold_page(browser, state, hard) as page:
            alive(page, urls[0])
            return p95(page)

    def bare() -> float:
        with cold_page(browser, None, hard) as page:
            page.goto(urls[1])
            return p95(page)

    return by_turns(ours, bare, 5)


def heap(browser: Browser, state: Path, urls: tuple[str, str]) -> tuple[float, float]:
    """Bytes of the JavaScript heap after a collection (ours, static)."""

    def ours() -> float:
        with cold_page(browser, state) as page:
            alive(page, urls[0])
            return used(page)

    def bare() -> float:
        with cold_page(browser, None) as page:
            page.goto(urls[1])
            return used(page)

    return by_turns(ours, bare, 3)


def alive(page: Page, url: str) -> None:
    """Opens a fill page and waits until it lives and has loaded what it loads by itself."""
    page.goto(url)
    page.wait_for_selector("#fill[data-live]", timeout=120_000)
    page.wait_for_load_state("networkidle")


def used(page: Page) -> float:
    """Bytes."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    size: float = session.send("Runtime.getHeapUsage")["usedSize"]
    return size


__all__ = ["EASY", "heap", "latency"]
