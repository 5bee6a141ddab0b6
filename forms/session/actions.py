"""Actions of a form and the events that set them off. Twin of `logic/actions.js`."""

from __future__ import annotations

from collections.abc import Collection, Container

from forms.model import Action, Form
from forms.session.engine import Engine
from forms.session.record import Element, form_path
from forms.session.texts import nearest

AT_FIRST = ("odk-instance-first-load", "xforms-ready", "odk-instance-load")
AT_LOAD = ("odk-instance-load",)
_ONCE = ("odk-instance-first-load", "xforms-ready", "odk-new-repeat")
_LONGEST = 100
"""A chain of actions that set each other off is cut after so many."""


class Actions:
    """`wanted`: paths whose position somebody has to measure (`setgeopoint`), in the order that they were asked for."""

    def __init__(self, form: Form, engine: Engine) -> None:
        self.form = form
        self.engine = engine
        self.wanted: dict[str, None] = {}

    def settle(self) -> None:
        """Computes, then runs the actions of new instances, until both rest."""
        self.engine.settle()
        while self.engine.created:
            new = self.engine.created.pop(0)
            inside = list(self.engine.record.walk(new))
            set_off = [
                element
                for action in self.form.actions
                if action.event == "odk-new-repeat"
                for element in inside
                if form_path(element.path) == action.sets and self._set(element, action)
            ]
            self.engine.settle()
            for element in set_off:
                self.changed(element)

    def run(self, events: Collection[str]) -> None:
        """All actions of some events, in the order of the form."""
        for action in self.form.actions:
            if action.event in events:
                self._act(action, list(self.engine.record.elements(self.form.by_path[action.sets])))

    def begin_later(self, paths: Container[str], reasons: Container[str]) -> None:
        """Actions that give nodes (`paths`) their first value, where they have neither one nor a reason for none."""
        for action in self.form.actions:
            if action.event in _ONCE and action.sets in paths and not action.geopoint:
                there = list(self.engine.record.elements(self.form.by_path[action.sets]))
                self._act(action, [each for each in there if not each.held() and each.path not in reasons])

    def changed(self, element: Element, before: int = 0) -> None:
        """An answer was given or set, and what depends on it computed: its own actions follow (`xforms-value-changed`).

        What is calculated sets nothing off (JavaRosa).
        """
        path = self.form.nodes[element.number].path
        for action in self.form.actions:
            if action.event == "xforms-value-changed" and action.path == path and before < _LONGEST:
                closest = nearest(self.engine.record.elements(self.form.by_path[action.sets]), element)
                self._act(action, [] if closest is None else [closest], before + 1)

    def _act(self, action: Action, elements: list[Element], before: int = 0) -> None:
        set_off = [element for element in elements if self._set(element, action)]
        self.settle()
        for element in set_off:
            self.changed(element, before)

    def _set(self, element: Element, action: Action) -> bool:
        """Whether its value is another one now."""
        if action.geopoint:
            self.wanted[element.path] = None
            return False
        return self.engine.set_value(element, action.value)
