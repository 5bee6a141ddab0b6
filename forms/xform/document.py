"""XML from outside: read without entities, without network, and with a bound on nesting."""

from __future__ import annotations

from lxml import etree

from forms.problems import FormError, Problem
from forms.xform.names import local, text_of

_DEEPEST = 60
_LARGEST = 20_000_000  # bytes; the largest real form known has 2 MB


def read_xml(xml: str | bytes, place: str) -> etree._Element:
    """The root element. Raises FormError: not XML, an entity or a document type, too large, too deep."""
    data = xml.encode("utf-8") if isinstance(xml, str) else xml
    if len(data) > _LARGEST:
        raise FormError([Problem("HW-1005", place, {"megabytes": str(_LARGEST // 1_000_000)})])
    # a declared encoding of a text that has been decoded already would be wrong
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        encoding="utf-8" if isinstance(xml, str) else None,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        params = {"line": str(error.lineno or 0), "reason": error.msg or ""}
        raise FormError([Problem("HW-1002", place, params)]) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise FormError([Problem("HW-1003", place)])
    if _deeper_than(root, _DEEPEST):
        raise FormError([Problem("HW-1004", place, {"levels": str(_DEEPEST)})])
    return root


def _deeper_than(root: etree._Element, limit: int) -> bool:
    level = [root]
    for _ in range(limit):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True


def model_and_body(root: etree._Element, place: str) -> tuple[etree._Element, etree._Element, str]:
    """The `model` and `body` elements and the title. Raises FormError where it is no XForm."""
    model = next((e for e in root.iter() if local(e) == "model"), None)
    body = next((e for e in root.iter() if local(e) == "body"), None)
    if model is None or body is None:
        raise FormError([Problem("HW-1006", place)])
    title = next((e for e in root.iter() if local(e) == "title"), None)
    return model, body, text_of(title).strip() if title is not None else ""
