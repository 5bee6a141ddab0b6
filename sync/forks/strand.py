"""A log as another store has it, wherever it lies: in an attached file, or among what was kept of it."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import closing

from sync.chain import Chain, block_start, link
from sync.change import ERASES
from sync.check import Reading, is_bare_by_right
from sync.names import NUMBER_BITS, change_name, replica_name
from sync.problems import CHAIN_BROKEN, GAP, PAYLOAD_CHANGED, SyncError
from sync.replica import log, quarantine
from sync.replica.quarantine import Claim, Kept

PART = 1024  # headers looked at in one go


class Strand(ABC):
    """Changes `first` to `last` of a log, with the digest at `last` that came with them and the last signature.

    What comes before `first` is as it is here. Nothing of it is trusted until `check` went over it."""

    def __init__(self, db: sqlite3.Connection, claim: Claim) -> None:
        self.db = db
        self.replica = claim.replica
        self.name = replica_name(claim.replica)
        self.first, self.last, self.digest = claim.first, claim.last, claim.digest
        self.signed, self.signature = claim.signed, claim.signature
        self._base = claim.replica << NUMBER_BITS

    @property
    @abstractmethod
    def select(self) -> str:
        """SELECT of (number, record, header, payload) of what is no more than text."""

    @abstractmethod
    def header(self, number: int) -> str | None:
        """The header at a number, or None."""

    def headers(self, first: int, last: int) -> list[str]:
        """The headers of a range, in order."""
        query = f"SELECT header FROM ({self.select}) WHERE number BETWEEN ? AND ? ORDER BY number"
        return [row[0] for row in self.db.execute(query, (first, last))]

    def changes(self, first: int) -> Generator[Kept]:
        """The changes from a number on, in order."""
        query = (
            f"SELECT number, record, header, payload FROM ({self.select}) WHERE number >= ? ORDER BY number"
        )
        with closing(self.db.execute(query, (first,))) as rows:
            yield from map(Kept._make, rows)

    def digest_at(self, number: int) -> str:
        """The chain's digest at a number from `first` on."""
        return self.run_on(self.chain_before(self.first), self.first, number).digest

    def run_on(self, chain: Chain, first: int, last: int, name: Callable[[str], str] = str) -> Chain:
        """The chain, run on over a range of headers (as `name` renames them)."""
        for start in range(first, last + 1, PART):
            chain.add([name(text) for text in self.headers(start, min(last, start + PART - 1))])
        return chain

    def chain_before(self, number: int) -> Chain:
        """The chain that ends before a number, as it is here."""
        return log.chain_at(self.db, log.Tip(self.replica, number - 1, ""))

    def claim(self, first: int, start: str = "") -> Claim:
        """What is claimed of it from a number on."""
        return Claim(self.replica, first, self.last, start, self.digest, self.signed, self.signature)

    def check(self, first: int, chain: Chain) -> None:
        """Go over the changes from `first` on, which follow what `chain` ends with: headers, payloads, chain, and a
        payload that is not there only where an erase of its record is known. HW-2008, HW-2009, HW-2010, HW-2014."""
        reading = Reading(self.replica, first, chain)
        query = (
            f"SELECT number, record, header, CAST(payload AS BLOB) FROM ({self.select}) WHERE number >= ?"
            " ORDER BY number"
        )
        with closing(self.db.execute(query, (first,))) as rows:
            while part := rows.fetchmany(chain.room):
                reading.take([(self._base | number, *rest) for number, *rest in part])
        if reading.number <= self.last:
            raise SyncError(GAP, f"{self.name}-{reading.number}", found="")
        if chain.digest != self.digest:
            raise SyncError(CHAIN_BROKEN, self.name)
        for record, change in reading.found.bare.items():
            if not self.erased(record):
                raise SyncError(PAYLOAD_CHANGED, change_name(change))

    def erased(self, record: int) -> bool:
        """Whether an erase of a record is known here, or stands in what is looked at."""
        return is_bare_by_right(self.db, "main", record)


class SourceStrand(Strand):
    """A whole log in an attached file."""

    def __init__(self, db: sqlite3.Connection, schema: str, tip: log.Tip) -> None:
        super().__init__(db, Claim(tip.replica, 1, tip.number, "", tip.digest, tip.signed, tip.signature))
        self.schema = schema

    @property
    def select(self) -> str:
        return (
            "SELECT id & 16777215 AS number, CASE WHEN typeof(record) = 'integer' THEN record END AS record,"
            f" header, payload FROM {self.schema}.change WHERE id BETWEEN {self._base | 1}"
            f" AND {self._base | self.last} AND typeof(header) = 'text' AND typeof(payload) IN ('text', 'null')"
        )

    def header(self, number: int) -> str | None:
        found = log.headers(self.db, self.replica, number, number, self.schema)
        return found[0] if found else None

    def headers(self, first: int, last: int) -> list[str]:
        return log.headers(self.db, self.replica, first, last, self.schema)

    def digest_at(self, number: int) -> str:
        part = self.headers(block_start(number), number)
        if not all(isinstance(text, str) for text in part):  # a stranger's: the checks say what it is
            return ""
        return link(log.block_digest(self.db, self.replica, number, self.schema), part)

    def erased(self, record: int) -> bool:
        return super().erased(record) or is_bare_by_right(self.db, self.schema, record)


class KeptStrand(Strand):
    """What was kept of a log under an id of the quarantine."""

    def __init__(self, db: sqlite3.Connection, aside: int, claim: Claim) -> None:
        super().__init__(db, claim)
        self.aside = aside

    @property
    def select(self) -> str:
        return f"SELECT number, record, header, payload FROM kept WHERE aside = {int(self.aside)}"

    def header(self, number: int) -> str | None:
        return quarantine.header(self.db, self.aside, number)

    def erased(self, record: int) -> bool:
        rows = self.db.execute(
            "SELECT header FROM kept WHERE aside = ? AND record = ?", (self.aside, record)
        ).fetchall()
        return super().erased(record) or any(ERASES in text for (text,) in rows)
