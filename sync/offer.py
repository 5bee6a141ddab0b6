"""What a device sends, read and checked: a malformed request is refused whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync import canonical, keys
from sync.change import Header, parse_header
from sync.names import replica_number
from sync.problems import BAD_REQUEST, DOCUMENT_CHANGED, FOREIGN_REPLICA, GAP, SyncError
from sync.replica import Document, documents


@dataclass(slots=True)
class Offer:
    """A checked request of `protocol.receive`. `headers` and `payloads` stand in the order of their numbers."""

    replica: str
    headers: list[Header]
    texts: list[tuple[str, str]]
    digest: str
    signature: str
    documents: list[Document] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The replica as its integer."""
        return replica_number(self.replica)


def read_offer(request: Mapping[str, Any], device: str, offers: Collection[str]) -> Offer:
    """The request of `protocol.receive` from a device that may bring these kinds of documents. Raises HW-2009, HW-2014,
    HW-2015, HW-2019, HW-2020."""
    name = text_of(request, "replica")
    if name != device:
        raise SyncError(FOREIGN_REPLICA, name[:40])
    replica_of(name)
    tip, changes = request.get("tip"), request.get("changes")
    if not _texts(tip, 3) or not isinstance(changes, list) or not all(_texts(pair, 2) for pair in changes):
        raise SyncError(BAD_REQUEST, "changes")
    texts = [(str(header), str(payload)) for header, payload in changes]
    for pair in texts:
        canonical.check_text(pair[0], "header")
        canonical.check_text(pair[1], "payload")
    headers = [parse_header(pair[0], f"{name} changes[{place}]") for place, pair in enumerate(texts)]
    for place, header in enumerate(headers):
        if header.replica != name or header.number != headers[0].number + place:
            raise SyncError(GAP, header.name, found=header.name)
    if headers and list(tip or ())[:2] != [name, str(headers[-1].number)]:
        raise SyncError(BAD_REQUEST, "tip")
    signature = request.get("signature", "")
    if not isinstance(signature, str):
        raise SyncError(BAD_REQUEST, "signature")
    offered = request.get("documents", [])
    if not isinstance(offered, list):
        raise SyncError(BAD_REQUEST, "documents")
    digest = str(list(tip or ("", "", ""))[2])
    brought = [_read_document(each, device, offers) for each in offered]
    return Offer(name, headers, texts, digest, signature, brought)


def _read_document(given: Any, device: str, offers: Collection[str]) -> Document:
    if not isinstance(given, dict) or not isinstance(given.get("scopes", []), list):
        raise SyncError(BAD_REQUEST, "documents")
    id_, kind, name, added, data = (text_of(given, key) for key in ("id", "kind", "name", "added", "data"))
    if kind not in offers:
        raise SyncError(BAD_REQUEST, f"documents: {kind[:40]}")
    try:
        document = Document(
            id_, kind, name, canonical.from_base64url(data), tuple(map(str, given.get("scopes", []))), added
        )
    except ValueError:
        raise SyncError(BAD_REQUEST, f"documents: {name[:40]}") from None
    if not documents.check(document):
        raise SyncError(DOCUMENT_CHANGED, f"{kind} {name[:40]}")
    if kind == keys.KEY_KIND and name != device:  # else one device could lock another out of its own name
        raise SyncError(FOREIGN_REPLICA, name[:40])
    return document


def _texts(value: Any, length: int) -> bool:
    return isinstance(value, list) and len(value) == length and all(isinstance(each, str) for each in value)


def text_of(mapping: Mapping[str, Any], key: str) -> str:
    """A text of a request; HW-2020 for anything else."""
    value = mapping.get(key)
    if not isinstance(value, str):
        raise SyncError(BAD_REQUEST, key)
    return value


def replica_of(name: str) -> int:
    """The integer of a replica that a request names; HW-2020 for no name."""
    try:
        return replica_number(name)
    except SyncError:
        raise SyncError(BAD_REQUEST, "replica") from None


def number_of(text: str) -> int:
    """A place in a log as a request states it; HW-2020 for anything else."""
    if not (text.isdecimal() and text.isascii() and len(text) <= 8):
        raise SyncError(BAD_REQUEST, "number")
    return int(text)
