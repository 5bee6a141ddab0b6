"""What sessions work out once for each form: compiled expressions, and who must follow a change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from forms.model import Form, Node
from forms.xpath.calls import SPOKEN, calls
from forms.xpath.evaluator import compile_ast
from forms.xpath.scope import Run


class Plan:
    """Belongs to a form; shared by its sessions, never changed after it is made."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._runs: dict[int, Run] = {}
        self.place = {number: place for place, number in enumerate(form.order)}
        self.readers: dict[str, tuple[int, ...]] = {
            path: tuple(sorted(self.place[number] for number in numbers if number in self.place))
            for path, numbers in form.triggers.items()
        }
        self.repeats = frozenset(number for number, node in enumerate(form.nodes) if node.kind == "repeat")

    @classmethod
    def of(cls, form: Form) -> Plan:
        """The one plan of a form, made when it is first asked for."""
        found: Plan | None = form.kept.get(cls)
        if found is None:
            found = form.kept[cls] = cls(form)
        return found

    def run(self, expression: int) -> Run:
        """An expression as a function."""
        found = self._runs.get(expression)
        if found is None:
            found = self._runs[expression] = compile_ast(self.form.expressions[expression])
        return found

    @cached_property
    def subtrees(self) -> dict[int, tuple[int, ...]]:
        """For each node, the places in the order of all that read it or anything in it."""
        found: dict[int, tuple[int, ...]] = {}
        for number in reversed(range(len(self.form.nodes))):
            places = set(self.readers.get(self.form.nodes[number].path, ()))
            for child in self.form.children[number]:
                places.update(found[child])
            found[number] = tuple(sorted(places))
        return found

    @cached_property
    def inside(self) -> dict[int, tuple[int, ...]]:
        """For each node, the places of itself and of all in it that are computed."""
        found: dict[int, tuple[int, ...]] = {}
        for number in reversed(range(len(self.form.nodes))):
            places = {self.place[number]} if number in self.place else set()
            for child in self.form.children[number]:
                places.update(found[child])
            found[number] = tuple(sorted(places))
        return found

    @cached_property
    def spoken(self) -> tuple[int, ...]:
        """Places in the order of what is another value in another language."""

        def speaks(node: Node) -> bool:
            choices = node.choices.nodeset if node.choices else None
            found = (node.relevant, node.calculate, node.count, choices)
            return any(each is not None and calls(self.form.expressions[each], SPOKEN) for each in found)

        return tuple(place for place, number in enumerate(self.form.order) if speaks(self.form.nodes[number]))

    @cached_property
    def counted(self) -> dict[int, list[tuple[int, Node]]]:
        """Repeats whose number of instances follows from an answer, by the number of what they stand in."""
        found: dict[int, list[tuple[int, Node]]] = {}
        for number, node in enumerate(self.form.nodes):
            if node.count is not None:
                found.setdefault(node.parent, []).append((number, node))
        return found

    def children(self, number: int) -> Sequence[tuple[int, Node]]:
        """Number and node of the children of a node, of the root for -1."""
        return [(child, self.form.nodes[child]) for child in self.form.children[number]]
