"""Backups: a verified copy of a replica with its media, and how much of each log it covers.

The copy is marked: whoever goes on with it writes under a new name, since the original went on too, or once did."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sync.faults import writing
from sync.forks.arrive import has
from sync.forks.strand import SourceStrand
from sync.names import replica_name
from sync.problems import (
    BACKUP_DIFFERS,
    BACKUP_IN_USE,
    BACKUP_IS_OLDER,
    BACKUP_ONTO_ITSELF,
    NO_BACKUP_OF_THIS,
    NOT_NOTED,
    Problem,
    SyncError,
)
from sync.replica import Replica, identity, log, media
from sync.replica.identity import Renewal
from sync.replica.store import now
from sync.source import SCHEMA, attached, check_tables

Step = Callable[[int, int], object]  # done, of (bytes of the database and of media)
_PAGES = 256  # copied between two steps
PREFIX = ".backup-"
_DAY = 86_400


@dataclass(slots=True)
class Backup:
    """What a backup holds: `logs` (highest number by replica); `media` that were copied now, `media_there`
    that were there, `media_missing` whose file has not arrived here; `problems` of media that are damaged here;
    `notes` say what the original could not note."""

    path: str
    at: str
    logs: dict[str, int] = field(default_factory=dict)
    media: int = 0
    media_there: int = 0
    media_missing: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """Changes of all logs."""
        return sum(self.logs.values())

    def as_dict(self, lang: str = "en") -> dict[str, object]:
        """JSON-ready."""
        return {
            "path": self.path,
            "at": self.at,
            "changes": self.changes,
            "logs": self.logs,
            "media": self.media,
            "media_there": self.media_there,
            "media_missing": self.media_missing,
            "problems": [problem.as_dict(lang) for problem in self.problems],
            "notes": [note.as_dict(lang) for note in self.notes],
        }


def backup(replica: Replica, target: Path, step: Step | None = None) -> Backup:
    """Copy a replica to a file, or under its own name into a folder, with its media into `media/` beside it. What is
    at the target stays until the copy is verified and takes its place in one step; then the original notes what is
    backed up, where it can be written to.

    HW-2077 when an earlier backup there holds what this replica does not, HW-2078 when the copy is not what the
    original is, HW-2080 to HW-2082 for a target that cannot be, HW-2101 when its disk is full."""
    path = target / replica.path.name if target.is_dir() else target
    check_target(replica, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    found = Backup(str(path), now())
    with TemporaryDirectory(dir=path.parent, prefix=PREFIX) as folder, writing(path):
        new = Path(folder) / path.name
        tips = _copy(replica, new, found.at, step or (lambda done, of: None))
        _verify(new, tips)
        _copy_media(replica, media.folder_of(path), found)
        put(new, path)
    found.logs = {replica_name(tip.replica): tip.number for tip in tips.values()}
    try:
        _note(replica, tips, found.at)
    except sqlite3.OperationalError as error:  # a file that may only be read, a full disk: the backup stands
        found.notes.append(Problem(NOT_NOTED, str(replica.path), {"reason": str(error)}))
    return found


def check_target(replica: Replica, path: Path) -> None:
    """Refuse a target that would lose something."""
    clear_leftovers(path.parent)
    if not path.exists():
        return
    if path.samefile(replica.path):
        raise SyncError(BACKUP_ONTO_ITSELF, str(path))
    refuse_in_use(path)
    with attached(replica.db, path, replica.path):
        check_tables(replica.db, str(path))
        meta = dict(replica.db.execute(f"SELECT key, value FROM {SCHEMA}.meta"))
        if meta.get("replica") not in replica.own_names() or not identity.is_backup(meta.get("renewal")):
            raise SyncError(NO_BACKUP_OF_THIS, str(path), replica=meta.get("replica", ""))
        for here, there in log.tips_beside(replica.db, SCHEMA):
            if not has(replica, SourceStrand(replica.db, SCHEMA, there)):
                name = replica_name(there.replica)
                raise SyncError(
                    BACKUP_IS_OLDER, str(path), replica=name, here=here.number, there=there.number
                )


def refuse_in_use(path: Path) -> None:
    """HW-2081 for a database that has a journal beside it: SQLite would read it as one of the file that takes its
    place."""
    for end in ("-journal", "-wal"):
        beside = Path(f"{path}{end}")
        if beside.exists() and beside.stat().st_size:
            raise SyncError(BACKUP_IN_USE, str(path), beside=beside.name)


def clear_leftovers(folder: Path) -> None:
    """Remove what backups left that were killed more than a day ago."""
    for left in folder.glob(f"{PREFIX}*") if folder.is_dir() else ():
        if left.stat().st_mtime < time.time() - _DAY:
            shutil.rmtree(left)


def _copy(replica: Replica, new: Path, at: str, step: Step) -> dict[int, log.Tip]:
    """Copy the file as it stands at one moment; the tips at that moment."""
    page = replica.db.execute("PRAGMA page_size").fetchone()[0]
    replica.db.execute("BEGIN")  # one view for the tips and the copy; writers wait
    try:
        tips = log.tips(replica.db)
        copy_pages(replica.db, new, lambda left, total: step((total - left) * page, total * page))
    finally:
        replica.db.execute("ROLLBACK")
    with closing(sqlite3.connect(new, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, whatever mode the original is in
        copy.execute("PRAGMA synchronous = FULL")
        identity.await_renewal(copy, Renewal(replica.name, identity.BACKUP, 0, str(replica.path), at))
    return tips


def copy_pages(source: sqlite3.Connection, new: Path, step: Step | None = None) -> None:
    """Copy a database into a new file that only its owner can read (where the file system knows owners)."""
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(new)) as copy:
        source.backup(copy, pages=_PAGES, progress=lambda _, left, total: step(left, total) if step else None)


def _verify(new: Path, tips: dict[int, log.Tip]) -> None:
    with closing(sqlite3.connect(new)) as copy:
        said = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if said == "ok" and log.tips(copy) != tips:
            said = "tips"
    if said != "ok":
        raise SyncError(BACKUP_DIFFERS, str(new), reason=said)


def _copy_media(replica: Replica, folder: Path, found: Backup) -> None:
    same = folder.resolve() == replica.media_folder.resolve()
    for digest, *_ in media.rows(replica.db):
        here, there = replica.media(digest), media.file_of(folder, digest)
        if not here.exists():
            found.media_missing += 1
        elif same or (there.exists() and there.stat().st_size == here.stat().st_size):
            found.media_there += 1
        else:
            try:
                with here.open("rb") as file:
                    media.store(folder, file, digest)
                found.media += 1
            except SyncError as error:
                found.problems.append(error.problem)


def put(new: Path, path: Path) -> None:
    """Put a finished file in its place, on the disk."""
    with new.open("rb+") as file:
        os.fsync(file.fileno())
    new.replace(path)
    media.flush_names(path.parent)


def _note(replica: Replica, tips: dict[int, log.Tip], at: str) -> None:
    with replica.transaction():
        here = log.tips(replica.db)
        replica.db.execute("DELETE FROM backed_up")
        replica.db.executemany(
            "INSERT INTO backed_up (replica, number, at) VALUES (?, ?, ?)",
            [
                (tip.replica, tip.number, at)
                for tip in tips.values()
                if here.get(tip.replica) and _still(here, tip)
            ],
        )


def _still(here: dict[int, log.Tip], tip: log.Tip) -> bool:
    """Whether the log is still what was copied: nothing was taken out of it meanwhile."""
    return here[tip.replica].number >= tip.number
