"""`Replica`: the face of one store. It decides transactions and delegates to the file's tables."""

from __future__ import annotations

import io
import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple

from sync import clock as clocks
from sync import keys
from sync.canonical import decode, encode, sha
from sync.change import (
    EVERYTHING,
    REVIEW_STATES,
    Change,
    Header,
    encode_edit,
    encode_removal,
    encode_review,
    new_salt,
)
from sync.fold import Graph
from sync.layout import Layout
from sync.names import NUMBER_BITS, change_key, change_name, new_replica, replica_name, replica_number
from sync.problems import (
    BAD_REVIEW,
    UNKNOWN_DOCUMENT,
    UNKNOWN_FORM,
    UNKNOWN_RECORD,
    Problem,
    SyncError,
)
from sync.replica import connection, documents, log, media, quarantine, state, write
from sync.replica.documents import Document
from sync.replica.state import RecordState


@dataclass(frozen=True, slots=True)
class FormVersion:
    """A form-version document read: ids, the XForm's document and the layout."""

    id: str
    form_id: str
    version: str
    xform: str
    layout: Layout


class Touched(NamedTuple):
    """Records that changes touched, in order of arrival and each once; `cursor` for the next call."""

    cursor: int
    records: list[str]


class Replica:
    """One store of changes. Not to be shared between threads: open one for each."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self.db = db
        self.name = str(self._meta("replica"))
        self._depth = 0
        self._forms: dict[str, FormVersion] = {}

    # Opening

    @classmethod
    def create(cls, path: str | os.PathLike[str], name: str | None = None) -> Replica:
        """A new replica file with a random name (or the given one). HW-2030 when the file is there already."""
        where = Path(path)
        chosen = name or new_replica()
        replica_number(chosen)
        connection.create(where, {"replica": chosen, "clock": ""})
        return cls.open(where)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Replica:
        """An existing replica file, brought to this schema. HW-2002 to HW-2007 for a file that is none."""
        where = Path(path)
        return cls(where, connection.open_file(where))

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def __enter__(self) -> Replica:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All or nothing, durable at the end; inside another one it is part of that."""
        if self._depth == 0:
            self.db.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0 and self.db.in_transaction:
                self.db.execute("ROLLBACK")
                self._forms.clear()
            raise
        self._depth -= 1
        if self._depth == 0:
            self.db.execute("COMMIT")

    def _meta(self, key: str) -> str:
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else ""

    def _set_meta(self, key: str, value: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def renew(self) -> str:
        """Give this store a new identity (after a copy or a restored backup); what it made keeps its names."""
        with self.transaction():
            self.name = new_replica()
            self._set_meta("replica", self.name)
        return self.name

    # Documents

    def put_document(self, kind: str, name: str, data: bytes, scopes: Iterable[str] = ()) -> str:
        """Store a document; the latest of its kind and name counts. Returns its id."""
        with self.transaction():
            return documents.put(self.db, kind, name, data, scopes, self._tick())

    def document(self, id: str) -> Document:
        """The document with this id; HW-2031 when it is not here."""
        found = documents.get(self.db, id)
        if found is None:
            raise SyncError(UNKNOWN_DOCUMENT, id)
        return found

    def documents(self, kind: str | None = None) -> list[Document]:
        """The latest document of each kind and name."""
        return documents.latest(self.db, kind)

    def document_named(self, kind: str, name: str) -> Document | None:
        """The latest document of a kind and name, or None."""
        return documents.named(self.db, kind, name)

    def put_form(self, form_id: str, version: str, xform: bytes, layout: Sequence[Any]) -> str:
        """Store an XForm and its form-version document; returns the form-version id, by which changes name it."""
        Layout.compile(layout)
        with self.transaction():
            xform_id = self.put_document(documents.XFORM, form_id, xform)
            text = encode(["form", form_id, version, xform_id, list(layout)])
            return self.put_document(documents.FORM, form_id, text.encode())

    def form(self, id: str) -> FormVersion | None:
        """A form version; None when it is not known here or its document is malformed."""
        if id not in self._forms:
            found = documents.get(self.db, id)
            if found is None or found.kind != documents.FORM:
                return None
            try:
                _, form_id, version, xform, layout = decode(found.data.decode())
                self._forms[id] = FormVersion(id, form_id, version, xform, Layout.compile(layout))
            except (ValueError, TypeError):
                return None
        return self._forms[id]

    def layout(self, id: str) -> Layout | None:
        """The layout of a form version; None when it is not known here."""
        form = self.form(id)
        return form.layout if form else None

    def form_id(self, id: str) -> str:
        """The form's name of a form version; `""` when it is not known here."""
        form = self.form(id)
        return form.form_id if form else ""

    # Making changes

    def save(
        self,
        *,
        record: str | None = None,
        form: str,
        answers: Mapping[str, str],
        reasons: Mapping[str, str] | None = None,
        changed: Iterable[str] | None = None,
        author: str,
        scopes: Iterable[str] = (),
        parents: Sequence[str] | None = None,
        at: datetime | None = None,
        clock: str | None = None,
    ) -> str:
        """Create a record (`record=None`) or edit it; returns the change's name (for a creation: the record's).

        `answers` is the whole record as its author leaves it. `parents`: the heads that the author had seen (default:
        all that are here); several make it a settle. `changed`: the paths the person touched, derived ones left out
        (default: the difference from what was seen). Without `scopes` an edit keeps the record's. `at` or `clock` sets
        the time instead of this machine's clock. An edit that changes nothing writes nothing.
        """
        layout = self.layout(form)
        if layout is None:
            raise SyncError(UNKNOWN_FORM, form)
        kept = write.clean_answers(answers)
        why = write.clean_reasons(reasons or {}, kept)
        with self.transaction():
            if record is None:
                payload = encode_edit(layout, kept, why, [EVERYTHING], new_salt())
                return self._append("edit", None, form, (), author, scopes, payload, at, clock)
            basis = write.basis(record, self._changes(record), parents)
            paths = write.changed_paths(basis, layout, kept, why) if changed is None else sorted(set(changed))
            same = (basis.seen.answers, basis.seen.reasons) == (kept, why) and not basis.seen.deleted
            if (
                same
                and not paths
                and len(basis.parents) == 1
                and not scopes
                and self._form_of(basis.parents[0]) == form
            ):
                return basis.parents[0]
            payload = encode_edit(layout, kept, why, paths, new_salt())
            kind = "settle" if len(basis.parents) > 1 else "edit"
            given = tuple(scopes) or basis.scopes
            return self._append(kind, record, form, basis.parents, author, given, payload, at, clock)

    def review(
        self,
        record: str,
        state: str,
        comment: str = "",
        questions: Sequence[str] = (),
        *,
        author: str,
        at: datetime | None = None,
        clock: str | None = None,
    ) -> str:
        """Review a record: `has_issues`, `approved` or `rejected` (HW-2023 for another). Returns the change's name."""
        if state not in REVIEW_STATES:
            raise SyncError(BAD_REVIEW, record, state=state)
        with self.transaction():
            changes = self._changes(record)
            seen = write.basis(record, changes, None)
            parents = sorted({*seen.parents, *seen.seen.review.changes})
            form = self._form_at(changes, seen.parents)
            payload = encode_review(state, comment, questions, new_salt())
            return self._append("review", record, form, parents, author, seen.scopes, payload, at, clock)

    def delete(
        self,
        record: str,
        reason: str,
        *,
        author: str,
        parents: Sequence[str] | None = None,
        at: datetime | None = None,
        clock: str | None = None,
    ) -> str:
        """Delete a record; its history stays. Returns the change's name."""
        with self.transaction():
            changes = self._changes(record)
            seen = write.basis(record, changes, parents)
            form = self._form_at(changes, seen.parents)
            payload = encode_removal(reason, new_salt())
            return self._append("delete", record, form, seen.parents, author, seen.scopes, payload, at, clock)

    def _changes(self, record: str) -> list[Change]:
        found = state.changes(self.db, change_key(record), self.layout)
        if not found:
            raise SyncError(UNKNOWN_RECORD, record)
        return found

    def _form_at(self, changes: Sequence[Change], parents: Sequence[str]) -> str:
        by_name = {change.name: change.header for change in Graph(changes).changes}
        known = [header for name, header in by_name.items() if name in parents]
        return (known or list(by_name.values()))[-1].form

    def _form_of(self, name: str) -> str:
        row = log.one(self.db, change_key(name))
        return state.decode(row, self.layout).header.form if row else ""

    def _tick(self, at: datetime | None = None, clock: str | None = None) -> str:
        """The clock of a new change. A given time is taken as it is; the store's own clock never goes back."""
        if clock is not None:
            return clock
        latest = self._meta("clock")
        if at is not None:
            return clocks.clock_at(int(at.timestamp() * 1000))
        now = clocks.tick(latest, clocks.now_milliseconds())
        self._set_meta("clock", now)
        return now

    def _append(
        self,
        kind: str,
        record: str | None,
        form: str,
        parents: Sequence[str],
        author: str,
        scopes: Iterable[str],
        payload: str,
        at: datetime | None,
        clock: str | None,
    ) -> str:
        write.check_size(payload)
        number = log.next_number(self.db, replica_number(self.name))
        name = f"{self.name}-{number}"
        header = Header(
            self.name,
            number,
            record or name,
            form,
            tuple(parents),
            self._tick(at, clock),
            author,
            kind,
            tuple(sorted(set(scopes))),
            sha(payload),
        )
        key = None if record is None else change_key(record)
        log.append(self.db, replica_number(self.name), key, header.encode(), payload, now())
        if key is not None:
            state.refresh(self.db, [key], self.layout)
        return name

    # Reading

    def state(self, record: str) -> RecordState:
        """A record as it is now; HW-2021 when nothing of it is here."""
        found = state.read(self.db, change_key(record), self.layout, self.form_id)
        if found is None:
            raise SyncError(UNKNOWN_RECORD, record)
        return found

    def states(
        self, form_id: str | None = None, scope: str | None = None, review: str | None = None
    ) -> Iterator[RecordState]:
        """Records in the order of their names, deleted ones too, perhaps of one form, scope or review state."""
        self.settle_stale()
        for each in state.everything(self.db, self.layout, self.form_id, review):
            if (form_id is None or each.form_id == form_id) and (scope is None or scope in each.scopes):
                yield each

    def settle_stale(self) -> int:
        """Bring derived rows that a merge left behind up to the log; returns the conflicts in those records."""
        waiting = state.stale(self.db)
        if not waiting:
            return 0
        with self.transaction():
            return state.refresh(self.db, waiting, self.layout)

    def history(self, record: str) -> list[Change]:
        """All changes of a record, decoded, in clock order; HW-2021 when nothing of it is here."""
        return Graph(self._changes(record)).changes

    def changed_since(self, cursor: int = 0) -> Touched:
        """Records touched by changes that arrived after `cursor` (0: all)."""
        touched: dict[int, None] = {}
        for seq, first, last in log.ranges_after(self.db, cursor):
            cursor = seq
            rows = self.db.execute(
                "SELECT coalesce(record, id) FROM change WHERE id BETWEEN ? AND ?", (first, last)
            )
            touched.update((row[0], None) for row in rows)
        return Touched(cursor, [change_name(key) for key in touched])

    def counts(self) -> dict[str, int]:
        """`changes`, `records`, `deleted`, `conflicts` (records with one), `documents`, `media`, `replicas`, `quarantined`."""
        self.settle_stale()
        names = (
            "changes",
            "records",
            "deleted",
            "conflicts",
            "documents",
            "media",
            "replicas",
            "quarantined",
        )
        row = self.db.execute(
            "SELECT (SELECT coalesce(sum(tip), 0) FROM log),"
            " (SELECT count(*) FROM change WHERE record IS NULL) + (SELECT count(*) FROM state AS s WHERE NOT EXISTS"
            " (SELECT 1 FROM change AS c WHERE c.id = s.record)),"
            " (SELECT count(*) FROM state WHERE deleted), (SELECT count(*) FROM state WHERE conflicts),"
            " (SELECT count(*) FROM document), (SELECT count(*) FROM media), (SELECT count(*) FROM log),"
            " (SELECT count(*) FROM quarantine)"
        ).fetchone()
        return dict(zip(names, row, strict=True))

    def logs(self) -> list[dict[str, Any]]:
        """Every replica whose changes are here: `replica`, `changes`, `signed` (highest number covered), `arrived`."""
        return [
            {
                "replica": replica_name(number),
                "changes": tip.number,
                "signed": tip.signed,
                "arrived": log.arrived_at(self.db, number << NUMBER_BITS | tip.number),
            }
            for number, tip in log.tips(self.db).items()
        ]

    def quarantined(self) -> list[quarantine.Quarantined]:
        """What merges set aside, oldest first."""
        return quarantine.rows(self.db)

    def set_aside(
        self, source: str, problem: Problem, changes: Sequence[tuple[str, str | None]] = ()
    ) -> None:
        """Keep a problem of a merge and the changes it is about."""
        with self.transaction():
            quarantine.add(self.db, now(), source, problem, changes)

    # Media

    @property
    def media_folder(self) -> Path:
        """The folder of media beside the file."""
        return media.folder_of(self.path)

    def put_media(self, source: bytes | BinaryIO, media_type: str) -> str:
        """Store a medium; returns its SHA-256 in hexadecimal."""
        stream = io.BytesIO(source) if isinstance(source, bytes) else source
        digest, size = media.store(self.media_folder, stream)
        with self.transaction():
            media.note(self.db, digest, media_type, size, self._tick())
        return digest

    def media(self, sha256: str) -> Path:
        """Where a medium lies (whether or not the file has arrived)."""
        return media.file_of(self.media_folder, sha256)

    def media_missing(self) -> list[str]:
        """Media that are known here but whose file is not."""
        return [row[0] for row in media.rows(self.db) if not self.media(row[0]).exists()]

    # Identity and proof

    def sign_tip(self, key: keys.PrivateKey) -> str:
        """Sign the tip of this store's own log and put its public key among the documents; returns the signature."""
        with self.transaction():
            number = replica_number(self.name)
            tip = log.tip(self.db, number)
            public = keys.public_text(key)
            if documents.public_key(self.db, self.name) is None:
                self.put_document(keys.KEY_KIND, self.name, keys.key_document(self.name, public).encode())
            if tip.signed == tip.number and tip.signature:
                return tip.signature
            signature = keys.sign(key, keys.tip_text(self.name, tip.number, tip.digest))
            if tip.number:
                log.advance(self.db, log.Tip(number, tip.number, tip.digest, tip.number, signature), [])
            return signature

    def state_digest(self) -> str:
        """SHA-256 over every record's state, folded from the log; equal sets of changes give equal digests."""
        self.settle_stale()
        return state.digest(self.db, self.layout)


def now() -> str:
    """This machine's time, ISO in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
