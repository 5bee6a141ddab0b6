"""A form against the version before it: what was renamed, moved or removed that records already use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from forms.check.finding import Finding, Findings, Listed, Place
from forms.check.survey import Item, Outline

_ALIKE = 0.6
_SELECTS = ("select_one", "select_multiple", "rank")


@dataclass(frozen=True, slots=True)
class Uses:
    """How many records have an answer at each path, and with each choice: path -> value -> records."""

    questions: Mapping[str, int] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def check_versions(new: Outline, old: Outline, uses: Uses | None) -> Findings:
    """Everything of `old` that a record may use and that `new` has otherwise. `uses`: None where not counted."""
    comparing = _Comparing(new, old, uses)
    choices: dict[tuple[str, str, str], list[Finding]] = {}
    for item in comparing.old.values():
        for found in comparing.question(item):
            if found.code in ("HW-1367", "HW-1368"):
                key = (item.list_name, str(found.params["name"]), str(found.params.get("new", "")))
                choices.setdefault(key, []).append(found)
            else:
                yield found
    for each in choices.values():
        yield _of_all(each)


def _of_all(found: list[Finding]) -> Finding:
    """What is said of a choice, once for all questions that have its list; with the records of all of them."""
    counts = [each.records for each in found if each.records is not None]
    params = {**found[0].params, "question": Listed(tuple(str(each.params["question"]) for each in found))}
    return replace(found[0], params=params, records=sum(counts) if counts else None)


class _Comparing:
    def __init__(self, new: Outline, old: Outline, uses: Uses | None) -> None:
        self.uses = uses
        self.new_choices = new.choices
        self.old_choices = old.choices
        self.root = (old.root, new.root)
        self.new = {item.path: item for item in new.items if _kept(item)}
        self.old = {self._rooted(item.path): item for item in old.items if _kept(item)}
        self.added = {path: item for path, item in self.new.items() if path not in self.old}

    def _rooted(self, path: str) -> str:
        """A path of the old version as the new one would have it, should only the root be called otherwise."""
        old, new = self.root
        return new + path.removeprefix(old)

    def question(self, item: Item) -> Findings:
        path = self._rooted(item.path)
        same = self.new.get(path)
        if same is not None:
            yield from self._same(item, same)
            return
        records = self._records(item.path)
        moved = [each for each in self.added.values() if each.name == item.name]
        if len(moved) == 1:
            params = {"name": item.name, "old": item.path, "new": moved[0].path}
            yield Finding("HW-1366", moved[0].place("name"), params, records=records)
            yield from self._same(item, moved[0])
            return
        renamed = self._renamed(item)
        if renamed is not None:
            params = {"name": item.name, "new": renamed.name}
            yield Finding("HW-1365", renamed.place("name"), params, near=item.name, records=records)
            yield from self._same(item, renamed)
            return
        yield Finding("HW-1364", Place("survey", question=item.name), {"name": item.name}, records=records)

    def _renamed(self, item: Item) -> Item | None:
        """The new question that asks the same under another name."""
        alike = [each for each in self.added.values() if _family(each) == _family(item)]
        label = item.text("label")
        same = [each for each in alike if label and each.text("label") == label]
        if len(same) == 1:
            return same[0]
        parent = self._rooted(item.path).rpartition("/")[0]
        near = [each for each in alike if each.path.rpartition("/")[0] == parent and _like(each, item)]
        return near[0] if len(near) == 1 else None

    def _same(self, old: Item, new: Item) -> Findings:
        if _family(old) != _family(new):
            params = {"name": new.name, "old": _written(old), "new": _written(new)}
            yield Finding("HW-1369", new.place("type"), params, records=self._records(old.path))
        elif new.type in _SELECTS:
            yield from self._choices(old, new)

    def _choices(self, old: Item, new: Item) -> Findings:
        before = dict(self.old_choices.get(old.list_name, []))
        now = dict(self.new_choices.get(new.list_name, []))
        if not now or not before:
            return
        added = {name: label for name, label in now.items() if name not in before}
        used = self.uses.choices.get(old.path, {}) if self.uses else {}
        for name, label in before.items():
            if name in now:
                continue
            count = used.get(name, 0) if self.uses else None
            same = [other for other, text in added.items() if label and text == label]
            params = {"name": name, "question": new.name}
            if len(same) == 1:
                params["new"] = same[0]
                yield Finding("HW-1368", new.place("type"), params, near=name, records=count)
            else:
                yield Finding("HW-1367", new.place("type"), params, records=count)

    def _records(self, path: str) -> int | None:
        return None if self.uses is None else self.uses.questions.get(path, 0)


def _kept(item: Item) -> bool:
    """Whether records hold an answer of it."""
    return (
        item.kind == "question" and item.type != "note" and not item.path.rpartition("/")[0].endswith("/meta")
    )


_FAMILIES = {
    "string": "text", "int": "integer", "datetime": "dateTime", "date time": "dateTime", "photo": "binary",
    "image": "binary", "audio": "binary", "video": "binary", "file": "binary", "gps": "geopoint",
    "location": "geopoint", "trigger": "acknowledge", "range": "decimal", "hidden": "text",
}  # fmt: skip


def _family(item: Item) -> str:
    """Types that hold the same kind of answer."""
    if item.type.startswith("select_one"):
        return "select_one"
    if item.type.startswith("select_multiple"):
        return "select_multiple"
    return _FAMILIES.get(item.type, item.type)


_WRITTEN = {
    "string": "text",
    "int": "integer",
    "dateTime": "datetime",
    "binary": "file",
    "boolean": "acknowledge",
}


def _written(item: Item) -> str:
    """The type as it stands in a sheet."""
    return _WRITTEN.get(item.type, item.type)


def _like(new: Item, old: Item) -> bool:
    labels = (new.text("label"), old.text("label"))
    by_label = SequenceMatcher(None, *labels).ratio() if all(labels) else 0.0
    return max(by_label, SequenceMatcher(None, new.name, old.name).ratio()) >= _ALIKE
