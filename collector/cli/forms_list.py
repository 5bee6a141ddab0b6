"""`homeward forms list`: the forms of a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from sync import Replica

from ..i18n import translate
from ..own_forms.overview import FormLine, overview
from .shared import counted, json_option, lang_option, moment, print_json, refusing


@click.command("list")
@click.argument("db", type=click.Path(path_type=Path), metavar="DB")
@json_option
@lang_option
@refusing
def list_(db: Path, as_json: bool, lang: str) -> None:
    """List the forms of a database: form id, title, versions, and how many records there are of each.

    The version marked * is the current one: new records are made with it.
    """
    with Replica.open(db) as replica:
        found = overview(replica)
    if as_json:
        print_json([asdict(line) | {"records": line.records} for line in found])
        return
    for line in found:
        click.echo("\n".join(_lines(line, lang)))


def _lines(line: FormLine, lang: str) -> Iterator[str]:
    yield translate(
        "cli.forms.one", lang, form_id=line.form_id, title=line.title, **counted(lang, records=line.records)
    )
    for version in line.versions:
        yield translate(
            "cli.forms.version",
            lang,
            mark="*" if version.current else " ",
            version=version.name or "–",
            id=version.id,
            added=moment(version.added) if version.added else translate("cli.forms.built_in", lang),
            **counted(lang, records=version.records),
        )
