"""Sync of a device over any request and answer: JSON-ready dicts in and out, no HTTP. See
`docs/sync-protocol.md`.

Every call is idempotent. The hub states what it has; a device's own notes are never trusted for that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync import canonical, keys
from sync.change import CONTENT, PAYLOAD_LIMIT, Header
from sync.forks import known as known_here
from sync.forks import phone, settle
from sync.names import change_key
from sync.offer import Offer, number_of, read_offer, replica_of, text_of
from sync.payload_shape import is_shaped
from sync.problems import (
    BAD_SIGNATURE,
    CHAIN_BROKEN,
    FORK,
    GAP,
    KIND_REFUSED,
    OTHER_KEY,
    PAYLOAD_CHANGED,
    PAYLOAD_UNREADABLE,
    RECORD_REFUSED,
    RECORD_TOO_LARGE,
    UNKNOWN_FORM,
    Problem,
    SyncError,
)
from sync.replica import Document, Replica, documents, erasure, excerpt, log, state
from sync.replica.store import now

FROM_DEVICES = frozenset(
    {documents.FORM, documents.XFORM, keys.KEY_KIND}
)  # the hub alone hands out the others

May = Callable[[Header], bool]
"""Whether the sender may make this change of a record that its own device did not create."""


def hello(hub: Replica, request: Mapping[str, Any], *, lang: str = "en") -> dict[str, Any]:
    """What the hub has of the device's log.

    Request `{"replica", "number", "digest"}`: the device's own tip. Answer `{"hub", "has", "digest"}`:
    highest number here and the digest there, both text; when `has` is higher than the device's number the
    device was set back and needs a new identity. Where copies of the device went on under one name, `branches`
    says `[has, digest]` of each that goes by a name of its own; when the logs are known to disagree,
    `"problem"` (HW-2011), `"agree"`, digests here `[number, digest]` at which to look for the change where they
    part, and `"kept"`, up to where parts of copies are set aside: what follows is kept when it is sent."""
    name, number, digest = (text_of(request, key) for key in ("replica", "number", "digest"))
    replica = replica_of(name)
    tip = log.tip(hub.db, replica)
    answer: dict[str, Any] = {"hub": hub.name, "has": str(tip.number), "digest": tip.digest}
    known = number_of(number)
    branches = phone.branches(hub, name)
    if branches:
        answer["branches"] = [[str(has), there] for has, there in branches]
    if phone.disagrees(hub, name, known, digest):
        answer["agree"] = [[str(at), there] for at, there in log.blocks(hub.db, replica)]
        answer["kept"] = [[str(at), there] for at, there in known_here.set_aside(hub, name)]
        problem = SyncError(FORK, f"{name}-{known}", replica=name, count=0).problem
        answer["problem"] = problem.as_dict(lang)
    return answer


def receive(
    hub: Replica,
    request: Mapping[str, Any],
    device: str,
    *,
    kinds: Collection[str] = CONTENT,
    offers: Collection[str] = FROM_DEVICES,
    may: May = lambda header: True,
    lang: str = "en",
) -> dict[str, Any]:
    """Take changes of the device's own log, in one transaction.

    Request `{"replica", "changes": [[header, payload], …], "tip": [replica, number, digest], "signature",
    "documents"?}`: changes without a gap, the tip being the last of them, the signature over it. `device` is
    the replica that the sender may speak for, `kinds` what it may do, `offers` the kinds of document that it
    may bring. `may` is asked, inside the transaction, for each new change of a record that began elsewhere.

    Answer `{"receipts": [[change, header_sha, payload_sha, at], …], "refused": [{"change", "problem"}],
    "notes": [the same]}`. A receipt stands for what is committed, now or before. What is neither receipted
    nor refused waits for the refused one before it. `notes` speak of changes that were taken. Raises
    `SyncError` (HW-2010, HW-2012, HW-2013, HW-2019, HW-2020) when nothing of the request can be taken."""
    offer = read_offer(request, device, offers)
    with hub.transaction():
        for document in offer.documents:
            _take_document(hub, document)
        result = _take(hub, offer, kinds, may)
        settle.arrived(hub, offer.number)
    erasure.forget_files(hub.media_folder, result.gone)
    receipts = [
        [header.name, canonical.sha(text), header.payload_sha, log.arrived_at(hub.db, key)]
        for key, header, text in result.here
    ]
    return {
        "receipts": receipts,
        "refused": _told(result.refused, lang),
        "notes": _told(result.notes, lang),
    }


def is_free(hub: Replica, name: str, public: str) -> bool:
    """Whether a device with this public key may go by this name: nobody else does, as far as is known here.

    Not the hub's own name, not one with another key, and not one without a key whose changes are here."""
    if name == hub.name:
        return False
    known = documents.public_key(hub.db, name)
    return known == public if known is not None else not log.tip(hub.db, replica_of(name)).number


