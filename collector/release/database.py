"""Writes `homeward.db`, the public file: a new file, filled once, with nothing in it that was not put
there.

The tables are those of docs/release-format.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database

from forms import Form

from ..i18n import catalogue, translate
from .figures import Figure, Indicator
from .plan import LeftOut, Plan, PublishedColumn, choice_labels, label
from .rows import RecordFile, band_values

LANGS = ("en", "zh")
TYPES = {"TEXT": str, "INTEGER": int, "REAL": float}

SHAPES: dict[str, dict[str, type]] = {
    "figures": {
        "indicator": str,
        "place_level": str,
        "place_code": str,
        "year": int,
        "breakdown": str,
        "value": int,
        "withheld": str,
    },
    "places": {"code": str, "level": str, "parent": str, "label_en": str, "label_zh": str},
    "_homeward_release": {"key": str, "value": str},
    "_homeward_indicator": {"id": str, "position": int}
    | {f"{part}_{lang}": str for part in ("name", "unit", "definition", "rule") for lang in LANGS},
    "_homeward_column": {
        "table_name": str,
        "column_name": str,
        "position": int,
        "label_en": str,
        "label_zh": str,
        "form": str,
        "question": str,
        "rule": str,
    },
    "_homeward_choice": {
        "table_name": str,
        "column_name": str,
        "value": str,
        "position": int,
        "label_en": str,
        "label_zh": str,
    },
    "_homeward_left_out": {"form": str, "question": str, "rule": str, "reason": str},
}
KEYS = {"places": "code", "_homeward_release": "key", "_homeward_indicator": "id"}


@dataclass(frozen=True)
class Place:
    """A county or prefecture."""

    code: str
    level: str
    parent: str
    label_en: str
    label_zh: str


@dataclass(frozen=True)
class Content:
    """Everything that goes into the public file. `known` fills labels with values of the form
    (`ref_year`).
    """

    about: Mapping[str, str]
    indicators: Sequence[Indicator]
    figures: Sequence[Figure]
    places: Sequence[Place]
    plans: Sequence[Plan]
    files: Sequence[RecordFile]
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def left_out(self) -> list[LeftOut]:
        """Questions without a column, of all forms."""
        return [item for plan in self.plans for item in plan.left_out]


def write(path: Path, content: Content) -> dict[str, int]:
    """Writes the file and gives the number of rows of each table."""
    db = Database(path)
    try:
        with db.atomic():
            fill(db, content)
        db.execute("PRAGMA journal_mode = DELETE")
        db.vacuum()
        return {name: db.table(name).count for name in db.table_names()}
    finally:
        db.close()


def fill(db: Database, content: Content) -> None:
    """All tables with their rows."""
    for name, shape in SHAPES.items():
        db.table(name).create(shape, pk=KEYS.get(name))
    db.table("figures").create_index(["indicator", "place_level"])
    insert(db, "figures", (vars(figure) for figure in content.figures))
    insert(db, "places", (vars(place) for place in content.places))
    insert(db, "_homeward_release", ({"key": key, "value": value} for key, value in content.about.items()))
    insert(db, "_homeward_indicator", indicator_rows(content.indicators))
    insert(db, "_homeward_left_out", left_out_rows(content.left_out))
    insert(db, "_homeward_choice", [*choice_rows(content), *breakdown_rows(content)])
    insert(db, "_homeward_column", [*column_rows(content), *own_column_rows()])
    for file in content.files:
        table = db.table(file.table)
        table.create({name: TYPES[kind] for name, kind in file.columns.items()}, pk="row_id")
        insert(db, file.table, (dict(zip(file.columns, row, strict=True)) for row in file.rows))


def insert(db: Database, table: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Rows into a table that is there."""
    db.table(table).insert_all(dict(row) for row in rows)


def indicator_rows(indicators: Sequence[Indicator]) -> Iterable[dict[str, object]]:
    """What each indicator is, in both languages."""
    for position, indicator in enumerate(indicators, 1):
        yield {"id": indicator.id, "position": position} | {
            f"{part}_{lang}": translate(f"indicator.{indicator.id}.{part}", lang)
            for part in ("name", "unit", "definition", "rule")
            for lang in LANGS
        }


def left_out_rows(items: Sequence[LeftOut]) -> Iterable[dict[str, object]]:
    """Questions that are in no record file. The reason is a word; its text stands in the list of codes."""
    for item in items:
        yield {"form": item.form, "question": item.question, "rule": item.rule, "reason": item.reason}


