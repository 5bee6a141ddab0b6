"""`homeward bundle`: one file for a stick."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from sync import Replica, SyncError, keys
from sync.problems import NO_SEAL_KEY, UNREADABLE_FILE
from sync.replica import documents
from sync.replica.connection import MAGIC
from sync.transfer import bundle as bundles
from sync.transfer import known, pack
from sync.transfer.known import NOTHING, Known
from sync.transfer.manifest import Manifest

from .. import app_db, key_file, own_keys
from ..i18n import translate, translate_n
from ..problems import Problem
from .shared import bar, counted, json_option, lang_option, print_json, refusing

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def bundle() -> None:
    """Bundles: one file that holds records, forms, photos and drafts, for a USB stick or a shared folder.

    `homeward merge` takes bundles as it takes databases."""


@bundle.command()
@click.argument("db", type=FILE)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--for",
    "recipient",
    type=FILE,
    metavar="HUB",
    help="Seal it for this hub: its key file, or its database.",
)
@click.option("--seal", is_flag=True, help="Seal it for the hub whose key has come here.")
@click.option("--all", "everything", is_flag=True, help="Also what the hub is known to have.")
@click.option(
    "--since-bundle", type=FILE, metavar="FILE", help="Only what came after this bundle was written."
)
@click.option("--no-media", is_flag=True, help="Leave photos and recordings out.")
@json_option
@lang_option
@refusing
def write(
    db: Path,
    out: Path,
    recipient: Path | None,
    seal: bool,
    everything: bool,
    since_bundle: Path | None,
    no_media: bool,
    as_json: bool,
    lang: str,
) -> None:
    """Write what the hub does not have yet of the database DB into the bundle OUT.

    \b
    homeward bundle write anna.db /media/stick
    homeward bundle write anna.db anna.homeward --for hub-key.json

    OUT is a file, or a folder in which it gets a name of its own. What the hub has is known from what came from it;
    when in doubt, more is written. Sealed, only the hub can read it. Drafts are in it, apart: they are kept safe,
    and do not become records."""
    if everything and since_bundle:
        raise click.UsageError("--all and --since-bundle exclude each other.")
    if recipient and seal:
        raise click.UsageError("--for and --seal exclude each other.")
    with Replica.open(db) as replica, bar(translate("cli.bundle.bar.write", lang)) as shown:
        hub, seal_to, since = _addressed(replica, recipient, seal)
        if everything:
            since = NOTHING
        elif since_bundle:
            since = known.by_bundle(replica, bundles.inspect(since_bundle), hub)
        target = _target(out, db)
        drafts = _drafts(db)
        written = pack.write(
            replica,
            target,
            since=since,
            media="none" if no_media else "wanted",
            drafts="[\n{}\n]\n".format(",\n".join(drafts)).encode() if drafts else b"",
            draft_count=len(drafts),
            hub=hub,
            seal_to=seal_to,
            sign=own_keys.signing(replica),
            progress=lambda done, of: _show(shown, done, of),
        )
    if as_json:
        problems = [problem.as_dict(lang) for problem in written.problems]
        left = {"changes_left": written.changes_left, "media_left": written.media_left, "problems": problems}
        print_json({"path": str(target), **told(written.manifest, written.signed, target), **left})
        return
    tell(written.manifest, written.signed, target, lang)
    for key, count in (("changes_left", written.changes_left), ("media_left", written.media_left)):
        if count:
            click.echo(translate_n(f"cli.bundle.{key}", count, lang), err=True)
    for problem in written.problems:
        click.echo(problem.text(lang), err=True)


def _show(shown: Any, done: int, of: int) -> None:
    shown.total = of
    shown.update(done - shown.n)


def _target(out: Path, db: Path) -> Path:
    """The file to write: OUT, with a bundle's ending; in a folder a name with the time in it."""
    if out.is_dir():
        return out / f"{db.stem}-{datetime.now(UTC):%Y%m%d-%H%M%S}{bundles.SUFFIX}"
    return out if out.suffix == bundles.SUFFIX else out.with_name(out.name + bundles.SUFFIX)


def _addressed(replica: Replica, recipient: Path | None, seal: bool) -> tuple[str, str, Known]:
    """`(hub, its public sealing key or "", what it is known to have)`. Without --for and --seal it is the one hub
    whose key is known here, and the bundle stays open."""
    if recipient is not None:
        if recipient.exists() and recipient.samefile(replica.path):
            raise Problem("HW-3432", str(recipient))
        if _begins(recipient, MAGIC):
            found = known.by_file(replica, recipient)
            if not found.seal:
                raise SyncError(NO_SEAL_KEY, str(recipient), known="–")
            return found.name, found.seal, found.known
        hub, public = key_file.read(recipient)
        return hub, public, known.by_sightings(replica, hub)
    hubs = known.hubs(replica)
    if seal:
        hub, public = known.the_hub(replica)
        return hub, public, known.by_sightings(replica, hub)
    hub = next(iter(hubs)) if len(hubs) == 1 else ""
    return hub, "", known.by_sightings(replica, hub) if hub else NOTHING