def _told(found: Sequence[tuple[str, Problem]], lang: str) -> list[dict[str, Any]]:
    return [{"change": name, "problem": problem.as_dict(lang)} for name, problem in found]


@dataclass(slots=True)
class _Result:
    here: list[tuple[int, Header, str]] = field(default_factory=list)
    refused: list[tuple[str, Problem]] = field(default_factory=list)
    notes: list[tuple[str, Problem]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)  # media that went with an erased record


def _take(hub: Replica, offer: Offer, kinds: Collection[str], may: May) -> _Result:
    result = _Result()
    if not offer.headers:
        return result
    tip = log.tip(hub.db, offer.number)
    if phone.parted(hub, offer.replica) and _elsewhere(hub, offer, kinds, may, result):
        return result
    known = [n for n, header in enumerate(offer.headers) if header.number <= tip.number]
    for place in known:
        if not _same(hub, offer, place, result):
            _keep_apart(hub, offer, place, kinds, may, result)
            return result
    fresh = offer.headers[len(known) :]
    if fresh and fresh[0].number != tip.number + 1:
        missing = f"{offer.replica}-{tip.number + 1}"
        result.refused.append((fresh[0].name, Problem(GAP, missing, {"found": fresh[0].name})))
        return result
    texts = offer.texts[len(known) :]
    last = offer.headers[-1].number
    digest = (
        log.extend(hub.db, offer.number, tip, [header for header, _ in texts])[0]
        if fresh
        else log.digest_at(hub.db, offer.number, last)
    )
    if digest != offer.digest:
        raise SyncError(CHAIN_BROKEN, f"{offer.replica}-{last}")
    _check_signature(hub, offer, last)
    if not fresh and offer.signature and last > tip.signed:
        log.advance(hub.db, log.Tip(tip.replica, tip.number, tip.digest, last, offer.signature), [])
    accepted = _acceptable(hub, fresh, texts, kinds, may, result)
    _append(hub, offer, tip, fresh[:accepted], texts[:accepted], result)
    return result


def _same(hub: Replica, offer: Offer, place: int, result: _Result) -> bool:
    """Whether a change that is here already is the same one."""
    header, text = offer.headers[place], offer.texts[place][0]
    key = offer.number << 24 | header.number
    row = log.one(hub.db, key)
    if row is None or row[2] != text:
        return False
    result.here.append((key, header, text))
    return True


def _keep_apart(
    hub: Replica, offer: Offer, place: int, kinds: Collection[str], may: May, result: _Result
) -> None:
    """A fork: what was sent is kept aside from the change on that differs."""
    header, last = offer.headers[place], offer.headers[-1].number
    with phone.strand(
        hub, offer.headers[place:], offer.texts[place:], offer.digest, offer.signature
    ) as strand:
        problem = phone.fork(offer.replica, header.number, last).problem
        _keep(hub, strand, problem, offer.headers[place:], kinds, may, result)


def _keep(
    hub: Replica,
    strand: phone.Strand,
    problem: Problem,
    headers: Sequence[Header],
    kinds: Collection[str],
    may: May,
    result: _Result,
) -> None:
    """Refuse changes for `problem` and keep them, unless one of them is not this sender's to make: what is kept is
    taken later without asking who sent it."""
    for header in headers:
        against = _against(header, kinds, may)
        if against is not None:
            result.refused.append((header.name, against))
            return
    result.refused.append((headers[0].name, phone.keep(hub, strand, problem)))


def _elsewhere(hub: Replica, offer: Offer, kinds: Collection[str], may: May, result: _Result) -> bool:
    """Whether the changes are of a branch: taken under its own name, or kept with what is set aside of it."""
    with phone.strand(hub, offer.headers, offer.texts, offer.digest, offer.signature) as strand:
        branch = phone.declared(hub, strand)
        if branch is not None:
            if _acceptable(hub, offer.headers, offer.texts, kinds, may, result) < len(offer.headers):
                return True
            taken = phone.deliver(hub, strand, branch)
            result.gone += taken.gone
            if taken.problems:
                result.refused.append((offer.headers[0].name, taken.problems[0]))
            else:
                keys_ = [change_key(branch.issued(header.name)) for header in offer.headers]
                result.here += zip(keys_, offer.headers, [text for text, _ in offer.texts], strict=True)
            return True
        if phone.continued(hub, strand) is None:
            return False
        aside = phone.fork(offer.replica, strand.first, strand.last).problem
        _keep(hub, strand, aside, offer.headers, kinds, may, result)
        return True


