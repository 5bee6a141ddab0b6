"""Saying again what was said of records that go by other names now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sync.change import ERASE, Header
from sync.names import change_key, replica_number
from sync.replica import Replica, erasure, log, state
from sync.replica.store import now


def repeat(hub: Replica, header: Header, payload: str, name: Callable[[str], str]) -> str:
    """Write again what a change said, as a change of this store, of the record and after the parents that `name` gives
    for theirs, inside a transaction. Returns the new change's name."""
    writer = hub.writer()
    number = log.next_number(hub.db, replica_number(writer))
    parents = tuple(sorted(map(name, header.parents)))
    again = replace(header, replica=writer, number=number, record=name(header.record), parents=parents)
    record = change_key(again.record)
    log.append(hub.db, replica_number(writer), record, again.encode(), payload, now())
    if header.kind == ERASE:
        erasure.note(hub.db, [record])
    state.refresh(hub.db, [record], hub.layout)
    return again.name
