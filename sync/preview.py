"""What a merge would bring, found out without writing to the hub: merged into a copy that is gone afterwards.

So the answer is the merge's own, file by file in the order given: the same changes in two files are counted once."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sync.brought import Brought, author_of, brought
from sync.merge import Progress, SourceReport, merge
from sync.names import change_name
from sync.problems import (
    HUB_UNWRITABLE,
    MEDIA_CHANGED,
    NO_PREVIEW,
    SAME_FILE,
    UNREADABLE_FILE,
    Problem,
    SyncError,
)
from sync.replica import Replica, connection, documents, media, state
from sync.transfer import seal

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
    """Photos and recordings: `new` would be copied (`size` bytes), `missing` are named and neither here nor there,
    `removed` belong to records that would be erased."""

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
    """What a merge would bring: file by file, and in sum. `authors`: who made the latest change of each log that
    stands in the files."""

    sources: list[FilePreview] = field(default_factory=list)
    total: Found = field(default_factory=Found)
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
            "sources": [each.as_dict(lang) for each in self.sources],
        }


def preview(
    hub: Replica | str | os.PathLike[str],
    sources: Iterable[str | Path],
    progress: Progress | None = None,
    find: seal.Find | None = None,
) -> Preview:
    """Say what `merge` would do with these files. Nothing is written to the hub's file or media, not even a
    migration; a copy lies beside it meanwhile, and is removed in any case. `find` as for `merge`.

    Raises HW-2086 when there is no room for the copy, HW-2002 to HW-2007 for a hub that is no replica."""
    path = hub.path if isinstance(hub, Replica) else Path(hub)
    paths = [Path(source) for source in sources]
    found = Preview()
    with _copied(path, paths) as copy:
        looking = _Looking(copy, path, find)
        for done, source in enumerate(paths):
            if progress:
                progress(done, len(paths), str(source))
            found.sources.append(looking.at(source))
        found.total = looking.total(found.sources)
        replicas = {replica for each in found.sources for replica in each.source.replicas}
        found.authors = {replica: author_of(copy, replica) for replica in sorted(replicas)}
        if progress:
            progress(len(paths), len(paths), "")
    return found


@contextmanager
def _copied(path: Path, sources: Sequence[Path]) -> Iterator[Replica]:
    """The hub as it stands, in a file of its own on the same disk."""
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
        if error.problem.code != HUB_UNWRITABLE:
            raise
        raise _no_copy(path, needed, error.problem.params["reason"]) from error
    except OSError as error:
        raise _no_copy(path, needed, error.strerror or str(error)) from error


def _opened(copy: Path, path: Path) -> Replica:
    """The copy, brought to this schema; a problem of its content is the hub's."""
    try:
        return Replica.open(copy)
    except SyncError as error:
        problem = error.problem
        raise SyncError(problem.code, str(path), **problem.params) from error


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


class _Looking:
    """Merging into the copy file by file, and describing what each made different."""

    def __init__(self, copy: Replica, hub: Path, find: seal.Find | None) -> None:
        self._copy, self._hub, self._find = copy, hub, find
        copy.settle_stale()
        self._disputed = self._before = state.in_conflict(copy.db)
        self._documents = self._known = documents.listed(copy.db)
        self._files = Files()
        self._carried: set[str] = set()
        self._gone: set[str] = set()
        self._missing: set[str] = set()

    def at(self, source: Path) -> FilePreview:
        """The next file."""
        if _same(source, self._hub):
            problem = Problem(SAME_FILE, str(source))
            return FilePreview(SourceReport(str(source), problems=[problem]), Found())
        self._files = Files()
        report = merge(self._copy, [source], find=self._find, carry=self._carry).sources[0]
        for digest, size in report.offered.items():
            if not self._is_here(digest):
                self._count(digest, size)
        for digest in report.gone:
            self._files.removed += self._is_here(digest)
            self._gone.add(digest)
        disputed, listed = state.in_conflict(self._copy.db), documents.listed(self._copy.db)
        found = Found(brought(self._copy, report.intake), media=self._files)
        self._describe(found, self._disputed, disputed, listed - self._documents)
        self._disputed, self._documents = disputed, listed
        return FilePreview(report, found)

    def total(self, files: Iterable[FilePreview]) -> Found:
        """All files together."""
        found = Found(media=Files(missing=len(self._missing - self._carried)))
        for each in files:
            found.brought.add(each.found.brought)
            found.media.new += each.found.media.new
            found.media.size += each.found.media.size
            found.media.removed += each.found.media.removed
        self._describe(found, self._before, self._disputed, self._documents - self._known)
        return found

    def _describe(
        self,
        found: Found,
        before: Mapping[int, int],
        after: Mapping[int, int],
        fresh: set[tuple[str, str, str]],
    ) -> None:
        for key in sorted(after):
            if after[key] > before.get(key, 0):
                record = self._copy.state(change_name(key))
                found.conflicts[record.record] = [each.path for each in record.conflicts]
        found.settled = [change_name(key) for key in sorted(before.keys() - after.keys())]
        found.documents = [self._named(*each) for each in sorted(fresh)]

    def _named(self, kind: str, name: str, id_: str) -> Named:
        form = self._copy.form(id_) if kind == documents.FORM else None
        return Named(kind, name, form.version if form else "")

    def _is_here(self, digest: str) -> bool:
        """Whether the hub would have the file of a medium by now."""
        here = media.file_of(media.folder_of(self._hub), digest).exists()
        return digest in self._carried or (here and digest not in self._gone)

    def _carry(
        self, _: Replica, path: Path, rows: Sequence[tuple[str, str, int, str]], report: SourceReport
    ) -> None:
        """Count what the merge would copy; a file is read as the merge would read it."""
        for digest, *_rest in rows:
            if self._is_here(digest):
                continue
            there = media.file_of(media.folder_of(path), digest)
            try:
                with there.open("rb") as file:
                    if file_digest(file, "sha256").hexdigest() != digest:
                        raise SyncError(MEDIA_CHANGED, digest)
                    size = there.stat().st_size
            except FileNotFoundError:
                self._lack(digest)
            except SyncError as error:
                report.problems.append(error.problem)
                self._lack(digest)
            except OSError as error:
                report.problems.append(Problem(UNREADABLE_FILE, str(there), {"reason": str(error.strerror)}))
                self._lack(digest)
            else:
                self._count(digest, size)

    def _count(self, digest: str, size: int) -> None:
        self._carried.add(digest)
        self._files.new += 1
        self._files.size += size

    def _lack(self, digest: str) -> None:
        self._files.missing += 1
        self._missing.add(digest)
