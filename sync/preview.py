"""What a merge would bring, found out without writing to the hub: merged into a copy that is gone afterwards.

So the answer is the merge's own, file by file in the order in which it takes them: the same changes in two files are
counted once."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from sync.brought import Brought, author_of, brought
from sync.merge import Progress, SourceReport, merge
from sync.names import change_name
from sync.problems import (
    DISK_FULL,
    HUB_UNWRITABLE,
    MEDIA_CHANGED,
    NO_PREVIEW,
    SAME_FILE,
    Problem,
    SyncError,
)
from sync.replica import Replica, connection, documents, erasure, media, state
from sync.transfer import bundle, seal

_PREFIX = ".preview-"
_STALE = 24 * 3600  # seconds after which a copy can only be what a power cut left behind


@dataclass(frozen=True, slots=True)
class Named:
    """A document that would be new: its kind and name, of a form also the version."""

    kind: str
    name: str
    version: str = ""


@dataclass(slots=True)
class Files:
    """Photos and recordings: `new` would be copied (`size` bytes), `missing` are named by the file (in sum: at all) and
    neither here nor there, `removed` belong to records that would be erased."""

    new: int = 0
    size: int = 0
    missing: int = 0
    removed: int = 0


@dataclass(slots=True)
class Found:
    """What would come. `conflicts`: the answers in conflict (flat paths; `""` for edited against deleted) of records
    that would have more of them than before; `settled`: records in which none would be left."""

    brought: Brought = field(default_factory=Brought)
    documents: list[Named] = field(default_factory=list)
    conflicts: dict[str, list[str]] = field(default_factory=dict)
    settled: list[str] = field(default_factory=list)
    media: Files = field(default_factory=Files)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        counted = self.brought.as_dict()
        return {
            **counted,
            "documents": [{"kind": d.kind, "name": d.name, "version": d.version} for d in self.documents],
            "conflicts": self.conflicts,
            "settled": self.settled,
            "media": {name: getattr(self.media, name) for name in ("new", "size", "missing", "removed")},
        }


@dataclass(slots=True)
class FilePreview:
    """What one file would bring beyond those before it; `source` is the merge's own report of it (`problems`: what
    would be set aside, and why)."""

    source: SourceReport
    found: Found

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """JSON-ready."""
        kept = ("path", "replicas", "taken", "already", "unsigned", "problems", "notes")
        told = self.source.as_dict(lang)
        return {name: told[name] for name in kept} | self.found.as_dict()


@dataclass(slots=True)
class Preview:
    """What a merge would bring: file by file, and in sum. `notes` speak of the hub itself (`MergeReport.notes`);
    `from_aside`: changes that were set aside before and would be taken, or go by another name. `authors`: who made the
    latest change of each log that stands in the files."""

    sources: list[FilePreview] = field(default_factory=list)
    total: Found = field(default_factory=Found)
    notes: list[Problem] = field(default_factory=list)
    from_aside: int = 0
    authors: dict[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """Changes that would be new."""
        return sum(each.source.taken for each in self.sources)

    @property
    def set_aside(self) -> list[FilePreview]:
        """Files of which something would be set aside."""
        return [each for each in self.sources if each.source.problems]

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """JSON-ready."""
        return {
            "taken": self.taken,
            "total": self.total.as_dict(),
            "from_aside": self.from_aside,
            "notes": [note.as_dict(lang) for note in self.notes],
            "sources": [each.as_dict(lang) for each in self.sources],
        }


def preview(
    hub: Replica | str | os.PathLike[str],
    sources: Iterable[str | Path],
    progress: Progress | None = None,
    find: seal.Find | None = None,
    reading: bundle.Progress | None = None,
) -> Preview:
    """Say what `merge` would do with these files. Nothing is written to the hub's file or media, not even a
    migration; a copy lies beside it meanwhile, and is removed in any case.

    The other arguments are as `merge` has them. Raises HW-2086 when there is no room for the copy, HW-2002 to HW-2007
    for a hub that is no replica."""
    path = hub.path if isinstance(hub, Replica) else Path(hub)
    paths = [Path(source) for source in sources]
    found = Preview()
    with copied(path, paths) as copy:
        looking = _Looking(copy)

        def step(done: int, of: int, name: str) -> None:
            looking.at(name)
            if progress:
                progress(done, of, name)

        wanted = [source for source in paths if not _same(source, path)]
        report = merge(copy, wanted, step, find, reading)
        reports = iter(report.sources)
        for source in paths:
            same = _same(source, path)
            each = (
                SourceReport(str(source), problems=[Problem(SAME_FILE, str(source))])
                if same
                else next(reports)
            )
            found.sources.append(FilePreview(each, Found() if same else looking.found(each)))
        found.total, found.notes, found.from_aside = (
            looking.total(found.sources),
            report.notes,
            report.settled,
        )
        replicas = {replica for each in report.sources for replica in each.replicas}
        found.authors = {replica: author_of(copy, replica) for replica in sorted(replicas)}
    return found


@contextmanager
def copied(path: Path, sources: Sequence[Path] = ()) -> Iterator[_Copy]:
    """The hub as it stands, in a file of its own on the same disk, which is gone afterwards. HW-2086 when there is no
    room for it and the sources."""
    connection.check_file(path)
    _sweep(path.parent)
    needed = path.stat().st_size + sum(map(_size, sources))
    if shutil.disk_usage(path.parent).free < needed:
        raise _no_copy(path, needed, os.strerror(errno.ENOSPC))
    try:
        with TemporaryDirectory(prefix=_PREFIX, dir=path.parent) as folder:
            target = Path(folder) / path.name
            connection.back_up(path, target)
            with _opened(target, path) as copy:
                copy.db.execute("PRAGMA synchronous = OFF")  # nobody will need it after a power cut
                yield copy
    except SyncError as error:
        if error.problem.code not in (HUB_UNWRITABLE, DISK_FULL):
            raise
        raise _no_copy(path, needed, error.problem.params["reason"]) from error
    except OSError as error:
        raise _no_copy(path, needed, error.strerror or str(error)) from error


def _opened(copy: Path, path: Path) -> _Copy:
    """The copy, brought to this schema; a problem of its content is the hub's."""
    try:
        found = _Copy.open(copy)
    except SyncError as error:
        problem = error.problem
        raise SyncError(problem.code, str(path), **problem.params) from error
    found.hub = path
    return found


