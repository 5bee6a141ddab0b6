"""Pulling: what is asked, and the batch that answers it (`docs/sync-protocol.md`, "pull")."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from sync.change import Header, read_header
from sync.interest import Interest
from sync.names import NUMBER_BITS, change_key, replica_number
from sync.problems import BAD_REQUEST, SyncError
from sync.replica import Document, Replica, erasure, log
from sync.transfer import give, parting
from sync.transfer.give import ROOM, DocumentKey
from sync.transfer.hello import ON_ONE_PAGE, Has, read_logs
from sync.transfer.lines import Medium, Pairs, Writer
from sync.transfer.push import MOST, Batch, fill

EXCERPTS = 1_000  # changes without their logs in one answer, about
KEYS = 2_000  # documents, or changes to be given back, that one request may name

Make = Callable[[Mapping[str, str]], Iterable[Document]]
"""Documents for one caller alone, of which it does not have the version with this id already (name → id)."""


@dataclass(slots=True)
class Request:
    """What a caller asks. `logs` what it has of each log; `documents` keys that it wants; `media` the digests of what
    it knows; `cursor` how far it read what concerns it; `back` own changes whose answers it let go; `entities` its
    version of each list that is made for it (None: not asked)."""

    logs: dict[str, Has] = field(default_factory=dict)
    documents: list[DocumentKey] = field(default_factory=list)
    media: dict[str, str] | None = None
    cursor: str = ""
    back: list[str] = field(default_factory=list)
    entities: dict[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """As it travels."""
        return {
            "logs": [[name, str(h.number), h.digest, str(h.signed)] for name, h in self.logs.items()],
            "documents": [list(key) for key in self.documents],
            "media": self.media,
            "cursor": self.cursor,
            "back": self.back,
            "entities": self.entities,
        }


def read_request(value: Mapping[str, Any]) -> Request:
    """A request as it came; HW-2020 with the member that is malformed."""
    cursor = value.get("cursor", "")
    if not isinstance(cursor, str) or len(cursor) > 200:
        raise SyncError(BAD_REQUEST, "cursor")
    documents = [tuple(key) for key in _list(value, "documents") if _texts(key, 4, "documents")]
    back = _list(value, "back")
    if not all(isinstance(name, str) for name in back):
        raise SyncError(BAD_REQUEST, "back")
    return Request(
        read_logs(value.get("logs", []), "logs"),
        documents,
        _map(value, "media"),
        cursor,
        back,
        _map(value, "entities"),
    )


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name, [])
    if not isinstance(found, list) or len(found) > KEYS:
        raise SyncError(BAD_REQUEST, name)
    return found


def _texts(value: Any, length: int, name: str) -> bool:
    if (
        not isinstance(value, list)
        or len(value) != length
        or not all(isinstance(each, str) for each in value)
    ):
        raise SyncError(BAD_REQUEST, name)
    return True


def _map(value: Mapping[str, Any], name: str) -> dict[str, str] | None:
    found = value.get(name)
    if found is None:
        return None
    if (
        not isinstance(found, dict)
        or len(found) > ON_ONE_PAGE
        or not all(isinstance(each, str) for each in found.values())
    ):
        raise SyncError(BAD_REQUEST, name)
    return found


@dataclass(frozen=True, slots=True)
class Handed:
    """What an answer says of itself: the cursor for the next call, and whether there is more to be asked for."""

    cursor: str
    more: bool


def hand_over(
    hub: Replica,
    request: Request,
    names: Sequence[str],
    interest: Interest | None,
    out: BinaryIO,
    make: Make,
) -> Handed:
    """Write the answer for a caller with these `names`, its own and those that it had before: whole logs for whoever is
    given everything (`interest` None), else documents and changes by scope, and of its own log what it names.

    `out` must be a file: while it is written nobody else can commit."""
    made = [] if interest is None or request.entities is None else list(make(request.entities))
    writer = Writer(out.write)
    with hub.reading():
        if interest is None:
            handed = _everything(hub, request, writer)
        else:
            handed = _by_scope(hub, request, names, interest, writer, made)
    writer.end()
    return handed


def _documents(hub: Replica, request: Request, interest: Interest | None) -> tuple[list[Document], int, bool]:
    """Documents that are wanted, the room that they leave, and whether others are left for the next call."""
    scopes = None if interest is None else interest.scopes
    wanted = set(request.documents).intersection(give.document_keys(hub, scopes))
    found, room = fill(give.documents_lacking(hub, wanted), ROOM)
    return found, room, len(found) < len(wanted)


def _everything(hub: Replica, request: Request, writer: Writer) -> Handed:
    batch = Batch()
    batch.documents, room, more = _documents(hub, request, None)
    if not more:
        if request.media is not None:
            batch.media = list(media_lacking(hub, request.media))
        has = {n: h.number if parting.agrees(hub, n, h) else 0 for n, h in request.logs.items()}
        batch.signatures = give.signatures(hub, {n: (h.number, h.signed) for n, h in request.logs.items()})
        batch.stretches = give.batch(hub, has, MOST, room)
    batch.write(hub, writer)
    return Handed("", more or bool(batch.stretches))


def media_lacking(replica: Replica, theirs: Mapping[str, str]) -> Iterator[Medium]:
    """Media known here that the other side may not know, by what it says of the media that it knows."""
    ours = give.media_digests(replica)
    return give.media_known(replica, {first for first, each in ours.items() if theirs.get(first) != each})


def _by_scope(
    hub: Replica,
    request: Request,
    names: Sequence[str],
    interest: Interest,
    writer: Writer,
    made: list[Document],
) -> Handed:
    batch, caller = Batch(), names[0]
    wanted, room, more = _documents(hub, request, interest)
    batch.documents = [*wanted, *made]
    own = request.logs.get(caller)
    if own is not None and not more:  # a device that was set back is given its own log again
        batch.signatures = give.signatures(hub, {caller: (own.number, own.signed)})
        batch.stretches = [
            lack for lack in give.lacking(hub, {caller: own.number}, MOST) if lack.replica == caller
        ]
        more = bool(batch.stretches)
    if more:
        batch.write(hub, writer)
        return Handed(request.cursor, True)
    changes, cursor, more = give.concerning(hub, interest, request.cursor, caller, EXCERPTS, room)
    pairs: Pairs = [(text, payload) for _, text, payload in changes]
    pairs += _given_back(hub, request.back, names, interest, ROOM)
    batch.media = list(_named_media(hub, pairs))
    batch.write(hub, writer)
    if pairs:
        writer.excerpts(pairs)
    return Handed(cursor, more)


def _given_back(
    hub: Replica, wanted: Iterable[str], names: Iterable[str], interest: Interest, room: int
) -> Pairs:
    """Changes of the caller's own logs whose record concerns it again, as far as there is room."""
    own = {replica_number(name) for name in names}
    found: Pairs = []
    for name in wanted:
        key = change_key(name)
        row = log.one(hub.db, key)
        if row is None or key >> NUMBER_BITS not in own or row[3] is None:
            continue
        header: Header = read_header(row[2])
        if not interest.has_left(hub.state(header.record).scopes):
            found.append((row[2], row[3]))
            room -= len(row[3])
        if room <= 0:
            break
    return found


def _named_media(hub: Replica, pairs: Pairs) -> Iterator[Medium]:
    named: set[str] = set()
    for _, payload in pairs:
        if payload:
            named |= erasure.named_in(payload)
    for digest in sorted(named):
        row = hub.db.execute(
            "SELECT sha256, type, size, added FROM media WHERE sha256 = ?", (digest,)
        ).fetchone()
        if row:
            yield Medium(*row)
