"""Taking what another replica hands over in lines: documents, stretches of logs, excerpts.

The same rules as for a file (`sync.merge`): each log is compared at the lower of the two tips, every header and payload
is checked, the chain runs on to the sender's tip, and a log whose key is known here must be signed up to where it is
taken. A log is taken whole or not at all; one that does not fit is set aside and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from sync import canonical, keys
from sync.change import Header, parse_header
from sync.check import Reading, is_bare_by_right
from sync.names import NUMBER_BITS, change_key, change_name, replica_number
from sync.problems import (
    BAD_LINES,
    BAD_NAME,
    BAD_SIGNATURE,
    BUNDLE_CUT,
    BUNDLE_DAMAGED,
    CHAIN_BROKEN,
    CUT_SHORT,
    DOCUMENT_CHANGED,
    FORK,
    GAP,
    MEDIA_CHANGED,
    NOT_SIGNED,
    OTHER_KEY,
    PAYLOAD_CHANGED,
    RECORD_REFUSED,
    SEAL_BROKEN,
    UNKNOWN_FORM,
    UNREADABLE_FILE,
    Problem,
    SyncError,
)
from sync.replica import (
    Document,
    Replica,
    documents,
    erasure,
    excerpt,
    intake,
    leaving,
    log,
    media,
    sighting,
    state,
)
from sync.replica.sighting import Sighting
from sync.replica.store import now
from sync.taken import follow
from sync.transfer.lines import Excerpts, LogHead, Medium, Pairs, Part, Stretch


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is committed here of a log: all up to `number`, where the chain's digest is `digest`; `at` ISO time of
    the arrival of that change, `safe` the highest number that a backup of this replica covers."""

    replica: str
    number: int
    digest: str
    at: str
    safe: int = 0

    def as_list(self) -> list[str]:
        """As it stands in an answer."""
        return [self.replica, str(self.number), self.digest, self.at, str(self.safe)]


