"""`release(hub, out)`: from approved records to a public directory, made from nothing each time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sync import Replica

from ..i18n import translate
from ..problems import Problem
from ..tables import Tables, source
from ..tables.columns import FormTables
from ..tables.store import Progress
from . import database, report
from .database import Content, Place
from .figures import INDICATORS, Figure, Indicator, covered, figures
from .plan import Plan, choice_labels, plan
from .rows import RecordFile, record_file
from .swap import check_target, replacing

LICENCE = "CC BY 4.0"


@dataclass(frozen=True)
class Released:
    """A finished release. `report` is what report.json holds."""

    out: Path
    version: str
    counts: dict[str, int]
    report: dict[str, Any]


def release(
    hub: Replica,
    out: Path | str,
    *,
    today: str = "",
    licence: str = LICENCE,
    progress: Progress | None = None,
    step: Callable[[str], None] | None = None,
) -> Released:
    """Makes the release of a hub in `out`, which is replaced in one step when everything is written.

    `today` is the date of the release (`YYYY-MM-DD`, default: now); `progress` is called with the number of
    records done, `step` with the key of the text that names what is being done. Raises HW-3501 to HW-3506
    and leaves `out` as it was.
    """
    target = Path(out)
    check_target(target)
    date = today or datetime.now(UTC).astimezone().date().isoformat()
    year, ref_date = round_of(hub)
    plans = plans_of(hub)
    tell(step, "release.progress.tables")
    with Tables.of(hub) as tables:
        tables.rebuild(hub, progress)
        tell(step, "release.progress.figures")
        content, skipped = gather(
            hub, tables.connection, plans, year, ref_date, about(hub, target, date, licence)
        )
        found = report.findings(tables.connection, content, skipped)
    with replacing(target) as fresh:
        counts = put(fresh, content, found)
    return Released(target, content.about["version"], counts, found)


def tell(step: Callable[[str], None] | None, key: str) -> None:
    """Says what is being done, where somebody listens."""
    if step is not None:
        step(key)


def round_of(hub: Replica) -> tuple[int, str]:
    """Data year and data date. Raises HW-3506."""
    row = source.round_row(hub)
    year, date = row.get("ref_year", ""), row.get("ref_date", "")
    if not year.isdecimal() or not date:
        raise Problem("HW-3506", str(hub.path))
    return int(year), date


def plans_of(hub: Replica) -> list[Plan]:
    """The decisions for every form of the hub; versions that records still have are asked too."""
    used = [form for v in source.used_versions(hub) if (form := source.form_or_none(hub, v)) is not None]
    newest = source.current(hub)
    return [
        plan(form, [old for old in used if old.form_id == form.form_id and old.id != form.id])
        for form in newest
    ]


def about(hub: Replica, out: Path, date: str, licence: str) -> dict[str, str]:
    """`_homeward_release`, without the number of records."""
    row = source.round_row(hub)
    return {
        "version": next_version(out, date),
        "date": date,
        "ref_year": row["ref_year"],
        "ref_date": row["ref_date"],
        "organiser": row.get("organiser", ""),
        "licence": licence,
        "title_en": translate("release.title", "en"),
        "title_zh": translate("release.title", "zh"),
        "synthetic": "yes" if row.get("synthetic") == "yes" else "no",
    }


def next_version(out: Path, date: str) -> str:
    """`2026-11-22.1`, counted on from the release that `out` holds."""
    number = 1
    mark = out / "release.json"
    if mark.is_file():
        try:
            day, _, last = str(json.loads(mark.read_text("utf-8"))["version"]).partition(".")
        except (ValueError, KeyError, TypeError) as error:
            raise Problem("HW-3503", str(out)) from error
        if day == date and last.isdecimal():
            number = int(last) + 1
    return f"{date}.{number}"


def gather(
    hub: Replica,
    connection: sqlite3.Connection,
    plans: Sequence[Plan],
    year: int,
    ref_date: str,
    about: dict[str, str],
) -> tuple[Content, list[tuple[Indicator, list[str]]]]:
    """What goes into the public file, and the indicators whose forms are not here with those forms."""
    here = {one.form.form_id: one for one in plans}
    places = places_of(hub)
    counties = [place.code for place in places if place.level == "county"]
    reached = covered(connection, here, counties)
    made: list[Indicator] = []
    skipped: list[tuple[Indicator, list[str]]] = []
    cells: list[Figure] = []
    for indicator in INDICATORS:
        missing = [form_id for form_id in indicator.needs if form_id not in here]
        if missing:
            skipped.append((indicator, missing))
            continue
        made.append(indicator)
        cells += figures(connection, indicator, reached, breakdowns(indicator, here), year, ref_date)
    tables = source.plan(hub).tables
    files = [
        rows_of(
            connection, one, tables[one.form.form_id], year, {"counties": [county.code for county in places]}
        )
        for one in plans
        if one.table is not None
    ]
    approved = connection.execute(
        "SELECT count(*) FROM record WHERE _review = 'approved' AND _deleted = 0 AND _withdrawn = 0"
    ).fetchone()
    known = {"ref_year": str(year), "ref_date": ref_date}
    about = about | {"records_approved": str(approved[0])}
    return Content(about, made, cells, places, plans, files, known), skipped


def breakdowns(indicator: Indicator, plans: dict[str, Plan]) -> list[str]:
    """The values by which an indicator is broken down, those of older versions last; `[""]` when it is not."""
    if indicator.choices is None:
        return [""]
    one = plans[indicator.choices[0]]
    node = next((node for node in one.form.nodes if node.name == indicator.choices[1]), None)
    if node is None:
        raise Problem("HW-3505", indicator.id, why=indicator.choices[1])
    current = [value for value, _, _ in choice_labels(one.form, node, {})]
    return [*current, *sorted((one.codes(node, {}) or frozenset()) - set(current))]


def rows_of(
    connection: sqlite3.Connection,
    one: Plan,
    tables: FormTables,
    year: int,
    lists: Mapping[str, Collection[str]],
) -> RecordFile:
    """The record file of one form; `lists` gives the names in the attached lists that may be published."""
    names = {
        path: (column.name, column.sql()[column.name])
        for path, column in tables.tables[""].columns.items()
        if column.name in column.sql()
    }
    return record_file(connection, one, names, year, lists)


def places_of(hub: Replica) -> list[Place]:
    """Counties of the list and the prefectures above them."""
    counties = source.list_rows(hub, "counties")
    prefectures = sorted({row.get("prefecture", "") for row in counties} - {""})
    found = [Place(code, "prefecture", "", code, code) for code in prefectures]
    for row in counties:
        english = row.get("label_en") or row.get("label") or row["name"]
        chinese = row.get("label_zh") or row.get("label") or row["name"]
        found.append(Place(row["name"], "county", row.get("prefecture", ""), english, chinese))
    return found


def put(fresh: Path, content: Content, found: dict[str, Any]) -> dict[str, int]:
    """Writes all files of the release into a directory."""
    path = fresh / "homeward.db"
    counts = database.write(path, content)
    write_json(fresh / "inspect.json", database.inspected(path, counts))
    write_json(fresh / "report.json", found)
    texts = [report.as_text(found, lang) for lang in ("zh", "en")]
    (fresh / "report.txt").write_text("\n\n".join(texts) + "\n", "utf-8")
    mark = {
        "version": content.about["version"],
        "date": content.about["date"],
        "database": path.name,
        "sha256": database.sha256(path),
        "tables": counts,
    }
    write_json(fresh / "release.json", mark)
    return counts


def write_json(path: Path, value: object) -> None:
    """JSON for people and programs, with a line end."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
