"""The primary instance: which nodes there are, in which order, with which defaults."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from forms.model import Start
from forms.problems import FormError, Problem
from forms.xform.names import JR, elements, local


@dataclass
class Entry:
    """A node of the primary instance while the form is being read. `start`: instances that a repeat begins with."""

    path: str
    name: str
    parent: int
    leaf: bool
    default: str = ""
    start: list[Start] = field(default_factory=list)

    def is_plain(self) -> bool:
        """Whether a repeat begins with instances that are all like a new one."""
        return all(one == [{}, {}] for one in self.start)


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


def _is_template(element: etree._Element) -> bool:
    return element.get(f"{JR}template") is not None


class _Walk:
    """A new instance of a repeat is like its template, or like the first instance where there is none."""

    def __init__(self, primary: Primary, repeats: set[str]) -> None:
        self.primary = primary
        self.repeats = repeats
        self.seen: dict[str, int] = {}

    def children(self, element: etree._Element, path: str, parent: int) -> None:
        instances: dict[str, list[etree._Element]] = {}
        for child in elements(element):
            at = f"{path}/{local(child)}"
            if at in self.repeats:
                instances.setdefault(at, []).append(child)
        for child in elements(element):
            at = f"{path}/{local(child)}"
            if local(child) == "entity" and at.endswith("/meta/entity"):
                # the entity is described by the form, not answered: see forms/xform/entity.py
                self.primary.entity_list = child.get("dataset")
            elif at not in self.seen:
                self.node(child, at, parent, instances.get(at, []))

    def node(self, element: etree._Element, path: str, parent: int, all_of: list[etree._Element]) -> None:
        element = next((each for each in all_of if _is_template(each)), element)
        number = len(self.primary.entries)
        self.seen[path] = number
        entry = Entry(path, local(element), parent, not elements(element) and path not in self.repeats)
        self.primary.entries.append(entry)
        if entry.leaf:
            entry.default = element.text or ""
        self.children(element, path, number)
        begun = [each for each in all_of if not _is_template(each)]
        if begun and _is_template(element):
            self._nested_like(begun[0], path)
        entry.start = [self.instance(each, path) for each in begun]

    def _nested_like(self, element: etree._Element, path: str) -> None:
        """A template that holds nothing but templates begins with as many of each as the first instance has."""
        found: dict[str, list[etree._Element]] = {}
        for each in element.iterdescendants():
            if isinstance(each.tag, str) and not _is_template(each):
                at = f"{path}/{'/'.join(self._steps(each, element))}"
                if at in self.repeats and at in self.seen and self._around(at) == path:
                    found.setdefault(at, []).append(each)
        for at, begun in found.items():
            if not self.primary.entries[self.seen[at]].start:
                self._nested_like(begun[0], at)
                self.primary.entries[self.seen[at]].start = [[{}, {}] for _ in begun]

    def _steps(self, element: etree._Element, around: etree._Element) -> list[str]:
        steps = [local(element)]
        for each in element.iterancestors():
            if each is around:
                break
            steps.insert(0, local(each))
        return steps

    def instance(self, element: etree._Element, path: str) -> Start:
        """What an instance that the form begins with has other than a new one."""
        values: dict[str, str] = {}
        nested: dict[str, list[Start]] = {
            each: [] for each in self.repeats & self.seen.keys() if self._around(each) == path
        }
        self._collect(element, path, values, nested)
        entries = self.primary.entries
        other = {each: found for each, found in nested.items() if found != entries[self.seen[each]].start}
        return [values, dict(sorted(other.items()))]

    def _collect(
        self, element: etree._Element, path: str, values: dict[str, str], nested: dict[str, list[Start]]
    ) -> None:
        for child in elements(element):
            at = f"{path}/{local(child)}"
            if at in nested:
                if not _is_template(child):
                    nested[at].append(self.instance(child, at))
            elif at in self.seen and self.primary.entries[self.seen[at]].leaf:
                if (child.text or "") != self.primary.entries[self.seen[at]].default:
                    values[at] = child.text or ""
            elif at in self.seen:
                self._collect(child, at, values, nested)

    def _around(self, path: str) -> str:
        """The nearest repeat around a path."""
        path = path.rpartition("/")[0]
        while path and path not in self.repeats:
            path = path.rpartition("/")[0]
        return path
