"""What a replica that keeps records of others fetches from a hub, by scope: JSON-ready, no HTTP."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sync import canonical
from sync.change import read_header
from sync.problems import BAD_REQUEST, SyncError
from sync.replica import Document, Replica, documents, log

BYTES_IN_ANSWER = 1_000_000


def fetch(hub: Replica, scopes: Collection[str] | None, cursor: str = "", limit: int = 500) -> dict[str, Any]:
    """Changes and documents that came here after `cursor` (`""`: from the beginning), in order of arrival.

    `scopes`: only changes that carry one of them, and documents that carry one or none (None: everything).
    Answer `{"documents": [{"id", "kind", "name", "scopes", "added", "data" (base64url)}], "changes":
    [[header, payload], …], "cursor", "more"}`; documents come before the changes that name them. `limit`
    bounds the changes of one answer."""
    seq, offset, document_seq = _read_cursor(cursor)
    found: list[Document] = []
    size = 0
    for document in documents.arrived_after(hub.db, document_seq, limit):
        if size > BYTES_IN_ANSWER:
            return _fetched(found, [], (seq, offset, document_seq), True)
        document_seq = document.seq
        if scopes is None or not document.scopes or set(document.scopes) & set(scopes):
            found.append(document)
            size += len(document.data)
    if len(found) >= limit:
        return _fetched(found, [], (seq, offset, document_seq), True)
    changes: list[list[str]] = []
    for range_seq, first, last in log.ranges_after(hub.db, seq):
        for _, _, header, payload in log.in_range(hub.db, first + offset, last):
            if len(changes) >= limit or size > BYTES_IN_ANSWER:
                return _fetched(found, changes, (seq, offset, document_seq), True)
            offset += 1
            if payload is not None and (scopes is None or set(read_header(header).scopes) & set(scopes)):
                changes.append([header, payload])
                size += len(header) + len(payload)
        seq, offset = range_seq, 0
    return _fetched(found, changes, (seq, offset, document_seq), False)


def _fetched(
    found: Sequence[Document], changes: list[list[str]], cursor: tuple[int, int, int], more: bool
) -> dict[str, Any]:
    return {
        "documents": [
            {
                "id": document.id,
                "kind": document.kind,
                "name": document.name,
                "scopes": list(document.scopes),
                "added": document.added,
                "data": canonical.to_base64url(document.data),
            }
            for document in found
        ],
        "changes": changes,
        "cursor": ".".join(str(part) for part in cursor),
        "more": more,
    }


def _read_cursor(cursor: str) -> tuple[int, int, int]:
    if not cursor:
        return 0, 0, 0
    parts = cursor.split(".")
    if len(parts) != 3 or not all(part.isdecimal() and part.isascii() and len(part) < 16 for part in parts):
        raise SyncError(BAD_REQUEST, "cursor")
    return int(parts[0]), int(parts[1]), int(parts[2])
