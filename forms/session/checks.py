"""What is wrong with the answers of a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from forms.model import Node
from forms.problems import LANGUAGES, Problem, catalogue
from forms.session.engine import Engine
from forms.session.record import Element
from forms.session.texts import Texts
from forms.session.values import on_scale, type_problem
from forms.xpath.errors import EvaluationError
from forms.xpath.functions.string import words
from forms.xpath.values import to_boolean

NUMBERS = {"required": "HW-1301", "constraint": "HW-1302", "choice": "HW-1309", "expression": "HW-1310"}


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """A problem at a question. `code`: required, constraint, type, choice, expression.

    `message` is what the form says, else the text of the catalogue's `number` in the language of the session.
    """

    path: str
    code: str
    message: str
    number: str

    def remedy(self, lang: str) -> str:
        """How to mend it."""
        return catalogue(lang)[f"{self.number}.remedy"]

    def as_dict(self, lang: str) -> dict[str, str]:
        """For JSON: code (of the catalogue), place, message, remedy."""
        return {
            "code": self.number,
            "place": self.path,
            "message": self.message,
            "remedy": self.remedy(lang),
        }


class Checks:
    """Checks the questions of a record. A reason is as good as an answer where one is required."""

    def __init__(self, engine: Engine, texts: Texts, reasons: dict[str, str]) -> None:
        self.engine = engine
        self.texts = texts
        self.reasons = reasons

    def all(self) -> list[AnswerProblem]:
        """Problems in the order of the form, at most one a question."""
        found = []
        for element in self.engine.record.walk():
            if element.hidden:
                continue
            problem = next(self.at(element), None) if element.number >= 0 else None
            if problem is not None:
                found.append(problem)
            found.extend(self._counts(element))
        return found

    def _counts(self, parent: Element) -> Iterator[AnswerProblem]:
        """Counts of repeats in an element that could not be worked out, at the path of the repeat."""
        for _, node in self.engine.plan.counted.get(parent.number, ()):
            path = f"{parent.path}/{node.name}"
            fault = self.engine.faults.get(path)
            if fault is not None:
                yield replace(self._problem(parent, "expression", None, fault), path=path)

    def at(self, element: Element) -> Iterator[AnswerProblem]:
        """Problems of one element."""
        node = self.engine.form.nodes[element.number]
        fault = self.engine.faults.get(element.path) or self.engine.unset.get(element.path)
        if fault is not None:
            yield self._problem(element, "expression", None, fault)
        if node.kind != "question" or node.role == "desk":
            return
        if element.given is not None:
            yield self._problem(element, "choice", None)
        if not element.value:
            yield from self._required(element, node)
            return
        number = type_problem(element.value, node.type)
        if number:
            yield self._problem(element, "type", None, number)
        elif node.control == "range" and not on_scale(element.value, node.parameters):
            yield self._problem(
                element, "constraint", None, EvaluationError("HW-1390", **{"step": "1", **node.parameters})
            )
        yield from self._choice(element, node)
        yield from self._constraint(element, node)

    def required(self, element: Element, node: Node) -> bool:
        """Whether an answer is required now."""
        return self.engine.truth(node.required, element, otherwise=False)

    def _required(self, element: Element, node: Node) -> Iterator[AnswerProblem]:
        if node.required is None or self.reasons.get(element.path):
            return
        try:
            wanted = to_boolean(self.engine.evaluate(node.required, element))
        except EvaluationError as error:
            yield self._problem(element, "expression", None, error)
            return
        if wanted:
            yield self._problem(element, "required", node.required_msg)

    def _constraint(self, element: Element, node: Node) -> Iterator[AnswerProblem]:
        if node.constraint is None:
            return
        try:
            holds = to_boolean(self.engine.evaluate(node.constraint, element))
        except EvaluationError as error:
            yield self._problem(element, "constraint", None, error)
            return
        if not holds:
            yield self._problem(element, "constraint", node.constraint_msg)

    def _choice(self, element: Element, node: Node) -> Iterator[AnswerProblem]:
        if node.choices is None:
            return
        try:
            offered = {value for value, _ in self.texts.choices(element)}
        except EvaluationError as error:
            yield self._problem(element, "choice", None, error)
            return
        chosen = [element.value] if node.control == "select1" else words(element.value)
        if not offered.issuperset(chosen):
            yield self._problem(element, "choice", None)

    def _problem(
        self, element: Element, code: str, text: int | None, fault: EvaluationError | str = ""
    ) -> AnswerProblem:
        number = fault.code if isinstance(fault, EvaluationError) else fault or NUMBERS[code]
        params = fault.params if isinstance(fault, EvaluationError) else {}
        lang = self.texts.tag if self.texts.tag in LANGUAGES else "en"
        message = self.texts.text(text, element) or Problem(number, params=params).message(lang)
        return AnswerProblem(element.path, code, message, number)
