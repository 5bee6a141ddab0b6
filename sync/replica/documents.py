"""Documents: immutable named bytes. The latest of a kind and name counts; older ones stay readable."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from sync import keys
from sync.canonical import check_text, encode, short_id

FORM = "form"
XFORM = "xform"
COLUMNS = "seq, id, kind, name, scopes, added, data"


@dataclass(frozen=True, slots=True)
class Document:
    """A document. `added` is the clock (16 hexadecimal digits) at which it was put; `seq` the order of arrival here."""

    id: str
    kind: str
    name: str
    data: bytes
    scopes: tuple[str, ...]
    added: str
    seq: int = 0


Row = tuple[int, str, str, str, str, str, bytes]


def _document(row: Row) -> Document:
    seq, id_, kind, name, scopes, added, data = row
    return Document(id_, kind, name, bytes(data), tuple(json.loads(scopes)), added, seq)


def put(db: sqlite3.Connection, kind: str, name: str, data: bytes, scopes: Iterable[str], added: str) -> str:
    """Store a document (again: it becomes the latest of its name). Returns its id."""
    for text in (kind, name):
        check_text(text)
    id_ = short_id(data)
    insert(db, Document(id_, kind, name, data, tuple(sorted(set(scopes))), added))
    return id_


def insert(db: sqlite3.Connection, document: Document) -> bool:
    """Take a document as it stands; the later `added` (and its scopes) wins. Returns whether it was not here."""
    cursor = db.execute(
        "INSERT INTO document (id, kind, name, scopes, added, data) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (kind, name, id) DO NOTHING",
        (
            document.id,
            document.kind,
            document.name,
            encode(list(document.scopes)),
            document.added,
            document.data,
        ),
    )
    if cursor.rowcount:
        return True
    refresh(db, document)
    return False


def refresh(db: sqlite3.Connection, document: Document) -> None:
    """Let a document that was put again later count as the latest of its name; it arrives anew."""
    db.execute(
        "UPDATE document SET added = ?4, scopes = ?5, seq = (SELECT max(seq) + 1 FROM document)"
        " WHERE kind = ?1 AND name = ?2 AND id = ?3 AND (added, scopes) < (?4, ?5)",
        (document.kind, document.name, document.id, document.added, encode(list(document.scopes))),
    )


def get(db: sqlite3.Connection, id_: str) -> Document | None:
    """The document with this id, or None."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM document WHERE id = ? ORDER BY added DESC LIMIT 1", (id_,)
    ).fetchone()
    return _document(row) if row else None


def at(db: sqlite3.Connection, seq: int, schema: str = "main") -> Document:
    """The document that stands at `seq` of a file."""
    row = db.execute(f"SELECT {COLUMNS} FROM {schema}.document WHERE seq = ?", (seq,)).fetchone()
    return _document(row)


def latest(db: sqlite3.Connection, kind: str | None = None) -> list[Document]:
    """The latest document of each kind and name, sorted by both."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM document AS d WHERE (?1 IS NULL OR kind = ?1) AND NOT EXISTS ("
        " SELECT 1 FROM document AS later WHERE later.kind = d.kind AND later.name = d.name"
        " AND (later.added, later.id) > (d.added, d.id)) ORDER BY kind, name",
        (kind,),
    )
    return [_document(row) for row in rows]


def named(db: sqlite3.Connection, kind: str, name: str) -> Document | None:
    """The latest document of a kind and name, or None."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM document WHERE kind = ? AND name = ? ORDER BY added DESC, id DESC LIMIT 1",
        (kind, name),
    ).fetchone()
    return _document(row) if row else None


def arrived_after(db: sqlite3.Connection, seq: int, limit: int) -> list[Document]:
    """Documents that came here after `seq`, in order of arrival."""
    rows = db.execute(f"SELECT {COLUMNS} FROM document WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
    return [_document(row) for row in rows]


def public_key(db: sqlite3.Connection, replica: str) -> str | None:
    """The public key of a replica, the first that became known here; None without one."""
    row = db.execute(
        "SELECT data FROM document WHERE kind = ? AND name = ? ORDER BY seq LIMIT 1", (keys.KEY_KIND, replica)
    ).fetchone()
    return keys.read_key_document(bytes(row[0]))[1] if row else None


def check(document: Document) -> bool:
    """Whether a document's bytes are those its id names, and a key or form document is well-formed."""
    if short_id(document.data) != document.id:
        return False
    try:
        if document.kind == keys.KEY_KIND:
            return keys.read_key_document(document.data)[0] == document.name
    except ValueError:
        return False
    return True
