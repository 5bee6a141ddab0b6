"""The form as Homeward sees it: frozen, and the same thing as the JSON of docs/form-model.md."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from forms.canonical import Canonical, canonical_bytes, short_id
from forms.xpath.parser import Ast

Json: TypeAlias = Any
Piece: TypeAlias = "str | int"
"""A part of a text: plain text, or the number of an expression whose value stands there."""
Text: TypeAlias = "dict[str, dict[str, Any]]"
"""Language name ("" when untranslated) to {"long": [piece, …], "guidance"?: …, "image"?: …}."""

Start: TypeAlias = "list[Any]"
"""An instance that a new record begins with: `[{path: text}, {path of a repeat in it: [Start, …]}]`, where they are
other than in a new instance."""

FORMAT = "1"


@dataclass(frozen=True, slots=True)
class Language:
    """`name` as the form writes it; `tag` the short code in brackets ("zh"), else the name."""

    name: str
    tag: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Where the choices of a question come from: instance, nodeset expression, columns of value and label."""

    instance: str
    nodeset: int
    value: str
    label: str
    itext: bool = False
    filter_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A group, repeat, question, note, calculation or part of meta. Numbers point into the form's lists."""

    path: str
    name: str
    parent: int
    kind: str
    type: str = "string"
    control: str | None = None
    mediatype: str | None = None
    label: int | None = None
    hint: int | None = None
    relevant: int | None = None
    required: int | None = None
    required_msg: int | None = None
    constraint: int | None = None
    constraint_msg: int | None = None
    calculate: int | None = None
    readonly: int | None = None
    default: str | None = None
    preload: tuple[str, str] | None = None
    choices: Choices | None = None
    appearance: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    count: int | None = None
    initial: int | None = None
    start: tuple[Start, ...] | None = None
    pii: str | None = None
    publish: str | None = None
    role: str | None = None
    save_to: str | None = None

    def is_leaf(self) -> bool:
        """True for what can hold an answer."""
        return self.kind in ("question", "calculate", "meta")

    def is_derived(self) -> bool:
        """True for calculations and preloads: values that the form gives and that never conflict."""
        return self.calculate is not None or self.preload is not None


@dataclass(frozen=True, slots=True)
class Action:
    """`setvalue`: at `event`, `target` (or `path` where there is none) becomes the value of an expression.

    `setgeopoint` (`geopoint`): it becomes the position of that moment.
    """

    event: str
    path: str
    value: int | None = None
    target: str | None = None
    geopoint: bool | None = None

    @property
    def sets(self) -> str:
        """Path of the node that is set."""
        return self.target or self.path


@dataclass(frozen=True, slots=True)
class Entity:
    """The entity list that records of this form feed, and how."""

    list: str
    create_if: int
    label: int
    save_to: dict[str, str]


