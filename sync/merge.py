"""Merging: take from other replicas' files what is not here, each file in its own transaction.

A file, or one replica's log in it, that does not pass its checks is set aside with its reason; the others go
on."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync import check, keys
from sync.chain import Chain
from sync.here import Here
from sync.names import NUMBER_BITS, replica_name
from sync.problems import (
    BAD_SIGNATURE,
    CHAIN_BROKEN,
    DAMAGED_FILE,
    DOCUMENT_CHANGED,
    FORK,
    HUB_UNWRITABLE,
    MEDIA_CHANGED,
    OTHER_KEY,
    SAME_FILE,
    SEALED_TO_OTHER,
    UNKNOWN_FORM,
    UNREADABLE_FILE,
    Problem,
    SyncError,
)
from sync.replica import Replica, documents, erasure, intake, log, media, sighting, state
from sync.replica.sighting import Sighting
from sync.replica.store import GO_ON, now
from sync.source import SCHEMA, Shown, attached, by_log, look, unreadable
from sync.taken import follow
from sync.transfer import bundle, seal
from sync.transfer.unpack import unpack

Progress = Callable[[int, int, str], object]  # done, of, path


@dataclass(slots=True)
class SourceReport:
    """What one file brought. `taken` and `already` count changes, `conflicts` those in the records it
    touched; `media` those that were not known here, `media_copied` the files that came, `media_missing` those
    that the source knows of and whose file is still not here.

    `problems` says what of it was set aside; nothing else of the file is missing. `notes` speak of what was
    taken: form versions that are not known here (HW-2018).
    """

    path: str
    replicas: list[str] = field(default_factory=list)
    taken: int = 0
    already: int = 0
    documents: int = 0
    media: int = 0
    media_copied: int = 0
    media_missing: int = 0
    conflicts: int = 0
    unsigned: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    # Key ranges of what was taken and is more than creations: `conflicts` is counted there at the end.
    later: list[tuple[int, int]] = field(default_factory=list, repr=False)
    intake: int | None = None
    gone: list[str] = field(default_factory=list, repr=False)  # media whose files are to be removed

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """JSON-ready."""
        return {
            "path": self.path,
            "replicas": self.replicas,
            "taken": self.taken,
            "already": self.already,
            "documents": self.documents,
            "media": self.media,
            "media_copied": self.media_copied,
            "media_missing": self.media_missing,
            "conflicts": self.conflicts,
            "unsigned": self.unsigned,
            "problems": [problem.as_dict(lang) for problem in self.problems],
            "notes": [problem.as_dict(lang) for problem in self.notes],
        }


@dataclass(slots=True)
class MergeReport:
    """What a merge did, file by file."""

    sources: list[SourceReport] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Changes that were not here before."""
        return sum(source.taken for source in self.sources)

    @property
    def set_aside(self) -> list[SourceReport]:
        """Files of which something was set aside."""
        return [source for source in self.sources if source.problems]

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """JSON-ready."""
        return {"taken": self.taken, "sources": [source.as_dict(lang) for source in self.sources]}


def merge(
    hub: Replica,
    sources: Iterable[str | Path],
    progress: Progress | None = None,
    find: seal.Find | None = None,
    reading: bundle.Progress | None = None,
) -> MergeReport:
    """Merge replica files and bundles into `hub`. Idempotent; the order makes no difference.

    `find` gives the private sealing key of a replica, for sealed bundles; `reading` is told how far a bundle was
    read. Raises HW-2028 when the hub itself cannot be written; what was merged until then stays merged.
    """
    paths = [Path(source) for source in sources]
    here = Here(hub)
    reports: dict[int, SourceReport] = {}
    for done, place in enumerate(in_turn(hub, here, paths)):
        path = paths[place]
        if progress:
            progress(done, len(paths), str(path))
        if bundle.is_bundle(path):
            reports[place] = _merge_bundle(hub, path, find, reading)
        else:
            reports[place] = _merge_one(hub, path, here)
    report = MergeReport([reports[place] for place in range(len(paths))])
    # Once for all files: a record that many devices edited is folded once.
    if hub.settle_stale():
        for source in report.sources:
            source.conflicts = sum(state.conflicts_of(hub.db, *ends) for ends in source.later)
    if progress:
        progress(len(paths), len(paths), "")
    return report


