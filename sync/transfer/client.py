"""A sync with a hub, over any road on which requests are answered: give what the hub lacks, take what it has for us,
let go of what is no longer ours. Can be cut anywhere and run again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from sync import keys
from sync.forks.phone import reaches
from sync.names import replica_name, replica_number
from sync.problems import KEY_NOT_HERE, OWN_PARTED, Problem, SyncError
from sync.replica import Replica, documents, leaving, log
from sync.transfer import files
from sync.transfer.giving import Giving
from sync.transfer.report import SyncReport
from sync.transfer.session import Progress, Talk
from sync.transfer.taking import pull
from sync.transfer.transport import Transport

ROUNDS = 4
"""Both sides go on writing while they talk: after so many rounds what came meanwhile waits for the next sync."""


def sync(
    replica: Replica,
    transport: Transport,
    key: keys.PrivateKey,
    *,
    progress: Progress = lambda what, done, of: None,
    busy: Callable[[str], bool] = lambda record: False,
    sleep: Callable[[float], object] = time.sleep,
    heard: Callable[[Mapping[str, Any]], object] = lambda answer: None,
    report: SyncReport | None = None,
) -> SyncReport:
    """Sync `replica`, whose private key is `key`, with the hub at the other end of `transport`.

    `busy(record)`: somebody here has begun an edit of that record, so it does not leave. `heard` is given the answer to
    each hello as it came, with what the hub says beyond the protocol. Raises HW-2052 when the hub
    cannot be reached after several tries, HW-2053 when it is none, HW-2051 for another version of the protocol,
    HW-2049 when `key` is not the replica's, and what the hub refuses as a whole. What was given and taken until then
    stays. A replica that gets a new name meanwhile (`renamed`) is to be enrolled under it and synced again, with the
    same `report`."""
    check_key(replica, key)
    talk = Talk(replica, transport, key, progress, sleep, heard, report or SyncReport())
    talk.greet()
    for _ in range(ROUNDS):
        given = Giving.of(talk).run()
        taken = pull(talk)
        if replica.name != talk.greeted_as:
            _note_parting(talk)
            talk.report.settled(talk.greeted_as)
            talk.report.renamed = True
            return talk.report
        if not (taken or given):
            break
        talk.greet()
    _leave(talk, busy)
    files.exchange(talk)
    talk.report.lacking = _lacking(talk)
    return talk.report


def _note_parting(talk: Talk) -> None:
    """Say that the own log went two ways, and what each is called from now on (HW-2110)."""
    replica, end = talk.replica, talk.own_end
    if talk.greeted_as not in talk.forked or end is None:
        return
    branches = documents.branches(replica.db, talk.greeted_as)
    own = (each.name for each in branches if reaches(replica, each, end.number, end.digest))
    branch, hub = next(own, talk.greeted_as), talk.greeting.hub
    talk.report.note(
        Problem(OWN_PARTED, talk.greeted_as, {"hub": hub, "branch": branch, "name": replica.name})
    )


def check_key(replica: Replica, key: keys.PrivateKey) -> None:
    """HW-2049 when the replica is known by another key."""
    known = documents.public_key(replica.db, replica.name)
    if known is not None and known != keys.public_text(key):
        raise SyncError(KEY_NOT_HERE, replica.name, replica=replica.name)


def _leave(talk: Talk, busy: Callable[[str], bool]) -> None:
    interest = talk.greeting.interest
    if interest is None:
        return
    safe = {name: there for name, there in talk.safe.items() if name not in talk.skip}
    left = leaving.leave(talk.replica, interest, safe, talk.greeting.hub, busy)
    talk.report.left = left.records


def _lacking(talk: Talk) -> dict[str, int]:
    """How many changes of other logs here the hub is not known to have."""
    found = {}
    for number, tip in log.tips(talk.replica.db).items():
        name = replica_name(number)
        missing = tip.number - talk.has.get(name, 0)
        if missing > 0 and number != replica_number(talk.replica.name):
            found[name] = missing
    return found
