"""The answers of a draft in another version of its form. Twin of `logic/carry.js`; `tests/vectors/carry.json` holds
the two equal. Pure.

What a person said is carried over where the new version asks the same and can hold it; all else is left, in words.
Nothing is dropped but what a form works out by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from forms.carry.fit import Fit, shown
from forms.carry.left import Left
from forms.carry.match import Matching, family, languages, texts, with_ids
from forms.model import Form, Node
from forms.session.lists import Lists
from forms.session.record import form_path

_ID = re.compile(r"\[[^\]/]*\]")


@dataclass
class Carried:
    """`answers`, `reasons` for a session of the new version; `left` what has no room there; `carried` how many answers
    of a person (or reasons) were taken over, `added` how many questions the draft has not been asked yet; `fresh` the
    paths in the form of all that the draft was begun without (`Session.begin`).
    """

    answers: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    carried: int = 0
    added: int = 0
    fresh: list[str] = field(default_factory=list)


def carry(
    old: Form | None,
    new: Form,
    answers: Mapping[str, str],
    reasons: Mapping[str, str],
    lists: Lists | None = None,
    left: Iterable[Left] = (),
) -> Carried:
    """Answers and reasons (flat maps) of a draft of `old` as a draft of `new`.

    `old` None: that version is not here; paths alone decide, and what is left is called by its name. `lists`: where
    the labels of attached lists come from, and whether a list that is attached only now has a choice. `left`: what an
    earlier move left; what this version has room for again returns to its question.
    """
    return _Move(old, new, answers, lists).run(reasons, left)


class _Move:
    def __init__(self, old: Form | None, new: Form, answers: Mapping[str, str], lists: Lists | None) -> None:
        self.old = old or new
        self.new = new
        self.known = old is not None
        self.given = answers
        self.matching = Matching(self.old, new)
        self.fit = Fit(old, new, lists if self.known else None)
        self.lists = lists
        self.result = Carried()

    def run(self, reasons: Mapping[str, str], before: Iterable[Left]) -> Carried:
        for path in self._in_order(self.given):
            if path.endswith("]"):
                self._instance(path)
        for path in self._in_order(self.given):
            if not path.endswith("]"):
                self._one(path, self.given[path], "")
        for path in self._in_order(reasons):
            if reasons[path]:
                self._one(path, "", reasons[path])
        earlier = [item for each in before if not self._returns(item := self._moved(each))]
        now = [item for item in self.result.left if not any(_same(item, each) for each in earlier)]
        self.result.left = [*earlier, *now]
        if self.known:
            self._new_questions()
        return self.result

    def _moved(self, item: Left) -> Left:
        """What was left before, at its question's place of now."""
        path = self.matching.path(item["path"])
        return {**item, "path": path} if path else item

    def _returns(self, item: Left) -> bool:
        """Puts what was left before into its question where that is asked again as it was; tells whether it was."""
        path, value, result = item["path"], item["value"], self.result
        node = (
            self.new.nodes[self.new.by_path[form_path(path)]] if form_path(path) in self.new.by_path else None
        )
        if node is None or node.kind != "question" or node.is_derived() or family(node) != item["type"]:
            return False
        around = [path[: found.end()] for found in _ID.finditer(path)]
        if not all(self._has(instance, item) for instance in around):
            return False
        held = result.answers.get(path, "")
        more = item["why"] == "choice" and item["type"] == "many" and bool(held)
        if not more and (held or path in result.reasons):
            return False
        if value and not self.fit.again(node, value):
            return False
        result.answers |= item["within"]
        if item["reason"]:
            result.reasons[path] = item["reason"]
        elif value not in held.split(" "):
            result.answers[path] = f"{held} {value}" if held else value
        result.carried += 1
        return True

    def _has(self, instance: str, item: Left) -> bool:
        """Whether the draft has an instance, or gets it back with an answer that was in it."""
        number = self.new.by_path.get(form_path(instance), -1)
        repeat = number >= 0 and self.new.nodes[number].kind == "repeat"
        return repeat and (instance in self.result.answers or instance in item["within"])

    def _in_order(self, given: Mapping[str, str]) -> list[str]:
        """Paths in the order of the old version; what it does not know comes last."""
        end = len(self.old.nodes)
        return sorted(given, key=lambda path: (self.old.by_path.get(form_path(path), end), path))

    def _instance(self, path: str) -> None:
        moved = self.matching.path(path)
        if moved:
            self.result.answers[moved] = self.given[path]
        elif form_path(path) not in self.old.by_path:
            self.result.answers[path] = self.given[path]

    def _one(self, path: str, value: str, reason: str) -> None:
        number = self.old.by_path.get(form_path(path), -1)
        if number < 0:
            self._stranger(path, value, reason)
            return
        node = self.old.nodes[number]
        moved = self.matching.path(path)
        if node.kind != "question" or node.is_derived():
            self._derived(moved, path, value)
        elif not moved:
            self._leave(path, "gone", node, value, reason)
        else:
            other = self.new.nodes[self.matching.at[number]]
            if other.kind != "question" or other.is_derived():
                self._leave(path, "calculated", node, value, reason, moved)
            elif reason:
                self.result.reasons[moved] = reason
                self.result.carried += 1
            else:
                self._answer(path, value, node, other, moved)

    def _answer(self, path: str, value: str, node: Node, other: Node, moved: str) -> None:
        held, why, rest = self.fit.value(node, other, value)
        if held:
            self.result.answers[moved] = held
            self.result.carried += 1
        for each in rest:
            self._leave(path, why, node, each, "", moved)

    def _derived(self, moved: str, path: str, value: str) -> None:
        """What a form gave goes where the new one gives it too, or stays beside the answers (a code that was read out);
        never into a question that nobody has been asked."""
        number = self.new.by_path.get(form_path(moved), -1)
        there = number >= 0 and (
            self.new.nodes[number].kind != "question" or self.new.nodes[number].is_derived()
        )
        if not value:
            return
        if there:
            self.result.answers[moved] = value
        elif not moved and not self._lost(path):
            self.result.answers[path] = value

    def _stranger(self, path: str, value: str, reason: str) -> None:
        """A path that the version it was made with does not have, or that nothing is known of."""
        if self.known or "/meta/" in path:
            (self.result.reasons if reason else self.result.answers)[path] = reason or value
            return
        name = form_path(path).rpartition("/")[2]
        item: Left = {
            "path": path, "why": "gone", "type": "text", "label": {"": name}, "value": value, "reason": reason,
            "shown": {}, "within": self._lost(path),
        }  # fmt: skip
        self.result.left.append(item)

    def _leave(self, path: str, why: str, node: Node, value: str, reason: str, moved: str = "") -> None:
        item: Left = {
            "path": moved or path,
            "why": why,
            "type": family(node),
            "label": self._label(path, node),
            "value": value,
            "reason": reason,
            "shown": shown(self.old, node, value, self.lists) if value else {},
            "within": {} if moved else self._lost(path),
        }
        self.result.left.append(item)

    def _lost(self, path: str) -> dict[str, str]:
        """Instances around a path that the new version has no place for, with their order keys."""
        found = {}
        cut = path.find("]/")
        while cut >= 0:
            instance = path[: cut + 1]
            if instance in self.given and instance not in self.result.answers:
                found[instance] = self.given[instance]
            cut = path.find("]/", cut + 1)
        return found

    def _label(self, path: str, node: Node) -> dict[str, str]:
        """The question in words, with label and number of each instance around it: `Founders 2 · Name`."""
        own = texts(self.old, node.label)
        found = {tag: own.get(tag) or node.name for _, tag in languages(self.old)}
        cut = path.rfind("]/")
        while cut >= 0:
            instance = path[: cut + 1]
            repeat = instance[: instance.rfind("[")]
            around = texts(self.old, self.old.nodes[self.old.by_path[form_path(repeat)]].label)
            place = self.places.get(instance, 1)
            found = {tag: f"{around.get(tag, '')} {place} · {text}".lstrip() for tag, text in found.items()}
            cut = path.rfind("]/", 0, cut)
        return found

    @cached_property
    def places(self) -> dict[str, int]:
        """Of each instance its place among those of its repeat: 1, 2, 3 …"""
        found: dict[str, int] = {}
        counts: dict[str, int] = {}
        instances = [path for path in self.given if path.endswith("]")]
        for path in sorted(instances, key=lambda each: (self.given[each], each)):
            repeat = path[: path.rfind("[")]
            found[path] = counts[repeat] = counts.get(repeat, 0) + 1
        return found

    def _new_questions(self) -> None:
        """Counts what is asked only now, and gives it the default that it would have begun with."""
        instances = [path for path in self.result.answers if path.endswith("]")]
        for number, node in enumerate(self.new.nodes):
            if not node.is_leaf() or number in self.matching.taken:
                continue
            asked = node.kind == "question" and not node.is_derived() and node.role != "desk"
            self.result.added += asked
            self.result.fresh.append(node.path)
            if node.default is None:
                continue
            around = self.matching.around[1][number]
            ids = [
                _ids(path)
                for path in instances
                if around and form_path(path) == self.new.nodes[around[-1]].path
            ]
            for each in ids if around else [[]]:
                path = with_ids(self.new, around, node.path, each) if len(each) == len(around) else ""
                if path and path not in self.result.reasons:
                    self.result.answers.setdefault(path, node.default)


def _same(one: Left, other: Left) -> bool:
    return all(one[key] == other[key] for key in ("path", "value", "reason"))


def _ids(path: str) -> list[str]:
    return [part.partition("]")[0] for part in path.split("[")[1:]]
