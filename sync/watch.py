"""Watching folders: what lies there is merged once it is complete, and again when it has changed.

It asks the folders again and again and needs no help of the system, so that it works on sticks and network drives
alike. A stick's mount point need not be there yet, and may go in the middle."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sync.merge import MergeReport, SourceReport, merge
from sync.problems import UNREADABLE_FILE, Problem, SyncError
from sync.replica import Replica, media
from sync.transfer import seal

Stamp = tuple[tuple[int, int], ...]
"""Sizes and times that change when a file, its WAL or the media beside it do."""

MERGED, BUSY, GONE, FAILED = "merged", "busy", "gone", "failed"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a file: `merged` (`report` says what it brought, or what was set aside; `notes` speak of the
    hub), `busy` (it is being
    written to; said once), `gone` (it went while it was read; nothing of it is half done), `failed` (the hub cannot be
    written: `problem`; it is tried again)."""

    what: str
    path: Path
    report: SourceReport | None = None
    problem: Problem | None = None
    notes: tuple[Problem, ...] = ()


def into(hub: Path, find: seal.Find | None = None) -> Callable[[Path], MergeReport]:
    """Merging one file into a hub, which is open no longer than that takes. `find` as for `merge`."""

    def take(path: Path) -> MergeReport:
        with Replica.open(hub) as replica:
            return merge(replica, [path], find=find)

    return take


class Watch:
    """Watches folders and the folders directly in them. `inside` gives the files of a folder that may be merged,
    `take` merges one."""

    def __init__(
        self,
        folders: Sequence[Path],
        inside: Callable[[Path], Iterable[Path]],
        take: Callable[[Path], MergeReport],
    ) -> None:
        self._folders, self._inside, self._take = folders, inside, take
        self._seen: dict[Path, Stamp] = {}
        self._done: dict[Path, Stamp] = {}
        self._told: dict[Path, object] = {}

    def run(self, wait: Callable[[], bool], *, once: bool = False) -> Iterator[Event]:
        """Look, wait, look …, until `wait` says that it is enough; `once`: until everything was looked at twice."""
        yield from self.round()
        while wait():
            yield from self.round()
            if once:
                return

    def round(self) -> Iterator[Event]:
        """One look; merges what has not changed since the look before and was not merged as it is."""
        before, self._seen = self._seen, self._look()
        for path, stamp in self._seen.items():
            if self._done.get(path) == stamp or before.get(path) != stamp:
                continue
            if _size(Path(f"{path}-journal")):
                yield from self._tell(path, BUSY, Event(BUSY, path))
            else:
                yield from self._merge(path, stamp)

    @property
    def waiting(self) -> list[Path]:
        """Files that were seen at the last look and are not merged as they were there."""
        return [path for path, stamp in self._seen.items() if self._done.get(path) != stamp]

    def _look(self) -> dict[Path, Stamp]:
        found: dict[Path, Stamp] = {}
        looked: set[str] = set()
        for folder in self._folders:
            for each in [folder, *_folders_in(folder)]:
                real = os.path.realpath(each)
                if real not in looked:  # one that is named twice, by itself and by the folder around it
                    looked.add(real)
                    found |= self._stamps(each)
        return found

    def _stamps(self, folder: Path) -> dict[Path, Stamp]:
        found = {}
        try:
            beside = _media_stamp(folder)
            for path in self._inside(folder):
                if not path.name.startswith("."):  # what other systems write beside a file
                    found[path] = (*_file_stamp(path), beside)
        except OSError:  # not there (yet), or no longer: the next look will see
            return {}
        return found

    def _merge(self, path: Path, stamp: Stamp) -> Iterator[Event]:
        try:
            done = self._take(path)
        except SyncError as error:
            yield from self._tell(path, error.problem, Event(FAILED, path, problem=error.problem))
            return
        report = done.sources[0]
        still = os.path.exists(path)
        unread = any(each.code == UNREADABLE_FILE for each in report.problems)
        if still and not unread:
            self._done[path] = stamp  # as it was before: what was written meanwhile is another stamp
        if report.problems and not still and not report.taken:
            yield from self._tell(path, GONE, Event(GONE, path))
            return
        about = tuple(report.problems) if unread else None
        yield from self._tell(path, about, Event(MERGED, path, report, notes=tuple(done.notes)))

    def _tell(self, path: Path, about: object, event: Event) -> Iterator[Event]:
        """An event, unless it is what was said of the file the last time; None is always said."""
        if about is None or self._told.get(path) != about:
            yield event
        self._told[path] = about


def _folders_in(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            found = [Path(each.path) for each in entries if each.is_dir() and not each.name.startswith(".")]
    except OSError:
        return []
    return sorted(found)


def _file_stamp(path: Path) -> list[tuple[int, int]]:
    stamps = []
    for part in (path, Path(f"{path}-wal")):
        try:
            status = part.stat()
        except FileNotFoundError:
            if part is path:
                raise
        else:
            stamps.append((status.st_size, status.st_mtime_ns))
    return stamps


def _media_stamp(folder: Path) -> tuple[int, int]:
    """How many folders of media there are, and when the last one changed: photos that come late are seen."""
    times = [each.stat().st_mtime_ns for each in _folders_in(media.folder_of(folder / "x"))]
    return len(times), max(times, default=0)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
