"""`homeward sync DB URL`."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from ..i18n import translate, translate_n
from .shared import SET_ASIDE, bar, counted, json_option, lang_option, print_json, refusing

if TYPE_CHECKING:
    import sqlite3

    from sync import Replica
    from sync.transfer.report import SyncReport

    from ..hubs import Access

PASSWORD = "HOMEWARD_PASSWORD"  # noqa: S105 # the name of a variable


@click.command(name="sync")
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("url")
@click.option(
    "--user", "username", default="", metavar="NAME", help="Who you are at the hub; needed the first time."
)
@click.option(
    "--ca",
    type=click.Path(dir_okay=False, path_type=Path),
    help="PEM file of the authority that certifies the hub (default: the system's).",
)
@click.option(
    "--insecure", is_flag=True, help="Allow http:// to another computer: everybody on the way can read it."
)
@json_option
@lang_option
@refusing
def sync(
    db: Path, url: str, username: str, ca: Path | None, insecure: bool, as_json: bool, lang: str
) -> None:
    """Sync the database DB with the hub at URL, both ways.

    \b
    homeward sync laptop.db https://hub.example.org --user anna
    homeward sync laptop.db https://hub.example.org

    The first time it asks for the password of --user at the hub (or takes it from HOMEWARD_PASSWORD) and enrols
    this database; a missing one is made. After that it asks for nothing. An enumerator sends what was recorded here
    and receives forms, lists, reviews and corrections of the own records and villages; a supervisor or administrator,
    as at another hub, sends and receives everything.

    It can be cut anywhere and run again. Exit status 3 when something was refused or not all was received."""
    from sync import Replica

    from .. import app_db, hub_sync

    place = hub_sync.address(url, insecure=insecure)
    new = not db.exists()
    with (
        made(db, username) if new else ExitStack() as unless_enrolled,
        Replica.open(db) as replica,
        closing(app_db.connect(app_db.path_for(db))) as own,
    ):
        access = hub_sync.access_to(replica, own, place, username, ca=ca, lang=lang)
        enrolled = access is None
        if access is None:
            access = enrol(replica, own, place, username, ca, lang)
        unless_enrolled.pop_all()
        with Shown(lang) as shown:
            report = hub_sync.run(replica, own, access, ca=ca, lang=lang, progress=shown.step)
    if as_json:
        print_json({"db": str(db), "url": place, "enrolled": enrolled, **report.as_dict(lang)})
    else:
        if new:
            click.echo(translate("cli.sync.made", lang, path=db))
        if enrolled:
            click.echo(translate("cli.sync.enrolled", lang, hub=report.hub, name=access.username))
        tell(report, lang)
    if report.problems or not report.complete:
        sys.exit(SET_ASIDE)


def made(db: Path, username: str) -> ExitStack:
    """Makes a database, and takes it away again, with the accounts beside it, unless the stack is emptied before it
    ends. Raises `Problem` HW-3435 when nobody is named for whom it would be, HW-3433 without its folder."""
    from sync import Replica

    from .. import app_db
    from ..problems import Problem

    if not username:
        raise Problem("HW-3435", str(db))
    if not db.parent.is_dir():
        raise Problem("HW-3433", str(db.parent))
    Replica.create(db).close()
    beside = app_db.path_for(db)
    unless_enrolled = ExitStack()
    for path in (db,) if beside.exists() else (db, beside):
        unless_enrolled.callback(remove, path)
    return unless_enrolled


def remove(path: Path) -> None:
    """Removes a database with what SQLite keeps beside it."""
    for end in ("", "-journal", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def enrol(
    replica: Replica, connection: sqlite3.Connection, place: str, username: str, ca: Path | None, lang: str
) -> Access:
    """Enrols with the password that is asked for. HW-3416 when nobody is named, HW-3434 when none is given."""
    from .. import hub_sync
    from ..problems import Problem

    if not username:
        raise Problem("HW-3416", place)
    with hub_sync.road(place, ca=ca, lang=lang) as way:
        password = _password(username, lang)
        if not password:
            raise Problem("HW-3434", username)
        return hub_sync.enrol(replica, connection, way, username, password)


def _password(username: str, lang: str) -> str:
    given = os.environ.get(PASSWORD)
    if given:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt(translate("cli.sync.ask", lang, username=username), hide_input=True)
    return asked


class Shown:
    """A bar for what is going on."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.what = ""
        self.bar: tqdm[Any] | None = None

    def step(self, what: str, done: int, of: int) -> None:
        """`what` is `push`, `pull` or `media`; `of` 0 when nobody knows."""
        if what != self.what or self.bar is None:
            self.close()
            self.what, self.bar = what, bar(translate(f"cli.sync.{what}", self.lang), of or None)
        self.bar.update(done - self.bar.n)

    def close(self) -> None:
        """Takes the bar away."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def __enter__(self) -> Shown:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def tell(report: SyncReport, lang: str) -> None:
    """The summary: what went over, what did not and why, whether all is received."""
    for key, changes, documents, media in (
        ("sent", report.sent, report.documents_sent, report.media_sent),
        ("received", report.received + report.excerpts, report.documents_received, report.media_received),
    ):
        told = counted(lang, changes=changes, documents=documents, media=media)
        click.echo(translate(f"cli.sync.{key}", lang, hub=report.hub, **told))
    for key, count in (
        ("back", report.back),
        ("left", len(report.left)),
        ("media_missing", report.media_missing),
        ("lacking", sum(report.lacking.values())),
    ):
        if count:
            click.echo(translate_n(f"cli.sync.{key}", count, lang))
    for name, count in report.lacking.items():
        click.echo(f"  {name}  {count:>7}")
    for problem in (*report.problems, *report.notes):
        click.echo(f"  {problem.text(lang)}", err=True)
    if report.carried:
        click.echo(translate_n("cli.sync.carried", report.carried, lang))
    key = (
        "complete"
        if report.complete and report.made
        else "complete_none"
        if report.complete
        else "incomplete"
    )
    made = counted(lang, changes=report.made)["changes"]
    click.echo(translate(f"cli.sync.{key}", lang, made=made, there=report.there))
