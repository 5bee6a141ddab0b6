"""Writing a bundle: one file that holds documents, changes, media and drafts (`docs/bundle-format.md`)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Literal

from cryptography.hazmat.primitives import serialization

from sync import keys
from sync.names import replica_name
from sync.problems import MEDIA_CHANGED, OTHER_KEY, Problem, SyncError
from sync.replica import Replica, documents, log, media
from sync.replica.store import now
from sync.transfer import give
from sync.transfer import manifest as manifests
from sync.transfer.appearing import appearing
from sync.transfer.bundle import DRAFTS_LIMIT
from sync.transfer.known import NOTHING, Known
from sync.transfer.lines import Writer, document_line, medium_line
from sync.transfer.manifest import Counts, LogSpan, Manifest, PartInfo
from sync.transfer.seal import Lid, Sealer, lid_for
from sync.transfer.zips import Out, ZipWriter

PART_CHANGES = 20_000  # after so many a new part begins, where a log can be cut
MEDIA_LIMIT = 50_000
_PIECE = 1 << 18

Progress = Callable[[int, int], object]  # bytes done, of about so many
Wanted = Literal["wanted", "all", "none"]


@dataclass(slots=True)
class Written:
    """What was written. `changes_left` waits here for its author's signature, `media_left` for another bundle;
    `problems` speak of media that are damaged here and were left out."""

    manifest: Manifest
    signed: bool
    changes_left: int = 0
    media_left: int = 0
    problems: list[Problem] = field(default_factory=list)


def write(
    replica: Replica,
    target: Path,
    *,
    since: Known | Mapping[str, int] = NOTHING,
    media: Wanted = "wanted",
    drafts: bytes = b"",
    draft_count: int = 0,
    hub: str = "",
    seal_to: str = "",
    sign: keys.PrivateKey | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write a bundle to `target`, which appears whole or not at all (HW-2030 when there is a file of that name).

    `since`: what the other side has (a plain mapping: of each log up to which number). `media`: those that it is not
    known to have, all, or none. `drafts` are kept as they are. `hub` names whom it is for, `seal_to` is that
    replica's public sealing key (`ValueError` for a key without a name, and for drafts that are too
    long to be read). `sign` is this replica's private key: it signs the manifest, and, where its public
    half is among the documents, the replica's own log first (HW-2013 when another key is there)."""
    if (seal_to and not hub) or len(drafts) > DRAFTS_LIMIT:
        raise ValueError("hub" if seal_to else "drafts")
    known = since if isinstance(since, Known) else Known(since)
    _sign_log(replica, sign)
    draft = Manifest(writer=replica.name, made=now(), hub=hub)
    with appearing(target) as file:
        packing = _Packing(replica, file, draft, known, seal_to, sign, progress or (lambda done, of: None))
        packing.count(media)
        packing.lines()
        if drafts:
            packing.drafts(drafts, draft_count)
        packing.media()
        return packing.end(sign)


def _sign_log(replica: Replica, sign: keys.PrivateKey | None) -> None:
    known = documents.public_key(replica.db, replica.name)
    if sign is None or known is None:
        return
    if known != keys.public_text(sign):
        raise SyncError(OTHER_KEY, replica.name)
    replica.sign_tip(sign)


