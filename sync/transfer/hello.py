"""Hello between replicas: what each side has, what it can do, what it wants. Each hello is evidence of what the other
side has, and noted as such on both sides (`docs/sync-protocol.md`, "hello")."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync import interest as interests
from sync import protocol
from sync.interest import Interest
from sync.names import NUMBER_MASK, replica_name, replica_number
from sync.problems import BAD_REQUEST, FORK, OTHER_PROTOCOL, Problem, SyncError
from sync.replica import Replica, log, sighting
from sync.replica.sighting import Sighting
from sync.replica.store import now
from sync.transfer import give
from sync.transfer.give import DocumentKey
from sync.transfer.lines import PROTOCOL

ABILITIES = ("lines", "signatures", "scopes", "media-offsets", "entities")
ON_ONE_PAGE = 50_000  # logs or documents that one hello may name


@dataclass(frozen=True, slots=True)
class Has:
    """What somebody says to have of a log: `number` and the digest there, and up to where it is signed."""

    number: int
    digest: str
    signed: int = 0


@dataclass(frozen=True, slots=True)
class There:
    """What the hub has of a log: `common` is its digest at the lower of both numbers, `safe` what a backup of it
    covers."""

    number: int
    digest: str
    common: str
    safe: int
    signed: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Who says hello, as far as the hub decides it: the interest (None: everything), which documents it may bring
    (None: all) and whether logs that nobody signed. `evidence` tells whether its word on how much there is of a log is
    noted; `shown` whether it may know how much of a log that it names is here, and with which digest."""

    interest: Interest | None = None
    offers: frozenset[str] | None = None
    unsigned: bool = True
    evidence: Callable[[str], bool] = lambda replica: True
    shown: Callable[[str], bool] = lambda replica: True


@dataclass(slots=True)
class Greeting:
    """The hub's answer, read. `document_keys` is None where the hub has the same documents; `media` where it does not
    say; `set_back` how much of the hub's own log this side has when the hub has less of it."""

    hub: str
    abilities: frozenset[str]
    logs: dict[str, There]
    interest: Interest | None
    document_keys: list[DocumentKey] | None
    offers: frozenset[str] | None
    unsigned: bool
    media: dict[str, str] | None
    media_missing: int
    set_back: int = 0


def statement(replica: Replica) -> dict[str, Any]:
    """The request: the own tip, every log, documents and media in digests."""
    number = replica_number(replica.name)
    tips = log.tips(replica.db)
    own = tips.get(number) or log.Tip(number, 0, "")
    return {
        "replica": replica.name,
        "number": str(own.number),
        "digest": own.digest,
        "protocol": PROTOCOL,
        "abilities": list(ABILITIES),
        "logs": [
            [replica_name(tip.replica), str(tip.number), tip.digest, str(tip.signed)] for tip in tips.values()
        ],
        "documents": give.documents_digest(give.document_keys(replica)),
    }


def check_protocol(theirs: object) -> None:
    """HW-2051 for a version that is not this one's."""
    if theirs != PROTOCOL:
        raise SyncError(OTHER_PROTOCOL, "", theirs=str(theirs)[:20], ours=PROTOCOL)


def answer(hub: Replica, request: Mapping[str, Any], caller: Caller, *, lang: str = "en") -> dict[str, Any]:
    """The hub's answer to a request that states a protocol; one without gets what a phone gets.

    Raises HW-2051 for another protocol, HW-2020 for a malformed request."""
    found = protocol.hello(hub, request, lang=lang)
    if "protocol" not in request:
        _see(hub, str(request["replica"]), {str(request["replica"]): _own(request)}, caller)
        return found
    from sync.transfer import parting  # here: it speaks of what stands in this file

    check_protocol(request["protocol"])
    theirs = read_logs(request.get("logs"), "logs")
    theirs.setdefault(str(request["replica"]), _own(request))
    _see(hub, str(request["replica"]), theirs, caller)
    everything = caller.interest is None
    shown = None if everything else {name for name in theirs if caller.shown(name)}
    keys = give.document_keys(hub, None if caller.interest is None else caller.interest.scopes)
    documents = give.documents_digest(keys)
    mine, ours = theirs.get(hub.name), log.tip(hub.db, replica_number(hub.name))
    apart = parting.parted(hub, {name: has for name, has in theirs.items() if shown is None or name in shown})
    if (
        mine is not None and caller.offers is None
    ):  # who may bring anything may say that this hub was set back
        _compare_own(hub, mine, ours, str(request["replica"]))
    return found | {
        "protocol": PROTOCOL,
        "abilities": list(ABILITIES),
        "logs": _logs(hub, theirs, shown) + _no_more_than_stated(hub, theirs, shown),
        "interest": None if caller.interest is None else caller.interest.as_dict(),
        "documents": documents,
        **({} if documents == request.get("documents") else {"document_keys": [list(key) for key in keys]}),
        "takes": {
            "documents": None if caller.offers is None else sorted(caller.offers),
            "unsigned": caller.unsigned,
        },
        **({"parted": apart} if apart else {}),
        **(_media(hub) if everything else {}),
        **({"set_back": str(mine.number)} if mine and mine.number > ours.number else {}),
    }


def _compare_own(hub: Replica, theirs: Has, ours: log.Tip, source: str) -> None:
    if theirs.number > ours.number or common_digest(hub, ours, theirs) != theirs.digest:
        hub.compare_own(theirs.number, theirs.digest, source)


def _media(hub: Replica) -> dict[str, Any]:
    return {"media": give.media_digests(hub), "media_missing": str(len(hub.media_missing()))}


