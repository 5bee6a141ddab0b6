"""Reading an item of a list of choices."""

from __future__ import annotations

from forms.xpath.nodes import Node
from forms.xpath.values import to_text


def column(node: Node, path: str) -> str:
    """The text of a column of an item; "" where it has none."""
    for step in path.split("/"):
        kids = node.named(step)
        if not kids:
            return ""
        node = kids[0]
    return to_text([node])
