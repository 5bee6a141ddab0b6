"""Node-sets, instances, choices. Sources: XPath 1.0, section 4.1; ODK XForms specification."""

from __future__ import annotations

import math
from collections.abc import Callable

from forms.xpath.nodes import Node
from forms.xpath.scope import Scope
from forms.xpath.values import Value, to_number, to_text


def _set(value: Value) -> list[Node]:
    return value if isinstance(value, list) else []


def _place(node: Node | None) -> float:
    """Place among the siblings of the same name, from 1."""
    if node is None:
        return math.nan
    siblings = node.parent.named(node.name) if node.parent is not None else (node,)
    return float(next((at for at, each in enumerate(_shown(siblings), 1) if each is node), 0))


def _shown(nodes: object) -> list[Node]:
    return [node for node in nodes if not node.hidden]  # type: ignore[attr-defined]


def _first(arguments: list[Value], scope: Scope) -> Node | None:
    if not arguments:
        return scope.node
    nodes = _set(arguments[0])
    return nodes[0] if nodes else None


def _position(arguments: list[Value], scope: Scope) -> Value:
    return _place(_first(arguments, scope)) if arguments else float(scope.position)


def _name(arguments: list[Value], scope: Scope) -> str:
    node = _first(arguments, scope)
    return "" if node is None or node.name.endswith("()") else node.name


def _instance(arguments: list[Value], scope: Scope) -> Value:
    found = scope.world.instance(to_text(arguments[0]))
    return [found] if found is not None else []


def shuffled(nodes: list[Node], seed: float) -> list[Node]:
    """The shuffle of the ODK XForms specification (Park-Miller), the same order everywhere."""
    found = list(nodes)
    state = math.trunc(math.fmod(seed, 2147483647)) if math.isfinite(seed) else 0
    if state <= 0:
        state += 2147483646
    for at in range(len(found) - 1, 0, -1):
        state = state * 16807 % 2147483647
        other = math.floor((state - 1) / 2147483646 * (at + 1))
        found[at], found[other] = found[other], found[at]
    return found


def _randomize(arguments: list[Value], scope: Scope) -> Value:
    seed = to_number(arguments[1]) if len(arguments) > 1 else scope.world.random() * 2147483646
    return shuffled(_set(arguments[0]), seed)


def _indexed_repeat(arguments: list[Value], scope: Scope) -> Value:
    """indexed-repeat(node, repeat, index, …): the node inside the given instances."""
    found = _set(arguments[0])
    for repeat, index in zip(arguments[1::2], arguments[2::2], strict=False):
        instances, number = _set(repeat), to_number(index)
        wanted = instances[int(number) - 1] if number in range(1, len(instances) + 1) else None
        found = [node for node in found if wanted is not None and _inside(node, wanted)]
    return list(found)


def _inside(node: Node, around: Node) -> bool:
    at = node.parent
    while at is not None and at is not around:
        at = at.parent
    return at is around


def _choice_name(arguments: list[Value], scope: Scope) -> Value:
    return scope.world.choice_name(to_text(arguments[0]), to_text(arguments[1]), scope.current)


STRICT: dict[str, Callable[[list[Value], Scope], Value]] = {
    "position": _position,
    "index": lambda arguments, scope: _place(_first(arguments, scope)),
    "last": lambda arguments, scope: float(scope.size),
    "count": lambda arguments, scope: float(len(_set(arguments[0]))),
    "count-non-empty": lambda arguments, scope: float(sum(1 for node in _set(arguments[0]) if node.text())),
    "name": _name,
    "local-name": lambda arguments, scope: _name(arguments, scope).rpartition(":")[2],
    "current": lambda arguments, scope: [scope.current],
    "instance": _instance,
    "indexed-repeat": _indexed_repeat,
    "randomize": _randomize,
    "jr:choice-name": _choice_name,
    "choice-name": _choice_name,
}
