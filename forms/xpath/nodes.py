"""The instance tree that expressions walk. Twin of the node type in `logic/values.js`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


class Node:
    """An element (or the document, whose name is ""). A leaf has `value`; `hidden` means not relevant.

    A hidden node reads as empty and is left out of node-sets. `name` is what expressions call it. A node that is
    no element ends in a bracket: `text()`, `comment()`, `processing-instruction(target)`.
    """

    __slots__ = ("_index", "attributes", "children", "hidden", "name", "parent", "value")
    space = ""  # URI of its namespace

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

    @property
    def written(self) -> str:
        """The name as it stands in its document."""
        return self.name

    def text(self) -> str:
        """Its own text, or that of all leaves in it but comments; "" while hidden."""
        if self.hidden:
            return ""
        return self.content() if self.children else self.value

    def content(self) -> str:
        """Its text, also while it is hidden. Without recursion: a tree may be deeper than the stack."""
        if not self.kids():
            return self.value
        parts: list[str] = []
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            kids = node.kids()
            if not kids:
                parts.append(node.value)
            waiting.extend(kid for kid in reversed(kids) if not kid.hidden and not kid.silent())
        return "".join(parts)

    def silent(self) -> bool:
        """Whether it is no part of the text of what it stands in: a comment or a processing instruction."""
        return self.name.endswith(")") and self.name != "text()"

    def root(self) -> Node:
        """The document that it stands in."""
        node = self
        while node.parent is not None:
            node = node.parent
        return node

    def below(self) -> Iterator[Node]:
        """Its descendants, in document order. Without recursion: a tree may be deeper than the stack."""
        waiting = [iter(self.kids())]
        while waiting:
            child = next(waiting[-1], None)
            if child is None:
                waiting.pop()
                continue
            yield child
            waiting.append(iter(child.kids()))


class XmlNode(Node):
    """An element or attribute with a namespace. `name` has the prefix that expressions use for it, `written` the
    one of its document.
    """

    __slots__ = ("_written", "space")

    def __init__(self, name: str, parent: Node | None, value: str, space: str, written: str) -> None:
        super().__init__(name, parent, value)
        self.space = space
        self._written = written

    @property
    def written(self) -> str:
        """The name as it stands in its document."""
        return self._written


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
