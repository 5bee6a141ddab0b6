"""Taking what another replica hands over in lines: documents, stretches of logs, excerpts.

The same rules as for a file (`sync.merge`): each log is compared at the lower of the two tips, every header and payload
is checked, the chain runs on to the sender's tip, and a log whose key is known here must be signed up to where it is
taken. A log is taken whole or not at all; one that does not fit is set aside and the others go on."""

from __future__ import annotations

from collections.abc import Iterable

from sync import canonical, keys
from sync.change import parse_header
from sync.check import Reading, is_bare_by_right
from sync.forks.guard import Guard
from sync.forks.strand import KeptStrand
from sync.names import NUMBER_BITS, NUMBER_MASK, change_key, change_name, replica_number
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
    quarantine,
    sighting,
    state,
)
from sync.replica.sighting import Sighting
from sync.replica.store import now
from sync.taken import follow, identity_of, new_name_noted
from sync.transfer import announced
from sync.transfer.lines import Excerpts, LogHead, Medium, Pairs, Part, Stretch
from sync.transfer.pairs import PairReader, kept_of, records_of
from sync.transfer.rules import Receipt, Rules, Taken

__all__ = ["EVERYTHING", "Receipt", "Rules", "Taken", "take", "take_parts"]

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
    from sync.forks import settle  # here: it takes branches by what stands below

    found = Taken()
    with hub.transaction():
        before, name = intake.before(hub.db), identity_of(hub)
        take_parts(hub, parts, source, rules, found)
        sighting.see(hub.db, seen)
        settle.settle(hub, found)
        found.problems = [problem for problem in found.problems if problem not in found.settled]
        found.notes += new_name_noted(hub, name)
        found.intake = intake.note(hub.db, now(), road, source, before)
    erasure.forget_files(hub.media_folder, found.gone)
    return found


def take_parts(hub: Replica, parts: Iterable[Part], source: str, rules: Rules, found: Taken) -> None:
    """As `take`, inside a transaction of the caller's, who removes the files of `found.gone` after it."""
    taker = _Taker(hub, source, rules, found)
    for part in parts:
        taker.part(part)
    taker.finish()


