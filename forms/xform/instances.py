"""Secondary instances: choice lists inside the form, and the files that it attaches."""

from __future__ import annotations

from typing import Any

from lxml import etree

from forms.xform.itext import Itext
from forms.xform.names import elements, local


def read_instances(model: etree._Element, itext: Itext) -> dict[str, dict[str, Any]]:
    """By id: `{"src": …}` for an attached file, `{"items": [{column: text, …}]}` for a list, else `{"tree": […]}`.

    An item's `itextId` stays a column; `label` becomes the number of a text where the choice is translated. A tree is
    `[name, {attribute: text}, text or trees]`.
    """
    found: dict[str, dict[str, Any]] = {}
    for instance in elements(model):
        if local(instance) != "instance":
            continue
        key = instance.get("id")
        if key is None:
            continue
        src = instance.get("src")
        found[key] = {"src": src} if src else _inside(instance, itext)
    return found


def _inside(instance: etree._Element, itext: Itext) -> dict[str, Any]:
    roots = elements(instance)
    if roots and not _is_list(roots[0]):
        return {"tree": _tree(roots[0])}
    return {"items": [_item(item, itext) for item in (elements(roots[0]) if roots else [])]}


def _is_list(root: etree._Element) -> bool:
    """Whether it is `root/item/column`, with nothing that rows and columns cannot hold."""
    if local(root) != "root" or root.attrib:
        return False
    for item in elements(root):
        columns = elements(item)
        if local(item) != "item" or item.attrib or len({local(each) for each in columns}) < len(columns):
            return False
        if any(elements(each) or each.attrib for each in columns):
            return False
    return True


def _tree(element: etree._Element) -> list[Any]:
    attributes = {etree.QName(str(key)).localname: str(value) for key, value in element.attrib.items()}
    below = [_tree(child) for child in elements(element)]
    return [local(element), attributes, below or (element.text or "").strip()]


def _item(item: etree._Element, itext: Itext) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in elements(item):
        row[local(column)] = (column.text or "").strip()
    if "itextId" in row:
        number = itext.by_id(row["itextId"])
        if number is not None:
            row["label"] = number
    return row