def column_rows(content: Content) -> Iterable[dict[str, object]]:
    """What each column of the record files means."""
    for plan in content.plans:
        if plan.table is None:
            continue
        own = plan.own_id
        yield column(plan.table, "row_id", 1, "column.row_id") | {
            "form": plan.form.form_id if own else "",
            "question": own.name if own else "",
            "rule": (own.publish or "") if own else "",
        }
        for position, one in enumerate(plan.columns, 2):
            labels = {f"label_{lang}": column_label(plan.form, one, lang, content.known) for lang in LANGS}
            yield {
                "table_name": plan.table,
                "column_name": one.name,
                "position": position,
                **labels,
                "form": plan.form.form_id,
                "question": one.node.name,
                "rule": str(one.rule),
            }


def column_label(form: Form, one: PublishedColumn, lang: str, known: Mapping[str, str]) -> str:
    """The question's label; for what the form works out by itself and names nowhere, a text of ours."""
    own = f"release.question.{one.name}"
    if one.node.label is None and own in catalogue(lang):
        return translate(own, lang)
    return label(form, one.node.label, lang, known, one.name)


def own_column_rows() -> Iterable[dict[str, object]]:
    """What the columns of the tables mean that come from no form."""
    for table in ("figures", "places"):
        for position, name in enumerate(SHAPES[table], 1):
            yield column(table, name, position, f"column.{table}.{name}")


def column(table: str, name: str, position: int, key: str) -> dict[str, object]:
    """A column named by a text of the catalogue."""
    return {
        "table_name": table,
        "column_name": name,
        "position": position,
        "label_en": translate(key, "en"),
        "label_zh": translate(key, "zh"),
        "form": "",
        "question": "",
        "rule": "",
    }


def choice_rows(content: Content) -> Iterable[dict[str, object]]:
    """What the codes in the record files stand for."""
    for plan in content.plans:
        if plan.table is None:
            continue
        bands = band_values(plan.columns)
        for one in plan.columns:
            if one.name == "county_code":
                labels = [(p.code, p.label_en, p.label_zh) for p in content.places if p.level == "county"]
            elif one.name in bands:
                labels = [(value, value, value) for value in bands[one.name]]
            else:
                labels = choice_labels(plan.form, one.node, content.known) or yes_or_no(content, plan, one)
            yield from choices(plan.table, one.name, labels)


def yes_or_no(content: Content, plan: Plan, one: PublishedColumn) -> list[tuple[str, str, str]]:
    """Labels of a calculated column that says nothing but yes and no."""
    file = next(file for file in content.files if file.table == plan.table)
    place = list(file.columns).index(one.name)
    values = {row[place] for row in file.rows} - {None}
    if not values or not values <= {"yes", "no"}:
        return []
    texts = [(value, f"release.answer.{value}") for value in ("yes", "no")]
    return [(value, translate(key, "en"), translate(key, "zh")) for value, key in texts]


def breakdown_rows(content: Content) -> Iterable[dict[str, object]]:
    """What the codes in `figures` and `_homeward_left_out` stand for."""
    for indicator in content.indicators:
        for plan in content.plans:
            if indicator.choices and indicator.choices[0] == plan.form.form_id:
                node = next(node for node in plan.form.nodes if node.name == indicator.choices[1])
                yield from choices("figures", "breakdown", choice_labels(plan.form, node, content.known))
    for table, column_name, prefix, values in (
        ("figures", "withheld", "withheld", ["threshold", "dominance", "complementary"]),
        ("_homeward_left_out", "reason", "left_out", sorted({item.reason for item in content.left_out})),
    ):
        labels = [(v, translate(f"{prefix}.{v}", "en"), translate(f"{prefix}.{v}", "zh")) for v in values]
        yield from choices(table, column_name, labels)


def choices(table: str, name: str, labels: Iterable[tuple[str, str, str]]) -> Iterable[dict[str, object]]:
    """Rows of `_homeward_choice`."""
    for position, (value, english, chinese) in enumerate(labels, 1):
        yield {
            "table_name": table,
            "column_name": name,
            "value": value,
            "position": position,
            "label_en": english,
            "label_zh": chinese,
        }


def sha256(path: Path) -> str:
    """Of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def inspected(path: Path, counts: Mapping[str, int]) -> dict[str, object]:
    """What `datasette inspect` writes of the file, so that serving it starts at once."""
    return {
        path.stem: {
            "hash": sha256(path),
            "size": path.stat().st_size,
            "file": path.name,
            "tables": {name: {"count": count} for name, count in counts.items()},
        }
    }
