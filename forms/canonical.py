"""Canonical bytes and short ids, as docs/data-model.md fixes them.

`sync` has its own copy of this rule: the two packages share the page that defines it, not code.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import TypeAlias

Canonical: TypeAlias = "str | Sequence[Canonical]"

_ESCAPE = re.compile(r'[\x00-\x1f"\\]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def _quote(text: str) -> str:
    return '"' + _ESCAPE.sub(lambda m: _SHORT.get(m[0]) or f"\\u{ord(m[0]):04x}", text) + '"'


def _write(value: Canonical, out: list[str]) -> None:
    if isinstance(value, str):
        out.append(_quote(value))
        return
    out.append("[")
    for number, item in enumerate(value):
        if number:
            out.append(",")
        _write(item, out)
    out.append("]")


def canonical_bytes(value: Canonical) -> bytes:
    """Bytes of nested arrays of strings. Raises UnicodeEncodeError on a lone surrogate."""
    out: list[str] = []
    _write(value, out)
    return "".join(out).encode("utf-8")


def short_id(data: bytes) -> str:
    """`id(x)` of the data model: the first 22 characters of SHA-256 as base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode("ascii")[:22]
