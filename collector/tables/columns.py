"""Which tables and columns a form gets: one table, one more for each repeat, columns typed by bind. Pure.

A form's versions share a table; a column that only some versions have is NULL in records of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from forms import Form

RECORD_COLUMNS: dict[str, str] = {
    "_record": "TEXT",
    "_form_version": "TEXT",
    "_author": "TEXT",
    "_village": "TEXT",
    "_review": "TEXT",
    "_created": "TEXT",
    "_updated": "TEXT",
    "_deleted": "INTEGER",
    "_withdrawn": "INTEGER",
    "_conflicts": "INTEGER",
    "_check": "TEXT",
}
"""Standard columns of a form's table: change names, moments (ISO 8601, UTC), `_village` from the record's
scopes, `_deleted` and `_withdrawn` 0 or 1, `_conflicts` the number of answers in conflict, `_check` `ok`, `failed` or
`unknown_form`.
"""

REPEAT_COLUMNS: dict[str, str] = {
    "_record": "TEXT",
    "_instance": "TEXT",
    "_parent": "TEXT",
    "_order": "TEXT",
    "_position": "INTEGER",
}
"""Standard columns of a repeat's table: `_instance` the instance path, `_parent` that of the instance
around it ('' at the top), `_order` its order key, `_position` 1, 2, 3 … within its parent.
"""

SQL_TYPES = {"int": "INTEGER", "decimal": "REAL", "range": "REAL"}
GEO_PARTS = ("lat", "lon", "alt", "acc")
INTEGER = re.compile(r"[+-]?\d{1,18}")
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")


@dataclass(frozen=True)
class Column:
    """One question's column (four for a geopoint). `path` is without instance ids; `type` the bind's."""

    name: str
    path: str
    type: str

    def sql(self) -> dict[str, str]:
        """Names and SQLite types."""
        if self.type == "geopoint":
            return {f"{self.name}_{part}": "REAL" for part in GEO_PARTS}
        return {self.name: SQL_TYPES.get(self.type, "TEXT")}

    def values(self, answer: str) -> dict[str, str | int | float | None]:
        """Typed values of an answer; NULL for none and for text that is not of the type (the check says
        so).
        """
        if self.type == "geopoint":
            parts = answer.split()
            numbers = [real(part) for part in parts] if len(parts) in (2, 3, 4) else []
            padded = [*numbers, None, None, None, None]
            return {f"{self.name}_{part}": padded[place] for place, part in enumerate(GEO_PARTS)}
        if self.type == "int":
            return {self.name: int(answer) if INTEGER.fullmatch(answer) else None}
        if SQL_TYPES.get(self.type) == "REAL":
            return {self.name: real(answer)}
        return {self.name: answer or None}


@dataclass
class Table:
    """A table: `repeat` is the path of its repeat, '' for the form itself; columns by path."""

    name: str
    repeat: str
    columns: dict[str, Column] = field(default_factory=dict)

    def sql(self) -> dict[str, str]:
        """All columns with their SQLite types."""
        found = dict(REPEAT_COLUMNS if self.repeat else RECORD_COLUMNS)
        for column in self.columns.values():
            found |= column.sql()
        return found


@dataclass
class FormTables:
    """The tables of one form over all its versions: `tables[""]` is the form's, the others by repeat path."""

    form_id: str
    tables: dict[str, Table]


def generic(path: str) -> str:
    """A flat path without instance ids: `/data/founders[k3f9]/sex` → `/data/founders/sex`."""
    return re.sub(r"\[[^\]]*\]", "", path) if "[" in path else path


def real(text: str) -> float | None:
    """The number that a text writes, or None."""
    return float(text) if DECIMAL.fullmatch(text) else None


def table_name(form_id: str, *parts: str) -> str:
    """`form_business`, `form_business__founders`: letters, digits and `_` only."""
    return "__".join(re.sub(r"\W", "_", part.lower(), flags=re.ASCII) for part in (f"form_{form_id}", *parts))


def tables_for(versions: Iterable[Form]) -> dict[str, FormTables]:
    """Tables of all forms, by form id; versions oldest first, so that names stay when a version adds
    questions.
    """
    found: dict[str, FormTables] = {}
    for form in versions:
        tables = found.setdefault(
            form.form_id, FormTables(form.form_id, {"": Table(table_name(form.form_id), "")})
        )
        add_version(tables, form)
    return found


def add_version(tables: FormTables, form: Form) -> None:
    """Adds what a version has and the tables have not."""
    homes: dict[int, str] = {}  # node number -> path of the repeat around it
    for number, node in enumerate(form.nodes):
        home = homes.get(node.parent, "")
        homes[number] = node.path if node.kind == "repeat" else home
        if node.kind == "repeat" and node.path not in tables.tables:
            name = table_name(tables.form_id, *node.path.removeprefix(form.root + "/").split("/"))
            short = table_name(tables.form_id, node.name)
            taken = {table.name for table in tables.tables.values()}
            tables.tables[node.path] = Table(short if short not in taken else name, node.path)
        elif node.is_leaf():
            table = tables.tables[home]
            if node.path not in table.columns:
                table.columns[node.path] = Column(column_name(table, node.path), node.path, node.type)


def column_name(table: Table, path: str) -> str:
    """The question's own name; with its groups before it, then with a number, where that is taken."""
    taken = {name.lower() for name in table.sql()}
    steps = path.strip("/").split("/")
    candidates = ["_".join(steps[-take:]) for take in range(1, len(steps) + 1)]
    candidates += [f"{steps[-1]}_{number}" for number in range(2, len(taken) + 3)]
    for name in candidates:
        clean = re.sub(r"\W", "_", name)
        if clean.lower() not in taken and not {f"{clean}_{part}".lower() for part in GEO_PARTS} & taken:
            return clean
    raise AssertionError(path)  # there are more candidates than names taken


Row = dict[str, "str | int | float | None"]


def rows_of(tables: FormTables, answers: Mapping[str, str]) -> dict[str, list[Row]]:
    """Rows by table name from a record's answers, without the standard columns of the record (`_record`,
    …).
    """
    main = tables.tables[""]
    rows: dict[str, list[Row]] = {main.name: [{}]}
    instances: dict[str, Row] = {}
    for path, value in answers.items():
        plain = generic(path)
        if path.endswith("]"):
            if plain in tables.tables:
                instance_row(instances, path)["_order"] = value
            continue
        home = path[: path.rfind("]") + 1]
        table = tables.tables.get(generic(home))
        if table is not None and plain in table.columns:
            row = rows[main.name][0] if not home else instance_row(instances, home)
            row |= table.columns[plain].values(value)
    place_instances(tables, instances, rows)
    return rows


def instance_row(instances: dict[str, Row], path: str) -> Row:
    """The row of an instance, made when its path is first met."""
    if path not in instances:
        before = path[: path.rfind("[")]
        instances[path] = {"_instance": path, "_parent": before[: before.rfind("]") + 1], "_order": None}
    return instances[path]


def place_instances(tables: FormTables, instances: dict[str, Row], rows: dict[str, list[Row]]) -> None:
    """Puts instance rows in order (order key, then instance) and counts them within their parent."""
    counts: dict[tuple[str, str], int] = {}
    ordered = sorted(
        instances.items(), key=lambda item: ((str(item[1]["_order"] or "")).encode(), item[0].encode())
    )
    for path, row in ordered:
        repeat = generic(path)
        key = (repeat, str(row["_parent"]))
        counts[key] = counts.get(key, 0) + 1
        rows.setdefault(tables.tables[repeat].name, []).append({**row, "_position": counts[key]})
