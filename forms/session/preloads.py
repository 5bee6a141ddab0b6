"""What a record is given by itself at its beginning and end: time, device, person. Twin of `logic/preloads.js`."""

from __future__ import annotations

from collections.abc import Container

from forms.model import Form
from forms.session.context import Context
from forms.session.engine import Engine
from forms.session.record import Record

_START, _END = ("timestamp", "start"), ("timestamp", "end")


def begin(form: Form, record: Record, context: Context) -> None:
    """A new record."""
    for number, node in enumerate(form.nodes):
        if node.preload is not None and node.preload != _END:
            for element in record.elements(number):
                element.value = _given(node.preload, context)


def begin_later(form: Form, engine: Engine, context: Context, paths: Container[str]) -> None:
    """Nodes that a record did not have when it began; nobody knows any more when that was."""
    for number, node in enumerate(form.nodes):
        if node.preload is None or node.preload in (_START, _END) or node.path not in paths:
            continue
        for element in engine.record.elements(number):
            if not element.value:
                element.value = _given(node.preload, context)
                engine.changed(element)


def end(form: Form, engine: Engine, context: Context) -> None:
    """A finished record."""
    for number, node in enumerate(form.nodes):
        if node.preload == _END:
            for element in engine.record.elements(number):
                element.value = context.now()
                engine.changed(element)


def _given(preload: tuple[str, str], context: Context) -> str:
    kind, parameter = preload
    if kind == "timestamp":
        return context.now()
    if kind == "date":
        return context.now()[:10]
    if kind == "uid":
        return f"uuid:{context.uuid()}"
    if kind == "property":
        return {"deviceid": context.deviceid, "username": context.username}.get(parameter, "")
    return ""