def _own(request: Mapping[str, Any]) -> Has:
    return Has(min(int(request["number"]), NUMBER_MASK), str(request["digest"])[:64])


def _logs(hub: Replica, theirs: Mapping[str, Has], shown: Iterable[str] | None) -> list[list[str]]:
    safe = dict(hub.db.execute("SELECT replica, number FROM backed_up"))
    wanted = None if shown is None else frozenset(shown)
    found = []
    for number, tip in log.tips(hub.db).items():
        name = replica_name(number)
        if wanted is None or name in wanted:
            common = common_digest(hub, tip, theirs.get(name))
            covered = str(safe.get(number, 0))
            found.append([name, str(tip.number), tip.digest, common, covered, str(tip.signed)])
    return found


def _no_more_than_stated(
    hub: Replica, theirs: Mapping[str, Has], shown: Collection[str] | None
) -> list[list[str]]:
    """Of the other logs those that are here as the caller says, and up to there: it learns no digest that it has not
    shown."""
    found: list[list[str]] = []
    if shown is None:
        return found
    for name, has in theirs.items():
        replica = replica_number(name)
        here = name not in shown and 0 < has.number <= log.tip(hub.db, replica).number
        if here and log.digest_at(hub.db, replica, has.number) == has.digest:
            found.append([name, str(has.number), has.digest, has.digest, "0", "0"])
    return found


def common_digest(replica: Replica, tip: log.Tip, other: Has | None) -> str:
    """The digest here at the lower of both tips; `""` when the other side has nothing."""
    if other is None or not other.number:
        return ""
    if other.number >= tip.number:
        return tip.digest
    return log.digest_at(replica.db, tip.replica, other.number)


def read_logs(value: Any, place: str) -> dict[str, Has]:
    """`[[replica, number, digest, signed?], …]` of a request; HW-2020 for anything else."""
    found = {}
    if not isinstance(value, list) or len(value) > ON_ONE_PAGE:
        raise SyncError(BAD_REQUEST, place)
    for entry in value:
        if not isinstance(entry, list) or len(entry) not in (3, 4):
            raise SyncError(BAD_REQUEST, place)
        name, number, digest, signed = [*entry, "0"][:4]
        if not isinstance(name, str) or not isinstance(digest, str):
            raise SyncError(BAD_REQUEST, place)
        try:
            replica_number(name)
            found[name] = Has(_number(number), digest[:64], _number(signed))
        except (SyncError, ValueError):
            raise SyncError(BAD_REQUEST, place) from None
    return found


def _number(text: Any) -> int:
    if not (isinstance(text, str) and text.isdecimal() and text.isascii() and len(text) <= 8):
        raise ValueError(text)
    if int(text) > NUMBER_MASK:
        raise ValueError(text)
    return int(text)


def _see(hub: Replica, source: str, theirs: Mapping[str, Has], caller: Caller) -> None:
    """Note what a caller says to have. What was said the same day is not written again: hello is asked often, and a
    write waits for the disk."""
    known = {(each.replica, each.source): each for each in sighting.rows(hub.db)}
    at, fresh = now(), []
    for name, has in theirs.items():
        if name == source or caller.evidence(name):
            seen = Sighting(replica_number(name), source, has.number, has.digest, at)
            before = known.get((seen.replica, source))
            if before is None or _said(before) != _said(seen):
                fresh.append(seen)
    if fresh:
        with hub.transaction():
            sighting.see(hub.db, fresh)


def _said(seen: Sighting) -> tuple[int, str, str]:
    return seen.number, seen.digest, seen.at[: len("2020-01-01")]


def read(value: Mapping[str, Any]) -> Greeting:
    """The hub's answer; HW-2051 for another protocol, `ValueError` for what is no answer."""
    check_protocol(value.get("protocol"))
    logs = {}
    for name, number, digest, common, safe, signed in value["logs"]:
        replica_number(name)
        logs[name] = There(_number(number), str(digest), str(common), _number(safe), _number(signed))
    takes, keys, media = value["takes"], value.get("document_keys"), value.get("media")
    interest, offers = value["interest"], takes["documents"]
    return Greeting(
        hub=replica_name(replica_number(value["hub"])),
        abilities=frozenset(map(str, value["abilities"])),
        logs=logs,
        interest=None if interest is None else interests.read(interest),
        document_keys=None if keys is None else [_key(each) for each in keys],
        offers=None if offers is None else frozenset(map(str, offers)),
        unsigned=bool(takes["unsigned"]),
        media=None if media is None else {str(first): str(digest) for first, digest in media.items()},
        media_missing=_number(value.get("media_missing", "0")),
        set_back=_number(value.get("set_back", "0")),
    )


def _key(value: Any) -> DocumentKey:
    kind, name, id_, added = value
    if not all(isinstance(each, str) for each in value):
        raise ValueError("document_keys")
    return kind, name, id_, added


def forks(replica: Replica, greeting: Greeting, stated: Mapping[str, Has]) -> list[Problem]:
    """HW-2011 for each log of which both sides hold something else under the same numbers; `stated` is what this side
    said to have."""
    found = []
    for name, has in stated.items():
        there = greeting.logs.get(name)
        low = min(has.number, there.number) if there else 0
        if there and low and there.common != log.digest_at(replica.db, replica_number(name), low):
            found.append(Problem(FORK, f"{name}-{low}", {"replica": name, "count": "0"}))
    return found


def note(replica: Replica, greeting: Greeting) -> None:
    """Note what the hub says to have."""
    theirs = {name: Has(there.number, there.digest) for name, there in greeting.logs.items()}
    _see(replica, greeting.hub, theirs, Caller())
