"""`homeward backup DB DEST`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sync import Replica
from sync import backup as backing_up

from .. import app_backup
from ..i18n import translate, translate_n
from .shared import SET_ASIDE, bar, counted, json_option, lang_option, print_json, refusing


@click.command(name="backup")
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("dest", type=click.Path(path_type=Path))
@click.option(
    "--without-accounts",
    is_flag=True,
    help="Leave out the file with accounts and keys; who restores the backup adds the accounts again.",
)
@json_option
@lang_option
@refusing
def backup(db: Path, dest: Path, without_accounts: bool, as_json: bool, lang: str) -> None:
    """Copy the database DB to DEST, a file or a folder, best on another disk, while it is in use.

    The copy is checked before it takes the place of an earlier one; photos and recordings go into `media` beside it,
    only those that are not there yet. DB then notes what is backed up: phones keep their own copy of a record until
    its change is.

    \b
    homeward backup hub.db /media/disk/
    homeward backup hub.db /media/disk/hub.db --without-accounts

    The accounts (DB-app.db) are copied too, into a second file that holds password hashes and private keys: keep the
    disk where you would keep the keys. To restore, copy everything back; docs/backup.md says how, and what happens
    then."""
    with Replica.open(db) as replica, bar(translate("cli.backup.bar", lang)) as progress:

        def step(done: int, of: int) -> None:
            progress.total = of
            progress.update(done - progress.n)

        path = dest / db.name if dest.is_dir() else dest
        accounts = None if without_accounts else app_backup.target(db, path)
        found = backing_up.backup(replica, dest, step)
    if accounts is not None:
        app_backup.copy(db, accounts)
    if as_json:
        print_json({"db": str(db), **found.as_dict(lang), "accounts": str(accounts) if accounts else None})
    else:
        told = counted(lang, changes=found.changes, media=found.media)
        click.echo(translate("cli.backup.done", lang, path=found.path, there=found.media_there, **told))
        if accounts is not None:
            click.echo(translate("cli.backup.accounts", lang, path=accounts))
        if found.media_missing:
            click.echo(translate_n("cli.backup.media_missing", found.media_missing, lang))
        for problem in found.problems:
            click.echo(f"  {problem.text(lang)}", err=True)
    if found.problems:
        sys.exit(SET_ASIDE)