class _Packing:
    """One bundle being written."""

    def __init__(
        self,
        replica: Replica,
        file: BinaryIO,
        draft: Manifest,
        known: Known,
        seal_to: str,
        sign: keys.PrivateKey | None,
        progress: Progress,
    ) -> None:
        self._replica, self._known, self._progress = replica, known, progress
        self._zip = ZipWriter(file)
        self._parts: list[PartInfo] = []
        self._abilities = {manifests.LINES}
        self._seal: Lid | None = None
        self._secret = b""
        if seal_to:
            self._seal, self._secret = lid_for(seal_to, draft.about)
        self._naming = _naming_key(sign)
        self._draft = replace(draft, seal=self._seal)
        self._has = dict(known.logs)
        self._begins = dict(known.logs)
        self._changes = self._documents = self._drafts = self._known_media = 0
        self._documents_to, self._documents_digest = 0, ""
        self._media: list[tuple[str, str, int]] = []  # digest, part, bytes
        self._media_left = 0
        self._problems: list[Problem] = []
        self._done = self._of = 0

    def count(self, wanted: Wanted) -> None:
        """What there will be, so that progress can be told."""
        for digest, _, size, _ in media.rows(self._replica.db) if wanted != "none" else []:
            name = self._media_name(digest)
            there = {name, manifests.media_name(digest)} & self._known.media
            if (wanted == "all" or not there) and self._replica.media(digest).exists():
                self._media.append((digest, name, size))
        self._media_left = max(0, len(self._media) - MEDIA_LIMIT)
        del self._media[MEDIA_LIMIT:]
        lacks = give.lacking(self._replica, self._has)
        self._of = sum(lack.last - lack.first + 1 for lack in lacks) * _CHANGE + sum(
            m[2] for m in self._media
        )

    def _media_name(self, digest: str) -> str:
        """In a sealed bundle a name says nothing to whoever has the same picture."""
        if self._seal is not None:
            digest = hmac.new(self._naming, digest.encode(), sha256).hexdigest()
        return manifests.media_name(digest)

    def _step(self, more: int) -> None:
        self._done = min(self._done + more, self._of)
        self._progress(self._done, self._of)

    @contextmanager
    def _part(self, name: str) -> Iterator[tuple[Callable[[bytes], object], Out]]:
        with self._zip.entry(name) as entry:
            if self._seal is None:
                yield entry.write, entry
            else:
                sealer = Sealer(self._seal, self._secret, name, entry.write)
                yield sealer.write, entry
                sealer.end()
        if not entry.dropped:
            self._parts.append(PartInfo(name, entry.size, entry.sha256))

    def lines(self) -> None:
        """Documents and what is known of media, then the logs, in as many parts as they need."""
        waiting: list[give.Lack] = []
        first = True
        while first or waiting:
            with self._part(manifests.lines_name(len(self._parts) + 1)) as (sink, _):
                out = Writer(sink)
                if first:
                    self._write_documents(out)
                    waiting = self._lacking()
                first, room = False, PART_CHANGES
                while waiting and room > 0:
                    lack = waiting.pop(0)
                    room -= self._write_log(out, lack)
                    waiting = waiting or self._lacking()
                out.end()

    def _lacking(self) -> list[give.Lack]:
        return give.lacking(self._replica, self._has, PART_CHANGES)

    def _write_log(self, out: Writer, lack: give.Lack) -> int:
        count = lack.last - lack.first + 1
        with _unchanging(self._replica):
            give.write(self._replica, out, lack, lambda read: self._step(read * _CHANGE))
        self._has[lack.replica] = lack.last
        self._begins.setdefault(lack.replica, lack.first - 1)
        self._changes += count
        return count

    def _write_documents(self, out: Writer) -> None:
        with _unchanging(self._replica):
            here = give.document_keys(self._replica)
            self._documents_digest = give.documents_digest(here)
            row = self._replica.db.execute("SELECT coalesce(max(seq), 0) FROM document").fetchone()
            self._documents_to = row[0]
            lacking = [key for key in here if not self._known.has(key)]
            for document in give.documents_lacking(self._replica, lacking):
                out.line(document_line(document))
                self._documents += 1
            for medium in give.media_known(self._replica):
                out.line(medium_line(medium))
                self._known_media += 1

    def drafts(self, data: bytes, count: int) -> None:
        """What is not finished: kept as it is, and no record."""
        with self._part(manifests.DRAFTS) as (sink, _):
            sink(data)
        self._drafts = count
        self._abilities.add(manifests.WITH_DRAFTS)

    def media(self) -> None:
        """The files, each checked against its digest as it is read; a damaged one is left out."""
        for digest, name, _ in self._media:
            with self._part(name) as (sink, entry):
                if not self._copy(digest, sink):
                    entry.drop()
                    self._problems.append(Problem(MEDIA_CHANGED, digest))

    def _copy(self, digest: str, sink: Callable[[bytes], object]) -> bool:
        running = sha256()
        if self._seal is not None:
            sink(bytes.fromhex(digest))
        with self._replica.media(digest).open("rb") as file:
            while piece := file.read(_PIECE):
                running.update(piece)
                sink(piece)
                self._step(len(piece))
        return running.hexdigest() == digest

    def end(self, sign: keys.PrivateKey | None) -> Written:
        """The manifest, its signature, the end."""
        logs, left = self._spans()
        stored = sum(1 for part in self._parts if part.medium)
        abilities = self._abilities | ({manifests.MEDIA} if stored else set())
        if self._seal is not None:
            abilities.add(manifests.SEALED)
        manifest = replace(
            self._draft,
            logs=tuple(logs),
            counts=Counts(self._changes, self._documents, stored, self._drafts, self._known_media),
            documents_to=self._documents_to,
            documents_digest=self._documents_digest,
            parts=tuple(self._parts),
            abilities=tuple(sorted(abilities)),
        )
        text = manifest.encode()
        with self._zip.entry(manifests.MANIFEST) as entry:
            entry.write(text.encode())
        with self._zip.entry(manifests.SIGNATURE) as entry:
            entry.write(manifests.sign(sign, self._replica.name, text))
        self._zip.close()
        self._progress(self._of, self._of)
        return Written(manifest, sign is not None, left, self._media_left, self._problems)

    def _spans(self) -> tuple[list[LogSpan], int]:
        """What is said of each log, and how many changes stay here."""
        db, spans, left = self._replica.db, [], 0
        for number, tip in log.tips(db).items():
            name = replica_name(number)
            last = min(self._has.get(name, 0), tip.number)
            first = min(self._begins.get(name, 0), tip.number) + 1
            digest = log.digest_at(db, number, last)
            spans.append(LogSpan(name, first, last, digest, tip.number, tip.digest))
            left += tip.number - last
        return spans, left


_CHANGE = 500  # bytes of a change, about, for telling progress


@contextmanager
def _unchanging(replica: Replica) -> Iterator[None]:
    """Let what is read hold together: nobody can erase in the middle of it."""
    if replica.db.in_transaction:
        yield
        return
    replica.db.execute("BEGIN")
    try:
        yield
    finally:
        replica.db.execute("COMMIT")


def _naming_key(sign: keys.PrivateKey | None) -> bytes:
    """The key by which media of sealed bundles are named: the same in every bundle of one writer, so that an earlier
    one can say what was in it; without a private key another one each time."""
    if sign is None:
        return secrets.token_bytes(32)
    raw = sign.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return sha256(b"homeward media names" + raw).digest()
