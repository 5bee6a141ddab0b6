"""Documents: immutable named bytes. The latest of a kind and name counts; older ones stay readable."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sync import keys
from sync.branch import FORK_KIND, Branch, read_fork_document
from sync.canonical import check_text, decode, encode, short_id
from sync.problems import DOCUMENT_CHANGED, SyncError
from sync.replica import state

FORM = "form"
XFORM = "xform"
ENTITIES = "entities"
LOCAL = frozenset({ENTITIES})
"""Kinds that a hub makes for one replica, anew each time: kept in their latest version only, and never handed on."""
OF_LOGS = frozenset({FORM, XFORM, keys.KEY_KIND, FORK_KIND})
"""Kinds without which a log cannot be read or proved."""
_COLUMNS = "d.seq, d.id, d.kind, d.name, d.scopes, d.added, c.data"


def _from(schema: str = "main") -> str:
    return f"SELECT {_COLUMNS} FROM {schema}.document AS d JOIN {schema}.content AS c ON c.id = d.id"


@dataclass(frozen=True, slots=True)
class Document:
    """A document. `added` is the clock (16 hexadecimal digits) at which it was put; `seq` the order of
    arrival here."""

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
    """Take a document as it stands; the later `added` (and its scopes) wins. A form version that comes after
    changes that name it leaves the rows of their records stale. Returns whether the document was not here."""
    db.execute("INSERT OR IGNORE INTO content (id, data) VALUES (?, ?)", (document.id, document.data))
    cursor = db.execute(
        "INSERT INTO document (id, kind, name, scopes, added) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (kind, name, id) DO NOTHING",
        (document.id, document.kind, document.name, encode(list(document.scopes)), document.added),
    )
    if cursor.rowcount:
        if document.kind == FORM:
            state.mark_stale_by_form(db, document.id)
        return True
    refresh(db, document)
    return False


def replace(db: sqlite3.Connection, document: Document) -> bool:
    """Take a document of a kind of `LOCAL`: what stood under its name before is gone. Returns whether it is
    another."""
    before = named(db, document.kind, document.name)
    if before is not None and before.id == document.id:
        return False
    remove(db, document.kind, document.name)
    return insert(db, document)


def remove(db: sqlite3.Connection, kind: str, name: str) -> None:
    """Forget the documents of a kind of `LOCAL` and a name."""
    ids = db.execute("SELECT id FROM document WHERE kind = ? AND name = ?", (kind, name)).fetchall()
    db.execute("DELETE FROM document WHERE kind = ? AND name = ?", (kind, name))
    db.executemany("DELETE FROM content WHERE id = ?1 AND id NOT IN (SELECT id FROM document)", ids)


def refresh(db: sqlite3.Connection, document: Document) -> None:
    """Let a document that was put again later have the later date; one that thereby becomes the latest
    arrives anew."""
    where = (document.kind, document.name, document.id)
    row = db.execute(
        "SELECT added, seq,"
        " (SELECT id FROM document WHERE kind = ?1 AND name = ?2 ORDER BY added DESC, id DESC)"
        " FROM document WHERE kind = ?1 AND name = ?2 AND id = ?3",
        where,
    ).fetchone()
    if row[0] >= document.added:
        return
    seq = row[1] if row[2] == document.id else _next_seq(db)
    db.execute(
        "UPDATE document SET added = ?4, scopes = ?5, seq = ?6 WHERE kind = ?1 AND name = ?2 AND id = ?3",
        (*where, document.added, encode(list(document.scopes)), seq),
    )


def _next_seq(db: sqlite3.Connection) -> int:
    following: int = db.execute("SELECT max(seq) + 1 FROM document").fetchone()[0]
    return following


def get(db: sqlite3.Connection, id_: str) -> Document | None:
    """The document with this id, or None."""
    row = db.execute(f"{_from()} WHERE d.id = ? ORDER BY d.added DESC LIMIT 1", (id_,)).fetchone()
    return _document(row) if row else None


def at(db: sqlite3.Connection, seq: int, schema: str = "main") -> Document:
    """The document that stands at `seq` of a file."""
    row = db.execute(f"{_from(schema)} WHERE d.seq = ?", (seq,)).fetchone()
    if row is None or not _sound(row):  # its bytes are not there, or what is there is no document
        raise SyncError(DOCUMENT_CHANGED, str(seq))
    return _document(row)


def _sound(row: tuple[object, ...]) -> bool:
    """Whether a stranger's row has the types of ours."""
    if not all(isinstance(each, str) for each in row[1:6]) or not isinstance(row[6], bytes):
        return False
    try:
        scopes = decode(str(row[4]))
    except ValueError:
        return False
    return isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes)


def latest(db: sqlite3.Connection, kind: str | None = None) -> list[Document]:
    """The latest document of each kind and name, sorted by both."""
    rows = db.execute(
        f"{_from()} WHERE (?1 IS NULL OR d.kind = ?1) AND NOT EXISTS ("
        " SELECT 1 FROM document AS later WHERE later.kind = d.kind AND later.name = d.name"
        " AND (later.added, later.id) > (d.added, d.id)) ORDER BY d.kind, d.name",
        (kind,),
    )
    return [_document(row) for row in rows]


