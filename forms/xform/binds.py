"""Binds: type, logic, privacy and preloads of each node."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from forms.xform.itext import Itext
from forms.xform.names import ENTITIES, JR, OPENROSA, OURS, elements, line_of, local, plain_path
from forms.xform.pool import Pool

_TYPES = {"": "string", "xsd:string": "string", "text": "string", "integer": "int"}


@dataclass(frozen=True)
class Bind:
    """What the bind of a node says; numbers point into the pool."""

    type: str = "string"
    relevant: int | None = None
    required: int | None = None
    required_msg: int | None = None
    constraint: int | None = None
    constraint_msg: int | None = None
    calculate: int | None = None
    readonly: int | None = None
    preload: tuple[str, str] | None = None
    pii: str | None = None
    publish: str | None = None
    role: str | None = None
    save_to: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)


def read_binds(model: etree._Element, itext: Itext, pool: Pool) -> tuple[dict[str, Bind], dict[str, str]]:
    """Binds by path, and paths by the `id` of a bind (older XForms refer to it)."""
    found: dict[str, Bind] = {}
    ids: dict[str, str] = {}
    for element in elements(model):
        if local(element) != "bind":
            continue
        path = plain_path(element.get("nodeset") or "")
        if element.get("id"):
            ids[element.get("id", "")] = path
        pool.lines[path] = line_of(element)
        found[path] = _bind(element, path, itext, pool)
    return found, ids


def _bind(element: etree._Element, path: str, itext: Itext, pool: Pool) -> Bind:
    def expression(name: str) -> int | None:
        source = (element.get(name) or "").strip()
        # what is never true, or always, needs no expression
        if not source or (source, name) in _IDLE:
            return None
        return pool.expression(source, f"{path} {name}")

    def message(name: str) -> int | None:
        text = element.get(f"{JR}{name}")
        return itext.reference(text, f"{path} {name}") if text else None

    preload = element.get(f"{JR}preload")
    kind = (element.get("type") or "string").removeprefix("xsd:").removeprefix("xs:").removeprefix("odk:")
    return Bind(
        type=_TYPES.get(kind, kind),
        relevant=expression("relevant"),
        required=expression("required"),
        required_msg=message("requiredMsg"),
        constraint=expression("constraint"),
        constraint_msg=message("constraintMsg"),
        calculate=expression("calculate"),
        readonly=expression("readonly"),
        preload=(preload, element.get(f"{JR}preloadParams") or "") if preload else None,
        pii=element.get(f"{OURS}pii"),
        publish=element.get(f"{OURS}publish"),
        role=element.get(f"{OURS}role"),
        save_to=element.get(f"{ENTITIES}saveto"),
        # `max-pixels` of a photo stands at the bind, other parameters at the control
        parameters={
            str(key).removeprefix(OPENROSA): str(value)
            for key, value in element.attrib.items()
            if str(key).startswith(OPENROSA)
        },
    )


_IDLE = {("false()", "required"), ("false()", "readonly"), ("true()", "relevant"), ("true()", "constraint")}
