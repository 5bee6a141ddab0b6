"""The body: controls, groups, repeats, and where choices come from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from forms.model import Action, Choices
from forms.xform.itext import Itext
from forms.xform.names import JR, elements, line_of, local, plain_path
from forms.xform.pool import Pool

CONTROLS = {"input", "select1", "select", "rank", "upload", "trigger", "range", "secret"}
_INSTANCE = re.compile(r"""^\s*(?:randomize\(\s*)?instance\(\s*['"]([^'"]*)['"]\s*\)""")
_ITEXT_COLUMN = re.compile(r"^\s*jr:itext\(\s*([^'\"()]+?)\s*\)\s*$")
_KNOWN = {"ref", "nodeset", "bind", "appearance", "mediatype", "query", "class", "id"}


@dataclass
class Control:
    """What the body says of a node."""

    kind: str
    element: etree._Element
    label: int | None = None
    hint: int | None = None
    mediatype: str | None = None
    appearance: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    choices: Choices | None = None
    count: int | None = None
    fixed: bool = False


class Body:
    """Controls by path. `repeats` holds the paths that repeat, `inline` the choices written at a question."""

    def __init__(self, body: etree._Element, itext: Itext, pool: Pool, binds: dict[str, str]) -> None:
        self.itext = itext
        self.pool = pool
        self.binds = binds
        self.controls: dict[str, Control] = {}
        self.repeats: set[str] = set()
        self.inline: dict[str, list[dict[str, object]]] = {}
        self.actions: list[Action] = []
        self._group(body, "")

    def _group(self, element: etree._Element, context: str) -> None:
        for child in elements(element):
            name = local(child)
            if name == "group":
                self._one_group(child, context)
            elif name == "repeat":
                self._repeat(child, context, None)
            elif name in CONTROLS:
                self._control(child, name, context)

    def path_of(self, element: etree._Element, context: str) -> str:
        """The absolute path that a control refers to; "" for none."""
        bind = element.get("bind")
        ref = element.get("ref") or element.get("nodeset") or (self.binds.get(bind, "") if bind else "")
        ref = plain_path(ref)
        return f"{context}/{ref}" if ref and not ref.startswith("/") else ref

    def _one_group(self, element: etree._Element, context: str) -> None:
        path = self.path_of(element, context)
        repeat = next((child for child in elements(element) if local(child) == "repeat"), None)
        if (
            repeat is not None
            and len([c for c in elements(element) if local(c) not in ("label", "hint")]) == 1
        ):
            self._repeat(repeat, path or context, element)
            return
        if path:
            self.controls.setdefault(path, self._described(element, "group", path))
        self._group(element, path or context)

    def _repeat(self, element: etree._Element, context: str, group: etree._Element | None) -> None:
        path = self.path_of(element, context)
        control = self._described(group if group is not None else element, "repeat", path)
        count = element.get(f"{JR}count")
        if count:
            control.count = self.pool.expression(count, f"{path} repeat_count")
        control.fixed = element.get(f"{JR}noAddRemove", "").strip() == "true()"
        self.repeats.add(path)
        self.controls[path] = control
        self._actions(element, path)
        self._group(element, path)

    def _control(self, element: etree._Element, name: str, context: str) -> None:
        path = self.path_of(element, context)
        control = self._described(element, name, path)
        control.mediatype = element.get("mediatype")
        for key, value in element.attrib.items():
            plain = str(key).rpartition("}")[2]
            if plain not in _KNOWN:
                control.parameters[plain] = str(value)
        if name in ("select", "select1", "rank"):
            control.choices = self._choices(element, path)
        self.controls[path] = control
        self._actions(element, path)

    def _described(self, element: etree._Element, kind: str, path: str) -> Control:
        parts = {local(child): child for child in elements(element)}
        self.pool.lines.setdefault(path, line_of(element))
        return Control(
            kind,
            element,
            label=self.itext.of(parts.get("label"), f"{path} label"),
            hint=self.itext.of(parts.get("hint"), f"{path} hint"),
            appearance=tuple((element.get("appearance") or "").split()),
        )

    def _choices(self, element: etree._Element, path: str) -> Choices | None:
        itemset = next((child for child in elements(element) if local(child) == "itemset"), None)
        if itemset is not None:
            return self._itemset(itemset, path)
        rows: list[dict[str, object]] = []
        for item in elements(element):
            if local(item) == "item":
                parts = {local(child): child for child in elements(item)}
                value = parts.get("value")
                label = self.itext.of(parts.get("label"), f"{path} choices")
                row: dict[str, object] = {"name": (value.text or "").strip() if value is not None else ""}
                rows.append(row if label is None else {**row, "label": label})
        key = f"choices:{path}"
        nodeset = self.pool.expression(f"instance('{key}')/root/item", path)
        if nodeset is None:
            return None
        self.inline[key] = rows
        return Choices(key, nodeset, "name", "label", itext=True)

    def _itemset(self, itemset: etree._Element, path: str) -> Choices | None:
        source = itemset.get("nodeset") or ""
        nodeset = self.pool.expression(source, f"{path} choice_filter")
        if nodeset is None:
            return None
        parts = {local(child): child for child in elements(itemset)}
        value = parts["value"].get("ref", "name") if "value" in parts else "name"
        label = parts["label"].get("ref", "label") if "label" in parts else "label"
        column = _ITEXT_COLUMN.match(label)
        instance = _INSTANCE.match(source)
        return Choices(
            instance[1] if instance else "",
            nodeset,
            value.strip(),
            column[1] if column else label.strip(),
            itext=column is not None,
        )

    def _actions(self, element: etree._Element, path: str) -> None:
        for child in elements(element):
            if local(child) in ACTIONS:
                self.actions.extend(read_actions(child, path, self.pool, self.binds))


ACTIONS = ("setvalue", "setgeopoint")
_EVENT = "{http://www.w3.org/2001/xml-events}event"


def read_actions(element: etree._Element, path: str, pool: Pool, binds: dict[str, str]) -> list[Action]:
    """The actions of a `setvalue` or `setgeopoint` element; `path` is the control around it, "" in the model."""
    target = plain_path(element.get("ref") or binds.get(element.get("bind") or "", ""))
    if "/@" in target or "/meta/entity/" in target:
        return []  # ids of entities: given by the session
    source = element.get("value")
    if source is None:
        text = (element.text or "").strip()
        source = f"'{text}'" if text and "'" not in text else f'"{text}"' if text else None
    value = pool.expression(source, f"{target} default") if source else None
    events = (element.get(_EVENT) or element.get("event") or "").split()
    geopoint = True if local(element) == "setgeopoint" else None
    return [
        Action(event, path or target, value, target if path and path != target else None, geopoint)
        for event in events
    ]
