"""Merging: take from other replicas' files what is not here, each file in its own transaction.

A file, or one replica's log in it, that does not pass its checks is set aside with its reason; the others go
on."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from sync import check, keys
from sync.along import note_along
from sync.faults import is_full
from sync.forks.arrive import arrive
from sync.forks.difference import difference
from sync.forks.guard import Guard
from sync.forks.settle import settle
from sync.forks.strand import SourceStrand
from sync.here import Here
from sync.merge_report import MergeReport, SourceReport, Span
from sync.names import NUMBER_BITS, replica_name, replica_number
from sync.problems import (
    BAD_SIGNATURE,
    DAMAGED_FILE,
    DOCUMENT_CHANGED,
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
from sync.replica import Replica, documents, erasure, intake, log, media, quarantine, sighting, state
from sync.replica.sighting import Sighting
from sync.replica.store import GO_ON, now
from sync.source import SCHEMA, Shown, attached, by_log, look, unreadable
from sync.taken import follow, identity_of, keep_proofs, new_name_noted
from sync.transfer import announced, bundle, seal
from sync.transfer.rules import Rules, Taken
from sync.transfer.unpack import unpack

__all__ = ["MergeReport", "SourceReport", "merge"]

Progress = Callable[[int, int, str], object]  # done, of, path


def merge(
    hub: Replica,
    sources: Iterable[str | Path],
    progress: Progress | None = None,
    find: seal.Find | None = None,
    reading: bundle.Progress | None = None,
    only: Collection[str] | None = None,
) -> MergeReport:
    """Merge replica files and bundles into `hub`. Idempotent; the order makes no difference.

    `find` gives the private sealing key of a replica, for sealed bundles; `reading` is told how far a bundle was
    read; `only`: of files the logs of these replicas alone, with the forms and media that they name. Raises HW-2028
    when the hub itself cannot be written; what was merged until then stays merged.
    """
    paths = [Path(source) for source in sources]
    here, before = Here(hub), identity_of(hub)
    reports: dict[int, SourceReport] = {}
    # Where each log follows all that is here, pages are filled to the end, and sooner.
    places = by_log(hub.db, paths, hub.path) if here.nearly_empty else range(len(paths))
    for done, place in enumerate(places):
        path = paths[place]
        if progress:
            progress(done, len(paths), str(path))
        if bundle.is_bundle(path):
            reports[place] = _merge_bundle(hub, path, find, reading)
        else:
            reports[place] = _merge_one(hub, path, here, only)
    report = MergeReport([reports[place] for place in range(len(paths))])
    came = [each.intake for each in report.sources if each.intake is not None]
    if len(came) > 1:
        with hub.transaction():
            intake.note_together(hub.db, came)
    note_along(hub.db, report.sources)
    _settle(hub, report)
    report.notes += new_name_noted(hub, before)
    # Once for all files: a record that many devices edited is folded once.
    if hub.settle_stale():
        for source in report.sources:
            source.conflicts = sum(state.conflicts_of(hub.db, *ends) for ends in source.later)
    if progress:
        progress(len(paths), len(paths), "")
    return report


def _settle(hub: Replica, report: MergeReport) -> None:
    """What follows for branches and for what was set aside before."""
    found = Taken()
    settle(hub, found)
    report.settled = found.taken
    for source in report.sources:
        source.problems = [problem for problem in source.problems if problem not in found.settled]
    erasure.forget_files(hub.media_folder, found.gone)
    if quarantine.any_open(hub.db):
        with hub.transaction():
            whole = [source.path for source in report.sources if not source.problems]
            quarantine.came_through(hub.db, now(), whole)


def _merge_one(hub: Replica, path: Path, here: Here, only: Collection[str] | None) -> SourceReport:
    report = SourceReport(str(path))
    try:
        with attached(hub.db, path, hub.path):
            known = _take_source(hub, report, here, only)
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
        "held",
    ):
        setattr(report, name, getattr(found, name))
    report.replicas = found.logs
    return report


NOT_KEPT = frozenset({UNREADABLE_FILE, SAME_FILE, SEALED_TO_OTHER})
"""Problems of files that hold nothing to look at later: such a file is told of and not kept in mind."""


def _set_aside(hub: Replica, report: SourceReport, problem: Problem) -> None:
    # Nothing of a transaction that failed was taken.
    fresh = SourceReport(report.path, problems=[problem])
    for name in SourceReport.__slots__:
        setattr(report, name, getattr(fresh, name))
    if problem.code not in NOT_KEPT:
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
    if is_full(error, hub.path):
        raise SyncError(HUB_UNWRITABLE, str(hub.path), reason=os.strerror(errno.ENOSPC)) from error
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


def _take_source(
    hub: Replica, report: SourceReport, here: Here, only: Collection[str] | None
) -> list[media.Row]:
    """Take what is new of the attached file in one transaction; returns the media that it knows of."""
    shown = look(hub.db, report.path, here.tips)
    fresh = not here.has_documents(shown.documents)
    if shown.other or fresh:
        with hub.transaction(begin=GO_ON):
            return _take_new(hub, report, shown, only, fresh=fresh)
    for there in shown.tips:
        report.replicas.append(replica_name(there.replica))
        report.already += there.number
        report.held.append(_span(there))
    return shown.media if only is None else []


def _take_new(
    hub: Replica, report: SourceReport, shown: Shown, only: Collection[str] | None, *, fresh: bool
) -> list[media.Row]:
    before = intake.before(hub.db)
    if fresh:
        _take_documents(hub, report, None if only is None else documents.OF_LOGS)
    for there in shown.tips:
        if only is not None and replica_name(there.replica) not in only:
            continue
        report.replicas.append(replica_name(there.replica))
        try:
            _take_log(hub, log.tip(hub.db, there.replica), there, report)
            report.held.append(_span(there))
        except SyncError as error:
            found = Taken()
            arrive(hub, SourceStrand(hub.db, SCHEMA, there), error.problem, report.path, found)
            report.add(found)
            if found.problems:
                seen = Sighting(there.replica, report.path, there.number, there.digest, now())
                sighting.see(hub.db, [seen])
    report.gone += keep_proofs(hub, SCHEMA, sorted(report.bare))
    known = shown.media
    if only is not None:
        named = erasure.named_by(hub.db, map(replica_number, only))
        known = [row for row in known if row[0] in named]
    kept = _take_media(hub, report, known)
    report.intake = intake.note(hub.db, now(), intake.FILE, report.path, before)
    return kept


def _span(there: log.Tip) -> Span:
    return there.replica << NUMBER_BITS | 1, there.replica << NUMBER_BITS | there.number


def _take_media(hub: Replica, report: SourceReport, known: list[media.Row]) -> list[media.Row]:
    """Note the media that the source knows of; those whose files may be copied."""
    for row in known:
        if not media.sound(row):
            raise SyncError(MEDIA_CHANGED, str(row[0])[:70])
    if all(media.type_of(hub.db, row[0]) is not None for row in known):
        return known
    with hub.transaction():
        unwanted, new = announced.note(hub, known, Rules())
    report.media += new
    return [row for row in known if row[0] not in unwanted]


def _take_log(hub: Replica, here: log.Tip, there: log.Tip, report: SourceReport) -> None:
    db, replica = hub.db, there.replica
    if there.number <= here.number:
        same = here.digest if there.number == here.number else log.digest_at(db, replica, there.number)
        if same != there.digest:
            raise difference(db, SCHEMA, here, there)
        _take_signature(hub, here, there, report)
        report.already += there.number
        return
    Guard(hub, here, there.number).look_at(SourceStrand(db, SCHEMA, there))
    chain = log.chain_at(db, here)
    added = check.stretch(db, SCHEMA, replica, here.number + 1, there.number, chain)
    if chain.digest != there.digest:
        raise difference(db, SCHEMA, here, there)
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
    report.gone += follow(hub, first, last, added, report.path)
    report.bare |= added.bare.keys()
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


def _take_documents(hub: Replica, report: SourceReport, kinds: Collection[str] | None) -> None:
    rows = hub.db.execute(
        f"SELECT s.seq FROM {SCHEMA}.document AS s WHERE NOT EXISTS (SELECT 1 FROM main.document AS d"
        " WHERE d.kind = s.kind AND d.name = s.name AND d.id = s.id AND d.added >= s.added)"
        f" AND s.kind NOT IN ({', '.join('?' * len(documents.LOCAL))})",
        sorted(documents.LOCAL),
    ).fetchall()
    for (seq,) in rows:
        found = documents.at(hub.db, seq, SCHEMA)
        if kinds is not None and found.kind not in kinds:
            continue
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
