"""Typed values of a whole record: a marshmallow schema made from a form, errors by question path.

A schema reads a record in nested form (`nested`): answers by path, and under the path of a repeat its
instances by id, each with answers by the path inside it. `typed_answers` goes from flat to flat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from marshmallow import RAISE, Schema, ValidationError, fields

from forms.model import Form, Node
from forms.problems import Problem
from forms.session.values import type_problem
from forms.xpath.functions.string import words


class GeoPoint(NamedTuple):
    """A position in WGS 84: degrees, metres above the ellipsoid, metres of accuracy."""

    latitude: float
    longitude: float
    altitude: float | None = None
    accuracy: float | None = None


class Answer(fields.Field[Any]):
    """One answer, from XForms text to a value of Python. `known`: the values that a choice may have."""

    def __init__(self, node: Node, lang: str, known: frozenset[str] | None) -> None:
        super().__init__(required=False, error_messages={"null": Problem("HW-1404").message(lang)})
        self.node = node
        self.lang = lang
        self.known = known

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, str):
            raise ValidationError(Problem("HW-1404").message(self.lang))
        number = type_problem(value, self.node.type) if value else ""
        if number:
            raise ValidationError(Problem(number).message(self.lang))
        chosen = words(value) if self.node.control in ("select", "rank") else [value]
        if self.known is not None and value and not self.known.issuperset(chosen):
            raise ValidationError(Problem("HW-1309").message(self.lang))
        return typed(value, self.node)


def typed(text: str, node: Node) -> Any:
    """The value of a well-formed answer; None for an empty one."""
    if text == "":
        return None
    if node.control in ("select", "rank"):
        return words(text)
    if node.type == "int":
        return int(text)
    if node.type == "decimal":
        return Decimal(text)
    if node.type == "date":
        return date.fromisoformat(text)
    if node.type == "dateTime":
        return datetime.fromisoformat(text)
    if node.type == "time":
        return time.fromisoformat(text)
    if node.type == "geopoint":
        return GeoPoint(*(float(part) for part in text.split()))
    if node.type == "boolean":
        return text in ("true", "1")
    return text


def schema_for(form: Form, lang: str = "en") -> type[Schema]:
    """A schema class for records of a form, with messages in a language (`zh`, `en`)."""
    return _schema(form, -1, "", lang)


def _schema(form: Form, parent: int, prefix: str, lang: str) -> type[Schema]:
    members: dict[str, Any] = {}
    _collect(form, parent, prefix, lang, members)

    class Record(Schema):
        """Answers of a record, or of an instance of a repeat."""

        class Meta:
            unknown = RAISE

        error_messages = {"unknown": Problem("HW-1401").message(lang)}  # noqa: RUF012 (as marshmallow declares it)

    return Record.from_dict(members, name=form.form_id)


def _collect(form: Form, parent: int, prefix: str, lang: str, members: dict[str, Any]) -> None:
    for number in form.children[parent]:
        node = form.nodes[number]
        name = node.path.removeprefix(prefix)
        if node.kind == "repeat":
            inner = fields.Nested(_schema(form, number, f"{node.path}/", lang))
            members[name] = fields.Dict(keys=fields.String(), values=inner)
        elif node.kind == "group":
            _collect(form, number, prefix, lang, members)
        elif node.is_leaf():
            members[name] = Answer(node, lang, _known(form, node))


def _known(form: Form, node: Node) -> frozenset[str] | None:
    """Values of a choice list inside the form; None where choices come from elsewhere."""
    if node.choices is None:
        return None
    items = form.instances.get(node.choices.instance, {}).get("items")
    return None if items is None else frozenset(str(item.get(node.choices.value, "")) for item in items)


_INSTANCE = re.compile(r"\[([^\]/]*)\](?:/|$)")


def nested(answers: Mapping[str, str]) -> dict[str, Any]:
    """Flat answers as a schema reads them."""
    found: dict[str, Any] = {}
    for path, value in answers.items():
        level, rest = found, path
        while match := _INSTANCE.search(rest):
            level = level.setdefault(rest[: match.start()], {}).setdefault(match[1], {})
            rest = rest[match.end() :]
        if rest:
            level[rest] = value
    return found


def typed_answers(
    form: Form, answers: Mapping[str, str], lang: str = "en"
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """(values, errors) by flat path. What is wrong is left out of the values."""
    schema = schema_for(form, lang)()
    errors: dict[str, list[str]] = {}
    try:
        loaded = schema.load(nested(answers))
    except ValidationError as error:
        loaded = error.valid_data
        _flatten_errors(error.messages_dict, "", errors)
    values: dict[str, Any] = {}
    _flatten(loaded, "", values)
    return values, errors


def _flatten(level: Mapping[str, Any], around: str, found: dict[str, Any]) -> None:
    for name, value in level.items():
        path = f"{around}/{name}" if around else name
        if isinstance(value, dict):
            for instance, inner in value.items():
                _flatten(inner, f"{path}[{instance}]", found)
        else:
            found[path] = value


def _flatten_errors(level: Mapping[str, Any], around: str, found: dict[str, list[str]]) -> None:
    for name, value in level.items():
        path = f"{around}/{name}" if around else name
        if isinstance(value, dict):
            for instance, inner in value.items():
                _flatten_errors(inner.get("value", {}), f"{path}[{instance}]", found)
        else:
            found[path] = list(value)
