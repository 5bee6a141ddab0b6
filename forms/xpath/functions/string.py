"""Texts, counted in code points. Sources: XPath 1.0, section 4.2; ODK XForms specification."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Callable

from forms.xpath.errors import EvaluationError
from forms.xpath.patterns import whole_match
from forms.xpath.scope import Scope
from forms.xpath.values import Value, opened, to_number, to_text

_BLANKS = re.compile(r"[ \t\r\n]+")


def words(text: str) -> list[str]:
    """The parts between blanks: the chosen values of a select multiple."""
    return [word for word in _BLANKS.split(text) if word]


def texts(arguments: list[Value]) -> list[str]:
    """Texts of all arguments, node-sets opened."""
    return [to_text(value) for value in opened(arguments)]


def _substring(arguments: list[Value], scope: Scope) -> Value:
    """XPath's: places from 1, both ends rounded."""
    text = to_text(arguments[0])
    start = _rounded(to_number(arguments[1]))
    end = start + _rounded(to_number(arguments[2])) if len(arguments) > 2 else math.inf
    return "".join(char for place, char in enumerate(text, 1) if start <= place < end)


def _rounded(number: float) -> float:
    return math.floor(number + 0.5) if math.isfinite(number) else number


def _substr(arguments: list[Value], scope: Scope) -> Value:
    """From 0, the end not included; negative places count from the end."""
    text = to_text(arguments[0])
    start = to_number(arguments[1])
    end = to_number(arguments[2]) if len(arguments) > 2 else math.inf
    if math.isnan(start) or math.isnan(end):
        return ""
    size = len(text)
    return text[_place(start, size) : _place(end, size)]


def _place(number: float, size: int) -> int:
    if number < 0:
        return max(0, size + math.trunc(number)) if math.isfinite(number) else 0
    return min(size, math.trunc(number)) if math.isfinite(number) else size


def _translate(arguments: list[Value], scope: Scope) -> Value:
    source, target = to_text(arguments[1]), to_text(arguments[2])
    table: dict[int, str] = {}
    for place, char in enumerate(source):
        table.setdefault(ord(char), target[place : place + 1])
    return to_text(arguments[0]).translate(table)


def _before(arguments: list[Value], scope: Scope) -> Value:
    text, part = to_text(arguments[0]), to_text(arguments[1])
    at = text.find(part)
    return text[:at] if at >= 0 else ""


def _after(arguments: list[Value], scope: Scope) -> Value:
    text, part = to_text(arguments[0]), to_text(arguments[1])
    at = text.find(part)
    return text[at + len(part) :] if at >= 0 else ""


def _decode(arguments: list[Value], scope: Scope) -> Value:
    """What `atob` takes: blanks anywhere, padding or none."""
    packed = re.sub(r"[ \t\r\n\f]", "", to_text(arguments[0]))
    if len(packed) % 4 == 0:
        packed = re.sub(r"={1,2}\Z", "", packed)
    if len(packed) % 4 == 1 or re.fullmatch(r"[A-Za-z0-9+/]*", packed) is None:
        raise EvaluationError("HW-1204", name="base64-decode")
    return base64.b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-8", "replace")


def _uuid(arguments: list[Value], scope: Scope) -> Value:
    """A UUID, or as many of its digits as asked for."""
    uuid = scope.world.uuid()
    if not arguments:
        return uuid
    length = to_number(arguments[0])
    return "" if math.isnan(length) else uuid.replace("-", "")[: _place(length, 32)]


DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
ENCODINGS = ("base64", "hex")


def _digest(arguments: list[Value], scope: Scope) -> Value:
    """The digest of the UTF-8 bytes, in base64 unless "hex" is asked for."""
    algorithm = DIGESTS.get(to_text(arguments[1]))
    encoding = to_text(arguments[2]) if len(arguments) > 2 else "base64"
    if algorithm is None or encoding not in ENCODINGS:
        raise EvaluationError("HW-1204", name="digest")
    made = hashlib.new(algorithm, utf8(to_text(arguments[0])), usedforsecurity=False)
    return made.hexdigest() if encoding == "hex" else base64.b64encode(made.digest()).decode("ascii")


def utf8(text: str) -> bytes:
    """UTF-8, what is half a character replaced, as `TextEncoder` has it."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _selected(arguments: list[Value], scope: Scope) -> Value:
    """Whether a value is chosen; the empty one is where nothing is."""
    chosen, value = words(to_text(arguments[0])), to_text(arguments[1]).strip()
    return value in chosen if value else not chosen


def _selected_at(arguments: list[Value], scope: Scope) -> Value:
    chosen = words(to_text(arguments[0]))
    place = to_number(arguments[1])
    return chosen[int(place)] if place in range(len(chosen)) else ""


def _own(arguments: list[Value], scope: Scope) -> str:
    """The text of the argument, of the context node without one."""
    return to_text(arguments[0]) if arguments else scope.node.text()


STRICT: dict[str, Callable[[list[Value], Scope], Value]] = {
    "string": _own,
    "concat": lambda arguments, scope: "".join(texts(arguments)),
    "join": lambda arguments, scope: to_text(arguments[0]).join(texts(arguments[1:])),
    "starts-with": lambda arguments, scope: to_text(arguments[0]).startswith(to_text(arguments[1])),
    "ends-with": lambda arguments, scope: to_text(arguments[0]).endswith(to_text(arguments[1])),
    "contains": lambda arguments, scope: to_text(arguments[1]) in to_text(arguments[0]),
    "substring": _substring,
    "substring-before": _before,
    "substring-after": _after,
    "substr": _substr,
    "string-length": lambda arguments, scope: float(len(_own(arguments, scope))),
    "normalize-space": lambda arguments, scope: " ".join(words(_own(arguments, scope))),
    "translate": _translate,
    "lower-case": lambda arguments, scope: to_text(arguments[0]).lower(),
    "upper-case": lambda arguments, scope: to_text(arguments[0]).upper(),
    "regex": lambda arguments, scope: whole_match(to_text(arguments[0]), to_text(arguments[1])),
    "base64-encode": lambda arguments, scope: base64.b64encode(utf8(to_text(arguments[0]))).decode("ascii"),
    "base64-decode": _decode,
    "uuid": _uuid,
    "digest": _digest,
    "selected": _selected,
    "selected-at": _selected_at,
    "count-selected": lambda arguments, scope: float(len(words(to_text(arguments[0])))),
}
