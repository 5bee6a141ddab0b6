"""Opening the app on a phone that is full."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, Page

from .browser import SIZE, new_page
from .hub import VILLAGE, sign_in
from .usable import by_turns

RECORDS = 1000
PHOTOS = 200
PHOTO = 500_000
"""Bytes of one photo."""

FILL = """async ([records, photos, size, village]) => {
  const [drafts, changes, media, field] = await Promise.all(
    ["drafts", "changes", "media", "field"].map((part) => homeward.load(`store/${part}.js`)));
  const form = await (await fetch((await field.head()).forms.business.address)).json();
  for (let number = 0; number < records; number++) {
    const answers = {
      "/data/g_where/business_name": `Inn ${number}`, "/data/g_where/village_code": village,
      "/data/g_consent/consent_interview": "yes",
    };
    const draft = await drafts.begin({ form: "business", version: form.id, village }, answers);
    if (number < photos) {
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
      answers["/data/g_photos/photo"] = await media.put(new Blob([bytes], { type: "image/jpeg" }), draft.id);
    }
    await changes.finalise(draft.id, { form, answers, reasons: {}, title: `Inn ${number}` });
  }
  return (await changes.log()).length;
}"""
OPEN = """() => {
  const shown = [...document.querySelectorAll("[data-mount]:not([hidden])")];
  return document.documentElement.dataset.enrolled !== undefined
    && document.querySelector('[data-mount="villages"][data-mounted]') !== null && shown.length > 0;
}"""
WATCH = f"""(() => {{
  const ready = {OPEN};
  const watcher = new MutationObserver(() => {{
    if (ready()) {{ window.openAt = performance.now(); watcher.disconnect(); }}
  }});
  watcher.observe(document, {{ subtree: true, childList: true, attributes: true }});
}})();"""


@contextlib.contextmanager
def phone(browser: Browser, address: str, lang: str = "zh") -> Iterator[tuple[BrowserContext, Page]]:
    """A phone that is enrolled and opens without a network."""
    context = browser.new_context(viewport=SIZE)
    try:
        page = sign_in(context, address, lang)
        page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=120_000)
        yield context, page
    finally:
        context.close()


def home(browser: Browser, address: str) -> tuple[float, float]:
    """Milliseconds until the villages are drawn, without a network: (full phone, empty phone), by turns."""
    with phone(browser, address) as (full, page), phone(browser, address) as (empty, _):
        full.set_offline(True)
        written = page.evaluate(FILL, [RECORDS, PHOTOS, PHOTO, VILLAGE])
        if written != RECORDS:
            raise RuntimeError(f"{written} records on the phone")
        empty.set_offline(True)
        return by_turns(lambda: opened(full, address), lambda: opened(empty, address))


def opened(context: BrowserContext, address: str) -> float:
    """Milliseconds from the start of the navigation until the list of villages is drawn from the phone."""
    page = new_page(context)
    page.add_init_script(WATCH)
    page.goto(f"{address}/zh/villages", wait_until="commit")
    page.wait_for_function("() => window.openAt !== undefined", timeout=120_000)
    at: float = page.evaluate("window.openAt")
    page.close()
    return at
