"""What follows when changes of a log were taken, by whichever road they came."""

from __future__ import annotations

from sync.check import Stretch
from sync.replica import Replica, erasure, excerpt, state


def follow(hub: Replica, first: int, last: int, added: Stretch) -> list[str]:
    """After the changes with keys `first` to `last` were written, in the same transaction: drop the excerpts that
    they replace, destroy what they erase, mark the records whose rows are behind. Returns the media whose files are
    to be removed once the transaction is through."""
    excerpt.overtaken(hub.db, first, last)
    gone = erasure.note(hub.db, sorted(added.erases)) + erasure.again(hub.db, first, last)
    state.mark_stale(hub.db, first, last, later=bool(added.later))
    return gone
