"""Canonical bytes: the one text a value of strings and arrays has, and its digests.

`docs/data-model.md` ("Canonical bytes") is the rule; `tests/vectors/changes.json` holds worked examples.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from sync.problems import SURROGATE, SyncError

Value = str | Sequence["Value"]

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(value: Value) -> str:
    """Canonical text of `value`, made of `str` and `list`/`tuple` only.

    Raises `SyncError` HW-2001 for a lone surrogate and `TypeError` for any other type.
    """
    _check(value)
    text = _dumps(value)
    check_text(text)
    return text


def encode_trusted(value: Value) -> str:
    """`encode` without its checks, for values that were decoded from checked text."""
    return _dumps(value)


def check_text(text: str, place: str = "") -> None:
    """Refuse what has no UTF-8 form (HW-2001)."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SyncError(SURROGATE, place, position=error.start) from None


def _check(value: object) -> None:
    if isinstance(value, str):
        return
    if not isinstance(value, list | tuple):
        raise TypeError(f"canonical values are strings and arrays, not {type(value).__name__}")
    for member in value:
        _check(member)


def decode(text: str) -> Any:
    """The value of canonical text; `ValueError` when the text is not exactly canonical."""
    value = json.loads(text)
    try:
        same = encode(value) == text
    except (TypeError, SyncError) as error:
        raise ValueError(str(error)) from None
    if not same:
        raise ValueError("not canonical")
    return value


def pairs(mapping: Mapping[str, Value]) -> list[Value]:
    """A map as `[key, value]` pairs in the order of the keys' UTF-8 bytes (Python sorts code points: the
    same)."""
    return [[key, mapping[key]] for key in sorted(mapping)]


def sha(data: str | bytes) -> str:
    """SHA-256 as base64url without padding, 43 characters."""
    raw = data.encode() if isinstance(data, str) else data
    return to_base64url(sha256(raw).digest())


def short_id(data: str | bytes) -> str:
    """`id(x)` of the data model: the first 22 characters of `sha`."""
    return sha(data)[:22]


def to_base64url(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Bytes of base64url without padding; `ValueError` when the text is not exactly that."""
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if to_base64url(data) != text:
        raise ValueError("not canonical base64url")
    return data
