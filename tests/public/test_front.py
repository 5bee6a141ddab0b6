"""The front page of the public site."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_headline_figure_is_a_row_of_figures(site: Any, release_dir: Path, lang: str) -> None:
    """Each card shows value, unit, date and definition as the release has them, of the reference year."""
    cards = {card.get("data-indicator"): card for card in site.page(f"/{lang}").select(".card")}
    connection = sqlite3.connect(release_dir / "homeward.db")
    rows = connection.execute(
        f"SELECT f.indicator, f.value, i.name_{lang}, i.unit_{lang}, i.definition_{lang} "
        "FROM figures f JOIN _homeward_indicator i ON i.id = f.indicator "
        "WHERE place_level = 'all' AND breakdown = '' AND year = '2020'"
    ).fetchall()
    connection.close()
    assert cards.keys() == {row[0] for row in rows} == {"I01", "I02", "I08b", "I25"}
    for id, value, name, unit, definition in rows:
        text = cards[id].words
        assert name in text
        assert definition in text
        assert ("31 December 2020" if lang == "en" else "2020 年 12 月 31 日") in text
        if value is not None:
            assert f"{value:,}" == cards[id].select(".figure b")[0].text
            assert unit == cards[id].select(".figure span")[0].text


@pytest.mark.parametrize(("lang", "word"), [("en", "withheld"), ("zh", "未公布")])
def test_a_withheld_figure_is_said_in_words(site: Any, lang: str, word: str) -> None:
    """A withheld cell shows the word and why, and neither a zero nor a blank."""
    (card,) = site.page(f"/{lang}").select(".card[data-indicator=I08b]")
    assert card.select(".figure b")[0].text == word
    assert card.select(".why")[0].text.strip()
    assert not card.select(".figure span")


def test_the_chart_and_its_table_say_the_same(site: Any) -> None:
    """The SVG has title and description, and bars and published rows of the table beside it agree."""
    html = site.page("/en")
    (svg,) = html.select("svg[aria-labelledby^=chart-I18]")
    assert svg.get("role") == "img"
    for id in svg.get("aria-labelledby").split():
        assert html.select(f"[id={id}]")[0].text
    (section,) = html.select("section[aria-labelledby=chart-I18]")
    pairs = [(row.select("th")[0].text, row.select("td")[0].text) for row in section.select("tbody tr")]
    assert pairs == [
        ("Tax and fee relief", "88"),
        ("Guaranteed loan", "40"),
        ("Named as a model", "withheld"),
    ]
    labels = [text.text for text in svg.select("text.bar-label")]
    values = [text.text for text in svg.select("text.bar-value")]
    assert list(zip(labels, values, strict=True)) == [pair for pair in pairs if pair[1] != "withheld"]
    assert "1 more withheld" in section.words
    assert "Too few" in section.select(".note")[0].words
    widths = [int(rect.get("width")) for rect in svg.select("rect.bar")]
    assert widths[1] / widths[0] == pytest.approx(40 / 88, abs=0.01)


def test_nothing_comes_from_elsewhere(site: Any) -> None:
    """No script, no inline style, and no address of another host in what a browser loads."""
    for address in (
        "/en",
        "/zh",
        "/homeward",
        "/homeward/businesses",
        "/homeward/businesses/b001",
        "/nowhere",
    ):
        html = site.page(address)
        assert not html.select("script, style, [style], iframe")
        for element in html.select("[src], link[rel=stylesheet], link[rel=icon]"):
            assert (element.get("src") or element.get("href")).startswith("/"), address


@pytest.mark.parametrize(
    ("wish", "lang"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("de", "zh"),
        ("", "zh"),
        ("en;q=0.1,zh;q=0.2", "zh"),
    ],
)
def test_the_root_leads_to_the_language_of_the_browser(site: Any, wish: str, lang: str) -> None:
    """`/` answers by Accept-Language, Chinese when it says nothing of use, and caches know that it varies."""
    answer = site.get("/", lang=wish)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/{lang}"
    assert "accept-language" in answer.headers["vary"].lower()


def test_asked_language_comes_before_the_browsers(site: Any) -> None:
    """`?_lang=` decides on the root and on Datasette's own pages."""
    assert site.get("/?_lang=en", lang="zh").headers["location"] == "/en"
    assert 'lang="zh-Hans"' in site.get("/homeward?_lang=zh", lang="en").text


def test_language_switch_keeps_the_page(site: Any) -> None:
    """The other language is one link away, at the same page with the same filter."""
    for address, other in (
        ("/en", "/zh"),
        (
            "/homeward/figures?indicator__exact=I01&_lang=en",
            "/homeward/figures?indicator__exact=I01&_lang=zh",
        ),
    ):
        (link,) = site.page(address).select("a.lang")
        assert link.get("href") == other


@pytest.mark.parametrize(("synthetic", "shown"), [("yes", True), ("no", False)])
def test_made_up_data_say_so_on_every_page(
    tmp_path: Path, written: ModuleType, site_of: Callable[..., Any], synthetic: str, shown: bool
) -> None:
    """The banner stands on every page of a synthetic release and on none of a real one."""
    served = site_of(written.write_release(tmp_path / "out", info={"synthetic": synthetic}))
    for address in ("/en", "/zh", "/homeward", "/homeward/inns"):
        assert bool(served.page(address).select(".synthetic")) is shown


def test_version_licence_and_tables_stand_on_the_front_page(site: Any, written: ModuleType) -> None:
    """A reader sees which release this is, its licence, and every table with its number of rows."""
    html = site.page("/en")
    text = html.words
    for word in (written.INFO["version"], "CC BY 4.0", "22 November 2026", "130 rows"):
        assert word in text
    linked = {re.split(r"[/?]", link.get("href"))[2] for link in html.select(".tables a")}
    assert linked == {*written.ROWS, "figures", "_homeward_release", "_homeward_indicator"}


@pytest.mark.parametrize("without", ["figures", "places", "_homeward_indicator"])
def test_a_broken_release_is_named(
    tmp_path: Path, written: ModuleType, site_of: Callable[..., Any], without: str
) -> None:
    """A release without one of its tables gives HW-4002 with the table's name, and serves no data."""
    served = site_of(written.write_release(tmp_path / "out", without=without))
    answer = served.get("/en")
    assert answer.status_code == 503
    assert "HW-4002" in answer.text
    assert without in answer.text
    assert served.get("/homeward/businesses.json").status_code == 403


def test_a_database_that_is_no_release_is_not_served(tmp_path: Path, site_of: Callable[..., Any]) -> None:
    """Any other SQLite file gives HW-4001 and none of its rows."""
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE secret(phone TEXT); INSERT INTO secret VALUES ('13800000000')")
    connection.close()
    served = site_of(path)
    assert "HW-4001" in served.get("/zh").text
    for address in (
        "/other",
        "/other.json",
        "/other/secret",
        "/other/secret.json",
        "/other/secret.csv",
        "/other/secret/1",
    ):
        answer = served.get(address)
        assert answer.status_code == 403, address
        assert "13800000000" not in answer.text