def _acceptable(
    hub: Replica,
    fresh: Sequence[Header],
    texts: Sequence[tuple[str, str]],
    kinds: Collection[str],
    may: May,
    result: _Result,
) -> int:
    """How many of the new changes can be taken: all before the first that is refused."""
    for place, (header, (_, payload)) in enumerate(zip(fresh, texts, strict=True)):
        problem = _fault(header, payload) or _against(header, kinds, may)
        if problem:
            result.refused.append((header.name, problem))
            return place
        if header.kind in CONTENT and hub.layout(header.form) is None:
            result.notes.append((header.name, Problem(UNKNOWN_FORM, header.form)))
    return len(fresh)


def against(offer: Offer, places: Iterable[int], may: May) -> tuple[str, Problem] | None:
    """The first of these changes that the device could not have brought, and why; None when there is none."""
    for place in places:
        header, (_, payload) = offer.headers[place], offer.texts[place]
        problem = _fault(header, payload) or _against(header, CONTENT, may)
        if problem is not None:
            return header.name, problem
    return None


def _against(header: Header, kinds: Collection[str], may: May) -> Problem | None:
    """Why a change is not this sender's to make; None when it is."""
    if header.kind not in kinds:
        return Problem(KIND_REFUSED, header.name, {"kind": header.kind})
    if not header.record.startswith(f"{header.replica}-") and not may(header):
        return Problem(RECORD_REFUSED, header.name, {"record": header.record})
    return None


def _fault(header: Header, payload: str) -> Problem | None:
    size = len(payload.encode("utf-8", "surrogatepass"))
    if size > PAYLOAD_LIMIT:
        return Problem(RECORD_TOO_LARGE, header.name, {"size": str(size), "limit": str(PAYLOAD_LIMIT)})
    try:
        members = canonical.decode(payload)
    except (ValueError, RecursionError):
        return Problem(PAYLOAD_UNREADABLE, header.name)
    if canonical.sha(payload) != header.payload_sha:
        return Problem(PAYLOAD_CHANGED, header.name)
    return None if is_shaped(header.kind, members) else Problem(PAYLOAD_UNREADABLE, header.name)


def _append(
    hub: Replica,
    offer: Offer,
    tip: log.Tip,
    headers: Sequence[Header],
    texts: Sequence[tuple[str, str]],
    result: _Result,
) -> None:
    if not headers:
        return
    base = offer.number << 24
    records = [None if header.creates else change_key(header.record) for header in headers]
    hub.db.executemany(
        "INSERT INTO change (id, record, header, payload) VALUES (?, ?, ?, ?)",
        [(base | h.number, r, *t) for h, r, t in zip(headers, records, texts, strict=True)],
    )
    digest, blocks = log.extend(hub.db, offer.number, tip, [header for header, _ in texts])
    last = headers[-1].number
    whole = offer.signature and last == offer.headers[-1].number
    signed = (last, offer.signature) if whole else (tip.signed, tip.signature)
    log.advance(hub.db, log.Tip(offer.number, last, digest, *signed), blocks)
    log.arrive(hub.db, offer.number, headers[0].number, last, now())
    excerpt.overtaken(hub.db, base | headers[0].number, base | last)
    result.gone = erasure.again(hub.db, base | headers[0].number, base | last)
    late = {base | h.number for h in headers if h.creates and state.has_row(hub.db, base | h.number)}
    state.refresh(hub.db, {record for record in records if record is not None} | late, hub.layout)
    result.here += [(base | h.number, h, t[0]) for h, t in zip(headers, texts, strict=True)]


def _check_signature(hub: Replica, offer: Offer, last: int) -> None:
    public = documents.public_key(hub.db, offer.replica)
    if public is None and not offer.signature:
        return  # a device that never had a key: whoever carries the request says who it is
    if public is None or not keys.verify(
        public, keys.tip_text(offer.replica, last, offer.digest), offer.signature
    ):
        raise SyncError(BAD_SIGNATURE, offer.replica)


def _take_document(hub: Replica, document: Document) -> None:
    if document.kind == keys.KEY_KIND:
        known = documents.public_key(hub.db, document.name)
        if known is not None and known != keys.read_key_document(document.data)[1]:
            raise SyncError(OTHER_KEY, document.name)
    documents.insert(hub.db, document)
