"""Which question of a new version is which of the old one. Twin of `logic/carry_match.js`.

The same question is the one at the same place; else the only one of its name; else the only one that asks the same
words for the same kind of answer. What stands in a repeat stays in that repeat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from functools import cached_property

from forms.model import Form, Node
from forms.session.record import form_path

_IDS = re.compile(r"\[([^\]/]*)\]")
_CONTROLS = {"select1": "one", "select": "many", "rank": "rank", "trigger": "trigger"}
_PLAIN = ("int", "decimal", "date", "time", "dateTime", "geopoint", "geotrace", "geoshape", "boolean")


def family(node: Node) -> str:
    """The kind of answer that a question takes: `one`, `many`, `text`, `int`, `file:image` …"""
    if node.control in _CONTROLS:
        return _CONTROLS[node.control]
    if node.control == "upload" or node.type == "binary":
        return "file:" + (node.mediatype or "").partition("/")[0]
    return node.type if node.type in _PLAIN else "text"


def languages(form: Form) -> list[tuple[str, str]]:
    """(name, tag) of the languages of a form; one without a name where it has none."""
    return [(each.name, each.tag) for each in form.languages] or [("", "")]


def texts(form: Form, number: int | str | None) -> dict[str, str]:
    """A text by the tag of its language, `…` where an answer stood in it; {} for none. A choice of a form without
    languages has the text itself."""
    if number is None:
        return {}
    if isinstance(number, str):
        return {tag: number for _, tag in languages(form)}
    text = form.texts[number]
    found = {}
    for name, tag in languages(form):
        for each in (name, form.default_language, "", *text):
            pieces = text.get(each, {}).get("long")
            if pieces is not None:
                found[tag] = "".join(piece if isinstance(piece, str) else "…" for piece in pieces)
                break
    return found


class Matching:
    """`at[n]` is the number in `new` of what node n of `old` is there."""

    def __init__(self, old: Form, new: Form) -> None:
        self.old = old
        self.new = new
        self.around = (_repeats(old), _repeats(new))
        self.at: dict[int, int] = {}
        self._by_place()
        self._by_key(("repeat",), lambda form, node: node.name)
        self._by_place()  # once more, for what stands in a repeat that has moved
        self._by_key(("question", "calculate", "meta"), lambda form, node: node.name)
        self._by_key(("question",), _asks)

    @cached_property
    def taken(self) -> set[int]:
        """Numbers in `new` of what is in `old` too."""
        return set(self.at.values())

    def _may(self, number: int, other: int) -> bool:
        """Whether two nodes can be the same: both repeats or both leaves, in the same repeats."""
        old, new = self.old.nodes[number], self.new.nodes[other]
        if old.is_leaf() != new.is_leaf() or (old.kind == "repeat") != (new.kind == "repeat"):
            return False
        before, now = self.around[0][number], self.around[1][other]
        return len(before) == len(now) and all(self.at.get(a) == b for a, b in zip(before, now, strict=True))

    def _by_place(self) -> None:
        taken = set(self.at.values())
        for number, node in enumerate(self.old.nodes):
            if number in self.at or not (node.is_leaf() or node.kind == "repeat"):
                continue
            other = self.new.by_path.get(self._place(number), -1)
            if other >= 0 and other not in taken and self._may(number, other):
                self.at[number] = other

    def _place(self, number: int) -> str:
        """Where a node stands in the new version if nothing but the root and the repeat around it has moved."""
        around = self.around[0][number]
        path = self.old.nodes[number].path
        if around and around[-1] in self.at:
            return self.new.nodes[self.at[around[-1]]].path + path[len(self.old.nodes[around[-1]].path) :]
        return self.new.root + path[len(self.old.root) :]

    def _by_key(self, kinds: tuple[str, ...], key: Callable[[Form, Node], Hashable]) -> None:
        """Matches what is left over on both sides and is the only one with its key on either."""
        taken = set(self.at.values())
        before = _only(self.old, kinds, key, set(self.at))
        now = _only(self.new, kinds, key, taken)
        for value, number in before.items():
            other = now.get(value, -1)
            if other >= 0 and number >= 0 and self._may(number, other):
                self.at[number] = other

    def path(self, flat: str) -> str:
        """A flat path of the old version as the new one has it; "" where it has none."""
        number = self.old.by_path.get(form_path(flat), -1)
        other = self.at.get(number, -1)
        if other < 0:
            return ""
        ids = _IDS.findall(flat)
        repeats = [*self.around[1][other], *([other] if self.new.nodes[other].kind == "repeat" else [])]
        return (
            with_ids(self.new, repeats, self.new.nodes[other].path, ids) if len(ids) == len(repeats) else ""
        )


def with_ids(form: Form, repeats: list[int], path: str, ids: list[str]) -> str:
    """A path of the form with the instance ids of the repeats that it goes through."""
    for number, instance in zip(reversed(repeats), reversed(ids), strict=True):
        inside = path[len(form.nodes[number].path) :]
        path = f"{form.nodes[number].path}[{instance}]{inside}"
    return path


def _repeats(form: Form) -> list[list[int]]:
    """Of each node the numbers of the repeats around it, outermost first."""
    found: list[list[int]] = []
    for node in form.nodes:
        above = found[node.parent] if node.parent >= 0 else []
        inside = node.parent >= 0 and form.nodes[node.parent].kind == "repeat"
        found.append([*above, node.parent] if inside else above)
    return found


def _asks(form: Form, node: Node) -> Hashable:
    words = texts(form, node.label)
    return (family(node), *sorted(words.items())) if any(words.values()) else None


def _only(
    form: Form, kinds: tuple[str, ...], key: Callable[[Form, Node], Hashable], without: set[int]
) -> dict[Hashable, int]:
    """Numbers by key; -1 where several have it."""
    found: dict[Hashable, int] = {}
    for number, node in enumerate(form.nodes):
        value = key(form, node) if node.kind in kinds and number not in without else None
        if value is not None:
            found[value] = -1 if value in found else number
    return found
