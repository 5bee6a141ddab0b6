"""What expressions of a session see besides the record: lists, choices, time, chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from forms.model import Form
from forms.session.context import Context
from forms.session.lists import Lists, Tree
from forms.session.trees import LAST_SAVED, grown, record_tree
from forms.xpath.nodes import Node, RowNode


class ChoiceNode(RowNode):
    """An item of a list inside the form; `label` is the number of its text."""

    __slots__ = ("label",)

    def __init__(self, row: Mapping[str, Any], parent: Node) -> None:
        super().__init__({key: value for key, value in row.items() if isinstance(value, str)}, parent)
        label = row.get("label")
        self.label = label if isinstance(label, int) else None


class SessionWorld:
    """The `World` of a session. `name_choice` answers `jr:choice-name`, `say` `jr:itext`."""

    def __init__(
        self,
        form: Form,
        lists: Lists,
        context: Context,
        name_choice: Callable[[str, str, Node], str],
        say: Callable[[str, Node], str],
    ) -> None:
        self.form = form
        self.lists = lists
        self.context = context
        self.name_choice = name_choice
        self.say = say
        self._documents: dict[str, Node] = {}

    def forget_lists(self) -> None:
        """Reads attached lists again when they are next asked for."""
        for name in list(self._documents):
            if "src" in self.form.instances[name]:
                del self._documents[name]

    def now(self) -> str:
        """See `World`."""
        return self.context.now()

    def random(self) -> float:
        """See `World`."""
        return self.context.random()

    def uuid(self) -> str:
        """See `World`."""
        return self.context.uuid()

    def choice_name(self, value: str, path: str, origin: Node) -> str:
        """See `World`."""
        return self.name_choice(value, path, origin)

    def itext(self, key: str, origin: Node) -> str:
        """See `World`."""
        return self.say(key, origin)

    def instance(self, name: str) -> Node | None:
        """See `World`."""
        source = self.form.instances.get(name)
        if source is None:
            return None
        if name not in self._documents:
            document = self._documents[name] = Node("")
            tree = self._tree(name, source)
            document.add(grown(tree) if tree is not None else self._list(name, source))
        return self._documents[name]

    def _tree(self, name: str, source: Mapping[str, Any]) -> Tree | None:
        """What an instance holds that is no list of rows."""
        if source.get("src") == LAST_SAVED:
            return record_tree(self.lists.last_saved(), self.form.root)
        tree: Tree | None = self.lists.tree(name) if "src" in source else source.get("tree")
        return tree

    def _list(self, name: str, source: Mapping[str, Any]) -> Node:
        root = Node("root")
        if "src" in source:
            root.children = [RowNode(row, root) for row in self.lists.rows(name, None)]
        else:
            root.children = [ChoiceNode(row, root) for row in source["items"]]
        return root

    def rows(self, name: str, filters: Mapping[str, str]) -> Sequence[Node] | None:
        """See `World`."""
        source = self.form.instances.get(name)
        if source is None or "src" not in source or "" in filters.values():
            return None
        if source["src"] == LAST_SAVED or self.lists.tree(name) is not None:
            return None
        root = Node("root")
        return [RowNode(row, root) for row in self.lists.rows(name, filters)]
