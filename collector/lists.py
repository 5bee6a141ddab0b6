"""Attached lists as a form reads them: rows of text, filtered by columns, found by index; or trees, of XML.

Two sources under one interface (`forms` calls it, and knows neither): list documents of the replica
(`villages.csv`, `places.geojson`, `counties.xml`), and entity lists, which are projected from the records themselves
(`businesses.csv`, see `collector.entities`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath
from threading import Lock
from typing import NamedTuple, Protocol, TypeVar

from forms import FormError
from forms.attached import KINDS, AttachedFile, read_file
from forms.session.lists import Tree

from .problems import Problem

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


def stem(instance: str) -> str:
    """The name of a list without folder and file ending: `jr://file-csv/villages.csv`, `villages` ->
    `villages`."""
    path = PurePath(instance.rsplit("/", 1)[-1])
    return path.stem if path.suffix.lower() in (*KINDS, ".json") else path.name


class ListDocument(Protocol):
    """What is needed of a `sync` document."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    @property
    def added(self) -> str: ...


Some = TypeVar("Some", bound=ListDocument)


def by_stem(documents: Iterable[Some]) -> dict[str, Some]:
    """The list documents that count, by stem: of `places.csv` and `places.geojson` the one that was put last."""
    found: dict[str, Some] = {}
    for document in sorted(documents, key=lambda document: (document.added, document.name)):
        found[stem(document.name)] = document
    return found


class File(NamedTuple):
    """What a list document comes to; of a tree the table has no rows."""

    attached: AttachedFile
    table: Table

    @property
    def tree(self) -> Tree | None:
        """The tree of a file that is no list."""
        return self.attached.tree


_files: OrderedDict[tuple[str, str], File | FormError] = OrderedDict()
_lock = Lock()
_KEPT = 64


def file_of(document: ListDocument) -> File:
    """The parsed and indexed file of a document, remembered by its digest (which names it, so it stays right); also
    that it cannot be read: Problem HW-3460."""
    key = (document.id, PurePath(document.name).suffix)
    with _lock:
        file = _files.get(key)
        if file is not None:
            _files.move_to_end(key)
    if file is None:
        file = _read(document)
        with _lock:
            _files[key] = file
            while len(_files) > _KEPT:
                _files.popitem(last=False)
    if isinstance(file, FormError):
        raise Problem("HW-3460", document.name, reason=file.problems[0].code) from file
    return file


def _read(document: ListDocument) -> File | FormError:
    try:
        attached = read_file(document.data, document.name)
    except FormError as error:
        return error
    return File(attached, Table(attached.rows))


def readable(document: ListDocument) -> bool:
    """Whether it can be read: no phone could take it otherwise."""
    try:
        file_of(document)
    except Problem:
        return False
    return True


def table_of(document: ListDocument) -> Table:
    """The rows of a document. Raises Problem HW-3460."""
    return file_of(document).table


class Lists:
    """The lists interface of `forms.Session` over the documents and entity lists of one replica.

    `documents` gives the list document of a stem or None; `entities` the rows of an entity list or None; `saved` the
    answers of the record before. All are called once for each list at most; the object lives for one request.
    """

    def __init__(
        self,
        documents: Callable[[str], ListDocument | None],
        entities: Callable[[str], Sequence[Row] | None],
        saved: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._documents = documents
        self._entities = entities
        self._saved = saved
        self._last: Mapping[str, str] | None = None
        self._trees: dict[str, Tree | None] = {}
        self._tables: dict[str, Table] = {}

    def rows(self, instance: str, filters: Mapping[str, str] | None = None) -> list[Row]:
        """Rows of `instance` (an instance id or its `jr://` source). A list that is not here has no rows."""
        name = stem(instance)
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = self._load(name)
        return table.rows(filters)

    def tree(self, instance: str) -> Tree | None:
        """The tree of an attached file; None where it is a list of rows, or not here. Raises Problem HW-3460."""
        name = stem(instance)
        if name not in self._trees:
            document = self._documents(name)
            self._trees[name] = file_of(document).tree if document is not None else None
        return self._trees[name]

    def last_saved(self) -> Mapping[str, str]:
        """Answers of the record of the form that was finalised last before."""
        if self._last is None:
            self._last = self._saved()
        return self._last

    def _load(self, name: str) -> Table:
        document = self._documents(name)
        base = table_of(document) if document is not None else Table([])
        projected = self._entities(name)
        if not projected:
            return base
        # What was recorded here is newer than what a hub published under the same name.
        here = {row["name"] for row in projected}
        return Table([*projected, *(row for row in base.rows() if row.get("name") not in here)])
