"""Headers and payloads of changes: encoding, strict parsing, and the decoded forms that the fold reads."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sync import clock as clocks
from sync.canonical import encode, pairs, sha, to_base64url
from sync.layout import Layout, pack, unpack
from sync.names import NUMBER_MASK
from sync.problems import HEADER_MALFORMED, SyncError

VERSION = "1"
CONTENT = frozenset({"edit", "settle", "delete"})
ERASE = "erase"
ERASES = '","erase",['  # in the header of an erase and in no other: a quotation mark inside a text is escaped
WITHDRAWALS = frozenset({"withdraw", ERASE})  # one of them, whoever saw it, keeps a record from the public
KINDS = CONTENT | {"review"} | WITHDRAWALS
REASONS = frozenset({"dont_know", "refused", "not_applicable", "come_back"})
REVIEW_STATES = frozenset({"has_issues", "approved", "rejected"})
EVERYTHING = "*"  # `changed` of a creation

HEADER_LIMIT = 16_384  # bytes of one header
PAYLOAD_LIMIT = 1_000_000  # bytes of one payload, so that a change always fits into one request
ANSWER_LIMIT = 200_000  # bytes of one answer

_NAME = r"[0-9a-f][0-9a-hjkmnp-tv-z]{7}-[1-9][0-9]{0,7}"
_TEXT = r'"(?:[^"\\\x00-\x1f]|\\["\\bfnrt]|\\u00(?:0[0-7bef]|1[0-9a-f]))*"'
HEADER = re.compile(
    r'\["1","(?P<replica>[0-9a-f][0-9a-hjkmnp-tv-z]{7})","(?P<number>[1-9][0-9]{0,7})",'
    rf'"(?P<record>(?:{_NAME})?)","(?P<form>[A-Za-z0-9_-]{{22}})",'
    rf'\[(?P<parents>(?:"{_NAME}"(?:,"{_NAME}")*)?)\],"(?P<clock>[0-9a-f]{{16}})",{_TEXT},'
    r'"(?P<kind>edit|delete|review|settle|withdraw|erase)",'
    rf'\[(?P<scopes>(?:{_TEXT}(?:,{_TEXT})*)?)\],"(?P<payload>[A-Za-z0-9_-]{{43}})"\]'
)


@dataclass(frozen=True, slots=True)
class Header:
    """A change's header; `record` is never empty here (a creation names itself)."""

    replica: str
    number: int
    record: str
    form: str
    parents: tuple[str, ...]
    clock: str
    author: str
    kind: str
    scopes: tuple[str, ...]
    payload_sha: str

    @property
    def name(self) -> str:
        """The change's name."""
        return f"{self.replica}-{self.number}"

    @property
    def creates(self) -> bool:
        """Whether this change creates its record."""
        return self.record == self.name

    @property
    def order(self) -> tuple[str, str, int]:
        """The clock order: (clock, replica, number)."""
        return self.clock, self.replica, self.number

    @property
    def at(self) -> str:
        """ISO time in UTC."""
        return clocks.time_of(self.clock)

    def encode(self) -> str:
        """Canonical text, the bytes that are hashed, signed and stored."""
        return encode(
            [
                VERSION,
                self.replica,
                str(self.number),
                "" if self.creates else self.record,
                self.form,
                sorted(self.parents),
                self.clock,
                self.author,
                self.kind,
                sorted(self.scopes),
                self.payload_sha,
            ]
        )


def check_header(text: str, replica: str, number: int) -> str:
    """The record that a header names (`""` for a creation) when it is the canonical header of this place.

    Raises HW-2009 when it is not, byte for byte.
    """
    match = HEADER.fullmatch(text)
    if match is None or len(text) > HEADER_LIMIT:
        raise SyncError(HEADER_MALFORMED, f"{replica}-{number}")
    found, place, record, parents, kind, scopes = match.group(
        "replica", "number", "record", "parents", "kind", "scopes"
    )
    sound = (
        found == replica
        and int(place) == number <= NUMBER_MASK
        and (bool(record) or (kind == "edit" and not parents))
        and record != f"{replica}-{number}"
        and _ascending(parents)
        and _ascending(scopes)
    )
    if not sound:
        raise SyncError(HEADER_MALFORMED, f"{replica}-{number}")
    return record


