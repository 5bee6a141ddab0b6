"""The instance tree that expressions walk. Twin of the node type in `logic/values.js`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


class Node:
    """An element (or the document, whose name is ""). A leaf has `value`; `hidden` means not relevant.

    A hidden node reads as empty and is left out of node-sets.
    """

    __slots__ = ("_index", "attributes", "children", "hidden", "name", "parent", "value")

    def __init__(self, name: str, parent: Node | None = None, value: str = "") -> None:
        self.name = name
        self.parent = parent
        self.value = value
        self.hidden = False
        self.children: list[Node] = []
        self.attributes: Sequence[Node] = ()
        self._index: dict[str, list[Node]] | None = None

    def add(self, child: Node, at: int | None = None) -> None:
        """Puts a child in, at the end or at a place."""
        child.parent = self
        self.children.insert(len(self.children) if at is None else at, child)
        self._index = None

    def remove(self, child: Node) -> None:
        """Takes a child out."""
        self.children.remove(child)
        self._index = None

    def named(self, name: str) -> Sequence[Node]:
        """Children of a name, in order."""
        if self._index is None:
            self._index = {}
            for child in self.children:
                self._index.setdefault(child.name, []).append(child)
        return self._index.get(name, ())

    def kids(self) -> Sequence[Node]:
        """All children, in order."""
        return self.children

    def text(self) -> str:
        """Its own text, or that of all leaves in it; "" while hidden."""
        if self.hidden:
            return ""
        if not self.children:
            return self.value
        return "".join(child.text() for child in self.children)

    def root(self) -> Node:
        """The document that it stands in."""
        node = self
        while node.parent is not None:
            node = node.parent
        return node

    def below(self) -> Iterator[Node]:
        """Its descendants, in document order."""
        for child in self.kids():
            yield child
            yield from child.below()


class RowNode(Node):
    """An item of a choice list: its columns become elements when somebody asks for them."""

    __slots__ = ("row",)

    def __init__(self, row: Mapping[str, str], parent: Node) -> None:
        super().__init__("item", parent)
        self.row = row

    def named(self, name: str) -> Sequence[Node]:
        """The element of a column."""
        if self.children:
            return super().named(name)
        return (Node(name, self, self.row[name]),) if name in self.row else ()

    def kids(self) -> Sequence[Node]:
        """Elements of all columns."""
        if not self.children:
            self.children = [Node(column, self, value) for column, value in self.row.items()]
        return self.children

    def text(self) -> str:
        """All columns together."""
        return "".join(self.row.values())


def list_document(rows: Sequence[Mapping[str, str]]) -> Node:
    """A list as the instance that XForms make of it: document / root / item / columns."""
    document = Node("")
    root = Node("root", document)
    document.children.append(root)
    root.children = [RowNode(row, root) for row in rows]
    return document
