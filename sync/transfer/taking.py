"""The client's half of pulling: answers until the hub has nothing more for us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO

from sync.interest import Interest
from sync.names import NUMBER_MASK, replica_name, replica_number
from sync.problems import BAD_LINES, CUT_SHORT, SyncError
from sync.replica import documents, leaving, log, notes
from sync.transfer import give, parting
from sync.transfer.give import DocumentKey
from sync.transfer.hello import Has
from sync.transfer.lines import Reader
from sync.transfer.pull import KEYS, Request
from sync.transfer.push import UNPACKED_LIMIT, noting
from sync.transfer.session import Talk
from sync.transfer.take import Rules, Taken, take
from sync.transfer.transport import Unreachable

_PIECE = 1 << 18
_RULES = Rules(
    local=True
)  # what the hub gives is taken at its word, as far as digests and signatures bear it out


@dataclass(slots=True)
class Answer:
    """What one answer brought. `named`: log → up to where it stood there."""

    taken: Taken
    named: dict[str, int]
    cursor: str
    more: bool


def pull(talk: Talk) -> bool:
    """Take what the hub has for this side; whether there was anything."""
    interest = talk.greeting.interest
    return _everything(talk) if interest is None else _by_scope(talk, interest)


def _everything(talk: Talk) -> bool:
    replica = talk.replica
    _forget_local(talk)
    wanted, moved = _wanted(talk), False
    media = give.media_digests(replica)
    asked = media != talk.greeting.media
    while wanted or asked or _behind(talk) or talk.own_from is not None:
        request = Request(_have(talk), wanted[:KEYS], media if asked and len(wanted) <= KEYS else None)
        answer = _fetch(talk, request)
        if _own_came(talk, answer):
            return True
        wanted = _still(talk, wanted[KEYS:], answer, wanted[:KEYS])
        asked = asked and request.media is None
        _pass_over(talk, answer)
        moved = moved or _brought(answer)
        if not answer.more and not wanted and not asked:
            break
    for name in sorted(talk.forked):
        moved = _ask_apart(talk, name) or moved
    return moved


def _ask_apart(talk: Talk, name: str) -> bool:
    """Take a log that goes another way at the hub, to be set aside here; whether anything of it came."""
    there, before = talk.greeting.logs.get(name), None
    while there and (has := parting.to_ask(talk.replica, name, there)) not in (None, before):
        _fetch(talk, Request({**_have(talk), name: has or Has(0, "")}))
        before = has
    return before is not None


def _by_scope(talk: Talk, interest: Interest) -> bool:
    replica, hub = talk.replica, talk.greeting.hub
    wanted, moved = _wanted(talk), False
    request = Request(
        _own(talk),
        documents=wanted[:KEYS],
        cursor=notes.get(replica.db, notes.CURSOR, hub),
        back=leaving.back(replica, interest, KEYS),
        entities=_lists(talk),
    )
    while True:
        answer = _fetch(talk, request)
        if _own_came(talk, answer):
            return True
        with replica.transaction():
            notes.put(replica.db, notes.CURSOR, answer.cursor, hub)
        wanted = _still(talk, wanted[KEYS:], answer, request.documents)
        moved = moved or _brought(answer)
        back = leaving.back(replica, interest, KEYS)
        talk.report.back += len(request.back) - len(set(request.back).intersection(back))
        if not answer.more and not wanted and back in ([], request.back):
            return moved
        request = Request(_own(talk), documents=wanted[:KEYS], cursor=answer.cursor, back=back)


def _lists(talk: Talk) -> dict[str, str] | None:
    """The versions of the lists that the hub made for this side; None where it makes none."""
    if documents.ENTITIES not in talk.greeting.abilities:
        return None
    return {each.name: each.id for each in talk.replica.documents(documents.ENTITIES)}


def _forget_local(talk: Talk) -> None:
    """Lists that a hub made for a smaller interest, and how far that was read: all records come now."""
    with talk.replica.transaction():
        notes.put(talk.replica.db, notes.CURSOR, "", talk.greeting.hub)
        for each in talk.replica.documents(documents.ENTITIES):
            documents.remove(talk.replica.db, each.kind, each.name)


def _wanted(talk: Talk) -> list[DocumentKey]:
    """Documents of the hub that are not here, or here with an earlier date."""
    here = {(kind, name, id_): added for kind, name, id_, added in give.document_keys(talk.replica)}
    return [key for key in talk.greeting.document_keys or () if here.get(key[:3], "") < key[3]]


def _still(
    talk: Talk, later: list[DocumentKey], answer: Answer, asked: list[DocumentKey]
) -> list[DocumentKey]:
    """What is left of the wanted documents: those not asked for yet, and when some came, those that had no room."""
    if not answer.taken.documents or not answer.more:
        return later
    here = set(give.document_keys(talk.replica))
    return [key for key in asked if key not in here] + later


def _have(talk: Talk) -> dict[str, Has]:
    """What is here of each log; of one that is passed over, as much as there can be."""
    found = {
        replica_name(tip.replica): Has(tip.number, tip.digest, tip.signed)
        for tip in log.tips(talk.replica.db).values()
    }
    return found | dict.fromkeys(talk.skip, Has(NUMBER_MASK, "", NUMBER_MASK)) | _own(talk)


def _own(talk: Talk) -> dict[str, Has]:
    """From where on the own log is asked for, when the hub has something of it that is not here."""
    return {} if talk.own_from is None else {talk.replica.name: Has(talk.own_from, "")}


def _own_came(talk: Talk, answer: Answer) -> bool:
    """Whether all came that the hub has of our own log: what follows from it is for the next hello."""
    if talk.own_from is None:
        return False
    name = talk.greeted_as
    last, there = answer.named.get(name, 0), talk.greeting.logs[name].number
    if talk.own_from < last < there and answer.more:
        talk.own_from = last
        return False
    talk.own_from = None
    return True


def _behind(talk: Talk) -> bool:
    """Whether the hub has more of a log than is here, or a signature that is not."""
    tips = {replica_name(tip.replica): tip for tip in log.tips(talk.replica.db).values()}
    for name, there in talk.greeting.logs.items():
        tip = tips.get(name) or log.Tip(replica_number(name), 0, "")
        if name not in talk.skip and (there.number > tip.number or there.signed > tip.signed):
            return True
    return False


def _fetch(talk: Talk, request: Request) -> Answer:
    """One answer, taken. It lies in a file before any of it is taken: the database is not kept waiting for the
    network."""

    def once() -> Answer:
        named: dict[str, int] = {}
        with TemporaryFile(dir=talk.replica.path.parent) as file:
            cursor, more = talk.transport.pull(request.as_dict(), file)
            file.seek(0)
            try:
                parts = noting(Reader(pieces(file), UNPACKED_LIMIT, packed=None).parts(), named)
                taken = take(talk.replica, parts, talk.transport.place, _RULES)
            except SyncError as error:
                if error.problem.code in (CUT_SHORT, BAD_LINES):
                    raise Unreachable(error.problem.code) from error
                raise
        return Answer(taken, named, cursor, more)

    answer = talk.again(once)
    report, taken = talk.report, answer.taken
    report.received += taken.taken
    report.excerpts += taken.excerpts
    report.documents_received += taken.documents
    for problem in taken.problems:
        report.add(problem)
    for note in taken.notes:
        report.note(note)
    talk.progress("pull", report.received + report.excerpts, 0)
    return answer


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """A file in pieces."""
    return iter(lambda: file.read(_PIECE), b"")


def _pass_over(talk: Talk, answer: Answer) -> None:
    """Ask for no more of the logs that were set aside here."""
    for name, last in answer.named.items():
        if log.tip(talk.replica.db, replica_number(name)).number < last:
            talk.skip.add(name)


def _brought(answer: Answer) -> bool:
    taken = answer.taken
    return bool(taken.taken or taken.excerpts or taken.documents or taken.media)
