"""Labels, hints, messages and choices in the language of a session."""

from __future__ import annotations

from forms.model import Form
from forms.session.columns import column
from forms.session.engine import Engine
from forms.session.record import Element
from forms.session.world import ChoiceNode
from forms.xpath.errors import EvaluationError
from forms.xpath.nodes import Node, RowNode


class Texts:
    """`language` is a name of the form's languages, "" where it has none."""

    def __init__(self, form: Form, engine: Engine) -> None:
        self.form = form
        self.engine = engine
        self.language = form.default_language

    @property
    def tag(self) -> str:
        """The short code of the language."""
        return next((each.tag for each in self.form.languages if each.name == self.language), "")

    def text(self, number: int | None, element: Element, kind: str = "long") -> str:
        """A text with its values filled in, seen from an element; "" for none.

        A missing translation is replaced by the default language, then by any.
        """
        if number is None:
            return ""
        text = self.form.texts[number]
        for language in (self.language, self.form.default_language, "", *text):
            pieces = text.get(language, {}).get(kind)
            if pieces is not None:
                return "".join(
                    piece if isinstance(piece, str) else self.engine.text_of(piece, element)
                    for piece in pieces
                )
        return ""

    def choices(self, element: Element) -> list[tuple[str, str]]:
        """(value, label) of the choices that are open at a question now; [] where there are none.

        Raises EvaluationError where the filter cannot be worked out.
        """
        choices = self.form.nodes[element.number].choices
        if choices is None:
            return []
        value = self.engine.evaluate(choices.nodeset, element)
        nodes = value if isinstance(value, list) else []
        return [
            (column(node, choices.value), self._label(node, choices.label, choices.itext, element))
            for node in nodes
        ]

    def _label(self, node: Node, name: str, itext: bool, element: Element) -> str:
        if isinstance(node, ChoiceNode) and node.label is not None:
            return self.text(node.label, element)
        if itext and (number := self.form.itext.get(column(node, name))) is not None:
            return self.text(number, element)
        if isinstance(node, RowNode):
            # lists may carry a label in each language: label_zh, label_en beside label
            return node.row.get(f"{name}_{self.tag}") or node.row.get(name, "")
        return column(node, name)

    def itext(self, key: str, origin: Node) -> str:
        """`jr:itext`: the text with an id, seen from a node; "" where there is none."""
        return self.text(self.form.itext.get(key), origin) if isinstance(origin, Element) else ""

    def choice_name(self, value: str, path: str, origin: Node) -> str:
        """`jr:choice-name`: the label of a value at the question with a path, seen from a node."""
        question = self._question(path.strip(), origin)
        if question is None:
            return ""
        try:
            return next((label for each, label in self.choices(question) if each == value), "")
        except EvaluationError:
            return ""

    def _question(self, path: str, origin: Node) -> Element | None:
        if not path.startswith("/"):
            at: Node | None = origin
            for step in path.split("/"):
                if at is None or step in (".", "current()"):
                    continue
                at = at.parent if step == ".." else next(iter(at.named(step)), None)
            return at if isinstance(at, Element) else None
        number = self.form.by_path.get(path)
        if number is None or not isinstance(origin, Element):
            return None
        return nearest(self.engine.record.elements(number), origin)


def nearest(candidates: list[Element], origin: Element) -> Element | None:
    """The element that shares the most instances of repeats with another."""

    def shared(element: Element) -> int:
        length = 0
        for one, other in zip(element.path.split("/"), origin.path.split("/"), strict=False):
            if one != other:
                break
            length += 1
        return length

    return max(candidates, key=shared, default=None)
