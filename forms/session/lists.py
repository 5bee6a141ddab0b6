"""Attached lists: the interface that a session reads them through, and an implementation in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Row = Mapping[str, str]
Tree = list[Any]
"""`[name, {attribute: text}, text or trees]`."""


class Lists(Protocol):
    """What a form attaches, and what was recorded before. A list that is not there has no rows."""

    def rows(self, instance: str, filters: Mapping[str, str] | None = None) -> Sequence[Row]:
        """Rows of a list by its instance id (`villages`), in order; those whose columns equal `filters`."""

    def tree(self, instance: str) -> Tree | None:
        """The tree of an attached file by its instance id; None where it is a list of rows, or not here."""

    def last_saved(self) -> Mapping[str, str]:
        """Answers by flat path of the record of this form that was finalised last before; empty where none was."""


class MemoryLists:
    """Lists held in memory, with an index per column that somebody filtered by."""

    def __init__(
        self,
        lists: Mapping[str, Sequence[Row]] | None = None,
        trees: Mapping[str, Tree] | None = None,
        last_saved: Mapping[str, str] | None = None,
    ) -> None:
        self._lists: dict[str, Sequence[Row]] = dict(lists or {})
        self._trees: dict[str, Tree] = dict(trees or {})
        self._last_saved: dict[str, str] = dict(last_saved or {})
        self._indexes: dict[tuple[str, str], dict[str, list[Row]]] = {}

    def put(self, instance: str, rows: Sequence[Row]) -> None:
        """Sets or replaces a list."""
        self._lists[instance] = rows
        self._indexes = {key: index for key, index in self._indexes.items() if key[0] != instance}

    def put_tree(self, instance: str, tree: Tree) -> None:
        """Sets or replaces a tree."""
        self._trees[instance] = tree

    def tree(self, instance: str) -> Tree | None:
        """See `Lists`."""
        return self._trees.get(instance)

    def last_saved(self) -> Mapping[str, str]:
        """See `Lists`."""
        return self._last_saved

    def rows(self, instance: str, filters: Mapping[str, str] | None = None) -> Sequence[Row]:
        """See `Lists`."""
        if not filters:
            return self._lists.get(instance, ())
        (column, text), *others = filters.items()
        found: Sequence[Row] = self._index(instance, column).get(text, ())
        for column, text in others:
            found = [row for row in found if row.get(column, "") == text]
        return found

    def _index(self, instance: str, column: str) -> dict[str, list[Row]]:
        key = (instance, column)
        if key not in self._indexes:
            index: dict[str, list[Row]] = {}
            for row in self._lists.get(instance, ()):
                index.setdefault(row.get(column, ""), []).append(row)
            self._indexes[key] = index
        return self._indexes[key]