@lru_cache(4096)
def _ascending(members: str) -> bool:
    """Whether the members of a canonical array are sorted and each there once."""
    values = json.loads(f"[{members}]")
    return bool(values == sorted(set(values)))


def parse_header(text: str, place: str = "") -> Header:
    """Header of canonical text; HW-2009 when it is not one, byte for byte."""
    match = HEADER.fullmatch(text)
    if match is None:
        raise SyncError(HEADER_MALFORMED, place)
    check_header(text, match["replica"], int(match["number"]))
    return read_header(text)


def read_header(text: str) -> Header:
    """Header of text that was checked when it was stored."""
    _, replica, number, record, form, parents, clock, author, kind, scopes, payload_sha = json.loads(text)
    return Header(
        replica,
        int(number),
        record or f"{replica}-{number}",
        form,
        tuple(parents),
        clock,
        author,
        kind,
        tuple(scopes),
        payload_sha,
    )


@dataclass(frozen=True, slots=True)
class Edit:
    """Payload of an edit or settle: the whole record as its author left it. `derived` are generic paths."""

    answers: Mapping[str, str]
    reasons: Mapping[str, str]
    changed: tuple[str, ...]
    derived: frozenset[str]
    known: bool = True  # False when the form version is not known here and paths are "#0", "#1" …


@dataclass(frozen=True, slots=True)
class Review:
    """Payload of a review. `questions` are the flat paths it speaks of."""

    state: str
    comment: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """Payload of a delete, withdraw or erase."""

    reason: str


Payload = Edit | Review | Removal


@dataclass(frozen=True, slots=True)
class Change:
    """A decoded change. `payload` is None when it was erased or cannot be read; the fold goes on without
    it."""

    header: Header
    payload: Payload | None

    @property
    def name(self) -> str:
        """The change's name."""
        return self.header.name


def new_salt() -> str:
    """16 random bytes as 22 characters."""
    return to_base64url(secrets.token_bytes(16))


def encode_edit(
    layout: Layout,
    answers: Mapping[str, str],
    reasons: Mapping[str, str],
    changed: Sequence[str],
    salt: str,
) -> str:
    """Canonical payload of an edit or settle."""
    values, extra = pack(layout, answers)
    return encode([VERSION, salt, values, extra, sorted(changed), pairs(reasons)])


def encode_review(state: str, comment: str, questions: Sequence[str], salt: str) -> str:
    """Canonical payload of a review."""
    return encode([VERSION, salt, state, comment, list(questions)])


def encode_removal(reason: str, salt: str) -> str:
    """Canonical payload of a delete, withdraw or erase."""
    return encode([VERSION, salt, reason])


def decode_payload(kind: str, text: str | bytes | None, layout: Layout | None) -> Payload | None:
    """The decoded payload; None when it is absent or malformed (`verify` reports those)."""
    if text is None:
        return None
    try:
        members = json.loads(text)
        if "\\u" in (text if isinstance(text, str) else text.decode()):
            # Canonical text escapes control characters alone; a stranger's may hold half a surrogate pair.
            json.dumps(members, ensure_ascii=False).encode()
        return _decode(kind, members, layout)
    except (ValueError, TypeError, RecursionError):
        return None


def _decode(kind: str, members: Any, layout: Layout | None) -> Payload:
    if not isinstance(members, list) or members[:1] != [VERSION]:
        raise ValueError("not a payload")
    if kind in ("edit", "settle"):
        _, _, values, extra, changed, reasons = members
        if not isinstance(values, list):
            raise ValueError("values are an array")
        answers = unpack(layout, values, extra)
        derived = layout.derived if layout else frozenset[str]()
        return Edit(answers, _texts(dict(reasons)), _listed(changed), derived, layout is not None)
    if kind == "review":
        _, _, state, comment, questions = members
        return Review(_text(state), _text(comment), _listed(questions))
    _, _, reason = members
    return Removal(_text(reason))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def _listed(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise ValueError("not an array")
    return tuple(_text(value) for value in values)


def _texts(mapping: dict[Any, Any]) -> dict[str, str]:
    for key, value in mapping.items():
        _text(key)
        _text(value)
    return mapping


def payload_matches(header: Header, payload: str) -> bool:
    """Whether the payload is the one that the header names."""
    return sha(payload) == header.payload_sha