def _no_copy(path: Path, needed: int, reason: str) -> SyncError:
    free = shutil.disk_usage(path.parent).free
    return SyncError(NO_PREVIEW, str(path), needed=needed // 10**6 + 1, free=free // 10**6, reason=reason)


def _size(path: Path) -> int:
    """Bytes of a source: the copy cannot grow by more."""
    try:
        return path.stat().st_size
    except OSError:
        return 0  # what is wrong with it is said when its turn comes


def _same(source: Path, hub: Path) -> bool:
    try:
        return source.samefile(hub)
    except OSError:
        return False  # it is not there: the merge says so


def _sweep(folder: Path) -> None:
    """Remove what a preview left behind that was ended by a power cut."""
    for left in folder.glob(f"{_PREFIX}*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)


class _Copy(Replica):
    """A copy of the hub that holds no photos of its own: those of the hub are taken for its own, and of those that
    would come only the names are kept."""

    hub: Path
    size = 0  # bytes of all that would come

    def media(self, sha256: str) -> Path:
        """At the hub, else what stands for it here."""
        there = media.file_of(media.folder_of(self.hub), sha256)
        return there if there.exists() else super().media(sha256)

    def bring_media(self, sha256: str, source: BinaryIO) -> None:
        """Read it as the merge would read it."""
        running, size = hashlib.sha256(), 0
        while piece := source.read(_PIECE):
            running.update(piece)
            size += len(piece)
        if running.hexdigest() != sha256:
            raise SyncError(MEDIA_CHANGED, sha256)
        stands = super().media(sha256)
        stands.parent.mkdir(parents=True, exist_ok=True)
        stands.touch()
        self.size += size

    def removed(self) -> set[str]:
        """The media of the hub that were destroyed here."""
        folder = media.folder_of(self.hub)
        return {digest for digest in erasure.gone(self.db) if media.file_of(folder, digest).exists()}


_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class _Moment:
    """What the copy holds at a moment of the merge."""

    disputed: Mapping[int, int]
    documents: Set[tuple[str, str, str]]
    removed: Set[str]
    size: int


class _Looking:
    """Describing what each file, and all of them together, made different in the copy."""

    def __init__(self, copy: _Copy) -> None:
        self._copy = copy
        self._first = self._last = self._look()
        self._current = ""
        self._made: dict[str, list[Found]] = {}

    def at(self, path: str) -> None:
        """The merge comes to this file (`""`: to its end); what the one before it did is over."""
        moment = self._look()
        if self._current:
            self._made.setdefault(self._current, []).append(self._between(self._last, moment))
        self._current, self._last = path, moment

    def found(self, report: SourceReport) -> Found:
        """What a file made different; the same file twice: the first time, then the second."""
        found = self._made[report.path].pop(0)
        found.brought = brought(self._copy, report.intake)
        found.media.new, found.media.missing = report.media_copied, report.media_missing
        return found

    def total(self, files: Iterable[FilePreview]) -> Found:
        """All files together."""
        found = self._between(self._first, self._last)
        for each in files:
            found.brought.add(each.found.brought)
            found.media.new += each.found.media.new
        found.media.missing = len(self._copy.media_missing())
        return found

    def _look(self) -> _Moment:
        self._copy.settle_stale()
        db = self._copy.db
        return _Moment(state.in_conflict(db), documents.listed(db), self._copy.removed(), self._copy.size)

    def _between(self, before: _Moment, after: _Moment) -> Found:
        found = Found()
        for key in sorted(after.disputed):
            if after.disputed[key] > before.disputed.get(key, 0):
                record = self._copy.state(change_name(key))
                found.conflicts[record.record] = [each.path for each in record.conflicts]
        found.settled = [change_name(key) for key in sorted(before.disputed.keys() - after.disputed.keys())]
        found.documents = [self._named(*each) for each in sorted(after.documents - before.documents)]
        found.media.size = after.size - before.size
        found.media.removed = len(after.removed - before.removed)
        return found

    def _named(self, kind: str, name: str, id_: str) -> Named:
        form = self._copy.form(id_) if kind == documents.FORM else None
        return Named(kind, name, form.version if form else "")
