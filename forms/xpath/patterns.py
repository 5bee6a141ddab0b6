"""Patterns of `regex()`: the whole text must match, `\\d \\s \\w` are ASCII, time is bounded.

Twin of `logic/pattern.js`.

A pattern comes with the form and is untrusted input.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]  # publishes no types

from forms.xpath.errors import EvaluationError

_SECONDS = 0.2
_WORD = "A-Za-z0-9_"
_SPACE = r" \t\n\r\f\v"
_CLASSES = {
    "d": ("0-9", False), "D": ("0-9", True), "s": (_SPACE, False),
    "S": (_SPACE, True), "w": (_WORD, False), "W": (_WORD, True),
}  # fmt: skip
_BOUNDARY = f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_LONGEST = 2000


def whole_match(text: str, pattern: str) -> bool:
    """Whether the pattern matches the whole text. Raises EvaluationError: malformed, or too slow."""
    compiled = _compiled(pattern)
    if compiled is None:
        raise EvaluationError("HW-1202", pattern=pattern)
    try:
        return bool(compiled.fullmatch(text, timeout=_SECONDS))
    except TimeoutError as error:
        raise EvaluationError("HW-1203", pattern=pattern) from error


def is_pattern(pattern: str) -> bool:
    """Whether it can be read as a pattern."""
    return _compiled(pattern) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    if len(pattern) > _LONGEST:
        return None
    try:
        return regex.compile(_translated(pattern), regex.VERSION0)
    except (regex.error, RecursionError, OverflowError):
        return None


def _translated(pattern: str) -> str:
    """The pattern in the dialect of the `regex` module, meaning what JavaScript's `u` flag makes of it."""
    out: list[str] = []
    inside = False
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "\\" and at < len(pattern):
            out.append(_escape(pattern[at], inside))
            at += 1
            continue
        if char == "[":
            out.append(r"\[" if inside else char)
            inside = True
            continue
        if char == "]":
            inside = False
        elif not inside and char in ".$":
            char = {".": r"[^\n]", "$": r"\Z"}[char]
        elif inside and char in "&|~" and pattern[at : at + 1] == char:
            char = "\\" + char  # no set operations
        out.append(char)
    return "".join(out)


def _escape(char: str, inside: bool) -> str:
    if char in _CLASSES:
        ranges, negated = _CLASSES[char]
        if inside:
            return f"\\{char}" if negated else ranges
        return f"[^{ranges}]" if negated else f"[{ranges}]"
    if char in "bB" and not inside:
        return _BOUNDARY if char == "b" else f"(?!{_BOUNDARY})"
    if char.isascii() and char.isalnum():
        return "\\" + char
    return str(regex.escape(char, special_only=False)) if char.isascii() else char
