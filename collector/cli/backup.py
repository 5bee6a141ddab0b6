"""`homeward backup DB DEST`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from sync import Replica
from sync import backup as backing_up

from .. import app_backup
from ..i18n import translate, translate_n
from ..problems import Problem
from .shared import SET_ASIDE, bar, counted, json_option, lang_option, print_json, refusing


@click.command(name="backup")
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("dest")
@click.option(
    "--without-accounts",
    is_flag=True,
    help="Leave out the file with accounts and keys; who restores the backup adds the accounts again.",
)
@json_option
@lang_option
@refusing
def backup(db: Path, dest: str, without_accounts: bool, as_json: bool, lang: str) -> None:
    """Copy the database DB to DEST, a file or a folder that is there, best on another disk, while it is in use.

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

        path = target(dest, db)
        accounts = None if without_accounts else app_backup.target(db, path)
        found = backing_up.backup(replica, path, step)
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
        for problem in (*found.problems, *found.notes):
            click.echo(f"  {problem.text(lang)}", err=True)
    if found.problems:
        sys.exit(SET_ASIDE)


def target(dest: str, db: Path) -> Path:
    """The file that DEST means: in a folder one of the database's own name. HW-3433 for a folder that is not there: a
    disk that is not plugged in must not be taken for a new file beside its mount point."""
    path = Path(dest)
    meant_as_folder = dest.endswith(tuple(filter(None, (os.sep, os.altsep))))
    folder = path if meant_as_folder else path.parent
    if not folder.is_dir():
        raise Problem("HW-3433", str(folder))
    return path / db.name if path.is_dir() else path
