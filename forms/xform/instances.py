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
        roots = elements(instance)
        found[key] = {"src": src} if src else inside(roots[0], itext) if roots else {"items": []}
    return found


def inside(root: etree._Element, itext: Itext | None = None) -> dict[str, Any]:
    """What an instance with this root holds: `items` or a `tree`. An attached file has no `itext` of a form."""
    if not _is_list(root):
        return {"tree": _tree(root)}
    return {"items": [_item(item, itext) for item in elements(root)]}


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


def _item(item: etree._Element, itext: Itext | None) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in elements(item):
        row[local(column)] = (column.text or "").strip()
    if itext is not None and "itextId" in row:
        number = itext.by_id(row["itextId"])
        if number is not None:
            row["label"] = number
    return row
