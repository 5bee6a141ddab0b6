"""XML of the conformance cases as trees that expressions walk, and their nodes by the paths that cases name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from forms.xpath.nodes import Node, XmlNode
from tests.js.outcomes import numbered

_STEP = re.compile(r"(\*|@?[\w:-]+|(?:text|node|comment|processing-instruction)\(\))(?:\[(\d+)\])?")
_XML = "http://www.w3.org/XML/1998/namespace"
_PREFIXES = {
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://openrosa.org/javarosa": "jr",
    "http://www.w3.org/2002/xforms": "",
}
"""Prefixes that the cases use without declaring them; a name without one may be of XForms."""


@dataclass(frozen=True)
class Document:
    """`prefixes` are those that expressions may use. `numbers`: of each node, by `id`, in document order."""

    root: Node
    prefixes: frozenset[str]
    numbers: dict[int, int]


def document(xml: str) -> Document:
    """An XML document as nodes; texts, comments and processing instructions are nodes of their own."""
    top = Node("")
    prefixes = set(_PREFIXES.values())
    if xml:
        element = etree.fromstring(xml.encode(), etree.XMLParser(recover=True))
        prefixes |= {prefix for each in element.iter() for prefix in each.nsmap if prefix}
        top.add(_element(element, None))
    return Document(top, frozenset(prefixes), numbered(top))


def _element(element: Any, parent: Node | None) -> Node:
    node = _named(element, element.tag, parent, "", element.prefix)
    prefixes = {uri: prefix for prefix, uri in element.nsmap.items() if prefix} | {_XML: "xml"}
    node.attributes = [
        _named(element, key, node, value, prefixes.get(etree.QName(key).namespace))
        for key, value in element.attrib.items()
    ]
    _text(node, element.text)
    for child in element:
        if isinstance(child.tag, str):
            node.add(_element(child, node))
        elif child.tag is etree.Comment:
            node.add(Node("comment()", value=child.text or ""))
        elif child.tag is etree.ProcessingInstruction:
            node.add(Node(f"processing-instruction({child.target})", value=child.text or ""))
        _text(node, child.tail)
    return node


def _named(element: Any, tag: str, parent: Node | None, value: str, prefix: str | None) -> Node:
    """A node whose name has the prefix that cases use for its namespace."""
    name, space = etree.QName(tag).localname, etree.QName(tag).namespace
    if space is None:
        return Node(name, parent, value)
    called = _PREFIXES.get(space, prefix or "")
    return XmlNode(
        f"{called}:{name}" if called else name if space in _PREFIXES else f"{{{space}}}{name}",
        parent,
        value,
        space,
        f"{prefix}:{name}" if prefix else name,
    )


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
        test = match[1]
        if test.startswith("@"):
            found = [each for each in node.attributes if each.written == test[1:]]
        else:
            found = [kid for kid in node.children if _passes(kid, test)]
        at = int(match[2] or 1) - 1
        if at >= len(found):
            raise LookupError(path)
        node = found[at]
    return node


def _passes(kid: Node, test: str) -> bool:
    if test == "*":
        return not kid.name.endswith(")")
    return kid.name.startswith(test[:-1]) if test.endswith(")") else kid.written == test
