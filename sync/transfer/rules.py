"""What may be taken from a sender, what came of it, and what is said for it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from sync.branch import FORK_KIND, read_fork_document
from sync.change import Header, payload_matches
from sync.payload_shape import is_payload
from sync.problems import PAYLOAD_UNREADABLE, Problem
from sync.replica import Document, Replica, documents


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is committed here of a log: all up to `number`, where the chain's digest is `digest`; `at` ISO time of
    the arrival of that change, `safe` the highest number that a backup of this replica covers."""

    replica: str
    number: int
    digest: str
    at: str
    safe: int = 0

    def as_list(self) -> list[str]:
        """As it stands in an answer."""
        return [self.replica, str(self.number), self.digest, self.at, str(self.safe)]


@dataclass(slots=True)
class Taken:
    """What came. `taken` and `already` count changes, `excerpts` those without their log; `media` those that were not
    known, `stored` the files that came with them, `missing` those that did not; `logs` the replicas whose logs stood
    in it, `later` the key ranges that hold more than creations; `problems` what was set aside."""

    taken: int = 0
    already: int = 0
    created: int = 0
    documents: int = 0
    media: int = 0
    stored: int = 0
    missing: int = 0
    named: list[str] = field(default_factory=list)  # digests of the media that the sender knows of
    excerpts: int = 0
    logs: list[str] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    later: list[tuple[int, int]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    intake: int | None = None
    held: list[tuple[int, int]] = field(
        default_factory=list
    )  # keys of what a bundle holds and is here like it
    settled: list[Problem] = field(default_factory=list)  # of what was set aside, now or before, and is over


_GENERATIONS = 16  # of copies of copies


@dataclass(frozen=True, slots=True)
class Rules:
    """What a sender may bring. `offers`: kinds of documents (None: all). `logs`: replicas whose logs it may hand over
    (None: all). `unsigned`: also logs of replicas whose key is not known. `excerpts`: also changes without their
    log, which nothing proves. `local`: also documents that the sender makes for this replica alone. `judge` is asked,
    inside the transaction, for each new change, and says what stands against it; `accepts` for each document of a
    kind that is offered. What they refuse stays with the sender and is not set aside here. `proven`: whoever hands the
    logs over checked signatures, and that payloads are missing by right. `aside`: why every log that goes on here is
    set aside instead (its sender was reported lost)."""

    offers: Collection[str] | None = None
    logs: Collection[str] | None = None
    unsigned: bool = True
    judge: Callable[[Header], Problem | None] | None = None
    excerpts: bool = True
    local: bool = False
    accepts: Callable[[Document], bool] = lambda document: True
    proven: bool = False
    aside: Problem | None = None

    @property
    def believed(self) -> bool:
        """Whether the sender's word counts as a file's does: also for what nothing here bears out."""
        return self.judge is None

    def against(self, header: Header, payload: str | None) -> Problem | None:
        """What stands against a new change: what `judge` says, or that its payload, which is as the header names it, is
        none (HW-2026)."""
        found = self.judge(header) if self.judge else None
        if found is not None or payload is None or not payload_matches(header, payload):
            return found
        return None if is_payload(header.kind, payload) else Problem(PAYLOAD_UNREADABLE, header.name)

    def may_bring(self, hub: Replica, replica: str) -> bool:
        """Whether the log of a replica may be handed over: also one that a branch of an allowed one goes by."""
        for _ in range(_GENERATIONS):
            if self.logs is None or replica in self.logs:
                return True
            branch = documents.branch_named(hub.db, replica)
            if branch is None:
                return False
            replica = branch.replica
        return False

    def may_name(self, document: Document) -> bool:
        """Whether a document may be brought. That a branch goes by its own name may be said by whoever may hand over
        the log."""
        if self.offers is None or document.kind in self.offers:
            return True
        of_branch = document.kind == FORK_KIND and self.logs is not None
        return of_branch and read_fork_document(document.data).replica in (self.logs or ())
