"""What a merge did, file by file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sync.problems import Problem
from sync.transfer.rules import Taken

Span = tuple[int, int]
"""Keys of changes of one log, from the first to the last."""


@dataclass(slots=True)
class SourceReport:
    """What one file brought. `taken` and `already` count changes, `conflicts` those in the records it
    touched; `media` those that were not known here, `media_copied` the files that came, `media_missing` those
    that the source knows of and whose file is still not here.

    `problems` says what of it was set aside; nothing else of the file is missing. `notes` speak of what was
    taken: form versions that are not known here (HW-2018).

    `with_others`: of what it holds, what came with another file of the merge that was taken first, as `(path, changes,
    records that began)`. `undone`: the intakes that brought something of it and were taken back, each with the intake
    that did so.
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
    with_others: list[tuple[str, int, int]] = field(default_factory=list)
    undone: list[tuple[int, int]] = field(default_factory=list)
    held: list[Span] = field(default_factory=list, repr=False)  # what of its logs is here as it stands there
    gone: list[str] = field(default_factory=list, repr=False)  # media whose files are to be removed
    bare: set[int] = field(default_factory=set, repr=False)  # records of which a payload was not there

    def add(self, found: Taken) -> None:
        """Add what a log brought that was not taken as it stood."""
        self.taken += found.taken
        self.already += found.already
        self.unsigned += found.unsigned
        self.problems += found.problems
        self.notes += [note for note in found.notes if note not in self.notes]
        self.later += found.later
        self.gone += found.gone

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
            "with_others": [
                {"path": path, "changes": changes, "records": records}
                for path, changes, records in self.with_others
            ],
            "undone": [{"intake": intake, "undo": undo} for intake, undo in self.undone],
            "unsigned": self.unsigned,
            "problems": [problem.as_dict(lang) for problem in self.problems],
            "notes": [problem.as_dict(lang) for problem in self.notes],
        }


@dataclass(slots=True)
class MergeReport:
    """What a merge did, file by file. `notes` speak of the hub itself: that it goes on under a new name (HW-2079);
    `settled` counts the changes that were taken in under a branch's name, or moved there, at its end."""

    sources: list[SourceReport] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    settled: int = 0

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
        return {
            "taken": self.taken,
            "sources": [source.as_dict(lang) for source in self.sources],
            "notes": [note.as_dict(lang) for note in self.notes],
        }
