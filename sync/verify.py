"""Proving a replica from its log: every digest, signature and document again, and the state folded anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import file_digest
from typing import Any

from sync import chain, check, keys, verify_beside
from sync.change import CONTENT, decode_payload, read_header
from sync.names import NUMBER_BITS, change_name, replica_name
from sync.problems import (
    BAD_SIGNATURE,
    CHAIN_BROKEN,
    DAMAGED_FILE,
    DOCUMENT_CHANGED,
    HEADER_MALFORMED,
    MEDIA_CHANGED,
    PAYLOAD_UNREADABLE,
    STATE_DIFFERS,
    Problem,
    SyncError,
)
from sync.replica import Replica, documents, log, media, state
from sync.replica.summary import StateRow

Step = Callable[[int, int], object]  # done, of (changes)


@dataclass(slots=True)
class VerifyReport:
    """What was proved. `unknown_forms` are form versions that changes name and that are not here."""

    state_digest: str = ""
    changes: int = 0
    records: int = 0
    documents: int = 0
    media: int = 0
    repaired: int = 0
    unknown_forms: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """JSON-ready."""
        return {
            "sound": self.sound,
            "state_digest": self.state_digest,
            "changes": self.changes,
            "records": self.records,
            "documents": self.documents,
            "media": self.media,
            "repaired": self.repaired,
            "unknown_forms": self.unknown_forms,
            "problems": [problem.as_dict(lang) for problem in self.problems],
        }


def verify(replica: Replica, *, repair: bool = False, step: Step | None = None) -> VerifyReport:
    """Check a replica against its own log. With `repair`, derived rows that differ are written anew.

    Never raises for what it finds: it stands in the report. The state digest is folded from the log and reads
    nothing derived.
    """
    report = VerifyReport()
    for stage in (_file, _repair if repair else _nothing, _logs, _documents, _beside, _records, _media):
        try:
            stage(_Run(replica, report, repair, step or (lambda done, of: None)))
        except SyncError as error:
            report.problems.append(error.problem)
        except _STUMBLES as error:
            report.problems.append(Problem(DAMAGED_FILE, str(replica.path), {"reason": str(error)}))
    return report


# What rows that are not as ours make of the code that reads them.
_STUMBLES = (sqlite3.DatabaseError, ValueError, TypeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class _Run:
    """One verification."""

    replica: Replica
    report: VerifyReport
    repair: bool
    step: Step


def _nothing(run: _Run) -> None:
    """Nothing is repaired."""


def _repair(run: _Run) -> None:
    if _may_write(run):
        run.report.repaired += verify_beside.repair(run.replica)


def _may_write(run: _Run) -> bool:
    """A damaged file is not written to: that could only make it worse."""
    return all(problem.code != DAMAGED_FILE for problem in run.report.problems)


def _beside(run: _Run) -> None:
    run.report.problems += verify_beside.beside(run.replica)


def _records(run: _Run) -> None:
    """Payloads, derived rows and the digest. Without its headers a record cannot be folded."""
    replica, report = run.replica, run.report
    if any(problem.code == HEADER_MALFORMED for problem in report.problems):
        return

    def one_more() -> None:
        report.records += 1

    _payloads(replica, report)
    _states(replica, report, run.repair and _may_write(run))
    report.state_digest = state.digest(replica.db, replica.layout, one_more)


def _file(run: _Run) -> None:
    for (message,) in run.replica.db.execute("PRAGMA integrity_check(5)"):
        if message != "ok":
            run.report.problems.append(Problem(DAMAGED_FILE, str(run.replica.path), {"reason": message}))


def _logs(run: _Run) -> None:
    replica, report, step = run.replica, run.report, run.step
    tips = log.tips(replica.db)
    total = sum(tip.number for tip in tips.values())
    for tip in tips.values():
        step(report.changes, total)
        try:
            _log(replica, tip)
        except SyncError as error:
            report.problems.append(error.problem)
        report.changes += tip.number
    step(report.changes, total)
    with replica.reading():  # others may be writing: three counts of one moment
        counts = replica.db.execute(
            "SELECT (SELECT count(*) FROM change), (SELECT coalesce(sum(last - first + 1), 0) FROM arrival),"
            " (SELECT coalesce(sum(tip), 0) FROM log)"
        ).fetchone()
    if len(set(counts)) > 1:
        report.problems.append(Problem(CHAIN_BROKEN, str(replica.path)))


def _log(replica: Replica, tip: log.Tip) -> None:
    name = replica_name(tip.replica)
    whole = chain.Chain()
    check.stretch(replica.db, "main", tip.replica, 1, tip.number, whole)
    base = tip.replica << NUMBER_BITS
    stored = replica.db.execute(
        "SELECT id, digest FROM block WHERE id BETWEEN ? AND ? ORDER BY id", (base, base | tip.number)
    ).fetchall()
    if whole.digest != tip.digest or stored != log.blocks_of(tip.replica, whole):
        raise SyncError(CHAIN_BROKEN, name)
    public = documents.public_key(replica.db, name)
    if tip.signature and public is not None:
        signed = log.digest_at(replica.db, tip.replica, tip.signed)
        if not keys.verify(public, keys.tip_text(name, tip.signed, signed), tip.signature):
            raise SyncError(BAD_SIGNATURE, name)


def _payloads(replica: Replica, report: VerifyReport) -> None:
    unknown: set[str] = set()
    for id_, header, payload in replica.db.execute("SELECT id, header, payload FROM change ORDER BY id"):
        read = read_header(header)
        layout = replica.layout(read.form) if read.kind in CONTENT else None
        if read.kind in CONTENT and layout is None:
            unknown.add(read.form)
        if payload is not None and decode_payload(read.kind, payload, layout) is None:
            report.problems.append(Problem(PAYLOAD_UNREADABLE, change_name(id_)))
    report.unknown_forms = sorted(unknown)


def _documents(run: _Run) -> None:
    replica, report = run.replica, run.report
    for (seq,) in replica.db.execute("SELECT seq FROM document ORDER BY seq").fetchall():
        report.documents += 1
        try:
            found = documents.at(replica.db, seq)
        except SyncError as error:
            report.problems.append(error.problem)
            continue
        if not documents.check(found):
            report.problems.append(Problem(DOCUMENT_CHANGED, f"{found.kind} {found.name}"))


def _states(replica: Replica, report: VerifyReport, repair: bool) -> None:
    waiting = set(state.stale(replica.db))
    differ = [
        record for record, stored, derived in _rows(replica) if stored != derived and record not in waiting
    ]
    wrong = [record for record in differ if _is_wrong(replica, record)]
    report.problems += [Problem(STATE_DIFFERS, change_name(record)) for record in wrong if not repair]
    if repair and (wrong or waiting):
        with replica.transaction():
            state.refresh(replica.db, [*wrong, *waiting], replica.layout)
        report.repaired += len(wrong)


def _rows(replica: Replica) -> Iterator[tuple[int, StateRow | None, StateRow | None]]:
    """`(record, row stored, row that the log gives)` of every record that has or needs a row."""
    records = replica.db.execute(
        "SELECT record FROM change WHERE record IS NOT NULL UNION SELECT record FROM state"
        " UNION SELECT record FROM excerpt ORDER BY 1"
    ).fetchall()
    for (record,) in records:
        yield record, *_row(replica, record)


def _row(replica: Replica, record: int) -> tuple[StateRow | None, StateRow | None]:
    stored = replica.db.execute(
        "SELECT record, head, heads, deleted, conflicts, review FROM state WHERE record = ?", (record,)
    ).fetchone()
    return stored, state.derive(replica.db, record, replica.layout)


def _is_wrong(replica: Replica, record: int) -> bool:
    """Whether a row differs from the log in one state of the file: others may have written between two looks at it."""
    with replica.reading():
        stored, derived = _row(replica, record)
        return stored != derived and record not in state.stale(replica.db)


def _media(run: _Run) -> None:
    replica, report = run.replica, run.report
    for digest, _, size, _ in media.rows(replica.db):
        report.media += 1
        path = replica.media(digest)
        if path.exists():
            with path.open("rb") as file:
                if path.stat().st_size != size or file_digest(file, "sha256").hexdigest() != digest:
                    report.problems.append(Problem(MEDIA_CHANGED, digest))
