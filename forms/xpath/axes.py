"""Axes and node tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from forms.xpath.errors import EvaluationError
from forms.xpath.nodes import Node


def _ancestors(node: Node) -> list[Node]:
    found = []
    at = node.parent
    while at is not None:
        found.append(at)
        at = at.parent
    return found


def _siblings(node: Node, after: bool) -> Sequence[Node]:
    if node.parent is None:
        return []
    kids = node.parent.kids()
    at = next((place for place, kid in enumerate(kids) if kid is node), 0)
    return kids[at + 1 :] if after else list(reversed(kids[:at]))


_AXES: dict[str, Callable[[Node], Iterable[Node]]] = {
    "child": lambda node: node.kids(),
    "parent": lambda node: () if node.parent is None else (node.parent,),
    "self": lambda node: (node,),
    "descendant": lambda node: node.below(),
    "descendant-or-self": lambda node: [node, *node.below()],
    "ancestor": _ancestors,
    "ancestor-or-self": lambda node: [node, *_ancestors(node)],
    "following-sibling": lambda node: _siblings(node, True),
    "preceding-sibling": lambda node: _siblings(node, False),
    "attribute": lambda node: node.attributes,
}


def axis(name: str, test: str) -> Callable[[Node], list[Node]]:
    """The nodes that an axis reaches and that pass a test. Raises EvaluationError for an unknown axis."""
    reach = _AXES.get(name)
    if reach is None:
        raise EvaluationError("HW-1108", found=name)
    passes = _test(test)
    return lambda node: [each for each in reach(node) if passes(each)]


def _test(test: str) -> Callable[[Node], bool]:
    if test == "node()":
        return lambda node: True
    if test == "*":  # elements only: a document has no name, a text is called text()
        return lambda node: bool(node.name) and not node.name.endswith("()")
    return lambda node: node.name == test


def distinct(nodes: list[Node]) -> list[Node]:
    """Each node once."""
    return list({id(node): node for node in nodes}.values())


def in_order(nodes: list[Node]) -> list[Node]:
    """Each node once, in document order."""
    found = distinct(nodes)
    if not found:
        return found
    root = found[0].root()
    place = {id(node): number for number, node in enumerate([root, *root.below()])}
    return sorted(found, key=lambda node: place.get(id(node), -1))
