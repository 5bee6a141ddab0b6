"""What stands on the front page. Every figure is read from the table `figures`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .chart import Cell, Chart, draw
from .language import catalogue, date, number, translate
from .release import Figure, Indicator, Release

COUNTIES_SHOWN = 24
"""Longer lists of counties are read in the table of figures."""

LEVELS_OF_CHARTS = ("I01", "I02", "I02b", "I08b")
"""Which indicator by county becomes the chart: the first of these that two counties have."""

WITHHELD = ("threshold", "dominance", "complementary")


@dataclass(frozen=True, slots=True)
class Headline:
    """One headline figure in words."""

    id: str
    name: str
    written: str
    unit: str
    withheld: str
    date: str
    definition: str
    rule: str


@dataclass(frozen=True, slots=True)
class TableLink:
    """A table to browse."""

    name: str
    title: str
    description: str
    count: str


def headlines(release: Release, lang: str) -> list[Headline]:
    """One card per indicator that has a figure for the whole area."""
    return [
        headline(release, indicator, figure, lang)
        for indicator in release.indicators
        for figure in release.select(indicator.id, "all", "")[:1]
    ]


def headline(release: Release, indicator: Indicator, figure: Figure, lang: str) -> Headline:
    """A figure with its name, unit, date and definition."""
    return Headline(
        id=indicator.id,
        name=indicator.name.text(lang),
        written=written(figure, lang),
        unit=indicator.unit.text(lang),
        withheld=reason(figure, lang),
        date=date(release.info["ref_date"], lang),
        definition=indicator.definition.text(lang),
        rule=indicator.rule.text(lang),
    )


def written(figure: Figure, lang: str) -> str:
    """The value of a cell, or the word for a withheld one."""
    return translate("withheld", lang) if figure.value is None else number(figure.value)


def reason(figure: Figure, lang: str) -> str:
    """Why a cell is withheld; empty text when it is not."""
    if figure.value is not None:
        return ""
    return translate(f"withheld.{figure.withheld if figure.withheld in WITHHELD else 'other'}", lang)


def charts(release: Release, lang: str) -> list[Chart]:
    """The charts that the release has the figures for."""
    found = [chart_of_breakdown(release, "I18", lang), chart_by_county(release, lang)]
    return [chart for chart in found if chart is not None]


def chart_of_breakdown(release: Release, id: str, lang: str) -> Chart | None:
    """An indicator by its breakdown, for the whole area; None when the release has none of it."""
    indicator = next((each for each in release.indicators if each.id == id), None)
    figures = release.select(id, "all")
    if indicator is None or not figures:
        return None
    cells = [cell(figure, breakdown_label(release, figure, lang)) for figure in figures]
    return draw(
        f"chart-{id}",
        indicator.name.text(lang),
        indicator.unit.text(lang),
        translate("chart.kind", lang),
        cells,
        lang,
    )


def chart_by_county(release: Release, lang: str) -> Chart | None:
    """An indicator by county; None when fewer than two counties have a figure."""
    for indicator in release.indicators:
        figures = release.select(indicator.id, "county", "") if indicator.id in LEVELS_OF_CHARTS else []
        if 2 <= len(figures) <= COUNTIES_SHOWN:
            cells = [cell(figure, place_label(release, figure.place, lang)) for figure in figures]
            title = translate("chart.by_county", lang, name=indicator.name.text(lang))
            unit = indicator.unit.text(lang)
            return draw(f"chart-county-{indicator.id}", title, unit, translate("county", lang), cells, lang)
    return None


def cell(figure: Figure, label: str) -> Cell:
    """A figure as the chart wants it."""
    return Cell(label, figure.value, figure.withheld if figure.withheld in WITHHELD else "other")


def breakdown_label(release: Release, figure: Figure, lang: str) -> str:
    """The label of a breakdown's choice; its code when the release has no label."""
    label = release.choice("figures", "breakdown", figure.breakdown)
    return label.text(lang) if label else figure.breakdown


def place_label(release: Release, code: str, lang: str) -> str:
    """The name of a place; its code when the release has no name."""
    return release.places[code].text(lang) if code in release.places else code


@dataclass(frozen=True, slots=True)
class CountyTable:
    """Headline figures by county: `rows` are (county, cells), a cell is (text, reason)."""

    heads: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    more: int


def by_county(release: Release, lang: str) -> CountyTable:
    """A table with a row per county and a column per headline indicator."""
    shown = [each for each in release.indicators if release.select(each.id, "county", "")]
    cells = {
        (figure.place, each.id): figure for each in shown for figure in release.select(each.id, "county", "")
    }
    codes = sorted({place for place, _ in cells})
    rows = []
    for code in codes[:COUNTIES_SHOWN]:
        row = [
            (written(figure, lang), reason(figure, lang))
            if (figure := cells.get((code, each.id)))
            else ("–", "")
            for each in shown
        ]
        rows.append((place_label(release, code, lang), row))
    heads = [(each.name.text(lang), each.unit.text(lang)) for each in shown]
    return CountyTable(heads, rows, max(0, len(codes) - COUNTIES_SHOWN))


def tables(release: Release, lang: str, documentation: bool = False) -> list[TableLink]:
    """The tables that a reader browses, or those that document the release."""
    return [
        TableLink(name, table_title(name, lang), table_description(name, lang), number(release.counts[name]))
        for name in release.tables
        if name.startswith("_homeward_") == documentation
    ]


def table_title(name: str, lang: str) -> str:
    """What a table is called; its own name when the site has no word for it."""
    return catalogue(lang).get(f"table.{name}", name)


def table_description(name: str, lang: str) -> str:
    """What a row of a table is, in one sentence; empty when the site does not know the table."""
    return catalogue(lang).get(f"table.{name}.about", "")
