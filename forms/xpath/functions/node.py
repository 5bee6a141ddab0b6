"""Node-sets, instances, choices. Sources: XPath 1.0, section 4.1; ODK XForms specification."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from forms.xpath.errors import EvaluationError
from forms.xpath.functions.string import texts, words
from forms.xpath.nodes import Node
from forms.xpath.scope import Scope
from forms.xpath.values import Value, to_number, to_text


def _set(value: Value, name: str) -> list[Node]:
    """A node-set; anything else is a fault of the form."""
    if not isinstance(value, list):
        raise EvaluationError("HW-1204", name=name)
    return value


def _place(node: Node | None) -> float:
    """Place among the siblings of the same name, from 1; those that are not relevant count (JavaRosa)."""
    if node is None:
        return math.nan
    siblings = node.parent.named(node.name) if node.parent is not None else (node,)
    return float(next((at for at, each in enumerate(siblings, 1) if each is node), 0))


def _first(arguments: list[Value], scope: Scope, name: str) -> Node | None:
    if not arguments:
        return scope.node
    return next(iter(_set(arguments[0], name)), None)


def _position(arguments: list[Value], scope: Scope) -> Value:
    return _place(_first(arguments, scope, "position")) if arguments else float(scope.position)


def _written(node: Node | None) -> str:
    """The name of an element or attribute, the target of a processing instruction."""
    if node is None or node.name in ("text()", "comment()"):
        return ""
    return node.written.removeprefix("processing-instruction(").removesuffix(")")


def _name(arguments: list[Value], scope: Scope) -> Value:
    return _written(_first(arguments, scope, "name"))


def _local_name(arguments: list[Value], scope: Scope) -> Value:
    return _written(_first(arguments, scope, "local-name")).rpartition(":")[2]


def _namespace_uri(arguments: list[Value], scope: Scope) -> Value:
    node = _first(arguments, scope, "namespace-uri")
    return "" if node is None else node.space


def _id(arguments: list[Value], scope: Scope) -> Value:
    """The elements with an attribute `id` that is one of the words given."""
    wanted = {word for text in texts(arguments) for word in words(text)}
    root = scope.node.root()
    found: dict[str, Node] = {}
    for node in (root, *root.below()):
        for attribute in node.attributes:
            if attribute.name == "id" and attribute.value in wanted:
                found.setdefault(attribute.value, node)
    return list(found.values())


def _lang(arguments: list[Value], scope: Scope) -> Value:
    """Whether the nearest `xml:lang` around the node is the language or a variety of it."""
    wanted = to_text(arguments[0]).lower()
    node: Node | None = scope.node
    while node is not None:
        for attribute in node.attributes:
            if attribute.name == "xml:lang":
                spoken = attribute.value.lower()
                return spoken == wanted or spoken.startswith(wanted + "-")
        node = node.parent
    return False


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
    return shuffled(_set(arguments[0], "randomize"), seed)


def _indexed_repeat(arguments: list[Value], scope: Scope) -> Value:
    """indexed-repeat(node, repeat, index, …): the node inside the given instances, each counted in its parent."""
    found = _set(arguments[0], "indexed-repeat")
    for repeat, index in zip(arguments[1::2], arguments[2::2], strict=False):
        wanted = _numbered(_set(repeat, "indexed-repeat"), to_number(index))
        found = [node for node in found if _inside(node, wanted)]
    return list(found)


def _numbered(instances: list[Node], number: float) -> set[int]:
    """Ids of the instances that are the so-manieth in what they stand in."""
    counts: Counter[int] = Counter()
    found = set()
    for instance in instances:
        counts[id(instance.parent)] += 1
        if counts[id(instance.parent)] == number:
            found.add(id(instance))
    return found


def _inside(node: Node, wanted: set[int]) -> bool:
    at = node.parent
    while at is not None and id(at) not in wanted:
        at = at.parent
    return at is not None


def _count_non_empty(arguments: list[Value], scope: Scope) -> Value:
    return float(sum(1 for node in _set(arguments[0], "count-non-empty") if node.text()))


def _pulldata(arguments: list[Value], scope: Scope) -> Value:
    """pulldata(list, column, key column, key): the column of the first row whose key column is the key.

    A column may be an attribute (`@code`); a row without the key column is none of them, whatever the key.
    """
    name, column, key_column, key = (to_text(argument) for argument in arguments)
    rows = scope.world.rows(name, {key_column: key})
    if rows is None:
        document = scope.world.instance(name)
        items = [row for root in document.kids() for row in root.kids()] if document is not None else []
        rows = [row for row in items if any(cell.text() == key for cell in _cells(row, key_column)[:1])]
    return to_text(_cells(rows[0], column)) if rows else ""


def _cells(row: Node, column: str) -> list[Node]:
    if column.startswith("@"):
        return [each for each in row.attributes if each.name == column[1:]]
    return list(row.named(column))


def _choice_name(arguments: list[Value], scope: Scope) -> Value:
    return scope.world.choice_name(to_text(arguments[0]), to_text(arguments[1]), scope.current)


STRICT: dict[str, Callable[[list[Value], Scope], Value]] = {
    "position": _position,
    "index": lambda arguments, scope: _place(_first(arguments, scope, "index")),
    "last": lambda arguments, scope: float(scope.size),
    "count": lambda arguments, scope: float(len(_set(arguments[0], "count"))),
    "count-non-empty": _count_non_empty,
    "id": _id,
    "lang": _lang,
    "local-name": _local_name,
    "name": _name,
    "namespace-uri": _namespace_uri,
    "pulldata": _pulldata,
    "current": lambda arguments, scope: [scope.current],
    "instance": _instance,
    "indexed-repeat": _indexed_repeat,
    "randomize": _randomize,
    "jr:choice-name": _choice_name,
    "choice-name": _choice_name,  # no form is compiled with it any more; those that were go on
    "jr:itext": lambda arguments, scope: scope.world.itext(to_text(arguments[0]), scope.current),
}
