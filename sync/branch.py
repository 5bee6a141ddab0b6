"""Branches: what one of several copies of a store made after they parted, and the name that it goes by.

The name follows from the branch itself: whoever gives it gives the same, and the changes issued under it are the same
wherever that is done (`docs/data-model.md`, "Forks")."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from sync.canonical import decode, encode, encode_trusted
from sync.names import CHANGE, NUMBER_MASK, replica_name, replica_number

FORK_KIND = "fork"
"""Kind of the document that says of a branch that it goes by a name of its own."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The changes that a copy of `replica` made from `number` on. `digest` is the chain's digest at that number in
    this copy: it stands for all headers up to there."""

    replica: str
    number: int
    digest: str

    @property
    def name(self) -> str:
        """The replica name under which the branch is issued: 39 bits of SHA-256 over its document."""
        return replica_name(int.from_bytes(sha256(self.document().encode()).digest()[:5]) >> 1)

    def document(self) -> str:
        """Canonical `["fork", replica, number, digest]`."""
        return encode([FORK_KIND, self.replica, str(self.number), self.digest])

    def issued(self, name: str) -> str:
        """What a change that is called `name` in this copy is called from now on."""
        number = _number(name, self.replica)
        return f"{self.name}-{number - self.number + 1}" if number >= self.number else name

    def original(self, name: str) -> str:
        """The inverse of `issued`."""
        number = _number(name, self.name)
        return f"{self.replica}-{number + self.number - 1}" if number else name

    def issue(self, header: str) -> str:
        """The header that a change of this copy gets under the new name. What it says of its payload, its time and its
        author stays."""
        return _renamed(header, self.issued)

    def restore(self, header: str) -> str:
        """The inverse of `issue`."""
        return _renamed(header, self.original)


def read_fork_document(data: bytes) -> Branch:
    """The branch of a fork document; `ValueError` when it is none."""
    kind, replica, number, digest = decode(data.decode())
    texts = all(isinstance(each, str) for each in (replica, number, digest))
    if kind != FORK_KIND or not texts or len(digest) != 43:
        raise ValueError("not a fork document")
    if not CHANGE.fullmatch(f"{replica}-{number}") or int(number) > NUMBER_MASK:
        raise ValueError("not a fork document")
    replica_number(replica)
    return Branch(replica, int(number), digest)


def _number(name: str, replica: str) -> int:
    """The number of a change of this replica; 0 for one of another."""
    of, _, number = name.rpartition("-")
    return int(number) if of == replica else 0


def _renamed(header: str, rename: Callable[[str], str]) -> str:
    members = json.loads(header)
    replica, _, number = rename(f"{members[1]}-{members[2]}").rpartition("-")
    members[1:3] = [replica, number]
    members[3] = members[3] and rename(members[3])
    members[5] = sorted(map(rename, members[5]))
    return encode_trusted(members)
