"""What a device sends after it was reported lost: checked like anything that it sends, and kept apart. Nothing of it
enters the log until somebody releases it; nothing of it is dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync import keys, protocol
from sync.forks.arrive import strand_of
from sync.names import change_key, replica_number
from sync.offer import Offer, read_offer
from sync.problems import BAD_SIGNATURE, CHAIN_BROKEN, GAP, REPORTED_LOST, Problem, SyncError
from sync.replica import Replica, documents, log, quarantine
from sync.replica.quarantine import Claim, Kept, Quarantined
from sync.replica.store import now


def greet(hub: Replica, request: Mapping[str, Any], *, lang: str = "en") -> dict[str, Any]:
    """The answer to the device's `hello`: as `sync.protocol.hello`, with `problem` HW-2115, in `agree` how far its log
    is here, and in `kept` how far what it sent since is kept."""
    answer = protocol.hello(hub, request, lang=lang)
    if "problem" in answer:
        return answer
    answer["problem"] = _problem(str(request.get("replica"))).as_dict(lang)
    answer["agree"] = [[answer["has"], answer["digest"]]]
    entry = _aside(hub, str(request.get("replica")))
    answer["kept"] = [[str(entry.last), entry.digest]] if entry else []
    return answer


def receive(
    hub: Replica, request: Mapping[str, Any], device: str, *, may: protocol.May, lang: str = "en"
) -> dict[str, Any]:
    """Keeps changes of the device's own log apart, in one transaction. Request and answer as of
    `sync.protocol.receive`, without receipts: what is kept is refused with HW-2115.

    Raises `SyncError` HW-2010, HW-2012, HW-2020 when nothing of it can be kept."""
    offer = read_offer(request, device, (keys.KEY_KIND,))
    with hub.transaction():
        refused = _keep(hub, offer, may)
    return {
        "receipts": [],
        "refused": [{"change": name, "problem": problem.as_dict(lang)} for name, problem in refused],
        "notes": [],
    }


def weight(hub: Replica, device: str) -> int:
    """Characters of what is kept of a device that was reported lost."""
    entry = _aside(hub, device)
    return quarantine.weight(hub.db, entry.id) if entry else 0


def names_medium(hub: Replica, device: str, sha256: str) -> bool:
    """Whether something that is kept of the device shows this photo or recording."""
    entry = _aside(hub, device)
    return entry is not None and quarantine.shows(hub.db, entry.id, sha256)


def _problem(device: str) -> Problem:
    return Problem(REPORTED_LOST, device)


def _aside(hub: Replica, device: str) -> Quarantined | None:
    """What is kept of a device, while nobody has decided about it."""
    for entry in quarantine.of_log(hub.db, replica_number(device)):
        if entry.problem.code == REPORTED_LOST and not entry.resolved:
            return entry
    return None


def _keep(hub: Replica, offer: Offer, may: protocol.May) -> list[tuple[str, Problem]]:
    """What was refused, and why; HW-2115 for what is kept."""
    if not offer.headers:
        return []
    entry, tip = _aside(hub, offer.replica), log.tip(hub.db, offer.number)
    last = max(entry.last if entry else 0, tip.number)
    new = [place for place, header in enumerate(offer.headers) if header.number > last]
    problem = _problem(offer.replica)
    if not new:
        return [(offer.headers[0].name, problem)]
    first = offer.headers[new[0]]
    if first.number != last + 1:
        return [(first.name, Problem(GAP, f"{offer.replica}-{last + 1}", {"found": first.name}))]
    against = protocol.against(offer, new, may)
    if against is not None:
        return [against]
    _check(hub, offer, entry, tip, new)
    _write(hub, offer, entry, new, problem)
    return [(first.name, problem)]


def _check(hub: Replica, offer: Offer, entry: Quarantined | None, tip: log.Tip, new: list[int]) -> None:
    """The chain must come out at the digest that the device's own key has signed: whoever has its token alone leaves
    nothing here."""
    chain = log.chain_at(hub.db, tip)
    if entry is not None and entry.last > tip.number:
        chain = strand_of(hub, entry).run_on(chain, max(entry.first, tip.number + 1), entry.last)
    chain.add([offer.texts[place][0] for place in new])
    last = offer.headers[-1].number
    if chain.digest != offer.digest:
        raise SyncError(CHAIN_BROKEN, f"{offer.replica}-{last}")
    public = documents.public_key(hub.db, offer.replica)
    text = keys.tip_text(offer.replica, last, offer.digest)
    if public is None or not keys.verify(public, text, offer.signature):
        raise SyncError(BAD_SIGNATURE, offer.replica)


def _write(hub: Replica, offer: Offer, entry: Quarantined | None, new: list[int], problem: Problem) -> None:
    first, last = offer.headers[new[0]].number, offer.headers[-1].number
    claim = Claim(
        offer.number, entry.first if entry else first, last, "", offer.digest, last, offer.signature
    )
    if entry is None:
        id_ = quarantine.add_log(hub.db, now(), offer.replica, problem, claim)
    else:
        id_ = entry.id
        quarantine.claim_more(hub.db, id_, problem, claim)
    kept = []
    for place in new:
        header, (text, payload) = offer.headers[place], offer.texts[place]
        kept.append(Kept(header.number, None if header.creates else change_key(header.record), text, payload))
    quarantine.keep(hub.db, id_, kept)
    quarantine.destroy_erased(hub.db, id_)