@dataclass(slots=True)
class Taken:
    """What came. `taken` and `already` count changes, `excerpts` those without their log; `media` those that were not
    known, `stored` the files that came with them, `missing` those that did not; `logs` the replicas whose logs stood
    in it, `later` the key ranges that hold more than creations; `problems` what was set aside."""

    taken: int = 0
    already: int = 0
    created: int = 0
    documents: int = 0
    media: int = 0
    stored: int = 0
    missing: int = 0
    named: list[str] = field(default_factory=list)  # digests of the media that the sender knows of
    excerpts: int = 0
    logs: list[str] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    later: list[tuple[int, int]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    intake: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a sender may bring. `offers`: kinds of documents (None: all). `logs`: replicas whose logs it may hand over
    (None: all). `unsigned`: also logs of replicas whose key is not known. `excerpts`: also changes without their
    log, which nothing proves. `local`: also documents that the sender makes for this replica alone. `judge` is asked,
    inside the transaction, for each new change, and says what stands against it; `accepts` for each document of a
    kind that is offered. What they refuse stays with the sender and is not set aside here."""

    offers: Collection[str] | None = None
    logs: Collection[str] | None = None
    unsigned: bool = True
    judge: Callable[[Header], Problem | None] | None = None
    excerpts: bool = True
    local: bool = False
    accepts: Callable[[Document], bool] = lambda document: True


EVERYTHING = Rules()


class _Refused(SyncError):
    """What `Rules.judge` said."""


def take(
    hub: Replica,
    parts: Iterable[Part],
    source: str,
    rules: Rules = EVERYTHING,
    road: str = intake.HTTP,
    seen: Iterable[sighting.Sighting] = (),
) -> Taken:
    """Take the parts in one transaction; `source` says where they come from, `road` how they came, `seen` what the
    sender says it has of each log.

    Raises `SyncError` when the parts cannot be read to their end (HW-2036, HW-2037) or a document is none
    (HW-2015): then nothing is taken."""
    found = Taken()
    with hub.transaction():
        before = intake.before(hub.db)
        taker = _Taker(hub, source, rules, found)
        for part in parts:
            taker.part(part)
        taker.finish()
        sighting.see(hub.db, seen)
        found.intake = intake.note(hub.db, now(), road, source, before)
    erasure.forget_files(hub.media_folder, found.gone)
    return found


class _Taker:
    """One transaction of taking."""

    def __init__(self, hub: Replica, source: str, rules: Rules, found: Taken) -> None:
        self.hub, self.source, self.rules, self.found = hub, source, rules, found
        self.touched: set[int] = set()
        self.media: list[tuple[str, str, int, str]] = []
        self.aside: set[str] = set()  # logs of which a stretch was set aside: nothing after it fits

    def part(self, part: Part) -> None:
        """Take one part."""
        if isinstance(part, Stretch):
            self._log(part)
        elif isinstance(part, Document):
            self._document(part)
        elif isinstance(part, Medium):
            self._medium(part)
        elif self.rules.excerpts:
            self._excerpts(part)

    def finish(self) -> None:
        """Note the media, when all that may name them is here; bring the rows of records that excerpts touched up
        to the log."""
        unwanted = erasure.unwanted(self.hub.db, [row[0] for row in self.media])
        for row in self.media:
            if row[0] not in unwanted:
                self.found.named.append(row[0])
                self.found.media += media.note(self.hub.db, *row)
        state.refresh(self.hub.db, sorted(self.touched), self.hub.layout)

    def _document(self, document: Document) -> None:
        if not documents.check(document):
            raise SyncError(DOCUMENT_CHANGED, f"{document.kind} {document.name[:40]}")
        if self.rules.offers is not None and document.kind not in self.rules.offers:
            return  # what a form asks, whom a list names: the hub's to say
        if document.kind in documents.LOCAL:
            self.found.documents += self.rules.local and documents.replace(self.hub.db, document)
            return
        if not self.rules.accepts(document):
            return
        if document.kind in keys.KINDS and not documents.same_key(self.hub.db, document):
            self._set_aside(Problem(OTHER_KEY, document.name))
            return
        self.found.documents += documents.insert(self.hub.db, document)

    def _medium(self, medium: Medium) -> None:
        row = (medium.sha256, medium.type, medium.size, medium.added)
        if not media.sound(row):
            raise SyncError(MEDIA_CHANGED, medium.sha256[:70])
        self.media.append(row)

    def _set_aside(self, problem: Problem, changes: Pairs = ()) -> None:  # type: ignore[assignment]
        self.found.problems.append(problem)
        self.hub.set_aside(self.source, problem, list(changes))

    def _log(self, stretch: Stretch) -> None:
        head = stretch.head
        try:
            replica = replica_number(head.replica)
        except SyncError:
            raise SyncError(BAD_LINES, head.replica[:40]) from None
        if head.replica not in self.found.logs:
            self.found.logs.append(head.replica)
        if head.replica in self.aside:
            return
        if self.rules.logs is not None and head.replica not in self.rules.logs:
            self._set_aside(Problem(RECORD_REFUSED, head.replica, {"record": head.replica}))
            return
        kept = _Kept(stretch)
        try:
            with self.hub.attempt():
                self._take_log(replica, head, kept)
        except _Refused as refused:
            self.found.problems.append(refused.problem)
            self.aside.add(head.replica)
        except SyncError as error:
            if error.problem.code in _NOT_THE_LOG:
                raise
            self._set_aside(error.problem, kept.all())
            self.aside.add(head.replica)
            sighting.see(self.hub.db, [Sighting(replica, self.source, head.last, head.digest, now())])

    def _take_log(self, replica: int, head: LogHead, pairs: _Kept) -> None:
        db = self.hub.db
        tip = log.tip(db, replica)
        if not head.last:
            self._signature_alone(tip, head)
            return
        known = min(head.last, tip.number) - head.first + 1
        if known > 0:
            self._compare(replica, head, pairs, known)
            self.found.already += known
        if head.last <= tip.number:
            self._sign(tip, head)
            return
        if head.first > tip.number + 1:
            raise SyncError(GAP, f"{head.replica}-{tip.number + 1}", found=f"{head.replica}-{head.first}")
        chain = log.chain_at(db, tip)
        reading = Reading(replica, tip.number + 1, chain)
        created = 0
        for part in pairs.rest(lambda: chain.room):
            rows = _rows(replica, reading.number, part)
            self._judge(rows)
            reading.take([(id_, record, header, raw) for id_, record, header, raw, _ in rows])
            db.executemany(
                "INSERT INTO change (id, record, header, payload) VALUES (?, ?, ?, ?)",
                [(id_, record, header, text) for id_, record, header, _, text in rows],
            )
            created += sum(row[1] is None for row in rows)
        if reading.number != head.last + 1 or chain.digest != head.digest:
            raise SyncError(CHAIN_BROKEN, head.replica)
        signed = self._check_signature(tip, head)
        log.advance(db, log.Tip(replica, head.last, head.digest, *signed), log.blocks_of(replica, chain))
        log.arrive(db, replica, tip.number + 1, head.last, now())
        for record, change in reading.found.bare.items():
            if not is_bare_by_right(db, "main", record):
                raise SyncError(PAYLOAD_CHANGED, change_name(change))
        first, last = replica << NUMBER_BITS | tip.number + 1, replica << NUMBER_BITS | head.last
        self.found.gone += follow(self.hub, first, last, reading.found)
        if reading.found.later:
            self.found.later.append((first, last))
        self.found.taken += head.last - tip.number
        self.found.created += created
        for form in sorted(reading.found.forms):
            if self.hub.layout(form) is None and Problem(UNKNOWN_FORM, form) not in self.found.notes:
                self.found.notes.append(Problem(UNKNOWN_FORM, form))

    def _judge(self, rows: list[_Row]) -> None:
        """HW-2034 and the like, for the first change that this sender may not bring."""
        if self.rules.judge is None:
            return
        for _, _, header, _, _ in rows:
            problem = self.rules.judge(parse_header(header, "log"))
            if problem:
                raise _Refused(problem.code, problem.place, **problem.params)

    def _compare(self, replica: int, head: LogHead, pairs: _Kept, known: int) -> None:
        """What is here already must be the same, byte for byte; HW-2011 where it is not."""
        number = head.first
        while known:
            part = pairs.take(min(known, 1024))
            ours = log.headers(self.hub.db, replica, number, number + len(part) - 1)
            for place, (header, _) in enumerate(part):
                if place >= len(ours) or ours[place] != header:
                    first = f"{head.replica}-{number + place}"
                    count = head.last - number - place + 1
                    raise SyncError(FORK, first, replica=head.replica, count=count)
            number += len(part)
            known -= len(part)

    def _sign(self, tip: log.Tip, head: LogHead) -> None:
        """Keep a signature over what is here already."""
        if head.last == tip.number and head.digest != tip.digest:
            raise SyncError(CHAIN_BROKEN, head.replica)
        if head.signed > tip.signed and head.signed <= tip.number:
            self._signature_alone(tip, head)

    def _signature_alone(self, tip: log.Tip, head: LogHead) -> None:
        public = documents.public_key(self.hub.db, head.replica)
        if public is None or not tip.signed < head.signed <= tip.number:
            return
        digest = log.digest_at(self.hub.db, tip.replica, head.signed)
        if not keys.verify(public, keys.tip_text(head.replica, head.signed, digest), head.signature):
            raise SyncError(BAD_SIGNATURE, head.replica)
        log.advance(
            self.hub.db, log.Tip(tip.replica, tip.number, tip.digest, head.signed, head.signature), []
        )

    def _check_signature(self, tip: log.Tip, head: LogHead) -> tuple[int, str]:
        """`(number, signature)` to keep: of a log whose key is known all that is new must be signed (HW-2012)."""
        public = documents.public_key(self.hub.db, head.replica)
        if public is None:
            if not self.rules.unsigned:
                raise SyncError(NOT_SIGNED, head.replica)
            self.found.unsigned.append(head.replica)
            return tip.signed, tip.signature
        text = keys.tip_text(head.replica, head.last, head.digest)
        if head.signed != head.last or not keys.verify(public, text, head.signature):
            raise SyncError(BAD_SIGNATURE, head.replica)
        return head.signed, head.signature

    def _excerpts(self, part: Excerpts) -> None:
        checked = []
        for text, payload in part.changes:
            canonical.check_text(text, "header")
            header = parse_header(text, "excerpts")
            if payload is not None and canonical.sha(payload) != header.payload_sha:
                raise SyncError(PAYLOAD_CHANGED, header.name)
            checked.append((header, text, payload))
        before = excerpt.count(self.hub.db)
        records = excerpt.put(self.hub.db, checked, now()) | leaving.give_back(self.hub.db, checked)
        self.found.excerpts += excerpt.count(self.hub.db) - before
        erases = {change_key(h.record) for h, _, _ in checked if h.kind == "erase"}
        self.found.gone += erasure.note(self.hub.db, erases)
        self.found.gone += erasure.note(
            self.hub.db, [record for record in records - erases if erasure.is_erased(self.hub.db, record)]
        )
        self.touched |= records


_NOT_THE_LOG = {BAD_LINES, BAD_NAME, CUT_SHORT, UNREADABLE_FILE, BUNDLE_DAMAGED, BUNDLE_CUT, SEAL_BROKEN}
"""What ends the whole of a taking, and not only one log: the road fails."""


class _Kept:
    """The changes of a stretch as they are read; what was read stays at hand for the quarantine."""

    _ENOUGH = 8 << 20  # characters kept of a stretch that is set aside

    def __init__(self, stretch: Stretch) -> None:
        self._pairs = stretch.pairs
        self._seen: Pairs = []
        self._room = self._ENOUGH

    def take(self, most: int) -> Pairs:
        """The next changes."""
        part = self._pairs(most)
        if self._room > 0:
            self._seen += part
            self._room -= sum(len(header) + len(payload or "") for header, payload in part)
        return part

    def rest(self, room: Callable[[], int]) -> Iterator[Pairs]:
        """All that is left, in parts of at most what `room()` says."""
        while part := self.take(room()):
            yield part

    def all(self) -> Pairs:
        """Everything, the rest read too."""
        while self.take(1024):
            pass
        return self._seen


_Row = tuple[int, int | None, str, bytes | None, str | None]


def _rows(replica: int, number: int, pairs: Pairs) -> list[_Row]:
    """Rows of `change` for a part that begins at `number`, the payload also as the bytes that are hashed."""
    base = replica << NUMBER_BITS
    rows: list[_Row] = []
    for at, (header, payload) in enumerate(pairs, number):
        # The record is the fourth text of a header, and no text before it can hold a quotation mark.
        members = header.split('"', 8)
        record = members[7] if len(members) == 9 else ""
        raw = None if payload is None else payload.encode()
        rows.append((base | at, change_key(record) if record else None, header, raw, payload))
    return rows
