"""Reading the conformance cases that may lie beside the checkout; nothing of them is copied here."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from forms.xpath.dates import date_of_days
from forms.xpath.errors import EvaluationError, ExpressionError
from forms.xpath.evaluator import compile_ast
from forms.xpath.functions.signatures import check_call
from forms.xpath.nodes import Node
from forms.xpath.parser import parse_with_calls
from forms.xpath.scope import Scope
from forms.xpath.values import Value, to_boolean, to_number, to_text

Case = dict[str, Any]
_STEP = re.compile(r"(\*|@?[\w:-]+|(?:text|node|comment)\(\))(?:\[(\d+)\])?")


def read(name: str) -> Any:
    """A file of the conformance cases; the test is skipped where they are not."""
    folder = os.environ.get("HOMEWARD_CONFORMANCE", "")
    if not folder:
        pytest.skip("no conformance cases beside this checkout (HOMEWARD_CONFORMANCE)")
    return json.loads((Path(folder) / name).read_text("utf-8"))


def document(xml: str) -> Node:
    """An XML document as nodes; texts and comments are nodes of their own."""
    found = Node("")
    if xml:
        found.add(_element(etree.fromstring(xml.encode(), etree.XMLParser(recover=True))))
    return found


def _element(element: Any) -> Node:
    name = etree.QName(element).localname
    node = Node(f"{element.prefix}:{name}" if element.prefix else name)
    _text(node, element.text)
    for child in element:
        if isinstance(child.tag, str):
            node.add(_element(child))
        elif child.tag is etree.Comment:
            node.add(Node("comment()", value=child.text or ""))
        _text(node, child.tail)
    prefixes = {uri: prefix for prefix, uri in element.nsmap.items()}
    prefixes["http://www.w3.org/XML/1998/namespace"] = "xml"
    node.attributes = [
        Node(f"{prefixes[key.namespace]}:{key.localname}" if key.namespace else key.localname, node, value)
        for key, value in ((etree.QName(key), value) for key, value in element.attrib.items())
    ]
    return node


def _text(node: Node, text: str | None) -> None:
    if text:
        node.add(Node("text()", value=text))


def find(root: Node, path: str) -> Node:
    """The node at `/*[1]/*[2]/@id`. Raises LookupError."""
    node = root
    for step in path.split("/")[1:] if path != "/" else []:
        match = _STEP.fullmatch(step)
        if match is None:
            raise LookupError(path)
        if match[1].startswith("@"):
            node = next(each for each in node.attributes if each.name == match[1][1:])
            continue
        kids = [
            kid
            for kid in node.children
            if kid.name == match[1] or (match[1] == "*" and not kid.name.endswith(")"))
        ]
        node = kids[int(match[2] or 1) - 1]
    return node


class World:
    """The surroundings that the cases were recorded in."""

    def __init__(self, case: Case, root: Node) -> None:
        self.zone = "Z" if case["tz"] == "GMT" else "-07:00"
        self.root = root

    def now(self) -> str:
        return f"2026-11-22T03:00:00.000{self.zone}"

    def random(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"

    def instance(self, name: str) -> Node | None:
        wanted = ("id", name)
        return next(
            (
                node
                for node in self.root.below()
                if node.name == "instance" and wanted in [(a.name, a.value) for a in node.attributes]
            ),
            None,
        )

    def rows(self, name: str, filters: Mapping[str, str]) -> Sequence[Node] | None:
        return None

    def choice_name(self, value: str, path: str, origin: Node) -> str:
        raise AssertionError("no case asks for the name of a choice")


def holds(case: Case, contexts: Mapping[str, str]) -> bool:
    """Whether our parser and evaluator give what a case says."""
    root = document(contexts.get(case["xml"], ""))
    try:
        node = find(root, case["context"])
        parsed = parse_with_calls(case["expression"])
        for call in parsed.calls:
            check_call(call, case["expression"])
        value = compile_ast(parsed.ast)(Scope(node, node, World(case, root)))
        return _equal(case["kind"], value, case["expected"], root)
    except LookupError:  # a processing instruction, which records do not have
        return False
    except (ExpressionError, EvaluationError):
        return case["kind"] in ("throws", "parse-error")


def _equal(kind: str, value: Value, wanted: Any, root: Node) -> bool:
    if kind == "boolean":
        return to_boolean(value) is wanted
    if kind.startswith("number"):
        number, expected = to_number(value), float(wanted)
        close = 1e-5 if kind == "number-rounded" else 1e-12
        same = number == expected or (math.isnan(number) and math.isnan(expected))
        return same or abs(number - expected) < close
    if kind == "string":
        return to_text(value) == wanted
    if kind == "string-matches":
        return re.search(wanted, to_text(value)) is not None
    if kind == "string-length":
        return len(to_text(value)) == wanted
    if kind == "node-count":
        return isinstance(value, list) and len(value) == wanted
    if kind == "date":
        return (date_of_days(value) if isinstance(value, float) else to_text(value)[:10]) == wanted
    if kind in ("nodeset", "nodeset-unordered") and isinstance(value, list):
        expected_nodes = [id(find(root, path)) for path in wanted]
        places = [id(node) for node in value]
        return places == expected_nodes or (kind != "nodeset" and sorted(places) == sorted(expected_nodes))
    return False
