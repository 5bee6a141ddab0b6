"""Reading the vectors that both languages share, and building what they describe."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from forms.session.lists import MemoryLists
from forms.xpath.nodes import Node, RowNode, list_document

VECTORS = Path(__file__).parents[1] / "vectors"


def read(name: str) -> Any:
    """A file of vectors."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def tree(described: Sequence[Any]) -> Node:
    """The document of a tree: `[name, text or nodes, "hidden"?]`."""
    document = Node("")
    document.add(_node(described))
    return document


def _node(described: Sequence[Any]) -> Node:
    name, content, *flags = described
    node = Node(name)
    node.hidden = "hidden" in flags
    if isinstance(content, str):
        node.value = content
    else:
        for child in content:
            node.add(_node(child))
    if node.hidden:
        for below in node.below():
            below.hidden = True
    return node


def find(document: Node, path: str) -> Node:
    """The node at `/data/row[2]/v`."""
    node = document
    for step in path.strip("/").split("/"):
        match = re.fullmatch(r"([^\[]+)(?:\[(\d+)\])?", step)
        assert match, path
        node = node.named(match[1])[int(match[2] or 1) - 1]
    return node


def number(value: Any) -> float:
    """A number of the vectors: NaN and the infinities stand as text."""
    return float(value) if not isinstance(value, str) else {"NaN": math.nan}.get(value, float(value))


class World:
    """Answers what `xpath.json` says."""

    def __init__(self, file: Mapping[str, Any]) -> None:
        self.file = file
        self.lists = MemoryLists(file["lists"])

    def now(self) -> str:
        return str(self.file["now"])

    def random(self) -> float:
        return float(self.file["random"])

    def uuid(self) -> str:
        return str(self.file["uuid"])

    def instance(self, name: str) -> Node | None:
        return list_document(self.lists.rows(name)) if name in self.file["lists"] else None

    def rows(self, name: str, filters: Mapping[str, str]) -> Sequence[Node] | None:
        if name not in self.file["lists"]:
            return None
        root = Node("root")
        return [RowNode(row, root) for row in self.lists.rows(name, filters)]

    def choice_name(self, value: str, path: str, origin: Node) -> str:
        raise AssertionError("no vector asks for the name of a choice")

    def itext(self, key: str, origin: Node) -> str:
        return f"itext {key}"