def in_turn(hub: Replica, here: Here, paths: Sequence[Path]) -> Sequence[int]:
    """Places of the files in the order in which they are merged."""
    # Where each log follows all that is here, pages are filled to the end, and sooner.
    return by_log(hub.db, paths, hub.path) if here.nearly_empty else range(len(paths))


def _merge_one(hub: Replica, path: Path, here: Here) -> SourceReport:
    report = SourceReport(str(path))
    try:
        with attached(hub.db, path, hub.path):
            known = _take_source(hub, report, here)
        if report.gone:
            erasure.forget_files(hub.media_folder, report.gone)
        if known:  # noted by now, unless nothing else was new
            _copy_media(hub, path, _take_media(hub, report, known), report)
    except SyncError as error:
        _set_aside(hub, report, error.problem)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # SQLite quotes a damaged schema in its message, and that may be no UTF-8.
        _set_aside(hub, report, _whose_fault(hub, path, error))
    return report


def _merge_bundle(
    hub: Replica, path: Path, find: seal.Find | None, reading: bundle.Progress | None
) -> SourceReport:
    report = SourceReport(str(path))
    try:
        found = unpack(hub, path, find, reading)
    except SyncError as error:
        if error.problem.code == HUB_UNWRITABLE:
            raise
        _set_aside(hub, report, error.problem)
        return report
    except sqlite3.DatabaseError as error:
        raise SyncError(HUB_UNWRITABLE, str(hub.path), reason=error) from error
    report.media_copied = found.stored
    report.media_missing = found.missing
    for name in (
        "taken",
        "already",
        "documents",
        "media",
        "unsigned",
        "problems",
        "notes",
        "later",
        "intake",
    ):
        setattr(report, name, getattr(found, name))
    report.replicas = found.logs
    return report


def _set_aside(hub: Replica, report: SourceReport, problem: Problem) -> None:
    # Nothing of a transaction that failed was taken.
    fresh = SourceReport(report.path, problems=[problem])
    for name in SourceReport.__slots__:
        setattr(report, name, getattr(fresh, name))
    if problem.code not in (
        UNREADABLE_FILE,
        SAME_FILE,
        SEALED_TO_OTHER,
    ):  # those hold nothing to look at later
        hub.set_aside(report.path, problem)


_DAMAGE = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_IOERR,
}
_ACCESS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


def _whose_fault(hub: Replica, path: Path, error: Exception) -> Problem:
    """The problem of a source that is damaged or in use; raises HW-2028 when it is the hub's file that
    fails."""
    # An error that is Python's own (a text that is no UTF-8) carries no code of SQLite.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _ACCESS:
        refused = unreadable(path)
        if refused:
            return Problem(UNREADABLE_FILE, str(path), {"reason": refused})
    elif code in _DAMAGE:
        sound = hub.db.execute("PRAGMA main.quick_check(1)").fetchone()[0] == "ok"
        if sound and not os.path.exists(path):  # a stick that was pulled out: no fault of the file
            return Problem(UNREADABLE_FILE, str(path), {"reason": os.strerror(errno.ENOENT)})
        if sound:
            return Problem(DAMAGED_FILE, str(path), {"reason": str(error)})
    raise SyncError(HUB_UNWRITABLE, str(hub.path), reason=error) from error


def _take_source(hub: Replica, report: SourceReport, here: Here) -> list[media.Row]:
    """Take what is new of the attached file in one transaction; returns the media that it knows of."""
    shown = look(hub.db, report.path, here.tips)
    fresh = not here.has_documents(shown.documents)
    if shown.other or fresh:
        with hub.transaction(begin=GO_ON):
            return _take_new(hub, report, shown, fresh=fresh)
    for there in shown.tips:
        report.replicas.append(replica_name(there.replica))
        report.already += there.number
    return shown.media


