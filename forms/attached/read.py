"""A file as people attach it to a form (`places.csv`, `places.geojson`, `counties.xml`), as a form reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from forms.attached.bounds import LARGEST_NESTED, too_much, unreadable, within
from forms.attached.geojson import NotGeojson, rows_of
from forms.attached.table import read_table
from forms.attached.tree import names_in, read_tree
from forms.problems import FormError, Problem
from forms.session.lists import Tree
from forms.sheets.bounds import LARGEST

KINDS = (".csv", ".geojson", ".xml")

Rows = list[dict[str, str]]
Columns = tuple[str, ...]


@dataclass(frozen=True)
class AttachedFile:
    """What a file comes to. A list has `columns` and `rows`; of other XML `tree` is set, `columns` are the names of all
    that is in it (attributes with `@`), and there are no rows."""

    filename: str
    columns: Columns
    rows: Rows
    tree: Tree | None = None

    @property
    def name(self) -> str:
        """The name without its ending, such as `places`: what the form calls it."""
        return PurePath(self.filename).stem

    @property
    def kind(self) -> str:
        """The ending, one of KINDS."""
        return kind_of(self.filename)

    @property
    def content(self) -> Rows | Tree:
        """Rows or tree, as phones get them: a tree is told by its first member, which is a text."""
        return self.rows if self.tree is None else self.tree


def kind_of(filename: str) -> str:
    """The ending of a file's name, as KINDS have it."""
    return PurePath(filename).suffix.lower()


def read_file(data: bytes, filename: str) -> AttachedFile:
    """An attached file, by the ending of its name. Raises FormError HW-1003, HW-1009, HW-1322, HW-1450 to HW-1452;
    nothing else, whatever the bytes are."""
    kind = kind_of(filename)
    if kind not in KINDS:
        raise FormError([Problem("HW-1450", filename, {"name": filename})])
    largest = LARGEST if kind == ".csv" else LARGEST_NESTED
    if len(data) > largest:
        raise too_much(filename, largest)
    if kind == ".csv":
        return AttachedFile(filename, *read_table(_text(data, filename), filename))
    if kind == ".geojson":
        return _features(_text(data, filename), filename)
    return _xml(data, filename)


def _text(data: bytes, filename: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormError([Problem("HW-1009", filename, {"byte": str(error.start)})]) from error


def _features(text: str, filename: str) -> AttachedFile:
    try:
        rows = rows_of(text)
    except NotGeojson as error:
        raise unreadable(str(error), filename) from error
    columns = tuple(dict.fromkeys(["id", "geometry", *(column for row in rows for column in row)]))
    within(columns, rows, filename)  # before they are filled up
    return AttachedFile(
        filename, columns, [{column: row.get(column, "") for column in columns} for row in rows]
    )


def _xml(data: bytes, filename: str) -> AttachedFile:
    content = read_tree(data, filename)
    if content and isinstance(content[0], str):
        return AttachedFile(filename, tuple(dict.fromkeys(names_in(content))), [], content)
    columns = tuple(dict.fromkeys(column for row in content for column in row))
    within(columns, content, filename)
    return AttachedFile(filename, columns, content)
