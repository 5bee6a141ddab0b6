"""Axes and node tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from forms.xpath.errors import EvaluationError
from forms.xpath.nodes import Node


def _ancestors(node: Node) -> Iterator[Node]:
    at = node.parent
    while at is not None:
        yield at
        at = at.parent


def _siblings(node: Node) -> tuple[Sequence[Node], Sequence[Node]]:
    """Those before a node, nearest first, and those after it; an attribute has none."""
    kids = node.parent.kids() if node.parent is not None else ()
    at = next((place for place, kid in enumerate(kids) if kid is node), None)
    return ((), ()) if at is None else (kids[:at][::-1], kids[at + 1 :])


def _subtree(node: Node) -> Iterator[Node]:
    yield node
    yield from node.below()


def _following(node: Node) -> Iterator[Node]:
    if node.parent is not None and any(each is node for each in node.parent.attributes):
        yield from node.parent.below()
        node = node.parent
    for around in (node, *_ancestors(node)):
        for sibling in _siblings(around)[1]:
            yield from _subtree(sibling)


def _preceding(node: Node) -> Iterator[Node]:
    for around in (node, *_ancestors(node)):
        for sibling in _siblings(around)[0]:
            yield from reversed(list(_subtree(sibling)))


_AXES: dict[str, Callable[[Node], Iterable[Node]]] = {
    "child": lambda node: node.kids(),
    "parent": lambda node: () if node.parent is None else (node.parent,),
    "self": lambda node: (node,),
    "descendant": lambda node: node.below(),
    "descendant-or-self": _subtree,
    "ancestor": _ancestors,
    "ancestor-or-self": lambda node: (node, *_ancestors(node)),
    "following-sibling": lambda node: _siblings(node)[1],
    "preceding-sibling": lambda node: _siblings(node)[0],
    "following": _following,
    "preceding": _preceding,
    "attribute": lambda node: node.attributes,
    "namespace": lambda node: (),  # XForms know no such nodes
}
REVERSE = frozenset({"ancestor", "ancestor-or-self", "preceding", "preceding-sibling"})
"""Axes whose first node is the nearest; the node-set that they give is in document order all the same."""


def axis(name: str, test: str) -> Callable[[Node], list[Node]]:
    """The nodes that an axis reaches and that pass a test. Raises EvaluationError for an unknown axis."""
    reach = _AXES.get(name)
    if reach is None:
        raise EvaluationError("HW-1108", found=name)
    if (name, test) == ("child", "text()"):
        return _texts
    passes = _test(test)
    return lambda node: [each for each in reach(node) if passes(each)]


def _texts(node: Node) -> list[Node]:
    """Text nodes; an answer has none of its own and stands for it."""
    kids = node.kids()
    if kids or not node.value or node.name.endswith(")"):
        return [kid for kid in kids if kid.name == "text()"]
    return [node]


def _test(test: str) -> Callable[[Node], bool]:
    if test == "node()":
        return lambda node: True
    if test == "*":  # elements only: a document has no name, a text is called text()
        return lambda node: bool(node.name) and not node.name.endswith(")")
    if test.endswith(":*"):
        return lambda node: node.name.startswith(test[:-1])
    if test == "processing-instruction()":
        return lambda node: node.name.startswith("processing-instruction(")
    return lambda node: node.name == test


# -- order

ONE, APART, NESTED = range(3)
"""What is known of a node-set before it is there: at most one node; in none of them another; any."""


def shape_after(axis: str, before: int) -> int:
    """What is known of the nodes that a step reaches from a node-set of a shape."""
    if axis == "self" or (axis == "parent" and before == ONE):
        return before
    if axis in ("child", "attribute"):
        return max(before, APART)
    if axis in ("following-sibling", "preceding-sibling") and before == ONE:
        return APART
    return NESTED


def keeps_order(axis: str, before: int) -> bool:
    """Whether what a step reaches, node after node, is in document order, each once."""
    if axis in ("self", "attribute"):
        return True
    return axis in ("child", "descendant", "descendant-or-self") and before != NESTED


def distinct(nodes: list[Node]) -> list[Node]:
    """Each node once."""
    return list({id(node): node for node in nodes}.values())


def _roots(nodes: list[Node]) -> list[Node]:
    """The documents that nodes stand in; what is above several of them is climbed once."""
    roots: list[Node] = []
    known: set[int] = set()
    for node in nodes:
        at: Node | None = node
        while at is not None and id(at) not in known:
            known.add(id(at))
            if at.parent is None:
                roots.append(at)
            at = at.parent
    return roots


def in_order(nodes: list[Node]) -> list[Node]:
    """Each node once, in document order, one document after another."""
    found = distinct(nodes)
    if len(found) < 2:
        return found
    place: dict[int, int] = {}
    for root in _roots(found):
        for node in _subtree(root):
            place[id(node)] = len(place)
            for attribute in node.attributes:
                place[id(attribute)] = len(place)
    return sorted(found, key=lambda node: place.get(id(node), -1))