@dataclass(frozen=True)
class Form:
    """A compiled form. Build with `forms.compile`, `forms.read_xform` or `Form.from_json`; never change it."""

    form_id: str
    version: str
    id: str
    title: str
    languages: tuple[Language, ...]
    default_language: str
    root: str
    instance_name: int | None
    expressions: tuple[Ast, ...]
    texts: tuple[Text, ...]
    instances: dict[str, dict[str, Any]]
    nodes: tuple[Node, ...]
    order: tuple[int, ...]
    triggers: dict[str, list[int]]
    actions: tuple[Action, ...]
    entity: Entity | None
    layout: list[Any]
    itext: dict[str, int] = field(default_factory=dict)
    xform: str = ""
    warnings: tuple[str, ...] = ()

    # -- looking up

    @cached_property
    def by_path(self) -> dict[str, int]:
        """Number of the node at each path (without instance ids)."""
        return {node.path: number for number, node in enumerate(self.nodes)}

    @cached_property
    def kept(self) -> dict[type, Any]:
        """What others have worked out from this form, by their own class, kept as long as the form."""
        return {}

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """Numbers of the children of each node; of the root under -1."""
        found: dict[int, list[int]] = {-1: []}
        for number, node in enumerate(self.nodes):
            found.setdefault(number, [])
            found[node.parent].append(number)
        return found

    def node(self, path: str) -> Node:
        """The node at a path without instance ids. Raises KeyError."""
        return self.nodes[self.by_path[path]]

    @cached_property
    def questions(self) -> tuple[Node, ...]:
        """What a person is asked, in order; questions of the desk among them."""
        return tuple(node for node in self.nodes if node.kind == "question")

    def language(self, wanted: str) -> str:
        """The form's name of a language given by name or tag; the default language where it has none such."""
        for language in self.languages:
            if wanted in (language.name, language.tag):
                return language.name
        return self.default_language

    # -- identity and JSON

    def version_document(self, xform_document_id: str) -> bytes:
        """Canonical bytes of the form-version document (docs/data-model.md); its short id is `Form.id`."""
        layout: Canonical = self.layout
        return canonical_bytes(["form", self.form_id, self.version, xform_document_id, layout])

    @property
    def xform_document_id(self) -> str:
        """Short id of the bytes of the XForm."""
        return short_id(self.xform.encode("utf-8"))

    def to_json(self) -> dict[str, Json]:
        """What the phone gets, as docs/form-model.md says; ready for `json.dumps`."""
        return {
            "format": FORMAT,
            "form_id": self.form_id,
            "version": self.version,
            "id": self.id,
            "title": self.title,
            "languages": [{"name": language.name, "tag": language.tag} for language in self.languages],
            "default_language": self.default_language,
            "root": self.root,
            "instance_name": self.instance_name,
            "expressions": list(self.expressions),
            "texts": list(self.texts),
            **({"itext": self.itext} if self.itext else {}),
            "instances": self.instances,
            "nodes": [_node_json(node) for node in self.nodes],
            "order": list(self.order),
            "triggers": self.triggers,
            "actions": [_bare(action) for action in self.actions],
            "entity": _bare(self.entity) if self.entity else None,
            "layout": self.layout,
        }

    @classmethod
    def from_json(cls, data: dict[str, Json], xform: str = "") -> Form:
        """The inverse of `to_json`. Raises KeyError or TypeError where `data` is something else."""
        if data["format"] != FORMAT:
            raise ValueError(f"form format {data['format']!r}")
        entity = data["entity"]
        return cls(
            form_id=data["form_id"],
            version=data["version"],
            id=data["id"],
            title=data["title"],
            languages=tuple(Language(**language) for language in data["languages"]),
            default_language=data["default_language"],
            root=data["root"],
            instance_name=data["instance_name"],
            expressions=tuple(data["expressions"]),
            texts=tuple(data["texts"]),
            instances=data["instances"],
            nodes=tuple(_node_from(node) for node in data["nodes"]),
            order=tuple(data["order"]),
            triggers=data["triggers"],
            actions=tuple(Action(**action) for action in data["actions"]),
            entity=Entity(**entity) if entity else None,
            layout=data["layout"],
            itext=data.get("itext", {}),
            xform=xform,
        )


def _bare(item: Any) -> dict[str, Json]:
    """The members of a dataclass that have a value."""
    found = {}
    for name in item.__slots__:
        value = getattr(item, name)
        if value is not None:
            found[name] = value
    return found


_ALWAYS = {"path", "name", "parent", "kind", "type"}


def _node_json(node: Node) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name in node.__slots__:
        value = getattr(node, name)
        if isinstance(value, Choices):
            found[name] = {**_bare(value), "filter_paths": list(value.filter_paths)}
        elif name in _ALWAYS or (value is not None and value not in ((), {})):
            found[name] = list(value) if isinstance(value, tuple) else value
    if node.control is None:
        found["control"] = None
    return found


_NODE_FIELDS = {item.name for item in dataclasses.fields(Node)}


def _node_from(data: dict[str, Json]) -> Node:
    given = {name: value for name, value in data.items() if name in _NODE_FIELDS}
    if "choices" in given:
        choices = given["choices"]
        given["choices"] = Choices(**{**choices, "filter_paths": tuple(choices["filter_paths"])})
    for name in ("appearance", "preload", "start"):
        if name in given:
            given[name] = tuple(given[name])
    return Node(**given)
