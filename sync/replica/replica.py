"""`Replica`: the face of one store. It decides what is one change and delegates to the file's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sync import keys
from sync.canonical import sha
from sync.change import (
    ERASE,
    EVERYTHING,
    REVIEW_STATES,
    Change,
    Header,
    encode_edit,
    encode_removal,
    encode_review,
    new_salt,
    parse_header,
)
from sync.explain import Explanation, explain
from sync.fold import Graph
from sync.names import NUMBER_BITS, change_key, change_name, replica_name, replica_number
from sync.problems import (
    BAD_REVIEW,
    RECORD_ERASED,
    UNKNOWN_FORM,
    UNKNOWN_RECORD,
    SyncError,
)
from sync.replica import erasure, excerpt, log, notes, quarantine, released, signing, state, write
from sync.replica.identity import Renewal
from sync.replica.state import RecordState
from sync.replica.store import Store, now


class Touched(NamedTuple):
    """Records that changes touched, in order of arrival and each once; `cursor` for the next call."""

    cursor: int
    records: list[str]


class Replica(Store):
    """One store of changes. Not to be shared between threads: open one for each.

    With a `signer`, which gives the private key of its own log (None: there is none), no transaction leaves own changes
    behind that are not signed: a copy of the file can then be handed to anybody who knows its public key."""

    signer: Callable[[], keys.PrivateKey | None] | None = None

    def _before_commit(self) -> None:
        if self.signer is not None:
            tip = log.tip(self.db, replica_number(self.name))
            key = self.signer() if tip.signed < tip.number else None
            if key is not None:
                signing.sign(self, key)

    def renew(self, renewal: Renewal | None = None) -> str:
        """Give this store a new identity; its key was the old one's."""
        self.signer = None
        return super().renew(renewal)

    # Making changes

    def save(
        self,
        *,
        record: str | None = None,
        form: str,
        answers: Mapping[str, str],
        reasons: Mapping[str, str] | None = None,
        changed: Iterable[str] | None = None,
        author: str,
        scopes: Iterable[str] = (),
        parents: Sequence[str] | None = None,
        at: datetime | None = None,
        clock: str | None = None,
    ) -> str:
        """Create a record (`record=None`) or edit it; returns the change's name (for a creation: the
        record's).

        `answers` is the whole record as its author leaves it. `parents`: the heads that the author had seen
        (default: all that are here); several make it a settle. `changed`: the paths the person touched,
        derived ones left out (default: the difference from what was seen). Without `scopes` an edit keeps the
        record's. `at` or `clock` sets the time instead of this machine's clock. An edit that changes nothing
        writes nothing."""
        layout = self.layout(form)
        if layout is None:
            raise SyncError(UNKNOWN_FORM, form)
        kept = write.clean_answers(answers)
        why = write.clean_reasons(reasons or {}, kept)
        with self.transaction():
            if record is None:
                payload = encode_edit(layout, kept, why, [EVERYTHING], new_salt())
                return self._append("edit", None, form, (), author, scopes, payload, at, clock)
            basis = write.basis(record, self._changes(record), parents)
            paths = write.changed_paths(basis, layout, kept, why) if changed is None else sorted(set(changed))
            same = (basis.seen.answers, basis.seen.reasons) == (kept, why) and not basis.seen.deleted
            if (
                same
                and not paths
                and len(basis.parents) == 1
                and not scopes
                and self._form_of(basis.parents[0]) == form
            ):
                return basis.parents[0]
            payload = encode_edit(layout, kept, why, paths, new_salt())
            kind = "settle" if len(basis.parents) > 1 else "edit"
            given = tuple(scopes) or basis.scopes
            return self._append(kind, record, form, basis.parents, author, given, payload, at, clock)

    def review(
        self,
        record: str,
        state: str,
        comment: str = "",
        questions: Sequence[str] = (),
        *,
        author: str,
        at: datetime | None = None,
        clock: str | None = None,
    ) -> str:
        """Review a record: `has_issues`, `approved` or `rejected` (HW-2023 for another). Returns the change's
        name."""
        if state not in REVIEW_STATES:
            raise SyncError(BAD_REVIEW, record, state=state)
        with self.transaction():
            changes = self._changes(record)
            seen = write.basis(record, changes, None)
            parents = sorted({*seen.parents, *seen.seen.review.changes})
            form = self._form_at(changes, seen.parents)
            payload = encode_review(state, comment, questions, new_salt())
            return self._append("review", record, form, parents, author, seen.scopes, payload, at, clock)

    def delete(
        self,
        record: str,
        reason: str,
        *,
        author: str,
        parents: Sequence[str] | None = None,
        at: datetime | None = None,
        clock: str | None = None,
    ) -> str:
        """Delete a record; its history stays. Returns the change's name."""
        return self._remove("delete", record, reason, author, parents, at, clock)

    def withdraw(
        self,
        record: str,
        reason: str,
        *,
        author: str,
        at: datetime | None = None,
        clock: str | None = None,
    ) -> str:
        """Note that the respondent takes the record back: nothing of it is published from now on. Returns
        the change's name."""
        return self._remove("withdraw", record, reason, author, None, at, clock)

    def erase(
        self,
        record: str,
        reason: str,
        *,
        author: str,
        at: datetime | None = None,
        clock: str | None = None,
    ) -> str:
        """Destroy what a record holds, here and wherever this change arrives: answers, reasons, comments and
        media; the headers stay. Cannot be undone. Returns the change's name."""
        with self.transaction():
            name = self._remove(ERASE, record, reason, author, None, at, clock)
            gone = erasure.note(self.db, [change_key(record)])
            state.refresh(self.db, [change_key(record)], self.layout)
        erasure.forget_files(self.media_folder, gone)
        return name

    def _remove(
        self,
        kind: str,
        record: str,
        reason: str,
        author: str,
        parents: Sequence[str] | None,
        at: datetime | None,
        clock: str | None,
    ) -> str:
        with self.transaction():
            changes = self._changes(record)
            seen = write.basis(record, changes, parents)
            form = self._form_at(changes, seen.parents)
            payload = encode_removal(reason, new_salt())
            return self._append(kind, record, form, seen.parents, author, seen.scopes, payload, at, clock)

    def _changes(self, record: str) -> list[Change]:
        found = state.changes(self.db, change_key(record), self.layout)
        bare = any(change.payload is None for change in found)
        if not found or (bare and released.holds(self.db, change_key(record))):
            raise SyncError(UNKNOWN_RECORD, record)
        return found

    def _form_at(self, changes: Sequence[Change], parents: Sequence[str]) -> str:
        by_name = {change.name: change.header for change in Graph(changes).changes}
        known = [header for name, header in by_name.items() if name in parents]
        return (known or list(by_name.values()))[-1].form

    def _form_of(self, name: str) -> str:
        row = log.one(self.db, change_key(name))
        return state.decode(row, self.layout).header.form if row else ""

    def _append(
        self,
        kind: str,
        record: str | None,
        form: str,
        parents: Sequence[str],
        author: str,
        scopes: Iterable[str],
        payload: str,
        at: datetime | None,
        clock: str | None,
    ) -> str:
        if record is not None and kind != ERASE and erasure.is_erased(self.db, change_key(record)):
            raise SyncError(RECORD_ERASED, record)
        write.check_size(payload)
        writer = self.writer()
        number = log.next_number(self.db, replica_number(writer))
        name = f"{writer}-{number}"
        header = Header(
            writer,
            number,
            record or name,
            form,
            tuple(parents),
            self.tick(at, clock),
            author,
            kind,
            tuple(sorted(set(scopes))),
            sha(payload),
        )
        key = None if record is None else change_key(record)
        log.append(self.db, replica_number(writer), key, header.encode(), payload, now())
        if key is not None:
            state.refresh(self.db, [key], self.layout)
        return name

    # Reading

    def state(self, record: str) -> RecordState:
        """A record as it is now; HW-2021 when nothing of it is here."""
        found = state.read(self.db, change_key(record), self.layout, self.form_id)
        if found is None:
            raise SyncError(UNKNOWN_RECORD, record)
        return found

    def states(
        self, form_id: str | None = None, scope: str | None = None, review: str | None = None
    ) -> Iterator[RecordState]:
        """Records in the order of their names, deleted ones too, perhaps of one form, scope or review
        state."""
        self.settle_stale()
        for each in state.everything(self.db, self.layout, self.form_id, review):
            if (form_id is None or each.form_id == form_id) and (scope is None or scope in each.scopes):
                yield each

    def records_by_form(self) -> dict[str, int]:
        """How many records show each form version (by its id), deleted ones left out."""
        self.settle_stale()
        return state.by_form(self.db, self.layout, self.form_id)

    def showing_medium(self, sha256: str) -> Iterator[RecordState]:
        """The records that have a medium for an answer, or for one of the answers in conflict. Reads every
        payload."""
        for record in log.records_with(self.db, sha256):
            found = state.read(self.db, record, self.layout, self.form_id)
            if found is not None and found.holds(sha256):
                yield found

    def settle_stale(self) -> int:
        """Bring derived rows that a merge left behind up to the log; returns the conflicts in those
        records."""
        waiting = state.stale(self.db)
        if not waiting:
            return 0
        with self.transaction():
            return state.refresh(self.db, waiting, self.layout)

    def read_kept(self, kept: quarantine.Kept) -> tuple[Change, RecordState] | None:
        """A change that was set aside, decoded, and its record as it leaves it (an edit: else without answers); None
        when its header cannot be read."""
        try:
            parse_header(kept.header)
        except SyncError:
            return None
        row = (0, None, kept.header, kept.payload)
        return state.decode(row, self.layout), state.single(row, self.layout, self.form_id)

    def history(self, record: str) -> list[Change]:
        """All changes of a record, decoded, in clock order; HW-2021 when nothing of it is here."""
        return Graph(self._changes(record)).changes

    def explain(self, record: str) -> Explanation:
        """Why each answer of a record is as `state` shows it, and from which change; HW-2021 when nothing of
        it is here."""
        return explain(record, self._changes(record))

    def changed_since(self, cursor: int = 0) -> Touched:
        """Records touched by changes that arrived after `cursor` (0: all)."""
        touched: dict[int, None] = {}
        for seq, first, last in log.ranges_after(self.db, cursor):
            cursor = seq
            if last < first:
                touched.update(dict.fromkeys(excerpt.arrived_with(self.db, seq)))
                continue
            rows = self.db.execute(
                "SELECT coalesce(record, id) FROM change WHERE id BETWEEN ? AND ?", (first, last)
            )
            touched.update((row[0], None) for row in rows)
        return Touched(cursor, [change_name(key) for key in touched])

    def counts(self) -> dict[str, int]:
        """`changes`, `records`, `deleted`, `conflicts` (records with one), `documents`, `media`, `replicas`,
        `quarantined`."""
        self.settle_stale()
        names = (
            "changes",
            "records",
            "deleted",
            "conflicts",
            "documents",
            "media",
            "replicas",
            "quarantined",
        )
        row = self.db.execute(
            "SELECT (SELECT coalesce(sum(tip), 0) FROM log),"
            " (SELECT count(*) FROM change WHERE record IS NULL)"
            " + (SELECT count(*) FROM state AS s WHERE NOT EXISTS"
            " (SELECT 1 FROM change AS c WHERE c.id = s.record)),"
            " (SELECT count(*) FROM state WHERE deleted), (SELECT count(*) FROM state WHERE conflicts),"
            " (SELECT count(*) FROM document), (SELECT count(*) FROM media), (SELECT count(*) FROM log),"
            " (SELECT count(*) FROM quarantine WHERE resolved = '')"
        ).fetchone()
        found = dict(zip(names, row, strict=True))
        return found | {"records": found["records"] - len(released.records(self.db))}

    def left(self) -> str:
        """ISO time at which answers last left this replica or came back to it; `""` for never. Whatever was derived
        from its records before is to be made anew."""
        return notes.get(self.db, notes.LEFT)

    def logs(self) -> list[dict[str, Any]]:
        """Every replica whose changes are here: `replica`, `changes`, `signed` (highest number covered),
        `arrived`."""
        return [
            {
                "replica": replica_name(number),
                "changes": tip.number,
                "signed": tip.signed,
                "arrived": log.arrived_at(self.db, number << NUMBER_BITS | tip.number),
            }
            for number, tip in log.tips(self.db).items()
        ]

    # Identity and proof

    def sign_tip(self, key: keys.PrivateKey) -> str:
        """Sign the tip of this store's own log and put its public key among the documents; returns the
        signature. What it wrote under former names is signed too, where it had the same key."""
        with self.transaction():
            return signing.sign(self, key)

    def state_digest(self) -> str:
        """SHA-256 over every record's state, folded from the log; equal sets of changes give equal
        digests."""
        self.settle_stale()
        return state.digest(self.db, self.layout)
