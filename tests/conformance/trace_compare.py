"""Whether a session says what a trace says: the whole state, with UUIDs and clock masked.

What the two name differently is put into one word; nothing that a person could see is left out:

- an instanceID that the form itself does not have (the recorded engine adds one; our records have a name anyway);
- what is not relevant has no value (ours is kept while the record is a draft);
- a calculated question is read-only for us, whatever its bind says;
- numbers and positions are compared as numbers (`-1` and `-1.0`); of one that is drawn by lot, that it is a number;
- a type that the recorded engine does not know is a string to it;
- of problems it knows `required` and `constraint`; what ours says besides is compared by the rule of `contested`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from tests.conformance.trace_player import Nodes, Step, plain

Difference = tuple[str, str, Any, Any]
"""Position path, what of it, what the trace says, what ours says."""
_MASKS = (
    (re.compile(r"uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "uuid:"),
    (re.compile(r"2026-11-21T23:4\d:\d\d\.\d{3}(?:Z|\+00:00)"), "now"),
)
_NUMBERS = ("decimal", "geopoint", "geotrace", "geoshape")
_KNOWN_TYPES = {*_NUMBERS, "int", "boolean", "date", "dateTime", "binary"}
_OWN = re.compile(r"/(?:meta|meta/instanceID)$")


def follow(state: Nodes, step: Step) -> None:
    """Carries the state of a trace on to after a step."""
    for ref in step.get("removed", ()):
        state.pop(plain(ref), None)
    for node in (*step.get("nodes", ()), *step.get("changed", ())):
        state[plain(node["ref"])] = node


def differences(wanted: Nodes, found: Nodes) -> list[Difference]:
    """What is other, in the order of the paths."""
    other: list[Difference] = []
    for path in sorted(wanted.keys() | found.keys()):
        if path not in found:
            if not _OWN.search(path):
                other.append((path, "missing", wanted[path]["type"], None))
        elif path not in wanted:
            other.append((path, "extra", None, found[path]["type"]))
        else:
            other.extend((path, *each) for each in _node(wanted[path], found[path]))
    return other


def _node(wanted: dict[str, Any], found: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    relevant = wanted["relevant"] and found["relevant"]
    for what in (
        "type",
        "relevant",
        "bind_type",
        "label",
        "required",
        "readonly",
        "violation",
        "message",
        "options",
    ):
        if (what == "readonly" and found.get("derived")) or (what == "label" and "label" not in found):
            continue
        if what == "message" and "message" not in wanted:
            continue  # the recorded engine leaves its own texts out
        left, right = wanted.get(what) or "", found.get(what) or ""
        if what == "bind_type" and right not in _KNOWN_TYPES:
            right = right and "string"
        if left != right:
            yield what, left, right
    if relevant and "value" in found:
        left, right = wanted.get("value", ""), found["value"]
        if not _same_value(left, right, found["kind"]):
            yield "value", left, right


def masked(text: str) -> str:
    """A text without what is another one each time."""
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return text


def _same_value(wanted: str, found: str, kind: str) -> bool:
    left, right = masked(wanted), masked(found)
    if kind == "drawn":
        return (
            isinstance(_numbers(left), list)
            and isinstance(_numbers(right), list)
            and bool(left) == bool(right)
        )
    return left == right or (kind in _NUMBERS and _numbers(left) == _numbers(right))


def _numbers(text: str) -> list[list[float]] | str:
    points = [point.split() for point in text.split(";") if point.strip()]
    try:
        return [[float(number) for number in point] for point in points]
    except ValueError:
        return text


def xml_differs(wanted: str, found: list[Any], kinds: dict[str, str], own_id: bool) -> list[Difference]:
    """How the record as XML is other; `kinds` as the player has them, `own_id`: the form has an instanceID."""
    tree = _tree(etree.fromstring(wanted.encode()), own_id)
    return [] if _same(tree, found, f"/{found[0]}", kinds) else [("", "xml", tree, found)]


def _tree(element: etree._Element, own_id: bool) -> list[Any]:
    kids = [_tree(each, own_id) for each in element]
    if not own_id:
        kids = [each for each in kids if each[0] != "instanceID" and each != ["meta", ""]]
    return [etree.QName(element).localname, kids or element.text or ""]


def _same(wanted: list[Any], found: list[Any], path: str, kinds: dict[str, str]) -> bool:
    left, right = wanted[1] or "", found[1] or ""
    if wanted[0] != found[0] or isinstance(left, str) != isinstance(right, str):
        return False
    if isinstance(left, str):
        return _same_value(left, right, kinds.get(path, ""))
    return len(left) == len(right) and all(
        _same(one, other, f"{path}/{one[0]}", kinds) for one, other in zip(left, right, strict=True)
    )
