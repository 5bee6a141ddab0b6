"""What a form shows beside its texts: pictures, sound and video, by the names of their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forms.attached.media import media_name
from forms.model import Form, Node

SORTS = {"image": "image", "big-image": "image", "audio": "audio", "video": "video"}
"""What a text may have beside it -> what kind of file that is."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A file that a text names: `beside` is one of SORTS, `address` as the form has it, `name` that of the file."""

    beside: str
    address: str

    @property
    def name(self) -> str:
        """The name of the file; "" where answers make it, which no file can be attached for."""
        return media_name(self.address)

    @property
    def sort(self) -> str:
        """`image`, `audio` or `video`."""
        return SORTS[self.beside]


def shown_beside(form: Form, number: int | None, language: str) -> dict[str, str]:
    """Names of the files beside a text, by SORTS, in a language of the form. What a language lacks is taken from the
    default one."""
    if number is None:
        return {}
    text = form.texts[number]
    found: dict[str, str] = {}
    for each in ("", form.default_language, language):  # the last that has one counts
        found |= {one.beside: one.name for one in _of(text.get(each, {})) if one.name}
    return found


def shown_by(form: Form) -> dict[Shown, int]:
    """All files that a form shows, in the order of the form, with the first of the texts that name each."""
    found: dict[Shown, int] = {}
    for number, text in enumerate(form.texts):
        for kinds in text.values():
            for one in _of(kinds):
                found.setdefault(one, number)
    return found


def names_shown(form: Form) -> set[str]:
    """The names of all files that a form shows, in whatever language."""
    return {one.name for one in shown_by(form) if one.name}


def shows_choices(form: Form, node: Node) -> bool:
    """Whether choices of a question, written in the form itself, have something beside them."""
    return any(_of(kinds) for text in _choice_texts(form, node) for kinds in form.texts[text].values())


def choice_texts(form: Form, node: Node) -> dict[str, list[int]]:
    """The texts of the choices of a question by their values, of choices that stand in the form itself."""
    found: dict[str, list[int]] = {}
    if node.choices is not None:
        for row in form.instances.get(node.choices.instance, {}).get("items", []):
            if isinstance(row.get("label"), int):
                found.setdefault(row.get(node.choices.value, ""), []).append(row["label"])
    return found


def _choice_texts(form: Form, node: Node) -> Iterator[int]:
    for texts in choice_texts(form, node).values():
        yield from texts


def _of(kinds: Mapping[str, object]) -> list[Shown]:
    return [Shown(key, str(kinds[key])) for key in SORTS if kinds.get(key)]
