"""What follows when changes of a log were taken, by whichever road they came."""

from __future__ import annotations

from collections.abc import Iterable

from sync.check import Stretch, erases_of, is_bare_by_right
from sync.names import NUMBER_BITS, NUMBER_MASK, replica_name
from sync.problems import RENEWED, Problem
from sync.replica import Replica, erasure, excerpt, identity, state
from sync.replica.identity import Renewal
from sync.replica.store import now


def follow(hub: Replica, first: int, last: int, added: Stretch, source: str) -> list[str]:
    """After the changes with keys `first` to `last` came from `source` and were written, in the same transaction: drop
    the excerpts that they replace, destroy what they erase, mark the records whose rows are behind. A store that was
    given more of its own log than it had does not write under that name again. Returns the media whose files are to
    be removed once the transaction is through."""
    if replica_name(first >> NUMBER_BITS) == hub.own_names()[0]:
        hub.outdate(identity.BEHIND, first & NUMBER_MASK, source)
    excerpt.overtaken(hub.db, first, last)
    gone = erasure.note(hub.db, sorted(added.erases)) + erasure.again(hub.db, first, last)
    state.mark_stale(hub.db, first, last, later=bool(added.later))
    return gone


def keep_proofs(hub: Replica, schema: str, records: Iterable[int]) -> list[str]:
    """After logs of an attached file were taken of which payloads of these records are not there, in the same
    transaction: where no erase of a record is here, those that stand in the file are kept as excerpts, so that the gap
    is proved here too. Returns the media whose files are to be removed once the transaction is through."""
    wanted = [record for record in records if not is_bare_by_right(hub.db, "main", record)]
    proofs = [erase for record in wanted for erase in erases_of(hub.db, schema, record)]
    if not proofs:
        return []
    proven = excerpt.put(hub.db, proofs, now())
    gone = erasure.note(hub.db, sorted(proven))
    state.refresh(hub.db, sorted(proven), hub.layout)
    return gone


def identity_of(hub: Replica) -> tuple[str, Renewal | None]:
    """The name of a store, and why it will not be used any more: to be asked before anything is taken."""
    return hub.own_names()[0], identity.pending(hub.db)


def new_name_noted(hub: Replica, before: tuple[str, Renewal | None]) -> list[Problem]:
    """HW-2079 when what was taken since shows that the store must go on under a new name, or it does already."""
    name, renewal = identity_of(hub)
    if name != before[0]:
        renewal = hub.former_names()[-1]
    if renewal is None or renewal == before[1]:
        return []
    return [Problem(RENEWED, renewal.name, {"name": renewal.name, "source": renewal.source})]
