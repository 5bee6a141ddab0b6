"""The `business` form in Chromium: when it is usable, and what it weighs.

`usable_ratio`: from the start of the navigation until a typed answer has recalculated what depends on it and
its transaction is complete, over the same page as static HTML without scripts until its first input takes text.
Both are loaded cold (a new browser context, nothing cached) from loopback, in turns; the ratio is that of the medians.
`asset_gzip_bytes`: all script and style that the page asks for, each file compressed by itself.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Response, sync_playwright

from collector import app_db
from collector.accounts import people
from collector.library import install_library
from sync import Replica

ROUNDS = 9
PASSWORD = "benchmark-1"
TYPED = "/data/g_founders/founders_told"
PREFILL = {
    "/data/g_consent/contact": "yes",
    "/data/g_consent/consent_interview": "yes",
    "/data/g_where/county_code": "140521",
    "/data/g_where/township_code": "140521901",
    "/data/g_where/village_code": "140521901901",
}
# Types into the field as soon as it is in the page, whether scripts have started or not, as an impatient thumb
# does. Then waits for what follows: three cards of founders, and the page's word that it is on the disk.
WATCH = """
(() => {
  const name = NAME, live = LIVE;
  let typed = 0;
  const look = () => {
    const input = document.querySelector(`input[name="${name}"]`);
    if (!typed && input) {
      input.value = "3";
      input.dispatchEvent(new Event("input", { bubbles: true }));
      typed = performance.now();
      if (!live) { window.usableAt = typed; return true; }
    }
    if (typed && document.querySelectorAll(".ri").length >= 3
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


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder, without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def run() -> dict[str, float]:
    """`usable_ratio` (plain number), `asset_gzip_bytes` (bytes)."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served_hub(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
            ],
        )
        state = sign_in(browser, address)
        url = f"{address}/zh/fill/business?prefill={quote(json.dumps(PREFILL))}"
        weight = assets(browser, url, state)
        with static_copy(browser, url, state, Path(folder) / "static") as static:
            ours, plain = [], []
            for _ in range(ROUNDS):
                ours.append(usable(browser, url, state, live=True))
                plain.append(usable(browser, static, None, live=False))
        browser.close()
    mine, bare = statistics.median(ours), statistics.median(plain)
    print(f"usable: ours {mine:.0f} ms, static page {bare:.0f} ms (medians of {ROUNDS})")
    return {
        "usable_ratio": round(mine / bare, 3),
        "asset_gzip_bytes": float(weight),
    }


@contextlib.contextmanager
def served_hub(folder: Path) -> Iterator[str]:
    """A hub with the built-in forms and one enumerator, served; its address."""
    db = folder / "hub.db"
    with Replica.create(db) as replica:
        install_library(replica)
    connection = app_db.connect(app_db.path_for(db))
    people.add(connection, "anna", PASSWORD, name="Anna", villages=["140521901901"])
    connection.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "homeward"), "serve", str(db), "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.05)  # polling a condition: the server listens
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def sign_in(browser: Browser, address: str) -> Path:
    """Signs in once and enrols; the browser's state (cookies, IndexedDB) in a file for later contexts."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{address}/zh/sign-in")
    page.fill("#username", "anna")
    page.fill("#password", PASSWORD)
    page.click("form button.main")
    page.wait_for_url(re.compile("/villages"))
    page.wait_for_function("() => document.documentElement.dataset.enrolled !== undefined")
    deadline = time.monotonic() + 30
    # Not `wait_for_function`, which takes any promise for true.
    while not page.evaluate(
        "async () => (await (await import('/static/app/sync/run.js')).last())?.state === 'done'"
    ):
        if time.monotonic() > deadline:
            raise RuntimeError("the phone did not get its field package")
        page.wait_for_timeout(50)
    path = Path(tempfile.mkstemp(suffix=".json")[1])
    context.storage_state(path=path, indexed_db=True)
    context.close()
    return path


def fresh(browser: Browser, state: Path | None) -> BrowserContext:
    """A context with nothing cached. Service workers are kept out: this is the page from the network."""
    return browser.new_context(
        viewport={"width": 360, "height": 740}, storage_state=state, service_workers="block"
    )


def usable(browser: Browser, url: str, state: Path | None, *, live: bool) -> float:
    """Milliseconds from the start of the navigation until the page is usable."""
    context = fresh(browser, state)
    page = context.new_page()
    page.add_init_script(WATCH.replace("NAME", json.dumps(TYPED)).replace("LIVE", json.dumps(live)))
    page.goto(url)
    page.wait_for_function("() => window.usableAt !== undefined")
    at: float = page.evaluate("window.usableAt")
    context.close()
    return at


def assets(browser: Browser, url: str, state: Path) -> int:
    """Gzipped bytes of the script and style that the page asks for."""
    context = fresh(browser, state)
    page = context.new_page()
    found: dict[str, int] = {}

    def take(response: Response) -> None:
        if response.request.resource_type in {"script", "stylesheet"}:
            found[response.url] = len(gzip.compress(response.body(), 9))

    page.on("response", take)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    context.close()
    for name, size in sorted(found.items(), key=lambda pair: -pair[1]):
        print(f"  {size:6d} {name.rsplit('/static/', 1)[-1]}")
    return sum(found.values())


@contextlib.contextmanager
def static_copy(browser: Browser, url: str, state: Path, folder: Path) -> Iterator[str]:
    """The page as the server sends it, without its scripts, with its style sheets, served as files; its address."""
    folder.mkdir()
    context = fresh(browser, state)
    answer = context.request.get(url)
    html = re.sub(
        r"<script\b[^>]*>.*?</script>|<link rel=\"(?:modulepreload|preload)\"[^>]*>",
        "",
        answer.text(),
        flags=re.S,
    )
    for address in re.findall(r'href="(/static/[^"]+\.css[^"]*)"', html):
        name = re.sub(r"\W+", "-", address) + ".css"
        (folder / name).write_bytes(context.request.get(url.split("/zh/")[0] + address).body())
        html = html.replace(address, f"/{name}")
    context.close()
    (folder / "index.html").write_text(html, "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
    finally:
        server.shutdown()
        server.server_close()


def main() -> None:
    """Prints the figures."""
    for name, value in run().items():
        print(name, value)


if __name__ == "__main__":
    main()
