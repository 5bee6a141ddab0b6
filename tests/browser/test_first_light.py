"""One day in a village, from the form in the hand to the public page, with the program as it is installed."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, Playwright, expect

from collector.demo.build import Demo, password
from sync import Replica
from tests.browser.conftest import ARGS, Phone, Served, free_port
from tests.browser.interview import INN, fill_business, fill_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOMEWARD = str(Path(sys.executable).parent / "homeward")
RECEIVED = {"zh": "收到时间", "en": "Received"}


class Silent:
    """Progress of the demonstration, not shown."""

    def step(self, key: str, total: int) -> None:
        """Nothing to show."""

    def advance(self, count: int) -> None:
        """Nothing to show."""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county: the first field database merged, approved and released, two more beside it."""
    folder = tmp_path_factory.mktemp("county") / "demo"
    Demo(folder).build(Silent())
    return folder


@pytest.fixture
def demo(county: Path, tmp_path: Path) -> Path:
    """A copy to work on."""
    return Path(shutil.copytree(county, tmp_path / "demo"))


@pytest.fixture
def hub(demo: Path) -> Iterator[Served]:
    """The hub of the demonstration, served."""
    served = Served(demo / "hub.db")
    served.start()
    yield served
    served.stop()


def run(*words: str | Path, status: tuple[int, ...] = (0,)) -> str:
    """Runs `homeward` and gives what it prints; the exit status must be one of `status`."""
    done = subprocess.run([HOMEWARD, *map(str, words)], capture_output=True, text=True, timeout=120)
    assert done.returncode in status, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def public_site(out: Path) -> Iterator[str]:
    """`homeward public` over a release; its address."""
    port = free_port()
    process = subprocess.Popen([HOMEWARD, "public", str(out), "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 40
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)  # polling a condition: the site listens
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def headlines(page: Page, site: str, lang: str) -> dict[str, str]:
    """The headline figures as they stand on the public front page."""
    page.goto(f"{site}/{lang}")
    cards = page.locator("[data-indicator]")
    return {
        str(card.get_attribute("data-indicator")): re.sub(r"\D", "", card.locator(".figure b").inner_text())
        for card in cards.all()
    }


def wait_for_release(site: str, version: str) -> None:
    """Returns once the public site shows this release."""
    deadline = time.monotonic() + 40
    while True:
        with suppress(OSError), urlopen(f"{site}/en") as answer:
            if version in answer.read().decode():
                return
        assert time.monotonic() < deadline, f"{version} is not shown"
        time.sleep(0.2)  # polling a condition: the site has started anew


def my_village(page: Page, lang: str) -> str:
    """The address of the first village of the list, opened."""
    page.goto(f"/{lang}/villages")
    page.locator('main a[href*="/visit/"]').first.click()
    page.wait_for_url(re.compile("/visit/"))
    return page.url


def record_business_and_inn(page: Page, lang: str) -> tuple[str, str]:
    """From the visit: a business, and from its line the inn that it runs. Nothing is entered twice."""
    before = {node.get_attribute("data-record") for node in page.locator(".unit").all()}
    page.locator('section a[data-start="business"]').first.click()
    page.wait_for_selector("#fill[data-live]")
    fill_business(page)
    page.click("#finish")
    page.wait_for_url(re.compile(rf"/{lang}/visit/"))
    unit = page.locator(".unit", has_text="山里人家（示例）")
    business = str(unit.get_attribute("data-record"))
    assert business not in before
    unit.locator('a[data-start="inn"]').first.click()
    page.wait_for_selector("#fill[data-live]")
    assert page.locator('[name="/data/g_link/business_uid"]').first.input_value() != ""
    fill_in(page, INN)
    page.click("#finish")
    page.wait_for_url(re.compile(rf"/{lang}/visit/"))
    inn = str(page.locator(".unit.child", has_text="山里人家客栈（示例）").get_attribute("data-record"))
    return business, inn


def merge_approve_release(demo: Path) -> dict[str, Any]:
    """What the supervisor does at night; the new release's `release.json`."""
    run("merge", demo / "hub.db", demo / "field" / "bo.db", demo / "field" / "chen.db", status=(0, 3))
    run("review", demo / "hub.db", "--approve", status=(0, 3))
    run("release", demo / "hub.db", demo / "public")
    made: dict[str, Any] = json.loads((demo / "public" / "release.json").read_text("utf-8"))
    return made


def expect_figures(demo: Path, before: dict[str, str], after: dict[str, str], ours: dict[str, int]) -> None:
    """The public figures are those of the demonstration's own books, and after it also what we recorded."""
    books = json.loads((demo / "books.json").read_text("utf-8"))["figures"]
    for name in ("I01", "I02", "I02b", "I08b", "I25"):
        assert before[name] == str(books["an"][name]), name
        assert after[name] == str(books["an+bo+chen"][name] + ours.get(name, 0)), name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_day_in_a_village(
    lang: str, demo: Path, hub: Served, playwright: Playwright, tmp_path: Path
) -> None:
    """Server gone, reload, business and inn from the visit, browser killed, receipts, merge, public figures."""
    phone = Phone(playwright, tmp_path / "profile", hub.address)
    page = phone.start()
    with public_site(demo / "public") as site:
        before = headlines(page, site, lang)
        phone.sign_in("an", lang, password("an"))
        phone.ready()
        visit = my_village(page, lang)

        hub.stop()
        page.reload()
        business, inn = record_business_and_inn(page, lang)
        phone.kill()

        page = phone.start()
        page.goto(visit)
        for record in (business, inn):
            expect(page.locator(f'.unit[data-record="{record}"] .chip.waiting').first).to_be_visible()
        hub.start()
        page.goto(f"/{lang}/outbox")
        page.click("#sync-now")
        for record in (business, inn):
            line = page.locator(f'[data-list="received"] [data-record="{record}"]')
            expect(line).to_contain_text(RECEIVED[lang])
        with Replica.open(demo / "hub.db") as replica:
            assert {business, inn} <= {state.record for state in replica.states()}

        made = merge_approve_release(demo)
        wait_for_release(site, made["version"])
        after = headlines(page, site, lang)
    expect_figures(demo, before, after, {"I01": 1, "I08b": 1})
    assert phone.errors == []
    phone.close()
    report = run("verify", demo / "hub.db", "--json")
    assert json.loads(report)["state_digest"]


def test_the_same_form_with_scripts_off(demo: Path, hub: Served, playwright: Playwright) -> None:
    """The business is posted and checked there, errors stand at the questions, and it reaches the hub."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
    context = browser.new_context(
        base_url=hub.address, java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/zh/sign-in")
    page.fill("#username", "an")
    page.fill("#password", password("an"))
    page.click("form button.main")
    page.locator('main a[href*="/visit/"]').first.click()
    page.locator('a[href*="/fill/business"]').first.click()
    page.click("#finish")
    expect(page.locator("#problems")).to_be_visible()  # nothing is answered yet, and the page says where
    fill_business(page, update=lambda: page.click('.fill-end button[value="update"]'))
    page.click("#finish")
    page.wait_for_url(re.compile("/(visit|record)/"))
    browser.close()
    with Replica.open(demo / "hub.db") as replica:
        names = [s.answers.get("/data/g_where/business_name") for s in replica.states(form_id="business")]
    assert "山里人家（示例）" in names
