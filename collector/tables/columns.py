"""Which tables and columns a form gets: one table, one more for each repeat, columns typed by bind. Pure.

A form's versions share a table; a column that only some versions have is NULL in records of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from forms import Form, Node

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


@dataclass
class Column:
    """One question's column (four for a position, named after `geo`) over all versions of the form.

    `types` are those of its binds; `rules` what the versions say of its privacy and its release.
    """

    name: str
    types: set[str] = field(default_factory=set)
    rules: set[tuple[str | None, str | None]] = field(default_factory=set)
    geo: str = ""

    def sql(self) -> dict[str, str]:
        """Names and SQLite types: the narrowest that holds what every version calls an answer."""
        found = {f"{self.geo}_{part}": "REAL" for part in GEO_PARTS} if self.geo else {}
        scalars = {SQL_TYPES.get(each, "TEXT") for each in self.types - {"geopoint"}}
        if scalars:
            found[self.name] = "TEXT" if "TEXT" in scalars else max(scalars)  # REAL holds whole numbers too
        return found

    def values(self, answer: str) -> dict[str, str | int | float | None]:
        """Typed values of an answer; NULL for none and for text that is of no version's type (the check says
        so).
        """
        parts = answer.split()
        numbers = [real(part) for part in parts]
        is_position = len(parts) in (2, 3, 4) and None not in numbers
        kind = self.sql().get(self.name)
        if self.geo and (is_position or kind is None):
            padded = [*(numbers if len(parts) in (2, 3, 4) else []), None, None, None, None]
            return {f"{self.geo}_{part}": padded[place] for place, part in enumerate(GEO_PARTS)}
        if kind == "INTEGER":
            return {self.name: int(answer) if INTEGER.fullmatch(answer) else None}
        if kind == "REAL":
            return {self.name: real(answer)}
        return {self.name: answer or None}


@dataclass
class Table:
    """A table: `repeat` is the path of its repeat, '' for the form itself; columns by path. A question that moved has
    one column under both its paths."""

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
            tables.tables[node.path] = _moved_table(tables, form, node, home) or _new_table(
                tables, form, node
            )
        elif node.is_leaf():
            _add_leaf(tables.tables[home], form, node)


def _new_table(tables: FormTables, form: Form, node: Node) -> Table:
    name = table_name(tables.form_id, *node.path.removeprefix(form.root + "/").split("/"))
    short = table_name(tables.form_id, node.name)
    taken = {table.name for table in tables.tables.values()}
    return Table(short if short not in taken else name, node.path)


def _moved_table(tables: FormTables, form: Form, node: Node, home: str) -> Table | None:
    """The table of the only repeat of this name that the form had in the same table and has there no more."""
    inside = tables.tables[home].repeat
    same = [
        table
        for path, table in tables.tables.items()
        if path and path.rpartition("/")[2] == node.name and path not in form.by_path
        if _around(tables, path) == inside
    ]
    twins = [each for each in form.nodes if each.kind == "repeat" and each.name == node.name]
    return same[0] if len({table.name for table in same}) == 1 and len(twins) == 1 else None


def _around(tables: FormTables, path: str) -> str:
    """Path of the repeat that the table of the next repeat around a path is called after; '' at the top."""
    above = path.rpartition("/")[0]
    while above and above not in tables.tables:
        above = above.rpartition("/")[0]
    return tables.tables[above].repeat


def _add_leaf(table: Table, form: Form, node: Node) -> None:
    column = table.columns.get(node.path) or _moved_column(table, form, node)
    if column is None:
        column = Column(column_name(table, node.path))
    table.columns[node.path] = column
    column.types.add(node.type)
    column.rules.add((node.pii, node.publish))
    if node.type == "geopoint" and not column.geo:
        column.geo = _geo_name(table, column.name)


def _moved_column(table: Table, form: Form, node: Node) -> Column | None:
    """The column of the only question of this name that the form had in this table and has there no more. Only where
    privacy and release say the same of both: else a release could show what an earlier version kept back."""
    before = {
        column.name: column
        for path, column in table.columns.items()
        if path.rpartition("/")[2] == node.name and path not in form.by_path
    }
    current = [each for each in form.nodes if each.is_leaf() and each.name == node.name]
    if len(before) != 1 or len(current) != 1:
        return None
    (found,) = before.values()
    taken = {id(column) for path, column in table.columns.items() if path in form.by_path}
    return found if id(found) not in taken and found.rules == {(node.pii, node.publish)} else None


def _geo_name(table: Table, name: str) -> str:
    """What the four columns of a position are called after, where another question may have such a name already."""
    taken = {each.lower() for each in table.sql()}
    names = [name, *(f"{name}_{number}" for number in range(2, len(taken) + 3))]
    return next(each for each in names if not {f"{each}_{part}".lower() for part in GEO_PARTS} & taken)


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
