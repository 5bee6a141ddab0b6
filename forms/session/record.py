"""The record as a tree: an element for each node and each instance of a repeat, found by flat path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from forms.model import Form
from forms.session.plan import Plan
from forms.xpath.nodes import Node as Instance

_ORDER_DIGITS = 4
_LEADING_DIGITS = re.compile(r"[0-9]+")
_STEP = re.compile(r"([^/\[\]]+)(?:\[([0-9a-z]{4,})\])?")


class Element(Instance):
    """A node of the record. `number` is its node in the form, `path` its flat path.

    `own` is its own relevance; `hidden` says that it or what it stands in is not relevant. An instance of a
    repeat has an `instance` id and an `order` key. `given` is the answer that was given where `value`, which is
    what it reads as, is only the part of it that is offered now.
    """

    __slots__ = ("given", "instance", "number", "order", "own", "path")

    def __init__(self, name: str, number: int, path: str) -> None:
        super().__init__(name)
        self.number = number
        self.path = path
        self.own = True
        self.given: str | None = None
        self.instance = ""
        self.order = ""

    def put(self, value: str) -> None:
        """Gives it a value."""
        self.value = value
        self.given = None

    def held(self) -> str:
        """The answer that was given, whether or not it is offered now."""
        return self.value if self.given is None else self.given


class Record:
    """Elements by flat path. Structure only: what is computed is `Engine`'s."""

    def __init__(self, form: Form, plan: Plan) -> None:
        self.form = form
        self.plan = plan
        self.document = Instance("")
        self.top = Element(form.root.lstrip("/"), -1, form.root)
        self.document.add(self.top)
        self.by_path: dict[str, Element] = {form.root: self.top}
        self._of: dict[int, list[Element]] = {}
        self._fill(self.top, -1)

    def _fill(self, parent: Element, number: int) -> None:
        """Creates the elements below a new one; repeats begin without instances."""
        for child, node in self.plan.children(number):
            if node.kind != "repeat":
                element = Element(node.name, child, f"{parent.path}/{node.name}")
                element.hidden = parent.hidden
                parent.add(element)
                self.by_path[element.path] = element
                self._fill(element, child)

    # -- finding

    def elements(self, number: int) -> list[Element]:
        """All elements of a node of the form, in document order; the root for -1."""
        if number < 0:
            return [self.top]
        found = self._of.get(number)
        if found is None:
            node = self.form.nodes[number]
            found = [
                kid
                for parent in self.elements(node.parent)
                for kid in parent.named(node.name)
                if isinstance(kid, Element)
            ]
            self._of[number] = found
        return found

    def instances(self, parent: Element, number: int) -> list[Element]:
        """Instances of a repeat in one parent, in order."""
        name = self.form.nodes[number].name
        return [kid for kid in parent.named(name) if isinstance(kid, Element)]

    def walk(self, element: Element | None = None) -> Iterator[Element]:
        """An element and all below it, in document order; all for None."""
        start = element or self.top
        yield start
        for kid in start.kids():
            if isinstance(kid, Element):
                yield from self.walk(kid)

    # -- instances of repeats

    def add_instance(self, parent: Element, number: int, instance: str, order: str) -> Element:
        """A new instance, placed by (order key, id) among its siblings."""
        node = self.form.nodes[number]
        element = Element(node.name, number, f"{parent.path}/{node.name}[{instance}]")
        element.instance = instance
        element.order = order
        element.hidden = parent.hidden
        self.insert(parent, element)
        self._fill(element, number)
        return element

    def insert(self, parent: Element, element: Element) -> None:
        """Puts an instance (a new one, or one taken out before) at its place."""
        at = 0
        for place, kid in enumerate(parent.children):
            before = isinstance(kid, Element) and (kid.number, kid.order, kid.instance) < (
                element.number,
                element.order,
                element.instance,
            )
            if before:
                at = place + 1
        parent.add(element, at)
        for each in self.walk(element):
            self.by_path[each.path] = each
        self._of.clear()

    def take_out(self, element: Element) -> None:
        """Removes an instance with all in it."""
        parent = element.parent
        if parent is not None:
            parent.remove(element)
        for each in self.walk(element):
            self.by_path.pop(each.path, None)
        self._of.clear()

    def next_order(self, parent: Element, number: int) -> str:
        """An order key after all of this repeat: the digits that the last one begins with, and one more."""
        last = max((each.order for each in self.instances(parent, number)), default="")
        digits = _LEADING_DIGITS.match(last)
        return str(int(digits[0]) + 1 if digits else 1).zfill(_ORDER_DIGITS)

    # -- loading

    def load(self, answers: Mapping[str, str], reserve: Callable[[str], None]) -> dict[str, str]:
        """Puts answers in; returns those that have no place in the form. `reserve` is told instance ids."""
        unknown: dict[str, str] = {}
        instances = {path for path in answers if path.endswith("]")}
        for path in sorted(instances, key=lambda path: path.count("/")):
            if not self._load_instance(path, answers[path], reserve):
                unknown[path] = answers[path]
        for path, value in answers.items():
            if path in instances:
                continue
            element = self.by_path.get(path)
            if element is None or element.number < 0 or not self.form.nodes[element.number].is_leaf():
                unknown[path] = value
            else:
                element.value = value
        return unknown

    def _load_instance(self, path: str, order: str, reserve: Callable[[str], None]) -> bool:
        around, _, last = path.rpartition("/")
        step = _STEP.fullmatch(last)
        parent = self.by_path.get(around)
        number = self.form.by_path.get(form_path(path), -1)
        if step is None or parent is None or number not in self.plan.repeats or not order:
            return False
        reserve(step[2])
        self.add_instance(parent, number, step[2], order)
        return True


def form_path(path: str) -> str:
    """A flat path without instance ids."""
    return re.sub(r"\[[^\]/]*\]", "", path)
