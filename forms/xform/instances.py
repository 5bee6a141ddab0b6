"""Secondary instances: choice lists inside the form, and the files that it attaches."""

from __future__ import annotations

from typing import Any

from lxml import etree

from forms.xform.itext import Itext
from forms.xform.names import elements, local


def read_instances(model: etree._Element, itext: Itext) -> dict[str, dict[str, Any]]:
    """By id: `{"src": …}` for an attached file, else `{"items": [{column: text, …}]}`.

    An item's `itextId` stays a column; `label` becomes the number of a text where the choice is translated.
    """
    found: dict[str, dict[str, Any]] = {}
    for instance in elements(model):
        if local(instance) != "instance":
            continue
        key = instance.get("id")
        if key is None:
            continue
        src = instance.get("src")
        found[key] = {"src": src} if src else {"items": [_item(item, itext) for item in _items(instance)]}
    return found


def _items(instance: etree._Element) -> list[etree._Element]:
    roots = elements(instance)
    return elements(roots[0]) if roots else []


def _item(item: etree._Element, itext: Itext) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in elements(item):
        row[local(column)] = (column.text or "").strip()
    if "itextId" in row:
        number = itext.by_id(row["itextId"])
        if number is not None:
            row["label"] = number
    return row
