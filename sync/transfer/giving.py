"""The client's half of pushing: batches until the hub lacks nothing that can be given."""

from __future__ import annotations

from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import Any

from sync import keys
from sync.names import NUMBER_BITS, replica_name, replica_number
from sync.problems import FORK, NOT_HOMEWARD, Problem, SyncError
from sync.replica import documents, log
from sync.transfer import give, parting
from sync.transfer.give import ROOM, DocumentKey, Lack
from sync.transfer.lines import LogHead
from sync.transfer.push import MOST, Batch, accepted, fill, pack
from sync.transfer.session import Talk
from sync.transfer.transport import told


@dataclass(slots=True)
class Giving:
    """What is still to be given. `first` goes before anything else: what can be taken of an own log that was
    refused further on."""

    talk: Talk
    offered: set[DocumentKey]
    signatures: list[LogHead]
    first: list[Lack] = field(default_factory=list)

    @classmethod
    def of(cls, talk: Talk) -> Giving:
        """What the last hello says that the hub lacks."""
        replica = talk.replica
        if not talk.greeting.unsigned:
            for number in log.tips(replica.db):
                if documents.public_key(replica.db, replica_name(number)) is None:
                    talk.skip.add(replica_name(number))
        has = {
            n: (there.number, there.signed) for n, there in talk.greeting.logs.items() if n not in talk.skip
        }
        alone = give.signatures(replica, has) if "signatures" in talk.greeting.abilities else []
        return cls(talk, set(_documents(talk)), alone)

    def run(self) -> bool:
        """Give everything; whether any of it was taken."""
        report = self.talk.report
        before = report.sent + report.documents_sent
        while batch := self._next():
            self._settle(batch, self._send(batch))
        for name, after in list(self.talk.parted.items()):
            self._give_apart(name, after)
        return report.sent + report.documents_sent > before

    def _give_apart(self, name: str, after: int) -> None:
        """Give a log that goes another way at the hub, to be set aside there."""
        del self.talk.parted[name]
        while lack := parting.next_of(self.talk.replica, name, after):
            answer = self._send(Batch(stretches=[lack]))
            problems = [told(each) for each in answer.get("problems", ())]
            for problem in problems:
                self.talk.report.add(problem)
            if any(not parting.expected(problem, name) for problem in problems):
                return
            after = lack.last

    def _next(self) -> Batch:
        talk, batch = self.talk, Batch()
        talk.sign()  # what was written meanwhile goes along
        batch.documents, room = fill(give.documents_lacking(talk.replica, self.offered), ROOM)
        batch.signatures, self.signatures = self.signatures, []
        if room > 0:
            batch.stretches = self.first or give.batch(talk.replica, talk.lacks(), MOST, room)
            self.first = []
        return batch

    def _send(self, batch: Batch) -> dict[str, Any]:
        with TemporaryFile(dir=self.talk.replica.path.parent) as body:
            pack(self.talk.replica, batch, body)
            return self.talk.again(lambda: self.talk.transport.push(body))

    def _settle(self, batch: Batch, answer: dict[str, Any]) -> None:
        """Note what the hub has now. Only a receipt that names a digest of ours counts."""
        talk = self.talk
        try:
            self._receipts(answer["receipts"])
            problems = [told(each) for each in answer["problems"]]
            notes = [told(each) for each in answer["notes"]]
        except (ValueError, TypeError, KeyError) as error:
            raise SyncError(NOT_HOMEWARD, talk.transport.place, reason=repr(error)[:200]) from error
        for problem in problems:
            talk.report.add(problem)
        for note in notes:
            talk.report.note(note)
        self.offered -= {(each.kind, each.name, each.id, each.added) for each in batch.documents}
        talk.report.documents_sent += int(answer.get("documents", 0))
        own = {*talk.replica.own_names(), *talk.replica.own_branches()}
        for lack in batch.stretches:
            if lack.replica in talk.forked:
                continue
            taken = min(talk.has.get(lack.replica, 0), lack.last) - lack.first + 1
            talk.report.sent += max(0, taken)
            if lack.replica not in own:
                talk.report.carried += max(0, taken)
            if talk.has.get(lack.replica, 0) < lack.last:
                self._refused(lack, problems)
        talk.progress("push", talk.report.sent, 0)

    def _receipts(self, receipts: list[list[str]]) -> None:
        talk = self.talk
        for receipt in receipts:
            counted = accepted(talk.replica, receipt)
            if counted is None:
                talk.skip.add(receipt[0])
                talk.forked.add(receipt[0])
                place = f"{receipt[0]}-{receipt[1]}"
                talk.report.add(Problem(FORK, place, {"replica": receipt[0], "count": "0"}))
                continue
            name, number, safe = counted
            talk.has[name] = max(number, talk.has.get(name, 0))
            talk.safe[name] = safe

    def _refused(self, lack: Lack, problems: list[Any]) -> None:
        """Nothing of a stretch was taken: give no more of that log, but of our own what stands before the change that
        is refused."""
        talk = self.talk
        talk.skip.add(lack.replica)
        if lack.replica != talk.replica.name:
            return
        for problem in problems:
            name, _, number = problem.place.rpartition("-")
            if name == lack.replica and number.isdecimal() and lack.first < int(number) <= lack.last:
                self.first = [Lack(name, lack.first, int(number) - 1)]
                _sign_at(talk, int(number) - 1)


def _sign_at(talk: Talk, number: int) -> None:
    """Sign the own log up to a change, so that it can be given up to there."""
    replica = talk.replica
    own = replica_number(replica.name)
    text = keys.tip_text(replica.name, number, log.digest_at(replica.db, own, number))
    with replica.transaction():
        replica.db.execute(
            "INSERT OR IGNORE INTO signature (id, text) VALUES (?, ?)",
            (own << NUMBER_BITS | number, keys.sign(talk.key, text)),
        )


def _documents(talk: Talk) -> list[DocumentKey]:
    """Documents here that the hub lacks, or has with an earlier date, and takes from us."""
    greeting = talk.greeting
    if greeting.document_keys is None:
        return []
    there = {(kind, name, id_): added for kind, name, id_, added in greeting.document_keys}
    return [
        key
        for key in give.document_keys(talk.replica)
        if (greeting.offers is None or key[0] in greeting.offers) and there.get(key[:3], "") < key[3]
    ]