class Glimpse(NamedTuple):
    """A document that is not read whole: its id, its size (bytes) and its first HEAD bytes."""

    id: str
    size: int
    head: bytes


HEAD = 100


def glimpses(db: sqlite3.Connection, kind: str) -> dict[str, Glimpse]:
    """The latest document of each name, of a kind whose documents may be large: what is not asked for is not read."""
    rows = db.execute(
        "SELECT d.name, d.id, c.rowid FROM document AS d"
        " JOIN content AS c ON c.id = d.id WHERE d.kind = ? ORDER BY d.name, d.added, d.id",
        (kind,),
    )
    latest = {name: (id_, row) for name, id_, row in rows}
    return {name: _glimpse(db, id_, row) for name, (id_, row) in latest.items()}


def _glimpse(db: sqlite3.Connection, id_: str, row: int) -> Glimpse:
    with db.blobopen("content", "data", row, readonly=True) as content:
        return Glimpse(id_, len(content), content.read(HEAD))


def ids(db: sqlite3.Connection, kind: str) -> list[str]:
    """Ids of all documents of a kind, those that were put first before the others."""
    rows = db.execute("SELECT id FROM document WHERE kind = ? GROUP BY id ORDER BY min(added), id", (kind,))
    return [row[0] for row in rows]


def of_kind(db: sqlite3.Connection, kind: str) -> list[Document]:
    """Every document of a kind, by name, the latest of each name first."""
    rows = db.execute(f"{_from()} WHERE d.kind = ? ORDER BY d.name, d.added DESC, d.id DESC", (kind,))
    return [_document(row) for row in rows]


def named(db: sqlite3.Connection, kind: str, name: str) -> Document | None:
    """The latest document of a kind and name, or None."""
    row = db.execute(
        f"{_from()} WHERE d.kind = ? AND d.name = ? ORDER BY d.added DESC, d.id DESC LIMIT 1",
        (kind, name),
    ).fetchone()
    return _document(row) if row else None


Marked = tuple[str, str, str, str]  # kind, name, id, added


def marked(db: sqlite3.Connection, schema: str = "main") -> list[Marked]:
    """What tells documents apart, of every document in the file."""
    return db.execute(f"SELECT kind, name, id, added FROM {schema}.document").fetchall()


def listed(db: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """`(kind, name, id)` of every document here."""
    return set(db.execute("SELECT kind, name, id FROM document"))


def public_key(db: sqlite3.Connection, replica: str, kind: str = keys.KEY_KIND) -> str | None:
    """The public key of a replica (of `keys.KINDS`), the first that became known here; None without one. HW-2015
    when the bytes of its document were altered here."""
    first = "SELECT id FROM document WHERE kind = ? AND name = ? ORDER BY seq LIMIT 1"
    row = db.execute(f"SELECT data FROM content WHERE id = ({first})", (kind, replica)).fetchone()
    if not row:
        return None
    try:
        return keys.read_key_document(bytes(row[0]), kind)[1]
    except ValueError:
        raise SyncError(DOCUMENT_CHANGED, f"{kind} {replica}") from None


def same_key(db: sqlite3.Connection, document: Document) -> bool:
    """Whether a key document is the first of its kind and replica here, or names the same key as the first."""
    known = public_key(db, document.name, document.kind)
    return known is None or known == keys.read_key_document(document.data, document.kind)[1]


def branches(db: sqlite3.Connection, replica: str = "") -> list[Branch]:
    """The branches that go by a name of their own, of one replica (`""`: of all), the earliest first."""
    rows = db.execute(f"{_from()} WHERE d.kind = ? ORDER BY d.name", (FORK_KIND,))
    found = [read_fork_document(_document(row).data) for row in rows]
    mine = [branch for branch in found if replica in ("", branch.replica)]
    return sorted(mine, key=lambda branch: (branch.replica, branch.number, branch.digest))


def branch_named(db: sqlite3.Connection, name: str) -> Branch | None:
    """The branch that goes by this name, or None."""
    found = named(db, FORK_KIND, name)
    return read_fork_document(found.data) if found else None


def put_branch(db: sqlite3.Connection, branch: Branch, added: str) -> None:
    """Say of a branch that it goes by its own name; once said it stays as it is."""
    if branch_named(db, branch.name) is None:
        put(db, FORK_KIND, branch.name, branch.document().encode(), (), added)


def check(document: Document) -> bool:
    """Whether a document's bytes are those its id names, and a key or fork document is well-formed."""
    if short_id(document.data) != document.id:
        return False
    try:
        if document.kind in keys.KINDS:
            replica, public = keys.read_key_document(document.data, document.kind)
            if document.kind == keys.SEAL_KIND:
                keys.load_public(public)
            return replica == document.name
        if document.kind == FORK_KIND:
            return read_fork_document(document.data).name == document.name
    except (ValueError, RecursionError):
        return False
    return True
