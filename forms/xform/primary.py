"""The primary instance: which nodes there are, in which order, with which defaults."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from forms.problems import FormError, Problem
from forms.xform.names import JR, elements, local


@dataclass
class Entry:
    """A node of the primary instance while the form is being read. `initial` counts instances of a repeat."""

    path: str
    name: str
    parent: int
    leaf: bool
    default: str = ""
    initial: int = 0


@dataclass
class Primary:
    """The primary instance: root path, form id, version, entries in document order, entity list if any."""

    root: str
    form_id: str
    version: str
    entries: list[Entry] = field(default_factory=list)
    entity_list: str | None = None


def read_primary(model: etree._Element, repeats: set[str], place: str) -> Primary:
    """Reads it. `repeats` are the paths that the body repeats. Raises FormError where there is none."""
    instance = next((e for e in elements(model) if local(e) == "instance"), None)
    top = elements(instance)[0] if instance is not None and elements(instance) else None
    if top is None:
        raise FormError([Problem("HW-1006", place)])
    form_id = top.get("id") or str(top.tag).removeprefix("{").partition("}")[0]
    primary = Primary("/" + local(top), form_id, top.get("version", ""))
    _Walk(primary, repeats).children(top, primary.root, -1)
    return primary


class _Walk:
    def __init__(self, primary: Primary, repeats: set[str]) -> None:
        self.primary = primary
        self.repeats = repeats
        self.seen: dict[str, int] = {}

    def children(self, element: etree._Element, path: str, parent: int) -> None:
        for child in elements(element):
            self.node(child, f"{path}/{local(child)}", parent)

    def node(self, element: etree._Element, path: str, parent: int) -> None:
        if local(element) == "entity" and path.endswith("/meta/entity"):
            # the entity is described by the form, not answered: see forms/xform/entity.py
            self.primary.entity_list = element.get("dataset")
            return
        if path in self.seen:
            self.again(element, path)
            return
        number = len(self.primary.entries)
        self.seen[path] = number
        kids = elements(element)
        entry = Entry(path, local(element), parent, not kids and path not in self.repeats)
        self.primary.entries.append(entry)
        if entry.leaf:
            entry.default = element.text or ""
        if path in self.repeats and element.get(f"{JR}template") is None:
            entry.initial = 1
        self.children(element, path, number)

    def again(self, element: etree._Element, path: str) -> None:
        """A second element of a path: one more instance of a repeat."""
        if path not in self.repeats or element.get(f"{JR}template") is not None:
            return
        entry = self.primary.entries[self.seen[path]]
        entry.initial += 1
        if entry.initial == 1:  # what came before was the template: this is what a record begins with
            self.recount(element, path)

    def recount(self, element: etree._Element, around: str) -> None:
        """Counts the first instances of repeats below an element again."""
        paths = [f"{around}/{local(child)}" for child in elements(element)]
        for path in paths:
            if path in self.repeats and path in self.seen:
                self.primary.entries[self.seen[path]].initial = 0
        for child, path in zip(elements(element), paths, strict=True):
            if path in self.repeats and path in self.seen and child.get(f"{JR}template") is None:
                self.primary.entries[self.seen[path]].initial += 1
            self.recount(child, path)
