"""From the text of an XForm to a `Form`: reads the parts, joins them, checks the whole, names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forms.canonical import canonical_bytes, short_id
from forms.model import Action, Choices, Entity, Form, Node
from forms.problems import FormError
from forms.xform.binds import Bind, read_binds
from forms.xform.body import ACTIONS, Body, Control, read_actions
from forms.xform.dependencies import Dependencies
from forms.xform.document import model_and_body, read_xml
from forms.xform.instances import read_instances
from forms.xform.itext import Itext
from forms.xform.names import elements, local
from forms.xform.pool import Pool
from forms.xform.primary import Entry, Primary, read_primary
from forms.xpath.calls import calls

_DERIVED_META = ("instanceID", "instanceName")


def read_xform(xml: str | bytes, place: str = "") -> Form:
    """The form. Raises FormError with all problems found at once."""
    return read_parts(xml, place).form()


@dataclass
class Reading:
    """What an XForm says, read as far as it goes: `pool.problems` has what is wrong with it."""

    text: str
    title: str
    pool: Pool
    itext: Itext
    primary: Primary
    nodes: list[Node]
    actions: list[Action]
    instances: dict[str, dict[str, Any]]
    entity: Entity | None
    triggers: dict[str, list[int]]
    order: list[int]

    def form(self) -> Form:
        """The form. Raises FormError with all problems."""
        if self.pool.problems:
            raise FormError(self.pool.problems)
        primary = self.primary
        itext = self._spoken()
        layout = make_layout(self.nodes, -1, "")
        xform_id = short_id(self.text.encode("utf-8"))
        document = canonical_bytes(["form", primary.form_id, primary.version, xform_id, layout])
        return Form(
            form_id=primary.form_id,
            version=primary.version,
            id=short_id(document),
            title=self.title,
            languages=tuple(self.itext.languages),
            default_language=self.itext.default,
            root=primary.root,
            instance_name=_instance_name(self.nodes),
            expressions=tuple(self.pool.expressions),
            texts=tuple(self.pool.texts),
            instances=self.instances,
            nodes=tuple(self.nodes),
            order=tuple(self.order),
            triggers=self.triggers,
            actions=tuple(self.actions),
            entity=self.entity,
            layout=layout,
            itext=itext,
            xform=self.text,
        )

    def _spoken(self) -> dict[str, int]:
        """Texts by their itext ids, where these are known only when somebody fills in the form."""
        trees = {key for key, source in self.instances.items() if "tree" in source}
        named = any(
            each.choices and each.choices.itext and each.choices.instance in trees for each in self.nodes
        )
        asked = named or any(calls(each, {"jr:itext"}) for each in self.pool.expressions)
        return self.itext.numbers() if asked else {}


def read_parts(xml: str | bytes, place: str = "") -> Reading:
    """All parts of an XForm. Raises FormError only for what is no XForm at all."""
    root = read_xml(xml, place)
    model, body_element, title = model_and_body(root, place)
    pool = Pool(place, frozenset(prefix for e in root.iter() for prefix in e.nsmap if prefix))
    itext = Itext(model, pool)
    binds, ids = read_binds(model, itext, pool)
    body = Body(body_element, itext, pool, ids)
    primary = read_primary(model, body.repeats, place)
    nodes = _Reader(pool, binds, body, primary).nodes()
    actions = [a for e in elements(model) if local(e) in ACTIONS for a in read_actions(e, "", pool, ids)]
    actions += body.actions
    instances = read_instances(model, itext)
    instances.update({key: {"items": rows} for key, rows in body.inline.items()})
    dependencies = Dependencies(nodes, pool, actions, instances, primary.root)
    order = dependencies.order()
    text = xml if isinstance(xml, str) else xml.decode(root.getroottree().docinfo.encoding or "utf-8")
    return Reading(
        text=text,
        title=title,
        pool=pool,
        itext=itext,
        primary=primary,
        nodes=dependencies.nodes,
        actions=actions,
        instances=instances,
        entity=_entity(primary, binds, nodes),
        triggers=dependencies.triggers,
        order=order,
    )


class _Reader:
    """Joins primary instance, binds and body into nodes."""

    def __init__(self, pool: Pool, binds: dict[str, Bind], body: Body, primary: Primary) -> None:
        self.pool = pool
        self.binds = binds
        self.body = body
        self.primary = primary

    def nodes(self) -> list[Node]:
        known = {entry.path for entry in self.primary.entries}
        for (
            path
        ) in self.body.controls:  # a bind without a node is idle, a control without one would lose answers
            if path not in known and path != self.primary.root:
                self.pool.problem("HW-1012", path)
        return [self._node(entry) for entry in self.primary.entries]

    def _node(self, entry: Entry) -> Node:
        bind = self.binds.get(entry.path) or Bind()
        control = self.body.controls.get(entry.path)
        kind = self._kind(entry, bind)
        count = self._count(entry, control)
        return Node(
            path=entry.path,
            name=entry.name,
            parent=entry.parent,
            kind=kind,
            type=bind.type if entry.leaf else "",
            control=control.kind if control and control.kind not in ("group", "repeat") else None,
            mediatype=control.mediatype if control else None,
            label=control.label if control else None,
            hint=control.hint if control else None,
            relevant=bind.relevant,
            required=bind.required,
            required_msg=bind.required_msg,
            constraint=bind.constraint,
            constraint_msg=bind.constraint_msg,
            calculate=bind.calculate,
            readonly=bind.readonly,
            default=entry.default or None,
            preload=bind.preload,
            choices=control.choices if control else None,
            appearance=control.appearance if control else (),
            parameters={**bind.parameters, **(control.parameters if control else {})},
            count=count,
            initial=len(entry.start) if kind == "repeat" and count is None and entry.is_plain() else None,
            start=None if entry.is_plain() else tuple(entry.start),
            pii=bind.pii,
            publish=bind.publish,
            role=bind.role,
            save_to=bind.save_to,
        )

    def _count(self, entry: Entry, control: Control | None) -> int | None:
        """The expression for the number of instances; a number where the form fixes it (`jr:noAddRemove`)."""
        if control is None or control.count is not None or not control.fixed:
            return control.count if control else None
        return self.pool.expression(str(max(1, len(entry.start))), f"{entry.path} repeat_count")

    def _kind(self, entry: Entry, bind: Bind) -> str:
        if entry.path in self.body.repeats:
            return "repeat"
        if not entry.leaf:
            return "group"
        if f"{self.primary.root}/meta/" in entry.path:
            return "meta"
        control = self.body.controls.get(entry.path)
        if control is None:
            return "group" if self._empty_group(entry) else "calculate"
        if control.kind == "group":
            return "group"
        readonly = bind.readonly is not None and self.pool.expressions[bind.readonly] == ["call", "true"]
        plain = control.kind == "input" and bind.type == "string" and bind.calculate is None
        return "note" if readonly and plain and not entry.default else "question"

    def _empty_group(self, entry: Entry) -> bool:
        return entry.path == f"{self.primary.root}/meta"


def _instance_name(nodes: list[Node]) -> int | None:
    return next((n.calculate for n in nodes if n.kind == "meta" and n.name == "instanceName"), None)


def _entity(primary: Primary, binds: dict[str, Bind], nodes: list[Node]) -> Entity | None:
    if primary.entity_list is None:
        return None
    meta = f"{primary.root}/meta/entity"
    create = binds.get(f"{meta}/@create", Bind()).calculate
    label = binds.get(f"{meta}/label", Bind()).calculate
    save_to = {node.save_to: node.path for node in nodes if node.save_to}
    return Entity(
        primary.entity_list, -1 if create is None else create, -1 if label is None else label, save_to
    )


def make_layout(nodes: list[Node], parent: int, prefix: str) -> list[Any]:
    """The layout of docs/data-model.md below a node; inside a repeat, paths are relative to its instance."""
    found: list[Any] = []
    for number, node in enumerate(nodes):
        if node.parent != parent:
            continue
        if node.kind == "repeat":
            found.append([node.path.removeprefix(prefix), make_layout(nodes, number, f"{node.path}/")])
        elif node.kind == "group":
            found.extend(make_layout(nodes, number, prefix))
        elif node.is_leaf():
            path = node.path.removeprefix(prefix)
            found.append([path] if node.is_derived() or node.kind in ("calculate", "meta") else path)
    return found


__all__ = ["Action", "Choices", "make_layout", "read_xform"]
