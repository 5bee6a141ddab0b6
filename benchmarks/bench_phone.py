"""The `business` form in Chromium: when it is usable, and what it weighs; `benchmarks/phone/` has the rest.

`usable_ratio`, `asset_gzip_bytes`: as there.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.phone.browser import SIZE, launch
from benchmarks.phone.cases import BUSINESS
from benchmarks.phone.hub import served_hub, sign_in
from benchmarks.phone.static import static_copy
from benchmarks.phone.usable import ROUNDS, cold_ratio
from benchmarks.phone.weight import assets


def run() -> dict[str, float]:
    """`usable_ratio` (plain number), `asset_gzip_bytes` (bytes)."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served_hub(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        context = browser.new_context(viewport=SIZE)
        sign_in(context, address)
        state = Path(folder) / "state.json"
        context.storage_state(path=state, indexed_db=True)
        url = address + BUSINESS.path
        weight = assets(browser, state, url)
        with static_copy(context.request, address, BUSINESS.path) as static:
            ours, bare = cold_ratio(browser, state, (url, static), BUSINESS)
        browser.close()
    print(f"usable: ours {ours:.0f} ms, static page {bare:.0f} ms (medians of {ROUNDS})")
    return {"usable_ratio": round(ours / bare, 3), "asset_gzip_bytes": float(weight)}


def main() -> None:
    """Prints the figures."""
    for name, value in run().items():
        print(name, value)


if __name__ == "__main__":
    main()
