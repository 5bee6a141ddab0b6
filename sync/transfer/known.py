"""What the other side is known to have, so that it need not be given again. When unsure: less."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sync import keys
from sync.names import replica_name, replica_number
from sync.problems import NO_SEAL_KEY, NOT_SINCE, SyncError
from sync.replica import Replica, documents, log, media, sighting
from sync.source import SCHEMA, attached, check_tables
from sync.transfer import give
from sync.transfer.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Known:
    """Of each log the number up to which the other side has it; of documents (kind, name, id) the date; parts of media
    by their names."""

    logs: Mapping[str, int] = field(default_factory=dict)
    documents: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    media: frozenset[str] = frozenset()

    def has(self, document: give.DocumentKey) -> bool:
        """Whether the other side has a document, and knows it to be as recent."""
        kind, name, id_, added = document
        return self.documents.get((kind, name, id_), "") >= added


NOTHING = Known()


def by_sightings(replica: Replica, hub: str) -> Known:
    """What `hub` was seen to have of the logs that are here, where it was seen to be the same log."""
    found = {}
    for seen in sighting.rows(replica.db):
        if seen.source == hub and _is_ours(replica, seen.replica, seen.number, seen.digest):
            found[replica_name(seen.replica)] = seen.number
    return Known(found)


def by_bundle(replica: Replica, earlier: Manifest, hub: str = "") -> Known:
    """What whoever took an earlier bundle of this replica has; or, for a bundle that the hub wrote, what the hub
    had. HW-2048 for the bundle of somebody else."""
    if earlier.writer == replica.name:
        known = {
            each.replica: each.last
            for each in earlier.logs
            if _is_ours(replica, replica_number(each.replica), each.last, each.digest)
        }
        return Known(
            known, _documents_then(replica, earlier), frozenset(p.name for p in earlier.parts if p.medium)
        )
    if not hub or earlier.writer != hub:
        raise SyncError(NOT_SINCE, earlier.writer, writer=earlier.writer)
    return Known(
        {
            each.replica: each.tip
            for each in earlier.logs
            if _is_ours(replica, replica_number(each.replica), each.tip, each.tip_digest)
        }
    )


def _is_ours(replica: Replica, number: int, at: int, digest: str) -> bool:
    """Whether a log seen elsewhere is the one that is here, as far as it can be told."""
    if at > log.tip(replica.db, number).number:
        return number != replica_number(replica.name)  # more of our own than we made: not the same log
    return log.digest_at(replica.db, number, at) == digest


def _documents_then(replica: Replica, earlier: Manifest) -> dict[tuple[str, str, str], str]:
    """The documents that were here when an earlier bundle was written, if that can still be told."""
    rows = replica.db.execute(
        "SELECT kind, name, id, added FROM document WHERE seq <= ?", (earlier.documents_to,)
    )
    found: list[give.DocumentKey] = rows.fetchall()
    return _dated(found) if give.documents_digest(found) == earlier.documents_digest else {}


def _dated(found: Iterable[give.DocumentKey]) -> dict[tuple[str, str, str], str]:
    return {(kind, name, id_): added for kind, name, id_, added in found}


@dataclass(frozen=True, slots=True)
class HubFile:
    """A hub whose database is at hand: its name, its public sealing key (`""` without one) and what it has."""

    name: str
    seal: str
    known: Known


def by_file(replica: Replica, path: Path) -> HubFile:
    """What a hub has whose database is at hand. HW-2002 to HW-2007 for a file that is none, HW-2024 for the
    replica's own."""
    with attached(replica.db, path, replica.path):
        check_tables(replica.db, str(path))
        name = str(replica.db.execute(f"SELECT value FROM {SCHEMA}.meta WHERE key = 'replica'").fetchone()[0])
        logs = {
            replica_name(number): tip.number
            for number, tip in log.tips(replica.db, SCHEMA).items()
            if _is_ours(replica, number, tip.number, tip.digest)
        }
        rows = replica.db.execute(f"SELECT kind, name, id, added FROM {SCHEMA}.document")
        held = _dated(rows)
        folder = media.folder_of(path)
        known = [row[0] for row in media.rows(replica.db, SCHEMA) if media.file_of(folder, row[0]).exists()]
        seal = _seal_beside(replica, name)
    return HubFile(name, seal, Known(logs, held, frozenset(f"media/{digest}" for digest in known)))


def _seal_beside(replica: Replica, name: str) -> str:
    row = replica.db.execute(
        f"SELECT c.data FROM {SCHEMA}.document AS d JOIN {SCHEMA}.content AS c ON c.id = d.id"
        " WHERE d.kind = ? AND d.name = ? ORDER BY d.seq LIMIT 1",
        (keys.SEAL_KIND, name),
    ).fetchone()
    return keys.read_key_document(bytes(row[0]), keys.SEAL_KIND)[1] if row else ""


def hubs(replica: Replica) -> dict[str, str]:
    """The replicas, other than this one, whose public sealing key is known here: name → key."""
    names = {document.name for document in replica.documents(keys.SEAL_KIND)} - {replica.name}
    found = {name: documents.public_key(replica.db, name, keys.SEAL_KIND) for name in sorted(names)}
    return {name: public for name, public in found.items() if public is not None}


def the_hub(replica: Replica) -> tuple[str, str]:
    """Name and public sealing key of the one hub that is known here; HW-2047 when there is none, or several."""
    found = hubs(replica)
    if len(found) != 1:
        raise SyncError(NO_SEAL_KEY, replica.name, known=", ".join(sorted(found)) or "–")
    ((name, public),) = found.items()
    return name, public
