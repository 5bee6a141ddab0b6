"""The store under a replica: file, transactions, documents, media, what was set aside."""

from __future__ import annotations

import io
import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from sync import clock as clocks
from sync.canonical import decode, encode
from sync.layout import Layout
from sync.names import new_replica, replica_name, replica_number
from sync.problems import (
    UNKNOWN_DOCUMENT,
    Problem,
    SyncError,
)
from sync.replica import connection, documents, erasure, identity, log, media, parts, quarantine
from sync.replica.documents import Document, Glimpse
from sync.replica.identity import Renewal

# Takes the lock that `BEGIN IMMEDIATE` takes, and waits for it as that does, in a transaction that has read attached
# files only: had it read this one, it would be refused as soon as somebody else writes.
GO_ON = "DELETE FROM main.stale WHERE false"


@dataclass(frozen=True, slots=True)
class FormVersion:
    """A form-version document read: ids, the XForm's document and the layout."""

    id: str
    form_id: str
    version: str
    xform: str
    layout: Layout


class Store:
    """The file of a replica. Not to be shared between threads: open one for each."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self.db = db
        self.name = str(self._meta("replica"))
        self._depth = 0
        self._forms: dict[str, FormVersion] = {}

    # Opening

    @classmethod
    def create(cls, path: str | os.PathLike[str], name: str | None = None) -> Self:
        """A new replica file with a random name (or the given one). HW-2030 when the file is there
        already."""
        where = Path(path)
        chosen = name or new_replica()
        replica_number(chosen)
        connection.create(where, {"replica": chosen, "clock": ""})
        return cls.open(where)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """An existing replica file, brought to this schema. HW-2002 to HW-2007 for a file that is none."""
        where = Path(path)
        return cls(where, connection.open_file(where))

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self, begin: str = "BEGIN IMMEDIATE") -> Generator[None]:
        """All or nothing, durable at the end; inside another one it is part of that. `begin` may be `GO_ON`."""
        if self._depth == 0:
            self.db.execute(begin)
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._before_commit()
        except BaseException:
            self._depth -= 1
            if self._depth == 0 and self.db.in_transaction:
                self.db.execute("ROLLBACK")
                self._forms.clear()
                self.name = self._meta("replica")
            raise
        self._depth -= 1
        if self._depth == 0:
            self.db.execute("COMMIT")

    def _before_commit(self) -> None:
        """What a transaction ends with."""

    @contextmanager
    def reading(self) -> Generator[None]:
        """One state of the file for everything that is read inside; whoever wants to commit waits, so be quick."""
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            self.db.execute("COMMIT")

    @contextmanager
    def attempt(self) -> Generator[None]:
        """A part of a transaction that is taken back by itself when it fails; the rest goes on."""
        self.db.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            if self.db.in_transaction:  # a full disk may have ended the whole already
                self.db.execute("ROLLBACK TO attempt")
                self.db.execute("RELEASE attempt")
                self._forms.clear()
            raise
        self.db.execute("RELEASE attempt")

    def _meta(self, key: str) -> str:
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else ""

    def _set_meta(self, key: str, value: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    # Identity

    def renew(self, renewal: Renewal | None = None) -> str:
        """Give this store a new identity (after a copy or a restored backup); what it made keeps its
        names."""
        with self.transaction():
            why = renewal or identity.pending(self.db) or self._renewal(identity.ASKED, 0, "")
            self.name = new_replica()
            identity.renewed(self.db, self.name, why)
        return self.name

    def _renewal(self, why: str, number: int, source: str) -> Renewal:
        return Renewal(self._meta("replica"), why, number, source, now())

    def outdate(self, why: str, number: int, source: str) -> None:
        """Note that the name must not be written under again: before its next change this store takes a new one."""
        with self.transaction():
            identity.await_renewal(self.db, self._renewal(why, number, source))

    def outdated(self) -> Renewal | None:
        """Why this store takes a new name before it writes again, as far as is known here; None when it goes on."""
        renewal = identity.pending(self.db)
        if renewal is None:
            replica = replica_number(self._meta("replica"))
            seen = identity.overtaken(self.db, replica, log.tip(self.db, replica).number)
            renewal = self._renewal(identity.BEHIND, *seen) if seen else None
        return renewal

    def writer(self) -> str:
        """The name to write under, asked inside the transaction that writes; another process may have changed it."""
        self.name = self._meta("replica")
        renewal = self.outdated()
        return self.renew(renewal) if renewal else self.name

    def former_names(self) -> list[Renewal]:
        """The names that this store wrote under before, the oldest first, with the reason for leaving each."""
        return identity.former(self.db)

    def own_names(self) -> list[str]:
        """All names that this store has written under."""
        return [self._meta("replica"), *(each.name for each in self.former_names())]

    def own_branches(self) -> list[str]:
        """Names of the logs that are here which were made under one of those, and go by a name of their own as several
        copies went on under it."""
        own = self.own_names()
        names = [each.name for each in documents.branches(self.db) if each.replica in own]
        return [name for name in names if name not in own and log.tip(self.db, replica_number(name)).number]

    def compare_own(self, number: int, digest: str, source: str) -> Renewal | None:
        """Compare what another store says that it has of this store's own log, up to `number` with the chain's
        `digest` there. When it has more, or another text, this store takes a new name before it writes again."""
        replica = replica_number(self._meta("replica"))
        with self.transaction():
            tip = log.tip(self.db, replica).number
            if number > tip:
                self.outdate(identity.BEHIND, tip + 1, source)
            elif number and log.digest_at(self.db, replica, number) != digest:
                self.outdate(identity.COPIED, 0, source)
        return self.outdated()

    @property
    def lineage(self) -> str:
        """Text that changes when what was here before is no longer told by `changed_since`: under another name, or
        after changes were taken out."""
        return f"{self._meta('replica')}.{self._meta('moves')}"

    # Documents

    def put_document(
        self, kind: str, name: str, data: bytes, scopes: Iterable[str] = (), *, added: str = ""
    ) -> str:
        """Store a document; the latest of its kind and name counts. `added` is the clock that it is dated with
        (now). Returns its id."""
        with self.transaction():
            return documents.put(self.db, kind, name, data, scopes, added or self.tick())

    def document(self, id: str) -> Document:
        """The document with this id; HW-2031 when it is not here."""
        found = documents.get(self.db, id)
        if found is None:
            raise SyncError(UNKNOWN_DOCUMENT, id)
        return found

    def documents(self, kind: str | None = None) -> list[Document]:
        """The latest document of each kind and name."""
        return documents.latest(self.db, kind)

    def glimpses(self, kind: str) -> dict[str, Glimpse]:
        """Id, size and beginning of the latest document of each name, of a kind whose documents may be large."""
        return documents.glimpses(self.db, kind)

    def documents_of(self, kind: str) -> list[Document]:
        """Every document of a kind, older ones too, by name and the latest of each name first."""
        return documents.of_kind(self.db, kind)

    def document_named(self, kind: str, name: str) -> Document | None:
        """The latest document of a kind and name, or None."""
        return documents.named(self.db, kind, name)

    def put_form(
        self, form_id: str, version: str, xform: bytes, layout: Sequence[Any], *, added: str = ""
    ) -> str:
        """Store an XForm and its form-version document; returns the form-version id, by which changes name
        it. `added` as for `put_document`."""
        Layout.compile(layout)
        with self.transaction():
            xform_id = self.put_document(documents.XFORM, form_id, xform, added=added)
            text = encode(["form", form_id, version, xform_id, list(layout)])
            return self.put_document(documents.FORM, form_id, text.encode(), added=added)

    def form_versions(self) -> list[str]:
        """Ids of all form versions here, of whatever form, the oldest first."""
        return documents.ids(self.db, documents.FORM)

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

    def tick(self, at: datetime | None = None, clock: str | None = None) -> str:
        """The clock of a new change. A given time is taken as it is; the store's own clock never goes
        back."""
        if clock is not None:
            return clock
        latest = self._meta("clock")
        if at is not None:
            return clocks.clock_at(int(at.timestamp() * 1000))
        now = clocks.tick(latest, clocks.now_milliseconds())
        self._set_meta("clock", now)
        return now

    @property
    def clock(self) -> str:
        """The latest clock of what this store made; `""` before the first."""
        return str(self._meta("clock"))

    def advance_clock(self, clock: str) -> None:
        """Let the store's own clock be this one, which must be later than any before."""
        self._set_meta("clock", clock)

    def quarantined(self, *, everything: bool = False) -> list[quarantine.Quarantined]:
        """What was set aside and is open, oldest first; with `everything` also what came to its end."""
        return quarantine.rows(self.db, everything=everything)

    def aside(self, id: int) -> quarantine.Quarantined:
        """What was set aside under a number, open or not; HW-2074 when nothing was."""
        return quarantine.one(self.db, id)

    def kept_changes(self, id: int) -> Iterator[quarantine.Kept]:
        """The changes that were kept of something set aside, in the order of their numbers."""
        return quarantine.changes(self.db, id)

    def set_aside(self, source: str, problem: Problem) -> None:
        """Note a problem of a merge of which no change can be kept."""
        with self.transaction():
            quarantine.add(self.db, now(), source, problem)

    # Backup

    def backed_up(self) -> dict[str, int]:
        """How much of each log the last backup of this file holds: the highest number, by replica."""
        rows = self.db.execute("SELECT replica, number FROM backed_up ORDER BY replica")
        return {replica_name(replica): number for replica, number in rows}

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
            media.note(self.db, digest, media_type, size, self.tick())
        parts.drop(self.media_folder, digest)
        self._medium_came(digest)
        return digest

    def append_media(
        self, sha256: str, offset: int, source: parts.Source, total: int, media_type: str
    ) -> parts.Held:
        """Take a piece of a medium of `total` bytes, from `offset` on; may be repeated. One that went with an erased
        record is not kept, and its sender need not go on. Problems: `parts.append`."""
        if erasure.stays_away(self.db, sha256):
            return parts.Held(total, True)
        held = parts.append(self.media_folder, sha256, offset, source, total)
        if held.complete and media.type_of(self.db, sha256) is None:
            with self.transaction():
                media.note(self.db, sha256, media_type, held.size, self.tick())
        if held.complete:
            self._medium_came(sha256)
        return held

    def bring_media(self, sha256: str, source: BinaryIO) -> None:
        """Store the file of a medium that is known here and whose file is not. HW-2025 when it is not what its name
        says."""
        if source.seekable():
            parts.take(self.media_folder, sha256, source)
        else:
            media.store(self.media_folder, source, sha256)
        self._medium_came(sha256)

    def _medium_came(self, sha256: str) -> None:
        """Its file is here: that another one was none of that name is over."""
        over = quarantine.of_medium(self.db, sha256)
        if over:
            with self.transaction():
                for id_ in over:
                    quarantine.resolve(self.db, id_, now(), quarantine.ARRIVED)

    def media_received(self, sha256: str) -> parts.Held:
        """How much of a medium is here; complete once it is known here too."""
        held = parts.received(self.media_folder, sha256)
        known = media.type_of(self.db, sha256) is not None
        return parts.Held(held.size, held.complete and known)

    def media_type(self, sha256: str) -> str | None:
        """The type of a medium; None when it is not known here."""
        return media.type_of(self.db, sha256)

    def media(self, sha256: str) -> Path:
        """Where a medium lies (whether or not the file has arrived)."""
        return media.file_of(self.media_folder, sha256)

    def media_missing(self) -> list[str]:
        """Media that are known here but whose file is not."""
        return [row[0] for row in media.rows(self.db) if not self.media(row[0]).exists()]


def now() -> str:
    """This machine's time, ISO in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
