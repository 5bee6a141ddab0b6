"""Trees beside the record that expressions walk: attached XML, the record saved before. Twin of `logic/trees.js`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from forms.session.lists import Tree
from forms.xpath.nodes import Node

LAST_SAVED = "jr://instance/last-saved"
"""The source of the instance that `${last-saved#question}` reads."""
_DEEPEST = 60  # levels: no form has more
_INSTANCE = re.compile(r"\[[^\]/]*\]$")


def grown(tree: Tree) -> Node:
    """The element that a tree stands for."""
    name, attributes, below = tree
    node = Node(name, value=below if isinstance(below, str) else "")
    node.attributes = [Node(each, node, value) for each, value in attributes.items()]
    for child in below if isinstance(below, list) else ():
        node.add(grown(child))
    return node


def record_tree(answers: Mapping[str, str], root: str) -> Tree:
    """The tree of a record by its flat answers, under the root that the form has now (`/data`); instances of a repeat
    stand in their order. Of another version of the form it holds what that version asked."""
    top: Tree = [root.lstrip("/"), {}, []]
    places: dict[str, Tree] = {"": top}
    kept = [path for path in answers if 2 <= path.count("/") <= _DEEPEST]
    repeats = [path for path in kept if path.endswith("]")]
    for path in sorted(repeats, key=lambda path: (path.count("/"), answers[path], path)):
        _at(path, places)
    for path in kept:
        if not path.endswith("]"):
            node = _at(path, places)
            node[2] = node[2] or answers[path]
    return top


def _at(path: str, places: dict[str, Tree]) -> Tree:
    """The node at a flat path, with all around it, made where it is not there yet."""
    steps = path.split("/")[2:]
    node = places[""]
    for count, step in enumerate(steps, start=1):
        key = "/".join(steps[:count])
        if key not in places:
            child: list[Any] = [_INSTANCE.sub("", step), {}, []]
            node[2] = [*node[2], child] if isinstance(node[2], list) else [child]
            places[key] = child
        node = places[key]
    return node
