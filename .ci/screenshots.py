"""Takes the pictures of README.md again: the demonstration is made, served and photographed in Chromium.

`make screenshots` writes docs/images/*.png, as small palette images (pngquant). The records are those of seed 1,
so that only the date and a change of the pages change a picture.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from collector.demo.build import password

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
HOMEWARD = Path(sys.executable).parent / "homeward"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 1560}
ENUMERATOR = "an"


@contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """A county, complete and served; the addresses of the app and of the public site."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(HOMEWARD), "demo", "--dir", f"{folder}/demo", "--lang", "en"]
        subprocess.run([*command, "--no-serve"], check=True, capture_output=True)
        served = subprocess.Popen(
            [*command, "--port", "0", "--public-port", "0"], stdout=subprocess.PIPE, text=True
        )
        try:
            found: list[str] = []
            for line in served.stdout or ():
                found += re.findall(r"http\S+", line)
                if len(found) == 2:
                    break
            app, site = found
            yield app.rstrip("/"), site.rstrip("/")
        finally:
            served.terminate()
            served.wait(20)


def phone(browser: Browser, app: str, lang: str) -> None:
    """The visit of a village and the form of a business, on a phone that is signed in and has synced."""
    context = browser.new_context(base_url=app, viewport=PHONE, device_scale_factor=2, has_touch=True)
    page = context.new_page()
    page.goto(f"/{lang}/sign-in")
    page.fill("#username", ENUMERATOR)
    page.fill("#password", password(ENUMERATOR))
    page.click("form button.main")
    page.wait_for_url(re.compile("/villages"))
    page.wait_for_function("() => document.documentElement.dataset.enrolled !== undefined")
    page.wait_for_load_state("networkidle")
    page.locator('main a[href*="/visit/"]').first.click()
    page.wait_for_url(re.compile("/visit/"))
    page.wait_for_selector(".unit")
    page.wait_for_load_state("networkidle")
    take(page, f"visit-{lang}")
    page.locator('section a[data-start="business"]').first.click()
    page.wait_for_selector("#fill[data-live]")
    for name, value in {"contact": "yes", "consent_interview": "yes"}.items():
        page.locator(f'label.choice:has(input[name="/data/g_consent/{name}"][value="{value}"])').click()
    page.wait_for_selector('#save-state[data-state="saved"]')
    page.evaluate("() => scrollTo(0, 0)")
    take(page, f"business-{lang}")
    context.close()


def site(browser: Browser, address: str, lang: str) -> None:
    """The front page of the public site at a desk."""
    context = browser.new_context(base_url=address, viewport=DESKTOP)
    page = context.new_page()
    page.goto(f"/{lang}")
    take(page, f"public-{lang}")
    context.close()


def take(page: Page, name: str) -> None:
    """Writes what is on view as a palette image."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    full = page.screenshot(animations="disabled")
    command = ["pngquant", "--speed", "1", "--strip", "64", "-"]
    small = subprocess.run(command, input=full, capture_output=True, check=True).stdout
    (IMAGES / f"{name}.png").write_bytes(small)
    print(f"docs/images/{name}.png {len(small) // 1024} KB")


def main() -> None:
    """All pictures, in both languages."""
    chromium = shutil.which("chromium")
    with demonstration() as (app, public), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for lang in ("zh", "en"):
            phone(browser, app, lang)
            site(browser, public, lang)
        browser.close()


if __name__ == "__main__":
    main()
