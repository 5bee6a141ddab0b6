"""A browser of a network: it has its own log alone, and remembers records as a hub showed them to it.

As `collector/static/app/store/changes.js` keeps a log and `collector/static/app/sync/run.js` sends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sync import chain, clock, keys
from sync.canonical import sha, short_id, to_base64url
from sync.change import EVERYTHING, Header, encode_edit, encode_removal, new_salt
from sync.layout import generic
from tests.sync.network.clocks import STAMPS, Clock
from tests.sync.network.forms import COMPILED, IDS, NOTHING, VERSIONS, Act, Content, acted
from tests.sync.network.laptop import Laptop


class Seen(NamedTuple):
    """A record as this browser knows it: the heads of what it shows, and the paths in conflict there."""

    version: str
    heads: tuple[str, ...]
    content: Content
    conflicts: tuple[str, ...] = ()


class Draft(NamedTuple):
    """A record as it was when a person began to edit it."""

    record: str
    seen: Seen
    names_conflicts: bool


class Packet(NamedTuple):
    """A request with changes of a browser, from its log's `first` to `last`, as it went out."""

    sender: str
    first: int
    last: int
    request: Mapping[str, Any]


class Browser:
    """A person at a phone. `log` are `(header, payload)`; `received` the numbers that a receipt stood for."""

    def __init__(self, name: str, clock_: Clock) -> None:
        self.name, self.clock = name, clock_
        self.key = keys.generate()
        self.log: list[tuple[str, str]] = []
        self.received: set[int] = set()
        self.seen: dict[str, Seen] = {}
        self.versions = {"1"}
        self._latest = ""

    def learn(self, version: str) -> None:
        """A version of the form comes here."""
        self.versions.add(version)

    def pull(self, hub: Laptop) -> None:
        """Learns the records and form versions of a hub, as the field package hands them out."""
        self.versions |= {version for version in COMPILED if hub.knows(version)}
        for state in hub.editable():
            if VERSIONS[state.form] in self.versions:
                self.seen[state.record] = Seen(
                    VERSIONS[state.form],
                    state.heads,
                    Content(state.answers, state.reasons),
                    tuple(conflict.path for conflict in state.conflicts if conflict.path),
                )

    # What a person does

    def create(self, version: str, acts: Sequence[Act], stamp: str) -> None:
        """A new record."""
        content = acted(NOTHING, acts, version)
        payload = encode_edit(COMPILED[version], *content, [EVERYTHING], new_salt())
        name = self._append("edit", "", version, (), payload, stamp)
        self.seen[name] = Seen(version, (name,), content)

    def can_edit(self) -> set[str]:
        """Names of the records that this browser remembers."""
        return set(self.seen)

    def begin(self, record: str, names_conflicts: bool = True) -> Draft:
        """Opens a record for editing. `names_conflicts`: what was in conflict there is settled, else only what the
        person touches."""
        return Draft(record, self.seen[record], names_conflicts)

    def finish(self, draft: Draft, acts: Sequence[Act], newest: bool, stamp: str) -> None:
        """Makes a draft a change."""
        seen = draft.seen
        version = max(self.versions) if newest else seen.version
        content = acted(seen.content, acts, version)
        changed = set(seen.conflicts if draft.names_conflicts else ())
        for old, new in zip(seen.content, content, strict=True):
            changed |= {path for path in {*old, *new} if old.get(path, "") != new.get(path, "")}
        given = sorted(path for path in changed if generic(path) not in COMPILED[version].derived)
        payload = encode_edit(COMPILED[version], *content, given, new_salt())
        kind = "settle" if len(seen.heads) > 1 else "edit"
        name = self._append(kind, draft.record, version, seen.heads, payload, stamp)
        self.seen[draft.record] = Seen(version, (name,), content)

    def edit(self, record: str, acts: Sequence[Act], newest: bool) -> None:
        """Edits a record as it is remembered here."""
        self.finish(self.begin(record), acts, newest, "own")

    def delete(self, record: str, stamp: str) -> None:
        """Deletes a record as it was seen."""
        seen = self.seen[record]
        payload = encode_removal("twice", new_salt())
        name = self._append("delete", record, seen.version, seen.heads, payload, stamp)
        self.seen[record] = Seen(seen.version, (name,), NOTHING)

    def _append(
        self, kind: str, record: str, version: str, parents: Sequence[str], payload: str, stamp: str
    ) -> str:
        self.clock.world.turn(self.clock)
        number = len(self.log) + 1
        name = f"{self.name}-{number}"
        self._latest = clock.tick(self._latest, clock.now_milliseconds())
        header = Header(
            self.name, number, record or name, IDS[version], tuple(parents), STAMPS.get(stamp, self._latest),
            "bo", kind, ("v:1",), sha(payload),
        )  # fmt: skip
        self.log.append((header.encode(), payload))
        return name

    def use_up_counter(self) -> None:
        """As after 65,535 changes within a millisecond."""
        self._latest = max(self._latest, self.clock.used_up())

    # What it sends

    def digest(self, number: int) -> str:
        """The chain digest of its own log."""
        return chain.digest(header for header, _ in self.log[:number])

    def hello(self) -> dict[str, str]:
        """Its own tip."""
        return {"replica": self.name, "number": str(len(self.log)), "digest": self.digest(len(self.log))}

    def packet(self, first: int, last: int) -> Packet:
        """Changes `first` to `last`, signed over the last, with the public key."""
        digest = self.digest(last)
        public = keys.key_document(self.name, keys.public_text(self.key)).encode()
        key = {
            "id": short_id(public),
            "kind": "key",
            "name": self.name,
            "added": "",
            "data": to_base64url(public),
        }
        request = {
            "replica": self.name,
            "changes": [list(texts) for texts in self.log[first - 1 : last]],
            "tip": [self.name, str(last), digest],
            "signature": keys.sign(self.key, keys.tip_text(self.name, last, digest)),
            "documents": [key],
        }
        return Packet(self.name, first, last, request)

    def take(self, answer: Mapping[str, Any]) -> None:
        """Notes receipts: each must name a change of this log and both its digests."""
        for change, header_sha, payload_sha, at in answer["receipts"]:
            number = int(change.rpartition("-")[2])
            header, payload = self.log[number - 1]
            assert (change, header_sha, payload_sha) == (f"{self.name}-{number}", sha(header), sha(payload))
            assert at
            self.received.add(number)

    def waiting(self, has: int) -> int:
        """The first number that a hub lacks or that has no receipt; 0 when nothing waits."""
        open_ = (n for n in range(1, len(self.log) + 1) if n > has or n not in self.received)
        return next(open_, 0)
