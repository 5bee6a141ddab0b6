"""Taking a bundle into a replica: whole or not at all (`docs/bundle-format.md`, "Taking")."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sync.names import NUMBER_BITS, replica_number
from sync.problems import HUB_UNWRITABLE, MEDIA_CHANGED, OTHER_KEY, SyncError
from sync.replica import Replica, documents, intake, log, media
from sync.replica.sighting import Sighting
from sync.replica.store import now
from sync.transfer import bundle as bundles
from sync.transfer import manifest as manifests
from sync.transfer import seal
from sync.transfer.bundle import Bundle, Progress
from sync.transfer.lines import Part
from sync.transfer.manifest import Manifest
from sync.transfer.take import Taken, take


def unpack(
    hub: Replica, path: Path, find: seal.Find | None = None, progress: Progress | None = None
) -> Taken:
    """Take a bundle. Again, it brings nothing.

    First every byte and the signature are checked; then documents and changes are taken in one transaction, by the
    same rules as from any other road; then the media that are known here and whose file is not. A log that does not
    fit is set aside by itself. `find` gives the private sealing key of a replica. Raises what `bundle.check` raises,
    HW-2045 for a sealed bundle whose key is not at hand: then nothing was taken."""
    with bundles.opened(path) as bundle:
        manifest = bundle.manifest
        public = documents.public_key(hub.db, manifest.writer)
        signer = manifests.check_signature(
            bundle.signature, manifest, bundle.text.decode(), [public] if public else [], str(path)
        )
        bundle.unlock(find)
        bundle.progress = progress
        bundle.check_bytes()
        bundle.check_sealed()
        with bundle.whole():
            found = take(
                hub,
                _parts(hub, bundle, signer),
                str(path),
                road=intake.BUNDLE,
                seen=_seen(hub, manifest),
            )
        found.held = _held(hub, manifest)
        _media(hub, bundle, found)
        found.missing = sum(not hub.media(digest).exists() for digest in found.named)
        if progress:
            progress(bundle.done, bundle.done)
        return found


def _parts(hub: Replica, bundle: Bundle, signer: str) -> Iterator[Part]:
    yield from bundle.parts()
    # It may have brought the writer's key itself.
    public = documents.public_key(hub.db, bundle.manifest.writer)
    if signer and public is not None and public != signer:
        raise SyncError(OTHER_KEY, bundle.manifest.writer)


def _seen(hub: Replica, manifest: Manifest) -> list[Sighting]:
    """What the writer had, as far as it is not noted already."""
    if manifest.writer == hub.name:
        return []
    at = min(manifest.made, now())  # a clock that is ahead must not outdo what is seen later
    rows = hub.db.execute(
        "SELECT replica, number, digest FROM sighting WHERE source = ?", (manifest.writer,)
    ).fetchall()
    noted = set(rows)
    seen = [
        Sighting(replica_number(each.replica), manifest.writer, each.tip, each.tip_digest, at)
        for each in manifest.logs
    ]
    return [each for each in seen if (each.replica, each.number, each.digest) not in noted]


def _held(hub: Replica, manifest: Manifest) -> list[tuple[int, int]]:
    """What a bundle holds of logs that are here as they are there."""
    found = []
    for each in manifest.logs:
        number = replica_number(each.replica)
        here = log.tip(hub.db, number).number >= each.last >= each.first
        if here and log.digest_at(hub.db, number, each.last) == each.digest:
            found.append((number << NUMBER_BITS | each.first, number << NUMBER_BITS | each.last))
    return found


def _media(hub: Replica, bundle: Bundle, found: Taken) -> None:
    """Store the media that are known here and missing; what cannot be stored stays missing, and is said."""
    for part in bundle.manifest.parts:
        if not part.medium:
            continue
        try:
            digest, stream = bundle.medium(part)
            if _is_missing(hub, digest):
                hub.bring_media(digest, stream)
                found.stored += 1
        except SyncError as error:
            found.problems.append(error.problem)
            if error.problem.code != MEDIA_CHANGED:
                return  # the stick is out: what is left comes when the bundle is taken again
            hub.set_aside(str(bundle.path), error.problem)
        except OSError as error:
            if error.errno not in media.FULL:
                raise
            raise SyncError(HUB_UNWRITABLE, str(hub.media_folder), reason=error.strerror) from error


def _is_missing(hub: Replica, digest: str) -> bool:
    known = hub.db.execute("SELECT 1 FROM media WHERE sha256 = ?", (digest,)).fetchone()
    return known is not None and not hub.media(digest).exists()