def _take_new(hub: Replica, report: SourceReport, shown: Shown, *, fresh: bool) -> list[media.Row]:
    before = intake.before(hub.db)
    if fresh:
        _take_documents(hub, report)
    for there in shown.tips:
        report.replicas.append(replica_name(there.replica))
        try:
            _take_log(hub, log.tip(hub.db, there.replica), there, report)
        except SyncError as error:
            report.problems.append(error.problem)
            hub.set_aside(report.path, error.problem, _new_changes(hub.db, there))
            seen = Sighting(there.replica, report.path, there.number, there.digest, now())
            sighting.see(hub.db, [seen])
    kept = _take_media(hub, report, shown.media)
    report.intake = intake.note(hub.db, now(), intake.FILE, report.path, before)
    return kept


def _take_media(hub: Replica, report: SourceReport, known: list[media.Row]) -> list[media.Row]:
    """Note the media that the source knows of; those whose files may be copied."""
    for row in known:
        if not media.sound(row):
            raise SyncError(MEDIA_CHANGED, str(row[0])[:70])
    if all(media.type_of(hub.db, row[0]) is not None for row in known):
        return known
    with hub.transaction():
        unwanted = erasure.unwanted(hub.db, [row[0] for row in known])
        kept = [row for row in known if row[0] not in unwanted]
        for row in kept:
            report.media += media.note(hub.db, *row)
    return kept


def _take_log(hub: Replica, here: log.Tip, there: log.Tip, report: SourceReport) -> None:
    db, replica = hub.db, there.replica
    if there.number <= here.number:
        same = here.digest if there.number == here.number else log.digest_at(db, replica, there.number)
        if same != there.digest:
            raise _difference(db, here, there)
        _take_signature(hub, here, there, report)
        report.already += there.number
        return
    chain = log.chain_at(db, here)
    added = check.stretch(db, SCHEMA, replica, here.number + 1, there.number, chain)
    if chain.digest != there.digest:
        raise _difference(db, here, there)
    signed = _check_signature(hub, here, there, report)
    base = replica << NUMBER_BITS
    first, last = base | here.number + 1, base | there.number
    db.execute(
        "INSERT INTO change (id, record, header, payload)"
        f" SELECT id, record, header, payload FROM {SCHEMA}.change WHERE id BETWEEN ? AND ?",
        (first, last),
    )
    log.advance(db, log.Tip(replica, there.number, there.digest, *signed), log.blocks_of(replica, chain))
    log.arrive(db, replica, here.number + 1, there.number, now())
    report.gone += follow(hub, first, last, added)
    if added.later:
        report.later.append((first, last))
    report.taken += there.number - here.number
    report.already += here.number
    _note_forms(hub, added.forms, report)


def _note_forms(hub: Replica, forms: set[str], report: SourceReport) -> None:
    """Say which form versions of changes that were taken are not known here."""
    noted = {problem.place for problem in report.notes}
    for form in sorted(forms - noted):
        if hub.layout(form) is None:
            report.notes.append(Problem(UNKNOWN_FORM, form))


def _take_signature(hub: Replica, here: log.Tip, there: log.Tip, report: SourceReport) -> None:
    """A later signature over what is here already is kept too."""
    if there.signed > here.signed:
        log.advance(
            hub.db,
            log.Tip(here.replica, here.number, here.digest, *_check_signature(hub, here, there, report)),
            [],
        )


