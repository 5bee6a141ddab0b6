"""The published indicators: their SQL over the views of `collector.tables`, their limit, their cells.

Definitions are those of `forms/library/indicators.csv`; names and definitions for readers stand in the
catalogue (`indicator.I01.name`, `.unit`, `.definition`, `.rule`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..problems import Problem
from .disclosure import Cell, Limit, protect

ALL = "all"
"""Level and code of the whole area."""


@dataclass(frozen=True)
class Indicator:
    """`rows` gives (county, breakdown, contributor, amount), one row or more for a contributor.

    `counts`: `units` counts contributors; `persons` adds amounts, each of which is people; `amounts` adds
    amounts that belong to contributors (a business), so that one of them could show through. `choices` is
    (form, question) of the breakdown. `zeros`: a county that was covered and has none of it gets a cell
    too.
    """

    id: str
    needs: tuple[str, ...]
    rows: str
    counts: Literal["units", "persons", "amounts"]
    limit: Limit
    choices: tuple[str, str] | None = None
    zeros: bool = True


@dataclass(frozen=True)
class Figure:
    """One published cell. `value` is None when `withheld` says why."""

    indicator: str
    place_level: str
    place_code: str
    year: int
    breakdown: str
    value: int | None
    withheld: str


PERSONS = Limit(least=5)
CONTRIBUTORS = Limit(least=10, share=0.5)
INNS = Limit(least=3)
BUSINESSES = Limit(least=5)

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "I01",
        ("business",),
        """SELECT county_code, '', coalesce(founder_uid, record || instance), 1 FROM hub_founder
        WHERE returnee_type = 'returnee' AND counts_once = 1 AND start_year <= :ref_year""",
        "units",
        PERSONS,
    ),
    Indicator(
        "I02",
        ("jobs", "business", "inn"),
        "SELECT county_code, '', business_uid, headcount FROM returnee_job",
        "amounts",
        CONTRIBUTORS,
    ),
    Indicator(
        "I02b",
        ("jobs", "business", "inn"),
        """SELECT county_code, '', record, n_migrant_near FROM cur_jobs
        WHERE ref_date = :ref_date AND status <> 'founder_self'""",
        "persons",
        PERSONS,
    ),
    Indicator(
        "I08b",
        ("inn",),
        """SELECT county_code, '', coalesce(uid, record), 1 FROM cur_inn
        WHERE tourist_road IN ('yellow_river_no1', 'great_wall_no1', 'taihang_no1')
            AND op_status IN ('operating', 'seasonal') AND opened_year <= :ref_year""",
        "units",
        INNS,
    ),
    Indicator(
        "I18",
        ("support", "business", "inn"),
        """SELECT county_code, instrument, coalesce(business_uid, inn_uid, uid, record), 1 FROM hub_support
        WHERE support_status = 'received' AND beneficiary_type IN ('business', 'inn', 'person')""",
        "units",
        BUSINESSES,
        choices=("support", "instrument"),
    ),
    Indicator(
        "I25",
        ("event",),
        """SELECT county_code, '', record, completed_first FROM event
        WHERE event_kind = 'training' AND report_scope = 'whole' AND event_code LIKE 'TR' || :ref_year ||
        '-%'""",
        "persons",
        Limit(),
        zeros=False,
    ),
)

COVERED = {
    "village_visit": "SELECT county_code FROM cur_visit",
    "business": "SELECT county_code FROM hub_business",
    "inn": "SELECT county_code FROM cur_inn",
    "jobs": "SELECT county_code FROM cur_jobs",
    "support": "SELECT county_code FROM hub_support",
}
"""Where a county shows that the survey was there, by form."""


def covered(connection: sqlite3.Connection, forms: Iterable[str], counties: Iterable[str]) -> list[str]:
    """Codes of the listed counties that the survey reached: only they have cells."""
    parts = [COVERED[form_id] for form_id in forms if form_id in COVERED]
    if not parts:
        return []
    listed = set(counties)
    return sorted(code for (code,) in connection.execute(" UNION ".join(parts)) if code in listed)


def cells(
    connection: sqlite3.Connection, indicator: Indicator, year: int, date: str
) -> dict[str, dict[str, Cell]]:
    """Breakdown -> place -> cell; place `all` holds the total, '' what belongs to no county.

    Raises HW-3505 when a form's tables lack what the definition reads.
    """
    found: dict[str, dict[str, Cell]] = {}
    for place in ("coalesce(place, '')", f"'{ALL}'"):
        sql = f"""
        SELECT place, breakdown, count(*), sum(amount), max(amount) FROM (
            SELECT {place} AS place, breakdown, contributor, sum(amount) AS amount
            FROM (SELECT NULL AS place, NULL AS breakdown, NULL AS contributor, NULL AS amount WHERE 0
                UNION ALL {indicator.rows})
            WHERE breakdown IS NOT NULL GROUP BY 1, 2, 3 HAVING sum(amount) > 0)
        GROUP BY 1, 2"""
        try:
            rows = connection.execute(sql, {"ref_year": year, "ref_date": date}).fetchall()
        except sqlite3.OperationalError as error:
            raise Problem("HW-3505", indicator.id, why=str(error)) from error
        for where, breakdown, contributors, amount, largest in rows:
            found.setdefault(breakdown, {})[where] = one_cell(
                indicator, where, contributors, int(amount), int(largest)
            )
    return found


def one_cell(indicator: Indicator, place: str, contributors: int, amount: int, largest: int) -> Cell:
    """The cell as the indicator counts: people are their own contributors."""
    if indicator.counts == "units":
        return Cell(place, contributors, contributors, 1)
    if indicator.counts == "persons":
        return Cell(place, amount, amount, largest)
    return Cell(place, amount, contributors, largest)


def figures(
    connection: sqlite3.Connection,
    indicator: Indicator,
    counties: Sequence[str],
    breakdowns: Sequence[str],
    year: int,
    date: str,
) -> list[Figure]:
    """All published cells of an indicator, protected. `breakdowns` are the choices, or `[""]`; what stands
    where a choice belongs and is none has no cell."""
    by_breakdown = cells(connection, indicator, year, date)
    published: list[Figure] = []
    for breakdown in breakdowns:
        here = by_breakdown.get(breakdown, {})
        listed = [here.get(code) or Cell(code, 0, 0) for code in counties if indicator.zeros or code in here]
        total = here.get(ALL, Cell(ALL, 0, 0))
        elsewhere = [cell for place, cell in here.items() if place != ALL and place not in counties]
        hidden = Cell(
            "",
            sum(c.value for c in elsewhere),
            sum(c.contributors for c in elsewhere),
            max((c.largest for c in elsewhere), default=0),
        )
        reasons = protect(listed, total, indicator.limit, hidden)
        for cell in [*listed, total]:
            level = ALL if cell.place == ALL else "county"
            reason = reasons[cell.place]
            value = None if reason else cell.value
            published.append(Figure(indicator.id, level, cell.place, year, breakdown, value, reason))
    return published