class _Taker:
    """One transaction of taking."""

    def __init__(self, hub: Replica, source: str, rules: Rules, found: Taken) -> None:
        self.hub, self.source, self.rules, self.found = hub, source, rules, found
        self.touched: set[int] = set()
        self.media: list[tuple[str, str, int, str]] = []
        self.aside: dict[str, int] = {}  # logs of which a stretch was set aside: what follows goes there
        self.refused: set[str] = set()  # logs that stay with the sender: what follows does too

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
        unwanted, count = announced.note(self.hub, self.media, self.rules)
        self.found.named += [row[0] for row in self.media if row[0] not in unwanted]
        self.found.media += count
        state.refresh(self.hub.db, sorted(self.touched), self.hub.layout)

    def _document(self, document: Document) -> None:
        if not documents.check(document):
            raise SyncError(DOCUMENT_CHANGED, f"{document.kind} {document.name[:40]}")
        if not self.rules.may_name(document):
            return  # what a form asks, whom a list names: the hub's to say
        if document.kind in documents.LOCAL:
            self.found.documents += self.rules.local and documents.replace(self.hub.db, document)
            return
        if not self.rules.accepts(document):
            return
        if document.kind in keys.KINDS and not documents.same_key(self.hub.db, document):
            problem = Problem(OTHER_KEY, document.name)
            self.found.problems.append(problem)
            self.hub.set_aside(self.source, problem)
            return
        self.found.documents += documents.insert(self.hub.db, document)

    def _medium(self, medium: Medium) -> None:
        row = (medium.sha256, medium.type, medium.size, medium.added)
        if not media.sound(row):
            raise SyncError(MEDIA_CHANGED, medium.sha256[:70])
        self.media.append(row)

    def _log(self, stretch: Stretch) -> None:
        head = stretch.head
        try:
            replica = replica_number(head.replica)
        except SyncError:
            raise SyncError(BAD_LINES, head.replica[:40]) from None
        if head.replica not in self.found.logs:
            self.found.logs.append(head.replica)
        tip = log.tip(self.hub.db, replica)
        reader = PairReader(stretch)
        if head.replica in self.aside:
            self._keep_on(self.aside[head.replica], head, reader)
            return
        if head.replica in self.refused:
            return
        try:
            if not self.rules.may_bring(self.hub, head.replica):
                raise SyncError(RECORD_REFUSED, head.replica, record=head.replica)
            if self.rules.aside is not None and head.last > tip.number:
                raise SyncError(self.rules.aside.code, head.replica)
            self._take_log(tip, head, reader)
        except _Refused as refused:
            self.hub.db.execute("DELETE FROM change WHERE id BETWEEN ? AND ?", _beyond(tip))
            self.found.problems.append(refused.problem)
            self.refused.add(head.replica)
        except SyncError as error:
            if error.problem.code in _NOT_THE_LOG:
                raise
            self._leave(tip, head, reader, error.problem)

    def _keep_on(self, aside: int, head: LogHead, reader: PairReader) -> None:
        """Keep a stretch with what was set aside of its log before."""
        db, entry = self.hub.db, quarantine.one(self.hub.db, aside)
        if head.first <= entry.last:
            return
        for number, pairs in reader.left():
            quarantine.keep(db, aside, kept_of(number, pairs))
        signature = (head.signed, head.signature) if head.signed else (entry.signed, entry.signature)
        ends = (replica_number(entry.replica), entry.first, head.last, entry.start, head.digest)
        quarantine.claim_more(db, aside, entry.problem, quarantine.Claim(*ends, *signature))
        quarantine.destroy_erased(db, aside)

    def _leave(self, tip: log.Tip, head: LogHead, reader: PairReader, problem: Problem) -> None:
        """Set a log aside whole: what of it was written already is taken back."""
        from sync.forks import arrive  # here: it takes branches by what stands above

        db, ends = self.hub.db, _beyond(tip)
        first, aside = reader.number, quarantine.loose(db)
        written = db.execute("SELECT min(id) FROM change WHERE id BETWEEN ? AND ?", ends).fetchone()[0]
        if written is not None:
            first = written & NUMBER_MASK
            select = (
                "SELECT id & 16777215 AS number, record, header, payload FROM change"
                f" WHERE id BETWEEN {ends[0]} AND {ends[1]}"
            )
            quarantine.keep_from(db, aside, select, 0)
            db.execute("DELETE FROM change WHERE id BETWEEN ? AND ?", ends)
        for number, pairs in reader.left():
            quarantine.keep(db, aside, kept_of(number, pairs))
        claim = quarantine.Claim(tip.replica, first, head.last, "", head.digest, head.signed, head.signature)
        strand = KeptStrand(db, aside, claim)
        against = self._against(strand, problem)
        if against is not None:
            quarantine.forget_changes(db, aside)
            self.found.problems.append(against)
            self.refused.add(head.replica)
            return
        kept = arrive.arrive(self.hub, strand, problem, self.source, self.found)
        quarantine.forget_changes(db, aside)
        if kept is None:
            return
        sighting.see(db, [Sighting(tip.replica, self.source, head.last, head.digest, now())])
        if not self.rules.believed:
            self.refused.add(head.replica)
        elif not quarantine.one(db, kept).fork:
            self.aside[head.replica] = kept

    def _against(self, strand: KeptStrand, problem: Problem) -> Problem | None:
        """What keeps a log that was refused for `problem` from being set aside: a sender who may not bring everything
        leaves nothing here that its store did not sign, or that it could not have brought. What is set aside is taken
        later without asking who sent it."""
        from sync.forks import arrive  # here: it takes branches by what stands above

        if self.rules.believed:
            return None
        if documents.public_key(self.hub.db, strand.name) is None or not arrive.is_signed(self.hub, strand):
            return problem
        for change in strand.changes(strand.first):
            place = f"{strand.name}-{change.number}"
            try:
                found = self.rules.against(parse_header(change.header, place), change.payload)
            except SyncError as error:
                found = error.problem
            if found is not None:
                return found
        return None

    def _take_log(self, tip: log.Tip, head: LogHead, pairs: PairReader) -> None:
        db, replica = self.hub.db, tip.replica
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
        guard = Guard(self.hub, tip, head.last)
        created = 0
        while part := pairs.take(chain.room):
            headers, texts = zip(*part, strict=True)
            guard.watch(chain, headers)
            self._judge(head.replica, reading.number, part)
            start = replica << NUMBER_BITS | reading.number
            ids = range(start, start + len(part))
            records = records_of(head.replica, reading.number, headers)
            reading.take_columns(ids, records, headers, [text and text.encode() for text in texts])
            db.executemany(
                "INSERT INTO change (id, record, header, payload) VALUES (?, ?, ?, ?)",
                zip(ids, records, headers, texts, strict=True),
            )
            created += records.count(None)
        if reading.number != head.last + 1 or chain.digest != head.digest:
            raise SyncError(CHAIN_BROKEN, head.replica)
        signed = self._check_signature(tip, head)
        for record, change in reading.found.bare.items():
            if not self.rules.proven and not is_bare_by_right(db, "main", record):
                raise SyncError(PAYLOAD_CHANGED, change_name(change))
        log.advance(db, log.Tip(replica, head.last, head.digest, *signed), log.blocks_of(replica, chain))
        log.arrive(db, replica, tip.number + 1, head.last, now())
        first, last = replica << NUMBER_BITS | tip.number + 1, replica << NUMBER_BITS | head.last
        self.found.gone += follow(self.hub, first, last, reading.found, self.source)
        if reading.found.later:
            self.found.later.append((first, last))
        self.found.taken += head.last - tip.number
        self.found.created += created
        for form in sorted(reading.found.forms):
            if self.hub.layout(form) is None and Problem(UNKNOWN_FORM, form) not in self.found.notes:
                self.found.notes.append(Problem(UNKNOWN_FORM, form))

    def _judge(self, replica: str, first: int, part: Pairs) -> None:
        """HW-2034 and the like, for the first change that this sender may not bring."""
        for number, (header, text) in enumerate(part, first) if self.rules.judge else ():
            problem = self.rules.against(parse_header(header, f"{replica}-{number}"), text)
            if problem:
                raise _Refused(problem.code, problem.place, **problem.params)

    def _compare(self, replica: int, head: LogHead, pairs: PairReader, known: int) -> None:
        """What is here already must be the same, byte for byte; HW-2011 where it is not."""
        number = head.first
        while known:
            part = pairs.take(min(known, 1024))
            ours = log.headers(self.hub.db, replica, number, number + len(part) - 1)
            for place, (header, _) in enumerate(part):
                if place >= len(ours) or ours[place] != header:
                    pairs.back_to(number + place)
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
        if self.rules.proven:
            return tip.signed, tip.signature
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
        for place, (text, payload) in enumerate(part.changes):
            canonical.check_text(text, "header")
            header = parse_header(text, f"excerpts[{place}]")
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


def _beyond(tip: log.Tip) -> tuple[int, int]:
    """First and last key that a log can have after its tip."""
    base = tip.replica << NUMBER_BITS
    return base | tip.number + 1, base | NUMBER_MASK