def _check_signature(hub: Replica, here: log.Tip, there: log.Tip, report: SourceReport) -> tuple[int, str]:
    """`(number, signature)` to keep. HW-2012 when the source's signature is not one of this log by its known
    key, or leaves out what is new: else any file could go on in the name of a device."""
    name = replica_name(there.replica)
    public = documents.public_key(hub.db, name)
    if public is None:
        report.unsigned.append(name)
        return here.signed, here.signature
    if there.number > here.number and there.signed != there.number:
        raise SyncError(BAD_SIGNATURE, name)
    if (there.signed, there.signature) == (here.signed, here.signature):
        return here.signed, here.signature
    digest = (
        there.digest
        if there.signed == there.number
        else log.digest_at(hub.db, there.replica, there.signed, SCHEMA)
    )
    if not 0 < there.signed <= there.number or not keys.verify(
        public, keys.tip_text(name, there.signed, digest), there.signature
    ):
        raise SyncError(BAD_SIGNATURE, name)
    return max((here.signed, here.signature), (there.signed, there.signature))


def _difference(db: sqlite3.Connection, here: log.Tip, there: log.Tip) -> SyncError:
    """Why two logs of one name disagree: the source does not hold together (HW-2010), or there was a fork
    (HW-2011)."""
    name = replica_name(there.replica)
    whole = Chain()
    check.bare_stretch(db, SCHEMA, there.replica, 1, there.number, whole)
    if whole.digest != there.digest:
        return SyncError(CHAIN_BROKEN, name)
    theirs = log.headers(db, there.replica, 1, there.number, SCHEMA)
    ours = log.headers(db, there.replica, 1, here.number)
    first = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False), 1) if a != b), len(ours) + 1)
    return SyncError(FORK, f"{name}-{first}", replica=name, count=len(theirs) - first + 1)


def _new_changes(db: sqlite3.Connection, there: log.Tip) -> list[tuple[str, str | None]]:
    """What of a log that is set aside is not here: kept with the reason."""
    base = there.replica << NUMBER_BITS
    rows = db.execute(
        f"SELECT header, payload FROM {SCHEMA}.change AS s WHERE id BETWEEN ? AND ? AND NOT EXISTS ("
        " SELECT 1 FROM main.change AS c WHERE c.id = s.id AND c.header = s.header AND c.payload = s.payload)"
        " AND typeof(header) = 'text' AND typeof(payload) = 'text' ORDER BY id",
        (base | 1, base | there.number),
    )
    return rows.fetchall()


def _take_documents(hub: Replica, report: SourceReport) -> None:
    rows = hub.db.execute(
        f"SELECT s.seq FROM {SCHEMA}.document AS s WHERE NOT EXISTS (SELECT 1 FROM main.document AS d"
        " WHERE d.kind = s.kind AND d.name = s.name AND d.id = s.id AND d.added >= s.added)"
        f" AND s.kind NOT IN ({', '.join('?' * len(documents.LOCAL))})",
        sorted(documents.LOCAL),
    ).fetchall()
    for (seq,) in rows:
        found = documents.at(hub.db, seq, SCHEMA)
        if not documents.check(found):
            raise SyncError(DOCUMENT_CHANGED, f"{found.kind} {found.name}")
        if found.kind in keys.KINDS and not documents.same_key(hub.db, found):
            problem = Problem(OTHER_KEY, found.name)
            report.problems.append(problem)
            hub.set_aside(report.path, problem)
            continue
        report.documents += documents.insert(hub.db, found)


def _copy_media(hub: Replica, path: Path, rows: Sequence[media.Row], report: SourceReport) -> None:
    folder = media.folder_of(path)
    for digest, *_ in rows:
        if hub.media(digest).exists():
            continue
        there = media.file_of(folder, digest)
        try:
            if there.exists():
                with there.open("rb") as file:
                    hub.bring_media(digest, file)
                report.media_copied += 1
                continue
        except SyncError as error:
            report.problems.append(error.problem)
            hub.set_aside(report.path, error.problem)
        except OSError as error:
            if error.errno in media.FULL:
                raise SyncError(HUB_UNWRITABLE, str(hub.media_folder), reason=error.strerror) from error
            # What came of it is kept: the next merge of the file goes on there.
            report.problems.append(Problem(UNREADABLE_FILE, str(there), {"reason": str(error.strerror)}))
        report.media_missing += 1
