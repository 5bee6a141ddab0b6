"""Signing the own log before it is handed over, in steps, so that each batch of it ends with a signature."""

from __future__ import annotations

from sync import keys
from sync.names import NUMBER_BITS, replica_number
from sync.replica import Replica, documents, log
from sync.transfer.give import fitting


def sign_own(replica: Replica, key: keys.PrivateKey, known: int, most: int, room: int) -> int:
    """Sign the tip of the own log, and of what lies after change `known` about every `most` changes or `room`
    characters; the number of the tip. Writes only where there is something to sign; puts the public key among the
    documents."""
    number = replica_number(replica.name)
    tip = log.tip(replica.db, number)
    if tip.signed < tip.number or documents.public_key(replica.db, replica.name) is None:
        replica.sign_tip(key)
    for end in _unsigned_steps(replica, number, known, tip.number, most, room):
        digest = log.digest_at(replica.db, number, end)
        with replica.transaction():
            replica.db.execute(
                "INSERT OR IGNORE INTO signature (id, text) VALUES (?, ?)",
                (number << NUMBER_BITS | end, keys.sign(key, keys.tip_text(replica.name, end, digest))),
            )
    return tip.number


def _unsigned_steps(replica: Replica, number: int, known: int, tip: int, most: int, room: int) -> list[int]:
    base, found = number << NUMBER_BITS, []
    released = replica.db.execute(
        "SELECT min(id) FROM released WHERE id BETWEEN ? AND ?", (base | known + 1, base | tip)
    ).fetchone()[0]
    end = tip if released is None else int(released) - base - 1  # what follows cannot be handed over
    while known < end:
        count, _ = fitting(replica, number, known, min(most, end - known), room)
        signed = replica.db.execute(
            "SELECT max(id) FROM signature WHERE id BETWEEN ? AND ?", (base | known + 1, base | known + count)
        ).fetchone()[0]
        if signed is None and known + count < tip:
            found.append(known + count)
        known = known + count if signed is None else int(signed) - base
    return found
