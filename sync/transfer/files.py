"""Photos and recordings in a sync: apart from the changes, and after them. One that is missing, or does not go over,
holds up nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from typing import Any

from sync.problems import (
    BAD_PIECE,
    BAD_REQUEST,
    MEDIA_CHANGED,
    MEDIUM_REFUSED,
    PART_ENDS_ELSEWHERE,
    Problem,
    SyncError,
)
from sync.replica import Replica, erasure, leaving, media
from sync.replica.parts import Held
from sync.transfer import announced, give
from sync.transfer.rules import Rules
from sync.transfer.session import Talk
from sync.transfer.transport import Refused

MOST = 1_000  # media that one request may name
PIECE = 1 << 20  # bytes sent at once: what a cut costs
ABILITY = "media-offsets"
NOT_FOR_US = "HW-3421"

Row = tuple[str, str, int, str]  # sha256, type, size, added


def offered(hub: Replica, value: Any, rules: Rules) -> list[str]:
    """Take note of media that a caller has files of (`[[sha256, type, size, added], …]`), as far as its word goes, and
    say of which the file is not here. HW-2020 for anything else. What went with an erased record is not wanted."""
    if not isinstance(value, list) or len(value) > MOST:
        raise SyncError(BAD_REQUEST, "media")
    rows = [_row(each) for each in value]
    with hub.transaction():
        unwanted, _ = announced.note(hub, rows, rules)
    return [row[0] for row in rows if row[0] not in unwanted and not hub.media_received(row[0]).complete]


def _row(value: Any) -> Row:
    row = tuple(value) if isinstance(value, list) else ()
    if len(row) != 4 or not media.sound(row):
        raise SyncError(BAD_REQUEST, "media")
    return row


def exchange(talk: Talk) -> None:
    """Send the files that the hub lacks, fetch those that are missing here, and let go of those whose records left;
    nothing with a hub that does not say it can."""
    if ABILITY in talk.greeting.abilities:
        there = _send(talk, _to_offer(talk))
        leaving.media_left(talk.replica, there)
        _fetch(talk)
    talk.report.media_missing = len(talk.replica.media_missing())


def _to_offer(talk: Talk) -> list[Row]:
    """Media whose files are here, as far as the hub may lack them."""
    replica, greeting = talk.replica, talk.greeting
    rows = [row for row in media.rows(replica.db) if replica.media(row[0]).exists()]
    if greeting.media is None:  # what a draft shows stays here until it is a record
        wanted = {row[0] for row in rows}
        named = erasure.named(replica.db, wanted) | set(leaving.media_waiting(replica.db))
        return [row for row in rows if row[0] in named]
    if greeting.media_missing:
        return rows
    ours = give.media_digests(replica)
    differ = {first for first, digest in ours.items() if greeting.media.get(first) != digest}
    return [row for row in rows if row[0][:2] in differ]


def _send(talk: Talk, rows: Sequence[Row]) -> set[str]:
    """Send what of these the hub lacks; those that it has then."""
    there: set[str] = set()
    lacking: list[Row] = []
    for start in range(0, len(rows), MOST):
        part = rows[start : start + MOST]
        body = {"media": [list(row) for row in part]}
        answer = talk.again(partial(talk.transport.ask, "media", body))
        wanted = {str(each) for each in answer.get("lacking") or ()}
        there.update(row[0] for row in part if row[0] not in wanted)
        lacking += [row for row in part if row[0] in wanted]
    for number, row in enumerate(lacking):
        talk.progress("media", number, len(lacking))
        if _try(talk, row, _send_one):
            there.add(row[0])
            talk.report.media_sent += 1
    return there


def _try(talk: Talk, row: Row, what: Callable[[Talk, Row], bool]) -> bool:
    """Whether one file went over; why not stands in the report."""
    digest = row[0]
    try:
        return what(talk, row)
    except Refused as refused:
        if refused.problem.code != NOT_FOR_US:
            reason = f"{refused.problem.code} {refused.problem.as_dict()['message']}"
            talk.report.add(Problem(MEDIUM_REFUSED, digest, {"reason": reason}))
    except SyncError as error:
        if error.problem.code not in (MEDIA_CHANGED, BAD_PIECE, PART_ENDS_ELSEWHERE):
            raise
        talk.report.add(Problem(MEDIUM_REFUSED, digest, {"reason": error.problem.code}))
    except OSError as error:  # this computer's file
        talk.report.add(Problem(MEDIUM_REFUSED, digest, {"reason": str(error.strerror or error)}))
    return False


def _send_one(talk: Talk, row: Row) -> bool:
    """Send a file from where the hub's ends; True when the hub has it whole."""
    digest, media_type, size, _ = row
    ask = partial(talk.transport.held, digest)
    held = talk.again(ask)
    again = True
    with talk.replica.media(digest).open("rb") as file:
        while not held.complete:
            file.seek(held.size)
            send = partial(talk.transport.send_piece, digest, held.size, size, media_type, file.read(PIECE))
            try:
                held = talk.again(send)
            except Refused as refused:
                if refused.problem.code == MEDIA_CHANGED and again:
                    again = False  # another sender's beginning was wrong, and is gone now
                elif refused.problem.code != PART_ENDS_ELSEWHERE:
                    raise
                held = talk.again(ask)
    return True


def _fetch(talk: Talk) -> None:
    """Fetch what is known here and not there."""
    missing = set(talk.replica.media_missing())
    rows = [row for row in media.rows(talk.replica.db) if row[0] in missing]
    for number, row in enumerate(rows):
        talk.progress("media", number, len(rows))
        if _try(talk, row, _fetch_one):
            talk.report.media_received += 1


def _fetch_one(talk: Talk, row: Row) -> bool:
    digest, media_type, size, _ = row

    def once() -> Held:
        held = talk.replica.media_received(digest)
        if held.complete:
            return held
        if held.size >= size:  # all of it came, and the proof did not
            return talk.replica.append_media(digest, held.size, BytesIO(), size, media_type)
        with talk.transport.fetch(digest, held.size) as source:
            return talk.replica.append_media(digest, held.size, source, size, media_type)

    return talk.again(once).complete
