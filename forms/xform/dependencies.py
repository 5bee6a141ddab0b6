"""Who reads whom: triggers, the order of calculation, circles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from forms.model import Action, Node
from forms.xform.pool import Pool
from forms.xform.references import References, Shape, references

_FLOWING = ("relevant", "calculate", "count")
"""Expressions whose result other questions can see; the others (constraints, labels …) only watch."""
_WATCHING = ("constraint", "required", "readonly")


class Dependencies:
    """Reads the expressions of all nodes; notes unknown questions, unknown lists and circles in the pool.

    `triggers`: path to the numbers of nodes with an expression that reads it. `nodes` gain `filter_paths`.
    """

    def __init__(
        self, nodes: list[Node], pool: Pool, actions: list[Action], instances: dict[str, Any], root: str
    ) -> None:
        self.pool = pool
        self.nodes = nodes
        self.instances = instances
        self.shape = Shape(root, [node.path for node in nodes])
        self.numbers = {node.path: number for number, node in enumerate(nodes)}
        self.triggers: dict[str, list[int]] = {}
        self._flow: list[set[str]] = []
        self._loosely: dict[int, set[str]] = defaultdict(set)
        self._loose: set[tuple[int, int]] = set()
        for number in range(len(nodes)):
            self._read_node(number)
        self._read_actions(actions)

    def _read_node(self, number: int) -> None:
        node = self.nodes[number]
        flow: set[str] = set()
        for column, expression in self._expressions(node):
            found = self._read(expression, node.path, f"{node.path} {column}")
            for path in sorted(found.paths | found.elsewhere):
                readers = self.triggers.setdefault(path, [])
                if number not in readers:
                    readers.append(number)
            if column == "count":
                self._loosely[number] |= found.paths | found.elsewhere
            elif column in _FLOWING:
                flow |= found.paths | (found.elsewhere - {node.path})
            if column == "choices" and node.choices:
                paths = tuple(sorted(found.paths | found.elsewhere))
                self._loosely[number] |= {*paths} - {node.path}
                self.nodes[number] = replace(node, choices=replace(node.choices, filter_paths=paths))
        self._flow.append(flow)
        if node.choices and node.choices.instance and node.choices.instance not in self.instances:
            self.pool.problem("HW-1014", node.path, name=node.choices.instance)

    def _expressions(self, node: Node) -> Iterator[tuple[str, int]]:
        for column in (*_FLOWING, *_WATCHING):
            number = getattr(node, column)
            if number is not None:
                yield column, number
        if node.choices:
            yield "choices", node.choices.nodeset
        for column in ("label", "hint", "required_msg", "constraint_msg"):
            text = getattr(node, column)
            if text is not None:
                for number in self._outputs(text):
                    yield column, number

    def _outputs(self, text: int) -> list[int]:
        found: list[int] = []
        for kinds in self.pool.texts[text].values():
            for pieces in kinds.values():
                if isinstance(pieces, list):
                    found.extend(piece for piece in pieces if isinstance(piece, int) and piece not in found)
        return found

    def _read(self, expression: int, context: str, what: str) -> References:
        found = references(self.pool.expressions[expression], context, self.shape)
        for path in sorted(found.unknown):
            self.pool.problem("HW-1013", what, f"    {self.pool.sources[expression]}", path=path)
        return found

    def _read_actions(self, actions: list[Action]) -> None:
        for action in actions:
            for path in sorted({action.path, action.sets}):
                if path not in self.numbers:
                    self.pool.problem("HW-1012", path)
            if action.value is not None:
                self._read(action.value, action.sets, f"{action.sets} default")

    # -- order

    def order(self) -> list[int]:
        """Numbers of the nodes with relevance, calculation or count, each after all it depends on."""
        wanted = [n for n, node in enumerate(self.nodes) if _flows(node)]
        edges = {number: self._needs(number) for number in wanted}
        done: list[int] = []
        state: dict[int, int] = {}
        for number in wanted:
            self._visit(number, edges, state, done)
        return done

    def _needs(self, number: int) -> list[int]:
        """Flowing nodes that a node waits for: what it reads, and the groups around both."""
        needs: set[int] = set(self._around(self.nodes[number].parent))
        for path in self._flow[number]:
            if path in self.numbers:
                needs.update(self._around(self.numbers[path]))
        # a count may rest on how many there are, and two questions may each leave out what the other has: these are
        # followed until they rest, and make no circle
        loosely = {
            need for path in self._loosely[number] for need in self._around(self.numbers.get(path, -1))
        }
        self._loose.update((number, need) for need in loosely - needs)
        return sorted(needs | loosely)

    def _around(self, number: int) -> Iterator[int]:
        while number >= 0:
            if _flows(self.nodes[number]):
                yield number
            number = self.nodes[number].parent

    def _visit(self, start: int, edges: dict[int, list[int]], state: dict[int, int], done: list[int]) -> None:
        """Depth-first without recursion. `state`: 1 on the way, 2 finished."""
        if state.get(start):
            return
        way = [start]
        todo = [iter(edges[start])]
        state[start] = 1
        while way:
            nearest = next(todo[-1], None)
            if nearest is None:
                todo.pop()
                number = way.pop()
                state[number] = 2
                done.append(number)
            elif state.get(nearest) == 1:
                circle = [*way[way.index(nearest) :], nearest]
                if not self._loose.intersection(pairwise(circle)):
                    self._circle(circle)
            elif nearest not in state:
                state[nearest] = 1
                way.append(nearest)
                todo.append(iter(edges[nearest]))

    def _circle(self, numbers: list[int]) -> None:
        names = " → ".join(self.nodes[number].name for number in numbers)  # each reads the next
        self.pool.problem("HW-1015", self.nodes[numbers[0]].path, names=names)


def _flows(node: Node) -> bool:
    filtered = node.choices is not None and node.choices.filter_paths
    return bool(filtered) or any(each is not None for each in (node.relevant, node.calculate, node.count))
