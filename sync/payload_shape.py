"""Whether the text of a payload is one, before anything is known of its form."""

from __future__ import annotations

from typing import Any

from sync import canonical
from sync.change import CONTENT, VERSION


def is_payload(kind: str, text: str) -> bool:
    """Whether a text is the canonical payload of a change of this kind (docs/data-model.md, "Payloads"). What its
    values mean is for the layout of its form to say."""
    try:
        return is_shaped(kind, canonical.decode(text))
    except (ValueError, RecursionError):
        return False


def is_shaped(kind: str, members: Any) -> bool:
    """Whether what a canonical text holds is a payload of a change of this kind."""
    if not isinstance(members, list) or members[:1] != [VERSION] or not _texts(members[1:2]):
        return False
    if kind == "review":
        return len(members) == 5 and _texts(members[2:4]) and _texts(members[4])
    if kind not in CONTENT or kind == "delete":
        return len(members) == 3 and _texts(members[2:])
    if len(members) != 6:
        return False
    values, extra, changed, reasons = members[2:]
    return isinstance(values, list) and _pairs(extra) and _texts(changed) and _pairs(reasons)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _pairs(value: Any) -> bool:
    return isinstance(value, list) and all(_texts(each) and len(each) == 2 for each in value)
