"""Attached lists as a form reads them: rows of text, filtered by columns, found by index.

Two sources under one interface (`forms` calls it, and knows neither): list documents of the replica
(`villages.csv`), and entity lists, which are projected from the records themselves (`businesses.csv`, see
`collector.entities`).
"""

from __future__ import annotations

import csv
import io
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Protocol

Row = dict[str, str]


class Table:
    """Rows of one list with an index for each column that is asked for. Rows are shared: do not change
    them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._all = list(rows)
        self._index: dict[str, dict[str, list[Row]]] = {}

    def rows(self, filters: Mapping[str, str] | None = None) -> list[Row]:
        """Rows whose columns equal `filters`, in the order of the list; all rows without filters."""
        if not filters:
            return self._all
        (column, value), *others = filters.items()
        found = self._column(column).get(value, [])
        if not others:
            return found
        return [row for row in found if all(row.get(name, "") == text for name, text in others)]

    def _column(self, column: str) -> dict[str, list[Row]]:
        index = self._index.get(column)
        if index is None:
            index = {}
            for row in self._all:
                index.setdefault(row.get(column, ""), []).append(row)
            self._index[column] = index
        return index

    def __len__(self) -> int:
        return len(self._all)


def parse_csv(data: bytes) -> list[Row]:
    """Rows of a CSV document (UTF-8, with or without a byte order mark); missing cells are empty text.

    Raises UnicodeDecodeError or csv.Error when the bytes are no such file.
    """
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), restval="", strict=True)
    return [{name: text for name, text in row.items() if name is not None} for row in reader]


def columns_of(data: bytes) -> tuple[str, ...]:
    """The columns that a CSV document names, as `parse_csv` reads it."""
    return tuple(next(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True), ()))


def stem(instance: str) -> str:
    """The name of a list without folder and file ending: `jr://file-csv/villages.csv`, `villages` ->
    `villages`."""
    name = instance.rsplit("/", 1)[-1]
    return name.removesuffix(".geojson").removesuffix(".csv").removesuffix(".json")


class ListDocument(Protocol):
    """What is needed of a `sync` document."""

    @property
    def id(self) -> str: ...
    @property
    def data(self) -> bytes: ...


_tables: OrderedDict[str, Table] = OrderedDict()
_lock = Lock()
_KEPT = 64


def table_of(document: ListDocument) -> Table:
    """The parsed and indexed list of a document, remembered by its digest (which names it, so it stays
    right)."""
    with _lock:
        table = _tables.get(document.id)
        if table is not None:
            _tables.move_to_end(document.id)
            return table
    table = Table(parse_csv(document.data))
    with _lock:
        _tables[document.id] = table
        while len(_tables) > _KEPT:
            _tables.popitem(last=False)
    return table


class Lists:
    """The lists interface of `forms.Session` over the documents and entity lists of one replica.

    `documents` gives the list document of a stem or None; `entities` the rows of an entity list or None.
    Both are called once for each list at most; the object lives for one request.
    """

    def __init__(
        self,
        documents: Callable[[str], ListDocument | None],
        entities: Callable[[str], Sequence[Row] | None],
    ) -> None:
        self._documents = documents
        self._entities = entities
        self._tables: dict[str, Table] = {}

    def rows(self, instance: str, filters: Mapping[str, str] | None = None) -> list[Row]:
        """Rows of `instance` (an instance id or its `jr://` source). A list that is not here has no rows."""
        name = stem(instance)
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = self._load(name)
        return table.rows(filters)

    def _load(self, name: str) -> Table:
        document = self._documents(name)
        base = table_of(document) if document is not None else Table([])
        projected = self._entities(name)
        if not projected:
            return base
        # What was recorded here is newer than what a hub published under the same name.
        here = {row["name"] for row in projected}
        return Table([*projected, *(row for row in base.rows() if row.get("name") not in here)])
