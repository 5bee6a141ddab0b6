"""`homeward forms add`: a team's own forms into a database, with what they attach."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from forms import FormError, Problem
from forms.sheets.bounds import LARGEST
from sync import Replica

from ..i18n import size_text, translate
from ..own_forms.file import File
from ..own_forms.media import MediaOffer, is_media
from ..own_forms.parcel import FormOffer, ListOffer, Parcel, examine
from ..own_forms.parcel import add as add_parcel
from .form_report import as_dict, lines, of_finding
from .help import Command
from .shared import counted, json_option, lang_option, print_json, refuse, refusing


@click.command(cls=Command)
@click.argument("db", type=click.Path(path_type=Path), metavar="DB")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--list",
    "lists",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
)
@json_option
@lang_option
@refusing
def add(db: Path, files: tuple[Path, ...], lists: tuple[Path, ...], as_json: bool, lang: str) -> None:
    """Add forms, or new versions of forms, to a database, with the files that they attach."""
    try:
        forms, attached = [_read(path) for path in files], [_read(path) for path in lists]
    except FormError as error:
        refuse(error.problems[0].as_dict(lang), as_json, lang)
    with Replica.open(db) as replica:
        parcel = examine(replica, forms, attached)
        if parcel.ok and not parcel.known:
            add_parcel(replica, parcel)
    if as_json:
        print_json(_as_dict(files, lists, parcel, lang))
    else:
        click.echo("\n".join(_report(files, lists, parcel, lang)), err=not parcel.ok)
        if parcel.ok:
            click.echo("\n".join(_done(parcel, lang)))
        else:
            click.echo(translate("cli.forms.refused", lang), err=True)
    if not parcel.ok:
        sys.exit(1)


def _read(path: Path) -> File:
    """A file, no further than to where it is too large. Raises FormError HW-1001."""
    try:
        with path.open("rb") as opened:
            return File(path.name, opened.read(LARGEST + 1))
    except OSError as error:
        raise FormError(
            [Problem("HW-1001", str(path), {"file": path.name, "reason": error.strerror or str(error)})]
        ) from error


def _report(files: tuple[Path, ...], lists: tuple[Path, ...], parcel: Parcel, lang: str) -> Iterator[str]:
    for path, form in zip(files, parcel.forms, strict=True):
        yield from lines(str(path), form.report, lang)
        yield ""
    for path, offer in _attached(lists, parcel):
        for finding in offer.findings:
            yield str(path)
            yield from of_finding(finding, offer.filename, lang)
            yield ""


def _attached(paths: tuple[Path, ...], parcel: Parcel) -> Iterator[tuple[Path, ListOffer | MediaOffer]]:
    """What was given beside the forms, with its offer: lists, then what is shown."""
    yield from zip((path for path in paths if not is_media(path.name)), parcel.lists, strict=True)
    yield from zip((path for path in paths if is_media(path.name)), parcel.media, strict=True)


def _done(parcel: Parcel, lang: str) -> Iterator[str]:
    """What was added, what was here already, what follows."""
    offers: tuple[FormOffer | ListOffer | MediaOffer, ...] = (*parcel.forms, *parcel.attached)
    for offer in offers:
        key = "cli.forms.known" if offer.known else "cli.forms.added"
        yield translate(key, lang, what=_name(offer, lang))
    for form in parcel.forms:
        if form.form is not None and form.records and not form.known:
            records = counted(lang, records=form.records)
            yield translate("cli.forms.keep", lang, form_id=form.form.form_id, **records)
    for form in parcel.forms:
        if form.form is not None and form.fetched:
            size = size_text(form.fetched)
            yield translate("cli.forms.fetched", lang, form_id=form.form.form_id, size=size)
    if not parcel.known:
        yield translate("cli.forms.devices", lang)


def _name(offer: FormOffer | ListOffer | MediaOffer, lang: str) -> str:
    if isinstance(offer, FormOffer):
        if offer.form is None:
            raise AssertionError("a parcel without errors has its forms")
        return translate(
            "cli.forms.form", lang, form_id=offer.form.form_id, version=offer.form.version or "–"
        )
    if isinstance(offer, MediaOffer):
        size = size_text(offer.size)
        return translate(f"cli.forms.{offer.sort}", lang, name=offer.filename, size=size)
    rows = _rows(offer)
    if rows is None:
        return translate("cli.forms.tree", lang, name=offer.filename)
    return translate("cli.forms.list", lang, name=offer.filename, **counted(lang, rows=rows))


def _rows(offer: ListOffer) -> int | None:
    """How many rows a list has; None for a tree and for what cannot be read."""
    attached = offer.attached
    return len(attached.rows) if attached is not None and attached.tree is None else None


def _as_dict(files: tuple[Path, ...], lists: tuple[Path, ...], parcel: Parcel, lang: str) -> dict[str, Any]:
    changed = parcel.ok
    return {
        "ok": parcel.ok,
        "forms": [
            as_dict(str(path), offer.report, lang)
            | {"records": offer.records, "known": offer.known, "added": changed and not offer.known}
            | {"media_bytes": offer.fetched}
            for path, offer in zip(files, parcel.forms, strict=True)
        ],
        "lists": [
            {
                "file": str(path),
                "known": offer.known,
                "added": changed and not offer.known,
                "rows": _rows(offer),
                "problems": [finding.as_dict(lang, offer.filename) for finding in offer.findings],
            }
            for path, offer in _attached(lists, parcel)
            if isinstance(offer, ListOffer)
        ],
        "media": [
            {
                "file": str(path),
                "known": offer.known,
                "added": changed and not offer.known,
                "sort": offer.sort,
                "bytes": offer.size,
                "problems": [finding.as_dict(lang, offer.filename) for finding in offer.findings],
            }
            for path, offer in _attached(lists, parcel)
            if isinstance(offer, MediaOffer)
        ],
    }
