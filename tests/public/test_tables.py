"""Table and row pages of the public site."""

from __future__ import annotations

from typing import Any

import pytest


def cells(html: Any) -> list[list[str]]:
    """Text of the body cells of the first table."""
    rows = html.select("table tbody tr")
    return [[cell.words for cell in row.select("td")] for row in rows]


@pytest.mark.parametrize(
    ("lang", "heads", "first"),
    [
        (
            "en",
            ["Row ▼", "County", "Operating now?", "Where the money came from", "start_year"],
            ["b000", "Qinshui County 140521", "closed", "own savings, bank loan savings loan", "2018"],
        ),
        (
            "zh",
            ["行 ▼", "县（市、区）", "目前是否营业", "资金来源", "start_year"],
            ["b000", "沁水县 140521", "已停业 closed", "自有积蓄、银行贷款 savings loan", "2018"],
        ),
    ],
)
def test_columns_and_codes_have_words(site: Any, lang: str, heads: list[str], first: list[str]) -> None:
    """Heads are the labels of the release, codes stand beside their labels, in the language of the page."""
    html = site.page(f"/homeward/businesses?_lang={lang}")
    assert [head.words for head in html.select("thead th")] == heads
    assert cells(html)[0] == first


def test_filter_sort_and_pages_work_without_scripts(site: Any) -> None:
    """Filter form, sort links and next page do what they say and keep the language."""
    answer = site.get(
        "/homeward/businesses?_filter_column=op_status&_filter_op=exact&_filter_value=closed&_lang=zh"
    )
    assert answer.status_code == 302
    html = site.page(answer.headers["location"])
    assert len(cells(html)) == 44
    assert html.get("lang") == "zh-Hans"
    whole = site.page("/homeward/businesses?_lang=zh")
    (following,) = whole.select("a[rel=next]")
    assert "_lang=zh" in following.get("href")
    assert cells(site.page(following.get("href")))[0][0] == "b100"
    sort = next(link for link in whole.select("thead a") if "op_status" in link.get("href"))
    assert "_lang=zh" in sort.get("href")
    assert cells(site.page(sort.get("href")))[0][2].startswith("已停业")


def test_a_row_page_opens_from_its_table(site: Any) -> None:
    """The first cell leads to the row in the same language, with every column and its label."""
    html = site.page("/homeward/businesses?_lang=zh")
    address = html.select("tbody a")[0].get("href")
    row = site.page(address)
    assert row.get("lang") == "zh-Hans"
    assert "目前是否营业" in row.words
    assert "沁水县" in row.words


def test_a_hostile_value_stays_text(site: Any) -> None:
    """What a respondent typed is shown and never run."""
    text = site.get("/homeward/inns?_lang=en").text
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_figures_read_as_words(site: Any) -> None:
    """The table of figures names indicator, level, place, kind and reason."""
    rows = cells(site.page("/homeward/figures?indicator__exact=I02&place_code__exact=140521"))
    assert len(rows) == 1
    words = " | ".join(rows[0])
    for word in ("Jobs in returnee businesses", "Qinshui County", "One contributor makes up too much of it."):
        assert word in words


def test_json_describes_its_columns_in_both_languages(site: Any) -> None:
    """Datasette's metadata carry licence and labels, so that a machine reader has them too."""
    metadata = site.get("/-/metadata.json").json()
    table = metadata["databases"]["homeward"]["tables"]["businesses"]
    assert table["columns"]["op_status"] == "目前是否营业 / Operating now?"
    assert metadata["license"] == "CC BY 4.0"
    rows = site.get("/homeward/businesses.json?_shape=objects").json()["rows"]
    assert rows[0] == {
        "row_id": "b000",
        "county_code": "140521",
        "op_status": "closed",
        "capital_sources": "savings loan",
        "start_year": "2018",
    }


def test_documentation_tables_are_shown_as_such(site: Any) -> None:
    """The `_homeward_*` tables stand apart from the data and open like them."""
    html = site.page("/homeward?_lang=en")
    data, documentation = html.select("ul.tables")
    assert all("_homeward_" not in link.get("href") for link in data.select("a"))
    assert all("_homeward_" in link.get("href") for link in documentation.select("a"))
    for link in [*data.select("a"), *documentation.select("a")]:
        assert site.get(link.get("href")).status_code == 200
