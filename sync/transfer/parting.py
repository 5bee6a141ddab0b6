"""Logs of which both sides hold something else under the same numbers: copies of one store that went on. What one side
has of such a log is given to the other all the same: it is set aside there whole, so that it can be mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.forks import known
from sync.names import replica_name, replica_number
from sync.problems import FORK, Problem
from sync.replica import Replica, log
from sync.transfer.give import ROOM, Lack, batch
from sync.transfer.hello import Has, There, common_digest
from sync.transfer.push import MOST


def parted(hub: Replica, theirs: Mapping[str, Has]) -> dict[str, list[list[str]]]:
    """For each log that is known here to have gone several ways: `[[number, digest], …]`, how far each is here; an
    empty list where the caller's is here as far as it has it."""
    tips, several, ends = log.tips(hub.db), known.several(hub), {}
    for name, has in theirs.items():
        tip = tips.get(replica_number(name))
        differs = tip is not None and has.number <= tip.number and common_digest(hub, tip, has) != has.digest
        if has.number and (differs or name in several):
            ends[name] = (has.number, has.digest)
    lacking = known.lacks(hub, ends) if ends else {}
    return {name: [[str(number), digest] for number, digest in lacking.get(name, [])] for name in ends}


def to_give(replica: Replica, name: str, there: There, answer: Mapping[str, Any]) -> int | None:
    """After which number a log that went another way at the hub is given to it; None when it has all of it."""
    ends = answer.get("parted", {}).get(name)
    if ends == []:
        return None
    reached = ends or [[str(there.number), there.digest]]
    return known.common(replica, name, [(int(number), str(digest)) for number, digest in reached])


def next_of(replica: Replica, name: str, after: int) -> Lack | None:
    """The next stretch of such a log after a number; None when there is no more that can be handed over."""
    others = {replica_name(number): tip.number for number, tip in log.tips(replica.db).items()}
    found = batch(replica, {**others, name: after}, MOST, ROOM)
    return found[0] if found else None


def to_ask(replica: Replica, name: str, there: There) -> Has | None:
    """What is said to be here of a log that goes another way at the hub, so that it gives what follows; None when all
    of it is here."""
    missing = known.lacks(replica, {name: (there.number, there.digest)})
    if name not in missing:
        return None
    ends = [end for end in known.set_aside(replica, name) if end[0] < there.number]
    return Has(*max(ends, default=(0, "")), there.signed)


def agrees(hub: Replica, name: str, has: Has) -> bool:
    """Whether what a caller says to have of a log can be what is here: not when the digest there is another."""
    replica = replica_number(name)
    if not has.digest or not 0 < has.number <= log.tip(hub.db, replica).number:
        return True
    return log.digest_at(hub.db, replica, has.number) == has.digest


def expected(problem: Problem, name: str) -> bool:
    """Whether a problem only says that the log was set aside, as it must be."""
    return problem.code == FORK and problem.place.startswith(f"{name}-")