def _begins(path: Path, magic: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError as error:
        raise SyncError(UNREADABLE_FILE, str(path), reason=error.strerror or error) from None


def _drafts(db: Path) -> list[str]:
    """The unfinished drafts of everybody on this machine, each as JSON."""
    path = app_db.path_for(db)
    if not path.exists():
        return []
    from ..fill import drafts

    with app_db.reading(path) as connection:
        return [drafts.as_line(each) for each in drafts.unfinished(connection)]


@bundle.command()
@click.argument("file", type=FILE)
@click.option(
    "--check", is_flag=True, help="Read it from end to end: every byte, the signature, every change."
)
@click.option("--drafts", is_flag=True, help="Print the drafts that are in it, as JSON, and nothing else.")
@click.option(
    "--hub", type=FILE, metavar="HUB", help="The database that it is for: its key opens a sealed one."
)
@json_option
@lang_option
@refusing
def show(file: Path, check: bool, drafts: bool, hub: Path | None, as_json: bool, lang: str) -> None:
    """Show what is in the bundle FILE: who wrote it, when, for whom, how much.

    \b
    homeward bundle show anna.homeward --check
    homeward bundle show anna.homeward --drafts --hub hub.db
    """
    find = own_keys.finder(hub) if hub else None
    with bundles.opened(file) as opened:
        manifest, signed = opened.manifest, bool(opened.signature)
        if drafts:
            opened.unlock(find)
            click.echo(opened.drafts() or "[]\n", nl=False)
            return
    if check:
        with bar(translate("cli.bundle.bar.check", lang)) as shown:
            bundles.check(file, _known_keys(hub, manifest), find, lambda done, of: _show(shown, done, of))
    opens = manifest.seal is None or (find is not None and find(manifest.hub) is not None)
    if as_json:
        checked = {"checked": check, "changes_checked": check and opens}
        print_json({"path": str(file), **told(manifest, signed, file), **checked})
        return
    tell(manifest, signed, file, lang)
    for log in manifest.logs:
        if log.count:
            click.echo(f"  {log.replica}  {log.first}–{log.last} / {log.tip}")
    if check:
        click.echo(translate("cli.bundle.whole" if opens else "cli.bundle.whole_outside", lang))


def _known_keys(hub: Path | None, manifest: Manifest) -> tuple[str, ...]:
    if hub is None:
        return ()
    with Replica.open(hub) as replica:
        public = documents.public_key(replica.db, manifest.writer)
    return (public,) if public else ()


@bundle.command()
@click.argument("hub", type=FILE)
@click.option("--out", type=FILE, metavar="FILE", help="Write it into this file, for --for.")
@lang_option
@refusing
def key(hub: Path, out: Path | None, lang: str) -> None:
    """Print the key for which field devices seal bundles to the hub HUB.

    It is no secret, and travels by itself with all that the hub hands out: a device that has taken anything of
    the hub needs no file. The other half, which opens, is made at the first call and stays in the file beside HUB
    (ending in -app.db): without it no sealed bundle can be opened, so keep a copy of that file in a safe place.
    FILE takes the place of nothing but an earlier key of this hub."""
    with Replica.open(hub) as replica:
        names = replica.own_names()
        if out is not None:
            key_file.refuse_other(out, names)  # before a key is made
        public = own_keys.sealing(replica)
        text = keys.key_document(replica.name, public, keys.SEAL_KIND)
    if out is None:
        click.echo(text)
        return
    key_file.write(out, text, names)
    click.echo(translate("cli.bundle.key", lang, path=out, hub=hub))


def told(manifest: Manifest, signed: bool, path: Path) -> dict[str, Any]:
    """JSON-ready: what a bundle says of itself, without the list of its parts."""
    found: Mapping[str, Any] = manifest.as_dict()
    return {
        **{
            name: value
            for name, value in found.items()
            if name not in ("homeward", "parts", "seal", "documents")
        },
        "sealed": manifest.seal is not None,
        "signed": signed,
        "parts": len(manifest.parts),
        "size": path.stat().st_size,
    }


def tell(manifest: Manifest, signed: bool, path: Path, lang: str) -> None:
    """The same for people."""
    counts = manifest.counts
    what = counted(
        lang, changes=counts.changes, documents=counts.documents, media=counts.media, drafts=counts.drafts
    )
    size = f"{path.stat().st_size / 1_000_000:.1f}"
    click.echo(translate("cli.bundle.what", lang, path=path, size=size, **what))
    hub = manifest.hub or translate("cli.bundle.anyone", lang)
    click.echo(translate("cli.bundle.from", lang, writer=manifest.writer, made=manifest.made[:16], hub=hub))
    sealed = "sealed" if manifest.seal else "open"
    click.echo(translate(f"cli.bundle.{sealed}", lang))
    click.echo(translate("cli.bundle.signed" if signed else "cli.bundle.unsigned", lang))
