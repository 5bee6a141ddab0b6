"""The XML names that XForms use."""

from __future__ import annotations

from lxml import etree

from forms.xpath.parser import Ast

XF = "{http://www.w3.org/2002/xforms}"
HTML = "{http://www.w3.org/1999/xhtml}"
JR = "{http://openrosa.org/javarosa}"
ODK = "{http://www.opendatakit.org/xforms}"
OPENROSA = "{http://openrosa.org/xforms}"
ENTITIES = "{http://www.opendatakit.org/xforms/entities}"
OURS = "{urn:field-survey:1}"
"""The namespace of `bind::fs:pii`, `bind::fs:publish`, `bind::fs:role`."""


def local(element: etree._Element) -> str:
    """The local name of an element, "" for a comment or an instruction."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def line_of(element: etree._Element) -> int:
    """The line that an element begins on, 0 where that is not known."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def plain_path(path: str) -> str:
    """A path of the primary instance without prefixes: `/data/orx:meta` is `/data/meta`."""
    return "/".join(step.rpartition(":")[2] for step in path.strip().split("/"))


def plain_tree(ast: Ast) -> Ast:
    """An expression without prefixes of names in paths: `orx:meta` is `meta`, as records are read."""
    if ast[0] == "path":
        start = plain_tree(ast[1]) if isinstance(ast[1], list) else ast[1]
        return ["path", start, *([step[0], _plain(step[1]), *map(plain_tree, step[2:])] for step in ast[2:])]
    return [plain_tree(part) if isinstance(part, list) else part for part in ast]


def _plain(test: str) -> str:
    return test if test.endswith(")") else test.rpartition(":")[2]


def elements(parent: etree._Element) -> list[etree._Element]:
    """Child elements, without comments."""
    return [child for child in parent if isinstance(child.tag, str)]


def text_of(element: etree._Element) -> str:
    """All text inside an element."""
    return "".join(str(part) for part in element.itertext())
