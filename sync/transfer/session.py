"""One conversation with a hub: hello, tries that are repeated, and what is known of the other side meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sync import keys
from sync.names import NUMBER_MASK, replica_number
from sync.problems import (
    BAD_LINES,
    CUT_SHORT,
    HUB_SET_BACK,
    NOT_HOMEWARD,
    SET_BACK,
    UNREACHABLE,
    Problem,
    SyncError,
)
from sync.replica import Replica, log
from sync.transfer import hello, parting
from sync.transfer.give import ROOM
from sync.transfer.push import MOST
from sync.transfer.report import SyncReport
from sync.transfer.signing import sign_own
from sync.transfer.transport import Refused, Transport, Unreachable

T = TypeVar("T")
PAUSES = (1.0, 2.0, 5.0, 10.0)  # seconds before each further try
CUT = frozenset({BAD_LINES, CUT_SHORT, "HW-3011", "HW-3021"})
"""Refusals that speak of this one try: it came cut or garbled."""

Progress = Callable[[str, int, int], object]
"""What is going on (`push`, `pull`, `media`), done, of."""


@dataclass(slots=True)
class Talk:
    """What both sides of a sync in progress know. `skip`: logs of which nothing more is given or taken this time;
    `forked` those of them that disagree, `parted` after which number each of these is still given; `stepped` how far
    the own log is signed in steps; `greeted_as` the name that hello was said with and `own_end` the tip of its log
    then; `own_from`: the hub has changes of the own log after this one that are not here."""

    replica: Replica
    transport: Transport
    key: keys.PrivateKey
    progress: Progress = lambda what, done, of: None
    sleep: Callable[[float], object] = time.sleep
    heard: Callable[[Mapping[str, Any]], object] = lambda answer: None
    report: SyncReport = field(default_factory=SyncReport)
    skip: set[str] = field(default_factory=set)
    forked: set[str] = field(default_factory=set)
    parted: dict[str, int] = field(default_factory=dict)
    stepped: int = 0
    greeted_as: str = ""
    own_end: log.Tip | None = None
    own_from: int | None = None
    has: dict[str, int] = field(default_factory=dict)
    signed: dict[str, int] = field(default_factory=dict)
    safe: dict[str, int] = field(default_factory=dict)
    known: hello.Greeting | None = None

    @property
    def greeting(self) -> hello.Greeting:
        """The last answer to a hello."""
        if self.known is None:
            raise AssertionError("no hello yet")
        return self.known

    def again(self, call: Callable[[], T]) -> T:
        """The result of a request, tried again while it is the network's fault; HW-2052 when it stays so."""
        for pause in PAUSES:
            try:
                return call()
            except Unreachable:
                pass
            except Refused as refused:
                if not refused.later and refused.problem.code not in CUT:
                    raise
            self.sleep(pause)
        try:
            return call()
        except Unreachable as error:
            raise SyncError(UNREACHABLE, self.transport.place, reason=error) from error

    def greet(self) -> None:
        """Say hello: what the hub has from now on is what it says. The tip is signed first."""
        self.sign()
        self.greeted_as = self.replica.name
        self.own_end = log.tip(self.replica.db, replica_number(self.greeted_as))
        stated = hello.statement(self.replica)
        answer = self.again(lambda: self.transport.ask("hello", stated))
        try:
            self.known = hello.read(answer)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SyncError(NOT_HOMEWARD, self.transport.place, reason=repr(error)[:200]) from error
        self.heard(answer)
        hello.note(self.replica, self.known)
        # What was refused before is offered again: it may have waited for another log.
        self.skip = set(self.forked)
        self.report.hub = self.known.hub
        self.has = {name: there.number for name, there in self.known.logs.items()}
        self.signed = {name: there.signed for name, there in self.known.logs.items()}
        self.safe = {name: there.safe for name, there in self.known.logs.items()}
        for problem in hello.forks(self.replica, self.known, hello.read_logs(stated["logs"], "logs")):
            self.skip.add(problem.params["replica"])
            self.forked.add(problem.params["replica"])
            self.report.add(problem)
        self._part(answer)
        self._compare_own()
        self._complete()

    def _part(self, answer: Mapping[str, Any]) -> None:
        """What of logs that disagree is to be given all the same."""
        self.parted = {}
        for name in self.forked:
            there = self.greeting.logs.get(name)
            after = parting.to_give(self.replica, name, there, answer) if there else None
            if after is not None:
                self.parted[name] = after

    def _compare_own(self) -> None:
        """When the hub has more of our own log, or another text of it, this file was set back or copied: it is not
        written under this name again, and what the hub has of it is asked for."""
        name = self.replica.name
        there = self.greeting.logs.get(name)
        here = log.tip(self.replica.db, replica_number(name)).number
        self.report.set_back = there.number if there and there.number > here else 0
        self.own_from = None
        if there and name in self.forked:
            self.own_from = 0
            low = min(there.number, here)
            self.replica.compare_own(low, there.common, self.greeting.hub)
        elif there and self.report.set_back:
            self.own_from = here
            self.replica.compare_own(there.number, there.digest, self.greeting.hub)
            there_now, hub = str(there.number), self.greeting.hub
            self.report.note(Problem(SET_BACK, name, {"hub": hub, "there": there_now, "here": str(here)}))

    def sign(self) -> None:
        """Sign what was written since, so that it can be handed over."""
        known = max(self.stepped, self.has.get(self.replica.name, 0))
        self.stepped = sign_own(self.replica, self.key, known, MOST, ROOM)

    def _complete(self) -> None:
        """Compare what is there with what is here, under all names that this side has written under."""
        self.report.made = self.report.there = 0
        for name in (*self.replica.own_names(), *self.replica.own_branches()):
            tip = log.tip(self.replica.db, replica_number(name))
            there = self.greeting.logs.get(name)
            self.report.made += tip.number
            if there and name not in self.forked:
                self.report.there += min(there.number, tip.number)
        if self.greeting.set_back:
            known = log.tip(self.replica.db, replica_number(self.greeting.hub)).number
            there_now = str(self.has.get(self.greeting.hub, 0))
            self.report.note(
                Problem(HUB_SET_BACK, self.greeting.hub, {"there": there_now, "here": str(known)})
            )

    def lacks(self) -> dict[str, int]:
        """What the hub has of each log, as far as this side gives it: of one that is passed over, everything."""
        return {**self.has, **dict.fromkeys(self.skip, NUMBER_MASK)}
