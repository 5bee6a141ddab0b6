"""What a page of a form shows, in order: a tree of items read from a `forms.Session`, ready for the
templates.

Every question is there, also those that do not apply now (hidden), so that scripts only have to uncover
them. Not there are questions of the desk, calculations and preloads. The blank instance of each repeat is
for scripts to copy: it has what the form says without any answer, and whoever copies it brings it up to
date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms import Form, Session
from forms.model import Node
from forms.shown import choice_texts, shown_beside, shows_choices
from forms.xpath.errors import EvaluationError

from ..entities import near_first
from ..visit.roster import place_of

BLANK = "__ID__"
"""Stands for the id of an instance in the blank copy of a repeat."""

LONG_LIST = 16
"""From here on one choice is picked from a list and not from buttons."""

SHORT_LABEL = 22
"""Width (a Chinese character counts two) up to which choices stand side by side."""

SHAPES = {
    "int": "int",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "dateTime": "datetime",
    "geopoint": "geopoint",
}
GROUP_LIKE = ("group", "repeat")

Beside = Mapping[str, str]
"""What stands beside a text: `image`, `big-image`, `audio`, `video` -> address."""


@dataclass
class Item:
    """One thing on the page. `path` is flat; texts are in the session's language. `choice_media` has (value, label,
    what stands beside) of every choice with something beside it, also of those that are not open now."""

    node: Node
    path: str
    shape: str
    hidden: bool = False
    label: str = ""
    hint: str = ""
    value: str = ""
    reason: str = ""
    required: bool = False
    readonly: bool = False
    error: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    beside: Beside = field(default_factory=dict)
    choice_media: list[tuple[str, str, Beside]] = field(default_factory=list)
    children: list[Item] = field(default_factory=list)
    instances: list[Item] = field(default_factory=list)
    blank: Item | None = None

    @property
    def counted(self) -> bool:
        """A rule of the form gives the number of instances: nobody adds or removes one by hand."""
        return self.node.count is not None

    @property
    def blank_copy(self) -> bool:
        """It stands in the blank instance of a repeat, which only scripts use."""
        return BLANK in self.path

    @property
    def selected(self) -> list[str]:
        """The ticked choices of a question with several."""
        return self.value.split()

    @property
    def short(self) -> bool:
        """All labels are so short that the choices stand side by side."""
        return all(width(label) <= SHORT_LABEL for _, label in self.choices)

    @property
    def searchable(self) -> bool:
        """The list is long: scripts offer to search in it."""
        return "autocomplete" in self.node.appearance or "minimal" in self.node.appearance

    @property
    def accept(self) -> str:
        """Media types that a file question takes."""
        return self.node.mediatype or "*/*"

    @property
    def capture(self) -> str:
        """Which camera or microphone the phone opens at once; empty lets the person choose."""
        return "environment" if "new" in self.node.appearance else ""

    @property
    def start(self) -> str:
        """Lower end of a range."""
        return self.node.parameters.get("start", "0")

    @property
    def end(self) -> str:
        """Upper end of a range."""
        return self.node.parameters.get("end", "10")

    @property
    def low(self) -> str:
        """The lesser of its ends: a range may run downwards."""
        return min(self.start, self.end, key=float)

    @property
    def high(self) -> str:
        """The greater of its ends."""
        return max(self.start, self.end, key=float)

    @property
    def step(self) -> str:
        """Step of a range."""
        return self.node.parameters.get("step", "1")

    @property
    def ranked(self) -> list[tuple[str, str]]:
        """Choices by the place that the answer gives them, the others after them."""
        return sorted(self.choices, key=lambda choice: self.place(choice[0]) or len(self.choices) + 1)

    @property
    def places(self) -> range:
        """The places that a choice can take; 0 for none."""
        return range(len(self.choices) + 1)

    def place(self, choice: str) -> int:
        """1 for what is ranked first; 0 for what has no place."""
        order = self.selected
        return order.index(choice) + 1 if choice in order else 0

    def beside_choice(self, value: str, label: str) -> Beside:
        """What stands beside a choice; of several with one value what belongs to the one with this label."""
        found = [(text, beside) for each, text, beside in self.choice_media if each == value]
        return next((beside for text, beside in found if text == label), found[0][1] if found else {})

    def walk(self) -> Iterator[Item]:
        """This item and all below it, without blanks."""
        yield self
        for one in (*self.children, *self.instances):
            yield from one.walk()


def width(text: str) -> int:
    """Width of a text in Latin letters."""
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def outline(
    session: Session, errors: Mapping[str, str] | None = None, media: Mapping[str, str] | None = None
) -> list[Item]:
    """The items of the whole form. `errors` are texts by flat path, shown at their questions; `media` the addresses of
    the files that the form shows, by name."""
    return _Builder(session, errors or {}, media or {}).children(-1, "")


def questions(items: list[Item]) -> list[tuple[str, str]]:
    """(flat path, shape) of every question on the page, in order."""
    return [(one.path, one.shape) for top in items for one in top.walk() if one.node.kind == "question"]


class _Builder:
    def __init__(self, session: Session, errors: Mapping[str, str], media: Mapping[str, str]) -> None:
        self.session = session
        self.form: Form = session.form
        self.errors = errors
        self.media = media
        self.reasons = session.reasons()
        self.village = place_of(session.answers())

    def children(self, number: int, prefix: str) -> list[Item]:
        """Items below a node; `prefix` is the flat path that stands for the node's own."""
        above = self.form.nodes[number].path if number >= 0 else ""
        found = []
        for child in self.form.children[number]:
            node = self.form.nodes[child]
            path = prefix + node.path[len(above) :]
            item = self.item(child, node, path)
            if item is not None:
                found.append(item)
        return found

    def item(self, number: int, node: Node, path: str) -> Item | None:
        if node.kind == "group":
            return self.group(number, node, path)
        if node.kind == "repeat":
            return self.repeat(number, node, path)
        if node.kind == "note":
            return self.text_item(node, path, "note")
        if node.kind == "question" and node.role != "desk" and not heads_a_table(node):
            return self.question(node, path)
        return None

    def text_item(self, node: Node, path: str, shape: str) -> Item:
        beside = self.beside(node.label)
        if BLANK in path:
            return Item(
                node,
                path,
                shape,
                beside=beside,
                hidden=node.relevant is not None,
                label=self.plain_text(node.label),
                hint=self.plain_text(node.hint),
            )
        return Item(
            node,
            path,
            shape,
            beside=beside,
            hidden=not self.session.relevant(path),
            label=self.session.label(path),
            hint=self.session.hint(path),
        )

    def beside(self, number: int | None) -> Beside:
        """The addresses of what stands beside a text; what is not here is left out."""
        if not self.media:
            return {}
        names = shown_beside(self.form, number, self.session.language)
        return {kind: self.media[name] for kind, name in names.items() if name in self.media}

    def plain_text(self, number: int | None) -> str:
        """A text of the form without the answers that it quotes."""
        if number is None:
            return ""
        text = self.form.texts[number]
        found = text.get(self.session.language) or text.get(self.form.default_language) or text.get("") or {}
        return "".join(piece for piece in found.get("long", []) if isinstance(piece, str))

    def group(self, number: int, node: Node, path: str) -> Item | None:
        item = self.text_item(node, path, "group")
        item.children = self.children(number, path)
        return item if item.children else None

    def repeat(self, number: int, node: Node, path: str) -> Item | None:
        item = self.text_item(node, path, "repeat")
        for instance in [] if BLANK in path else self.session.instances(path):
            item.instances.append(Item(node, instance, "instance", children=self.children(number, instance)))
        blank = f"{path}[{BLANK}]"
        item.blank = Item(node, blank, "instance", children=self.children(number, blank))
        return item

    def question(self, node: Node, path: str) -> Item:
        item = self.text_item(node, path, shape_of(node, self.form))
        item.choice_media = self.choice_media(node)
        if BLANK in path:
            item.required = node.required is not None
            item.choices = self.plain_choices(node)
            return item
        item.value = self.session.value(path)
        item.reason = self.reasons.get(path, "")
        item.required = self.session.required(path)
        item.readonly = self.session.readonly(path)
        item.error = self.errors.get(path, "")
        if node.choices is not None:
            item.choices = self.open_choices(node, path)
        return item

    def open_choices(self, node: Node, path: str) -> list[tuple[str, str]]:
        try:
            found = self.session.choices(path)
        except EvaluationError:
            return []  # the session reports it as a problem of this question
        source = node.choices
        if source is None or not self.village or "src" not in self.form.instances.get(source.instance, {}):
            return found
        return near_first(found, self.session.lists.rows(source.instance, None), source.value, self.village)

    def plain_choices(self, node: Node) -> list[tuple[str, str]]:
        """Choices that stand in the form itself; those of attached lists are for whoever copies the blank."""
        if node.choices is None:
            return []
        items = self.form.instances.get(node.choices.instance, {}).get("items", [])
        return [(row[node.choices.value], self.plain_label(row, node.choices.label)) for row in items]

    def plain_label(self, row: Mapping[str, Any], column: str) -> str:
        """The label of a choice: a text of the form by its number, or, where it has no languages, the words."""
        label = row.get("label", "")
        return self.plain_text(label) if isinstance(label, int) else str(row.get(column, ""))

    def choice_media(self, node: Node) -> list[tuple[str, str, Beside]]:
        """(value, label, what stands beside) of the choices that have something beside them."""
        if not self.media:
            return []
        return [
            (value, self.plain_text(text), beside)
            for value, texts in choice_texts(self.form, node).items()
            for text in texts
            if (beside := self.beside(text))
        ]


def heads_a_table(node: Node) -> bool:
    """The row of labels above choices in a table (appearance `label`), which other apps lay out as one: nobody is
    asked it, and each question below has its own labels here."""
    return node.control in ("select1", "select") and "label" in node.appearance


def shape_of(node: Node, form: Form) -> str:
    """Which control asks this question: the name of a macro in `templates/fill/controls.html`."""
    if node.control == "select1":
        return "select" if _is_long(node, form) else "radio"
    if node.control == "select":
        return "checks"
    if node.control in ("rank", "upload", "trigger", "range"):
        return node.control
    if node.type == "string" and "multiline" in node.appearance:
        return "area"
    return SHAPES.get(node.type, "text")


def _is_long(node: Node, form: Form) -> bool:
    if node.choices is None or {"minimal", "autocomplete"} & set(node.appearance):
        return True
    if shows_choices(form, node):  # a list to pick from has room for texts alone
        return False
    instance = form.instances.get(node.choices.instance, {})
    return "items" not in instance or len(instance["items"]) >= LONG_LIST
