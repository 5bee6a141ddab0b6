"""Whether a question of a new version can hold an answer of the old one. Twin of `logic/carry_fit.js`."""

from __future__ import annotations

from forms.carry.left import words
from forms.carry.match import family, languages, texts
from forms.model import Form, Node
from forms.session.lists import Lists
from forms.session.values import type_problem

_TEXTS = ("int", "decimal", "date", "time", "dateTime")
_TO_TYPE = {"text": _TEXTS, "decimal": ("int",), "int": ("decimal",), "one": ("many",), "many": ("one",)}


class Fit:
    """Answers of `old` in questions of `new`; `old` is None where that version is not here. Without `lists` an attached
    list is taken to have every choice."""

    def __init__(self, old: Form | None, new: Form, lists: Lists | None) -> None:
        self.old = old
        self.new = new
        self.lists = lists

    def again(self, now: Node, value: str) -> bool:
        """Whether a question can hold the whole of an answer that was left by it, or one like it, before."""
        return not Fit(None, self.new, self.lists).value(now, now, value)[2]

    def value(self, before: Node, now: Node, value: str) -> tuple[str, str, list[str]]:
        """(what can be held or "", why not all of it: `type` or `choice`, what is left over)."""
        kinds = (family(before), family(now))
        chosen = value.split(" ") if kinds[0] in ("many", "rank") else [value]
        chosen = [each for each in chosen if each]
        if not self._type(kinds, now, value, len(chosen)):
            return "", "type", [value]
        if kinds[1] not in ("one", "many", "rank"):
            return value, "", []
        same = {each: self._choice(before, now, each) for each in chosen}
        gone = [each for each, found in same.items() if not found]
        if kinds[1] == "rank":
            whole = not gone and len(chosen) == len(_items(self.new, now) or chosen)
            return (" ".join(same.values()), "", []) if whole else ("", "type", [value])
        return " ".join(found for found in same.values() if found), "choice", gone

    def _type(self, kinds: tuple[str, str], now: Node, value: str, choices: int) -> bool:
        before, after = kinds
        if before == after:
            return self.old is not None or not type_problem(value, now.type)
        if after == "text":
            return before in _TEXTS
        if after not in _TO_TYPE.get(before, ()):
            return False
        return choices == 1 if after == "one" else not type_problem(value, now.type)

    def _choice(self, before: Node, now: Node, value: str) -> str:
        """What a choice is called in the new version: itself, or the only new one with its label; "" where it is not
        there."""
        items, was = _items(self.new, now), _items(self.old, before) if self.old else None
        if items is None:
            return value if self._attached(before, now, value) else ""
        if value in items:
            return value
        label = (was or {}).get(value, {})
        same = [
            each
            for each, text in items.items()
            if any(text.values()) and text == label and each not in (was or {})
        ]
        return same[0] if len(same) == 1 else ""

    def _attached(self, before: Node, now: Node, value: str) -> bool:
        """The rows of an attached list are not the form's: only where it takes the place of another is it looked at."""
        was, new = before.choices, now.choices
        if new is None or self.lists is None or (was is not None and was.instance == new.instance):
            return True
        return not self.lists.rows(new.instance, {}) or bool(
            self.lists.rows(new.instance, {new.value: value})
        )


def _items(form: Form, node: Node) -> dict[str, dict[str, str]] | None:
    """Choices that stand in the form, with their labels by language tag; None for an attached list."""
    choices = node.choices
    items = form.instances.get(choices.instance, {}).get("items") if choices is not None else None
    if choices is None or items is None:
        return None
    return {row[choices.value]: texts(form, row.get("label")) for row in items}


def shown(form: Form, node: Node, value: str, lists: Lists | None) -> dict[str, str]:
    """The labels of an answer's choices by language tag; {} where it has none."""
    choices = node.choices
    if choices is None:
        return {}
    tags = [tag for _, tag in languages(form)]
    items = _items(form, node)
    found = []
    for each in [value] if node.control == "select1" else value.split(" "):
        if items is not None:
            label = items.get(each, {})
        else:
            rows = lists.rows(choices.instance, {choices.value: each}) if lists is not None else []
            row = rows[0] if rows else {}
            label = {tag: row.get(f"{choices.label}_{tag}") or row.get(choices.label, "") for tag in tags}
        found.append({tag: label.get(tag) or each for tag in tags})
    return words(found, tags)
