"""What one sync did, and whether all has arrived."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sync.problems import FORK, Problem


@dataclass(slots=True)
class SyncReport:
    """`sent` and `received` count changes in their logs, `carried` those of the sent ones that others made, `excerpts`
    changes that came by scope without them, `back` own changes whose answers came again, `left` the records that are
    not here any more.

    `made` is how many changes this replica has made, `there` up to which of them the hub has the same digest. Only
    when both are equal is all received. `set_back`: how many the hub has, when that is more than are here.
    `lacking` says of other logs here how many changes the hub still lacks. `problems` were not taken on one side or
    the other; `notes` speak of what was."""

    hub: str = ""
    sent: int = 0
    carried: int = 0
    received: int = 0
    excerpts: int = 0
    documents_sent: int = 0
    documents_received: int = 0
    media_sent: int = 0
    media_received: int = 0
    media_missing: int = 0
    back: int = 0
    left: list[str] = field(default_factory=list)
    made: int = 0
    there: int = 0
    set_back: int = 0
    renamed: bool = False
    lacking: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether the hub has all that this replica made."""
        return self.there == self.made and not self.set_back

    def add(self, problem: Problem) -> None:
        """Note a problem, once; of a log that went several ways only where they part."""
        name, _, number = problem.place.rpartition("-")
        same = [
            each
            for each in self.problems
            if problem.code == each.code == FORK and each.place.rpartition("-")[0] == name
        ]
        if any(int(each.place.rpartition("-")[2]) <= int(number) for each in same):
            return
        self.problems = [each for each in self.problems if each not in same]
        if all((each.code, each.place) != (problem.code, problem.place) for each in self.problems):
            self.problems.append(problem)

    def settled(self, replica: str) -> None:
        """Forget the forks of a log: they were mended meanwhile."""
        self.problems = [
            each for each in self.problems if each.code != FORK or each.place.partition("-")[0] != replica
        ]

    def note(self, problem: Problem) -> None:
        """Note what was taken with a remark, once."""
        if all((each.code, each.place) != (problem.code, problem.place) for each in self.notes):
            self.notes.append(problem)

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """JSON-ready."""
        return {
            "hub": self.hub,
            "complete": self.complete,
            "made": self.made,
            "there": self.there,
            "sent": self.sent,
            "carried": self.carried,
            "received": self.received,
            "excerpts": self.excerpts,
            "documents": {"sent": self.documents_sent, "received": self.documents_received},
            "media": {
                "sent": self.media_sent,
                "received": self.media_received,
                "missing": self.media_missing,
            },
            "back": self.back,
            "left": self.left,
            "set_back": self.set_back,
            "renamed": self.renamed,
            "lacking": self.lacking,
            "problems": [problem.as_dict(lang) for problem in self.problems],
            "notes": [problem.as_dict(lang) for problem in self.notes],
        }
