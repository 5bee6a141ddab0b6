"""Keeps a record consistent: relevance, counts and calculations follow each change, and only what must."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Sequence

from forms.model import Choices, Form, Node, Start
from forms.session.offers import offered
from forms.session.plan import Plan
from forms.session.record import Element, Record
from forms.session.values import answer_text
from forms.session.world import SessionWorld
from forms.xpath.errors import EvaluationError
from forms.xpath.evaluator import compile_ast
from forms.xpath.parser import Ast
from forms.xpath.scope import Scope
from forms.xpath.values import Value, to_boolean, to_number, to_text

MOST_INSTANCES = 1000
"""More instances than this are not made, whatever a count says."""
_TRIES = 20
_ROUNDS = 200  # a node that is still changing after so many rounds never settles


class Engine:
    """Evaluates expressions on a record.

    `faults`: by flat path (a count's by that of its repeat), what could not be worked out when it was last
    computed; `unset`: what an action could not work out, until the question is answered. What is only looked at
    (labels, `required`, filters) leaves no fault behind.
    """

    def __init__(self, form: Form, plan: Plan, record: Record, world: SessionWorld) -> None:
        self.form = form
        self.plan = plan
        self.record = record
        self.world = world
        self.faults: dict[str, EvaluationError] = {}
        self.unset: dict[str, EvaluationError] = {}
        # instances whose actions have not run; those that a form begins with are not new (ODK, `odk-new-repeat`)
        self.created: list[Element] = []
        self._waiting: list[int] = []
        self._queued: set[int] = set()
        self._set_aside: dict[tuple[str, int], list[Element]] = {}
        self._counted: dict[tuple[str, int], int] = {}
        self._taken: set[str] = set()

    # -- evaluating

    def evaluate(self, expression: int, element: Element) -> Value:
        """The value of an expression at an element. Raises EvaluationError."""
        try:
            return self.plan.run(expression)(Scope(element, element, self.world))
        except RecursionError as error:
            raise EvaluationError("HW-1205") from error

    def truth(self, expression: int | None, element: Element, otherwise: bool) -> bool:
        """An expression as a truth; `otherwise` where there is none or it cannot be worked out."""
        if expression is None:
            return otherwise
        try:
            return to_boolean(self.evaluate(expression, element))
        except EvaluationError:
            return otherwise

    def is_readonly(self, element: Element) -> bool:
        """Whether its bind says that it is read-only, or the bind of what it stands in (XForms 1.1, section 6.1.2)."""
        at: Element | None = element
        while at is not None and at.number >= 0:
            if self.truth(self.form.nodes[at.number].readonly, at, otherwise=False):
                return True
            at = at.parent if isinstance(at.parent, Element) else None
        return False

    # -- noting changes

    def changed(self, element: Element) -> None:
        """The value of an element has changed."""
        self._queue(self.plan.readers.get(self.form.nodes[element.number].path, ()))

    def answered(self, element: Element) -> None:
        """Somebody has answered: it may be none of what is offered."""
        self.changed(element)
        node = self.form.nodes[element.number]
        if node.choices is not None and node.calculate is None and element.number in self.plan.place:
            self._queue((self.plan.place[element.number],))

    def changed_below(self, number: int) -> None:
        """Relevance or instances of a node have changed, and with them what all in it reads as."""
        self._queue(self.plan.subtrees[number])

    def queue_all(self) -> None:
        """Everything is to be computed."""
        self._queue(tuple(range(len(self.form.order))))

    def language_changed(self) -> None:
        """Another language is spoken: what says a label says another one."""
        self._queue(self.plan.spoken)

    def _queue(self, places: tuple[int, ...]) -> None:
        for place in places:
            if place not in self._queued:
                self._queued.add(place)
                heapq.heappush(self._waiting, place)

    def settle(self) -> None:
        """Computes what waits, in the order of the form, until nothing changes any more."""
        rounds: Counter[int] = Counter()
        while self._waiting:
            place = heapq.heappop(self._waiting)
            self._queued.discard(place)
            rounds[place] += 1
            if rounds[place] <= _ROUNDS:
                self._compute(self.form.order[place])

    def _compute(self, number: int) -> None:
        node = self.form.nodes[number]
        if node.count is not None:
            for parent in list(self.record.elements(node.parent)):
                self._count(parent, number, node.count)
        for element in list(self.record.elements(number)):
            self.faults.pop(element.path, None)
            if node.relevant is not None:
                self._relevance(element, number, node.relevant)
            if node.calculate is not None:
                self._calculate(element, node, node.calculate)
            elif node.choices is not None:
                self._offer(element, node, node.choices)

    def _relevance(self, element: Element, number: int, expression: int) -> None:
        try:
            own = to_boolean(self.evaluate(expression, element))
        except EvaluationError as error:
            self.faults[element.path] = error
            own = True
        if own != element.own:
            element.own = own
            around = element.parent is not None and element.parent.hidden
            self._hide(element, around)
            self.changed_below(number)

    def _hide(self, element: Element, around: bool) -> None:
        element.hidden = around or not element.own
        for kid in element.children:
            if isinstance(kid, Element):
                self._hide(kid, element.hidden)

    def _calculate(self, element: Element, node: Node, expression: int) -> None:
        try:
            text = answer_text(self.evaluate(expression, element), node.type, self.world.now)
        except EvaluationError as error:
            self.faults[element.path] = error
            text = ""
        if text != element.value:
            element.value = text
            self.changed(element)

    def _offer(self, element: Element, node: Node, choices: Choices) -> None:
        """An answer that is offered no more reads as none; what was given comes back with the offer."""
        given = element.held()
        if not given:
            return
        nodeset = self.form.expressions[choices.nodeset]
        try:
            found = self.evaluate(choices.nodeset, element)
            open_now = found if isinstance(found, list) else []
            one = node.control == "select1"
            text = offered(given, choices, one, open_now, nodeset, lambda ast: self._ask(ast, element))
        except EvaluationError:
            text = given  # told by the checks: nobody can say what is offered
        element.given = None if text == given else given
        if text != element.value:
            element.value = text
            self.changed(element)

    def _ask(self, ast: Ast, element: Element) -> Value:
        return compile_ast(ast)(Scope(element, element, self.world))

    # -- instances of repeats

    def _count(self, parent: Element, number: int, expression: int) -> None:
        """Makes as many instances as the count says. What goes is set aside and comes back.

        Only a count that becomes another one takes instances away: a record that two people added rows to has
        more than either counted, and loading it must not drop one.
        """
        if parent.hidden:  # nobody asks now; what a person has entered stays until somebody does
            return
        # the expression stands at the repeat, which may have no instance yet
        name = self.form.nodes[number].name
        stand_in = Element(name, number, f"{parent.path}/{name}")
        stand_in.parent = parent
        self.faults.pop(stand_in.path, None)
        if not self.truth(self.form.nodes[number].relevant, stand_in, otherwise=True):
            return
        try:
            wanted = to_number(self.evaluate(expression, stand_in))
        except EvaluationError as error:
            self.faults[stand_in.path] = error
            return
        target = min(MOST_INSTANCES, max(0, int(wanted))) if math.isfinite(wanted) else 0
        present = self.record.instances(parent, number)
        key = (parent.path, number)
        aside = self._set_aside.setdefault(key, [])
        surplus = present[target:] if self._counted.setdefault(key, target) != target else []
        self._counted[key] = target
        for element in reversed(surplus):
            self.record.take_out(element)
            aside.append(element)
        start = self.form.nodes[number].start or ()
        for made in range(len(present), target):
            if aside:
                self.bring_back(parent, aside.pop())
            else:
                self.created.append(
                    self.new_instance(parent, number, start[made] if made < len(start) else None)
                )
        if surplus or len(present) < target:
            self.changed_below(number)

    def bring_back(self, parent: Element, element: Element) -> None:
        """Puts an instance back that had been set aside."""
        self.record.insert(parent, element)
        self._hide(element, parent.hidden)
        self._queue(self.plan.inside[element.number])

    def new_instance(self, parent: Element, number: int, start: Start | None = None) -> Element:
        """A new instance at the end with its defaults, or with what the form begins with; it is queued."""
        instance = self._unused()
        element = self.record.add_instance(parent, number, instance, self.record.next_order(parent, number))
        self.fill(element, start)
        self.changed_below(number)
        self._queue(self.plan.inside[number])
        return element

    def _unused(self) -> str:
        """An instance id that the record does not have; a context that repeats itself gets a number added."""
        given = instance = self.world.context.instance_id()
        tries = 0
        while instance in self._taken:
            tries += 1
            given = self.world.context.instance_id() if tries < _TRIES else given
            instance = given if tries < _TRIES else f"{given}{tries}"
        self.reserve(instance)
        return instance

    def reserve(self, instance: str) -> None:
        """An instance id that is taken."""
        self._taken.add(instance)

    def fill(self, element: Element, start: Start | None = None) -> None:
        """Defaults and first instances below a new element; `start` where it has its own."""
        values: dict[str, str]
        nested: dict[str, Sequence[Start | None]]
        values, nested = start or [{}, {}]
        for each in list(self.record.walk(element)):
            if each.number >= 0:
                node = self.form.nodes[each.number]
                each.value = values.get(node.path, node.default or "")
            for child, below in self.plan.children(each.number):
                if below.kind == "repeat" and below.count is None:
                    for one in nested.get(below.path, below.start or (None,) * (below.initial or 0)):
                        self.new_instance(each, child, one)

    def remove(self, element: Element) -> None:
        """Takes an instance out for good."""
        self.record.take_out(element)
        self.changed_below(element.number)

    # -- actions

    def set_value(self, element: Element, expression: int | None) -> bool:
        """What a `setvalue` action does; whether the value is another one now."""
        self.unset.pop(element.path, None)
        node = self.form.nodes[element.number]
        text = ""
        if expression is not None:
            try:
                text = answer_text(self.evaluate(expression, element), node.type, self.world.now)
            except EvaluationError as error:
                self.unset[element.path] = error
        if text == element.held():
            return False
        element.put(text)
        self.answered(element)
        return True

    def text_of(self, expression: int, element: Element) -> str:
        """The value of an expression as text; "" where it cannot be worked out."""
        try:
            return to_text(self.evaluate(expression, element))
        except EvaluationError:
            return ""
