"""A record being filled in: what is relevant, what is computed, what is wrong. Twin of `logic/session.js`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from forms.model import Form
from forms.problems import FormError, Problem
from forms.session.actions import AT_FIRST, AT_LOAD, Actions
from forms.session.checks import AnswerProblem, Checks
from forms.session.context import Context, SystemContext
from forms.session.engine import Engine
from forms.session.lists import Lists, MemoryLists
from forms.session.plan import Plan
from forms.session.record import Element, Record, form_path
from forms.session.texts import Texts
from forms.session.values import typed_text
from forms.session.world import SessionWorld
from forms.xpath.nodes import Node as TreeNode

REASONS = ("dont_know", "refused", "not_applicable", "come_back")
"""Why an answer is missing."""


class EntityRow(NamedTuple):
    """A row that a record offers to an entity list."""

    list: str
    row: dict[str, str]


class Session:
    """Holds the answers and reasons of one record of a form (docs/form-model.md, "Session").

    Without `answers` the record is new: defaults, preloads and first-load actions apply. Paths are flat paths
    with instance ids. Methods raise FormError (HW-14xx) for paths that the record does not have.
    """

    def __init__(
        self,
        form: Form,
        lists: Lists | None = None,
        answers: Mapping[str, str] | None = None,
        reasons: Mapping[str, str] | None = None,
        context: Context | None = None,
        language: str = "",
    ) -> None:
        self.form = form
        self.context: Context = context or SystemContext()
        plan = Plan.of(form)
        self._record = Record(form, plan)
        world = SessionWorld(form, lists or MemoryLists(), self.context, self._choice_name, self._itext)
        self._world = world
        self._engine = Engine(form, plan, self._record, world)
        self._texts = Texts(form, self._engine)
        self._actions = Actions(form, self._engine)
        self._reasons: dict[str, str] = {}
        self._unknown: dict[str, str] = {}
        self._checks = Checks(self._engine, self._texts, self._reasons)
        if language:
            self._texts.language = form.language(language)
        if answers is not None:
            self._load(answers, reasons or {})
        else:
            self._begin()

    # -- beginning

    def _begin(self) -> None:
        self._engine.fill(self._record.top)
        for number, node in enumerate(self.form.nodes):
            if node.preload is not None and node.preload != ("timestamp", "end"):
                for element in self._record.elements(number):
                    element.value = self._preload(*node.preload)
        self._engine.queue_all()
        self._actions.settle()
        self._actions.run(AT_FIRST)

    def _load(self, answers: Mapping[str, str], reasons: Mapping[str, str]) -> None:
        self._unknown = self._record.load(answers, self._engine.reserve)
        self._reasons.update({path: reason for path, reason in reasons.items() if reason})
        self._engine.queue_all()
        self._actions.settle()
        self._actions.run(AT_LOAD)

    def _preload(self, kind: str, parameter: str) -> str:
        if kind == "timestamp":
            return self.context.now()
        if kind == "date":
            return self.context.now()[:10]
        if kind == "uid":
            return f"uuid:{self.context.uuid()}"
        if kind == "property":
            return {"deviceid": self.context.deviceid, "username": self.context.username}.get(parameter, "")
        return ""

    # -- language

    @property
    def language(self) -> str:
        """Name of the language of labels and messages; set by name or tag (`zh`). What says a label follows."""
        return self._texts.language

    @language.setter
    def language(self, wanted: str) -> None:
        self._texts.language = self.form.language(wanted)
        self._engine.language_changed()
        self._actions.settle()

    # -- answering

    def answer(self, path: str, value: str) -> None:
        """Sets an answer, `""` clears it; calculations, counts of repeats and relevance follow."""
        element = self._leaf(path)
        if not isinstance(value, str):
            raise FormError([Problem("HW-1404", path, {"path": path})])
        node = self.form.nodes[element.number]
        text = typed_text(value, node.type)
        if text:
            self._reasons.pop(path, None)
        self._engine.unset.pop(path, None)
        self._actions.wanted.pop(path, None)
        if text == element.held():
            return
        element.put(text)
        self._engine.answered(element)
        self._actions.settle()
        self._actions.changed(element)

    def positions_wanted(self) -> list[str]:
        """Paths whose position is to be measured (`setgeopoint`), until `located` or an answer says where that is."""
        return [path for path in self._actions.wanted if path in self._record.by_path]

    def located(self, path: str, value: str) -> None:
        """A position that was measured (latitude, longitude, altitude, accuracy); "" where that failed."""
        self._actions.wanted.pop(path, None)
        if value and path in self._record.by_path:
            self.answer(path, value)

    def reason(self, path: str, reason: str) -> None:
        """Why there is no answer (one of `REASONS`); it clears the answer. `""` takes the reason back."""
        self._leaf(path)
        if not reason:
            self._reasons.pop(path, None)
            return
        if reason not in REASONS:
            raise FormError([Problem("HW-1403", path, {"reason": str(reason)})])
        self.answer(path, "")
        self._reasons[path] = reason

    def add_repeat(self, path: str) -> str:
        """A new instance of a repeat (its path without the last id); returns the path of the instance."""
        parent, number = self._repeat(path)
        self._by_hand(number, path)
        element = self._engine.new_instance(parent, number)
        self._engine.created.append(element)
        self._actions.settle()
        return element.path

    def remove_repeat(self, instance_path: str) -> None:
        """Removes an instance and all answers and reasons in it."""
        element = self._element(instance_path)
        if not element.instance:
            raise self._missing(instance_path)
        self._by_hand(element.number, instance_path)
        self._engine.remove(element)
        for path in [path for path in self._reasons if path.startswith(instance_path + "/")]:
            del self._reasons[path]
        self._actions.settle()

    def _by_hand(self, number: int, path: str) -> None:
        """Raises FormError where the number of rows is not for a person to change."""
        count = self.form.nodes[number].count
        if count is not None:
            fixed = self.form.expressions[count][0] == "num"
            raise FormError([Problem("HW-1420" if fixed else "HW-1402", path, {"path": path})])

    # -- asking

    def value(self, path: str) -> str:
        """The answer as text, "" for none; also while it is not relevant, but not what is offered no more."""
        return self._element(path).value

    def relevant(self, path: str) -> bool:
        """Whether a question, group, repeat or instance is shown."""
        element = self._record.by_path.get(path)
        if element is not None:
            return not element.hidden
        parent, number = self._repeat(path)
        stand_in = self._stand_in(parent, number)
        own = self._engine.truth(self.form.nodes[number].relevant, stand_in, otherwise=True)
        return own and not parent.hidden

    def required(self, path: str) -> bool:
        """Whether an answer (or a reason) is required now."""
        element = self._element(path)
        return self._checks.required(element, self.form.nodes[element.number])

    def readonly(self, path: str) -> bool:
        """Whether the answer cannot be changed by a person: calculated, or read-only by its bind or that
        of a group or repeat around it."""
        element = self._element(path)
        return self.form.nodes[element.number].is_derived() or self._engine.is_readonly(element)

    def label(self, path: str) -> str:
        """The label with its values, in the language of the session."""
        element = self._any(path)
        return self._texts.text(self.form.nodes[element.number].label, element)

    def hint(self, path: str) -> str:
        """The hint, likewise."""
        element = self._any(path)
        return self._texts.text(self.form.nodes[element.number].hint, element)

    def choices(self, path: str) -> list[tuple[str, str]]:
        """(value, label) of the choices that are open now. Raises EvaluationError where the filter fails."""
        return self._texts.choices(self._element(path))

    def instances(self, repeat_path: str) -> list[str]:
        """Paths of the instances of a repeat, in order."""
        parent, number = self._repeat(repeat_path)
        return [element.path for element in self._record.instances(parent, number)]

    def paths(self) -> list[str]:
        """Flat paths of all nodes and instances that the record has now, in document order."""
        return [element.path for element in self._record.walk() if element.number >= 0]

    def problems(self) -> list[AnswerProblem]:
        """All that is wrong, in the order of the form, at most one a question."""
        return self._checks.all()

    def problems_at(self, path: str) -> list[AnswerProblem]:
        """All that is wrong with one question."""
        element = self._element(path)
        return [] if element.hidden else list(self._checks.at(element))

    # -- results

    def answers(self) -> dict[str, str]:
        """All answers now, those of irrelevant questions and those offered no more too; instances hold their order
        key."""
        return {path: given for path, given, _, _ in self._values()}

    def reasons(self) -> dict[str, str]:
        """All reasons now."""
        return {path: reason for path, reason in self._reasons.items() if path in self._record.by_path}

    def extra(self) -> dict[str, str]:
        """Answers that were loaded but that this form has no place for."""
        return dict(self._unknown)

    def finalise(self) -> tuple[dict[str, str], dict[str, str]]:
        """Sets `end`; gives (answers, reasons) without what is not relevant. Answers of the desk stay."""
        for number, node in enumerate(self.form.nodes):
            if node.preload == ("timestamp", "end"):
                for element in self._record.elements(number):
                    element.value = self.context.now()
                    self._engine.changed(element)
        self._actions.settle()
        answers = {path: value for path, _, value, shown in self._values() if shown and value}
        by_path = self._record.by_path
        reasons = {
            path: reason
            for path, reason in self._reasons.items()
            if path in by_path and not by_path[path].hidden and path not in answers
        }
        return answers, reasons

    def _values(self) -> list[tuple[str, str, str, bool]]:
        """(path, what was given, what it reads as, stays when finalised) of all that has a value."""
        found = []
        for element in self._record.walk():
            if element.instance:
                found.append((element.path, element.order, element.order, not element.hidden))
            elif element.number >= 0 and element.held():
                node = self.form.nodes[element.number]
                if node.is_leaf():
                    shown = not element.hidden or node.role == "desk"
                    found.append((element.path, element.held(), element.value, shown))
        return found

    def instance_name(self) -> str:
        """The name of the record for people; "" where the form gives none."""
        if self.form.instance_name is None:
            return ""
        return self._engine.text_of(self.form.instance_name, self._record.top)

    def entities(self) -> list[EntityRow]:
        """What this record offers to other forms; [] where it offers nothing.

        A row has `name` (the record's instanceID without `uuid:`), `label`, and what the form saves.
        """
        entity = self.form.entity
        if entity is None:
            return []
        top = self._record.top
        if entity.create_if >= 0 and not self._engine.truth(entity.create_if, top, otherwise=False):
            return []
        row = {
            "name": self._instance_id(),
            "label": self._engine.text_of(entity.label, top) if entity.label >= 0 else "",
        }
        for column, path in entity.save_to.items():
            element = next(iter(self._record.elements(self.form.by_path[path])), None)
            row[column] = element.value if element is not None and not element.hidden else ""
        return [EntityRow(entity.list, row)]

    def _instance_id(self) -> str:
        element = self._record.by_path.get(f"{self.form.root}/meta/instanceID")
        return element.value.removeprefix("uuid:") if element is not None else ""

    @property
    def lists(self) -> Lists:
        """The attached lists that this session reads."""
        return self._world.lists

    def lists_changed(self) -> None:
        """Attached lists have changed: reads them again and computes everything again."""
        self._world.forget_lists()
        self._engine.queue_all()
        self._actions.settle()

    # -- finding

    def _missing(self, path: str) -> FormError:
        return FormError([Problem("HW-1401", path, {"path": path})])

    def _element(self, path: str) -> Element:
        element = self._record.by_path.get(path)
        if element is None or element.number < 0:
            raise self._missing(path)
        return element

    def _leaf(self, path: str) -> Element:
        element = self._element(path)
        if not self.form.nodes[element.number].is_leaf():
            raise self._missing(path)
        return element

    def _repeat(self, path: str) -> tuple[Element, int]:
        parent = self._record.by_path.get(path.rpartition("/")[0])
        number = self.form.by_path.get(form_path(path), -1)
        if parent is None or number not in Plan.of(self.form).repeats or path.endswith("]"):
            raise self._missing(path)
        return parent, number

    def _stand_in(self, parent: Element, number: int) -> Element:
        """For a repeat that has no instance: an element at its place."""
        element = Element(
            self.form.nodes[number].name, number, f"{parent.path}/{self.form.nodes[number].name}"
        )
        element.parent = parent
        return element

    def _any(self, path: str) -> Element:
        """An element, or the place of a repeat."""
        element = self._record.by_path.get(path)
        if element is not None and element.number >= 0:
            return element
        return self._stand_in(*self._repeat(path))

    def _choice_name(self, value: str, path: str, origin: TreeNode) -> str:
        return self._texts.choice_name(value, path, origin)

    def _itext(self, key: str, origin: TreeNode) -> str:
        return self._texts.itext(key, origin)
