"""Runs all and writes build/bench-phone.json."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from .browser import SIZE, Hardship, launch
from .cases import Case, outside
from .home import home, phone
from .hub import served_hub, sign_in
from .latency import heap, latency
from .static import static_copy
from .usable import cold_ratio, offline_ratio
from .weight import assets

OUT = Path("build/bench-phone.json")
SLOW_NET = Hardship(kbps=1600, delay=150)
BOUNDS = {
    "asset_gzip_bytes": 30_000,
    "usable_ifrc_1x": 1.5,
    "usable_ifrc_slow_net": 1.5,
    "usable_ifrc_4x": 2,
    "usable_ifrc_6x": 2,
    "usable_ifrc_offline": 1.5,
    "usable_who_4x": 2.5,
    "latency_ifrc_4x": 1.3,
    "latency_who_4x": 2,
    "heap_ratio": 2,
    "home_1000_ratio": 2,
}
"""What each figure is to be at most, in the order in which they are taken."""


class Bench:
    """A hub, a browser, a phone that has signed in there, and static copies of its pages."""

    def __init__(
        self, stack: ExitStack, browser: Browser, address: str, cases: dict[str, Case], state: Path
    ) -> None:
        self.browser = browser
        self.address = address
        self.cases = cases
        self.state = state
        context = browser.new_context(viewport=SIZE)
        sign_in(context, address)
        context.storage_state(path=state, indexed_db=True)
        self.urls = {
            name: (address + case.path, stack.enter_context(static_copy(context.request, address, case.path)))
            for name, case in cases.items()
        }
        context.close()

    def usable(self, name: str, hard: Hardship) -> tuple[float, float]:
        """Ours and the static page."""
        return cold_ratio(self.browser, self.state, self.urls[name], self.cases[name], hard)

    def offline(self) -> tuple[float, float]:
        """From the service worker."""
        with phone(self.browser, self.address, "en") as (context, _):
            return offline_ratio(self.browser, context, self.urls["ifrc"], self.cases["ifrc"])

    def latency(self, name: str) -> tuple[float, float]:
        """At a quarter of the speed."""
        return latency(self.browser, self.state, self.urls[name], Hardship(cpu=4))

    def figures(self) -> dict[str, Callable[[], float | tuple[float, float]]]:
        """How each is taken."""
        return {
            "asset_gzip_bytes": lambda: assets(self.browser, self.state, self.urls["ifrc"][0]),
            "usable_ifrc_1x": lambda: self.usable("ifrc", Hardship()),
            "usable_ifrc_slow_net": lambda: self.usable("ifrc", SLOW_NET),
            "usable_ifrc_4x": lambda: self.usable("ifrc", Hardship(cpu=4)),
            "usable_ifrc_6x": lambda: self.usable("ifrc", Hardship(cpu=6)),
            "usable_ifrc_offline": self.offline,
            "usable_who_4x": lambda: self.usable("who", Hardship(cpu=4)),
            "latency_ifrc_4x": lambda: self.latency("ifrc"),
            "latency_who_4x": lambda: self.latency("who"),
            "heap_ratio": lambda: heap(self.browser, self.state, self.urls["ifrc"]),
            "home_1000_ratio": lambda: home(self.browser, self.address),
        }


def main() -> None:
    """Prints each figure as it comes; `--only` takes some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=BOUNDS, default=list(BOUNDS))
    wanted = parser.parse_args().only
    cases, forms = outside()
    if not cases:
        print("HOMEWARD_CONFORMANCE names no folder with the forms: nothing is measured")
        return
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        address = stack.enter_context(served_hub(folder, forms))
        browser = launch(stack.enter_context(sync_playwright()))
        bench = Bench(stack, browser, address, cases, folder / "state.json")
        for key, take in bench.figures().items():
            if key not in wanted:
                continue
            value = take()
            told = f"ours {value[0]:.0f}, static {value[1]:.0f}" if isinstance(value, tuple) else ""
            found[key] = round(value[0] / value[1], 3) if isinstance(value, tuple) else value
            print(f"{key:22} {found[key]:10g}  at most {BOUNDS[key]:g}  {told}", flush=True)
        browser.close()
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
