"""Photos and recordings that somebody says there are: which of them are known here from then on."""

from __future__ import annotations

from collections.abc import Sequence

from sync.replica import Replica, erasure, media
from sync.transfer.rules import Rules


def note(hub: Replica, rows: Sequence[media.Row], rules: Rules) -> tuple[set[str], int]:
    """Make media known here, inside the caller's transaction and after the changes that came with them.

    What is known and does not come counts as missing. So of a sender who may not bring everything only those become
    known that a change here names; what went with an erased record never does. `(unwanted, new)`: the digests of
    what must not come (back), and how many were not known."""
    new = {row[0] for row in rows if media.type_of(hub.db, row[0]) is None}
    here = None if rules.believed else erasure.named(hub.db, new)
    unwanted = erasure.unwanted(hub.db, new, here)
    wanted = new - unwanted if here is None else here
    count = sum(media.note(hub.db, *row) for row in rows if row[0] in wanted)
    return unwanted, count
