"""A second fold, written from the words of `docs/data-model.md` alone: slow, over sets of names, without bit masks.

It imports nothing of `sync`. `tests/sync/reading.py` gives it its changes from the stored bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

Change = dict[str, Any]
"""`name`, `kind`, `parents`, `clock`; of an edit or settle `answers`, `reasons`, `changed` and perhaps `derived` (the
generic paths that its form version derives); of a review `state`. A payload that is not here leaves these out."""
Said = tuple[str, str, str]  # change, value, reason

CONTENT = ("edit", "settle", "delete")


class History:
    """The changes of one record and who descends from whom; parents that are not here are passed over."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.by_name = {change["name"]: change for change in changes}
        self._above: dict[str, set[str]] = {}

    def above(self, name: str) -> set[str]:
        """Everything that a change descends from."""
        if name not in self._above:
            seen: set[str] = set()
            todo = [name]
            while todo:
                for parent in self.by_name[todo.pop()]["parents"]:
                    if parent in self.by_name and parent not in seen:
                        seen.add(parent)
                        todo.append(parent)
            self._above[name] = seen
        return self._above[name]

    def rank(self, name: str) -> tuple[str, str, int]:
        """The clock order: clock, replica, number."""
        replica, _, number = name.rpartition("-")
        return self.by_name[name]["clock"], replica, int(number)

    def tops(self, names: Iterable[str]) -> list[str]:
        """Those that no other of them descends from, in clock order."""
        given = list(names)
        return sorted((n for n in given if not any(n in self.above(m) for m in given)), key=self.rank)

    def of(self, *kinds: str) -> list[str]:
        """The changes of these kinds."""
        return [name for name, change in self.by_name.items() if change["kind"] in kinds]

    def answers(self, name: str) -> dict[str, str]:
        """What a change holds; nothing when its payload is not here."""
        found: dict[str, str] = self.by_name[name].get("answers", {})
        return found

    def reasons(self, name: str) -> dict[str, str]:
        """The reasons that a change gives."""
        found: dict[str, str] = self.by_name[name].get("reasons", {})
        return found

    def changed(self, name: str) -> Sequence[str]:
        """The paths that a change names."""
        found: Sequence[str] = self.by_name[name].get("changed", ())
        return found

    def said(self, name: str, path: str) -> Said:
        """What a change says of a path."""
        return name, self.answers(name).get(path, ""), self.reasons(name).get(path, "")


def fold(record: str, changes: Iterable[Change], derived: Iterable[str] = ()) -> dict[str, Any]:
    """The state of a record: `heads` in clock order, `deleted`, `answers`, `reasons`, `conflicts` (path → what was
    said, in clock order, removals of an instance first), `review` (the state shown), `reviews` (the maximal ones in
    clock order), `withdrawn`. `derived` are the derived paths where the changes do not say them themselves."""
    history = History(changes)
    content = history.of(*CONTENT)
    heads = history.tops(content)
    alive = [name for name in heads if history.by_name[name]["kind"] != "delete"]
    out: dict[str, Any] = {
        "record": record,
        "heads": heads,
        "deleted": bool(heads) and not alive,
        "answers": {},
        "reasons": {},
        "conflicts": {},
        "review": "received",
        "reviews": [],
        "withdrawn": bool(history.of("withdraw", "erase")),
    }
    if history.of("erase"):
        return out
    out |= _review(history, content)
    if not alive:
        return out
    if len(heads) == 1:
        return out | {"answers": history.answers(alive[0]), "reasons": history.reasons(alive[0])}
    out |= _Several(history, alive, derived).folded()
    if len(alive) < len(heads):
        out["conflicts"][""] = [
            (name, "edit" if name in alive else "delete", "") for name in sorted(heads, key=history.rank)
        ]
    return out


def _review(history: History, content: Sequence[str]) -> dict[str, Any]:
    reviews = history.tops(name for name in history.of("review") if "state" in history.by_name[name])
    if not reviews:
        return {}
    unseen = set(content) - history.above(reviews[-1])
    return {"review": "edited" if unseen else history.by_name[reviews[-1]]["state"], "reviews": reviews}


def plain(path: str) -> str:
    """A path without instance ids."""
    return re.sub(r"\[[0-9a-z]+\]", "", path)


def around(path: str) -> list[str]:
    """The instances that a path lies in."""
    return [path[: m.end()] for m in re.finditer(r"\[[0-9a-z]+\]", path) if m.end() < len(path)]


class _Several:
    """Several heads, answer by answer."""

    def __init__(self, history: History, alive: Sequence[str], derived: Iterable[str]) -> None:
        self.history = history
        self.last = alive[-1]
        self.derived = set(history.by_name[self.last].get("derived", derived))
        self.edits = history.of("edit", "settle")
        self.conflicts: dict[str, list[Said]] = {}
        universe = {path for edit in self.edits for path in history.changed(edit) if path != "*"}
        for edit in self.edits:
            if "*" in history.changed(edit) or edit in alive:
                universe |= {*history.answers(edit), *history.reasons(edit)}
        self.shown = {path: self._given(path) for path in universe if plain(path) not in self.derived}
        for path in {*history.answers(self.last), *history.reasons(self.last)}:
            if plain(path) in self.derived:
                self.shown[path] = history.said(self.last, path)

    def _given(self, path: str) -> Said:
        """What shows at a given path; notes a conflict."""
        said = self.history.said
        writers = self.history.tops(edit for edit in self.edits if self._wrote(edit, path))
        if path.endswith("]"):
            removals = [name for name in writers if path not in self.history.answers(name)]
            keepers = self._keepers(path, writers, removals)
            if removals and keepers:
                self.conflicts[path] = [said(name, path) for name in removals + keepers]
                return said(keepers[-1], path)
        if not writers:
            return said(self.last, path)
        if len({said(name, path)[1:] for name in writers}) > 1:
            self.conflicts[path] = [said(name, path) for name in writers]
        return said(writers[-1], path)

    def _wrote(self, edit: str, path: str) -> bool:
        named = path in self.history.changed(edit) or "*" in self.history.changed(edit)
        return named and all(instance in self.history.answers(edit) for instance in around(path))

    def _keepers(self, path: str, writers: Sequence[str], removals: Sequence[str]) -> list[str]:
        """Who keeps an instance that others removed: writers of it, and writers inside it that neither saw nor were
        seen by a removal."""
        above = self.history.above
        inside = [
            edit
            for edit in self.edits
            if path in self.history.answers(edit)
            and any(other.startswith(path + "/") for other in self.history.changed(edit))
            and not any(edit in above(removal) or removal in above(edit) for removal in removals)
        ]
        kept = {*self.history.tops(inside), *(name for name in writers if name not in removals)}
        return sorted(kept, key=self.history.rank)

    def _lives(self, path: str) -> bool:
        return all(
            instance in self.shown and self.shown[instance][1] and self._lives(instance)
            for instance in around(path)
        )

    def folded(self) -> dict[str, Any]:
        """Answers, reasons and conflicts; what lies in an instance that is gone is gone with it."""
        living = {path: said for path, said in self.shown.items() if self._lives(path)}
        return {
            "answers": {path: value for path, (_, value, _) in living.items() if value},
            "reasons": {path: reason for path, (_, _, reason) in living.items() if reason},
            "conflicts": {path: values for path, values in self.conflicts.items() if self._lives(path)},
        }
