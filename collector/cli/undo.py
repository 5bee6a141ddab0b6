"""`homeward undo HUB [NUMBER]`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sync import Replica, UndoReport, intakes, plan_undo, undo
from sync.replica import intake
from sync.undo import Came

from ..i18n import translate, translate_n
from ..own_keys import open_to_write
from .shared import SET_ASIDE, json_option, lang_option, moment, print_json, refusing

SHOWN = 20
"""Records that are named one by one; --json names all."""

LISTED = 40
"""Intakes that are listed, the latest."""

OUTCOMES = ("deleted", "restored", "changed", "reviewed")


@click.command(name="undo")
@click.argument("hub", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("number", metavar="[NUMBER]", type=int, required=False)
@click.option("--yes", is_flag=True, help="Do it; without, it is only said what would be done.")
@click.option(
    "--as", "username", default="", metavar="USERNAME", help="Who undoes (default: the first supervisor)."
)
@json_option
@lang_option
@refusing
def undo_command(hub: Path, number: int | None, yes: bool, username: str, as_json: bool, lang: str) -> None:
    """Take back what came into the database HUB in one go.

    \b
    homeward undo hub.db
    homeward undo hub.db 12
    homeward undo hub.db 12 --yes

    Without a NUMBER it lists what came, each with its number. Undoing appends the contrary of what came: new
    records are deleted, deleted ones come back, answers and reviews go to what they were. What others wrote since
    stays, and a new record that somebody went on with is left and named; so are withdrawals and erasures, which
    cannot be undone. Merging the same file again brings nothing. Undoing can itself be undone. Exit status 3 when
    something was left."""
    with open_to_write(hub) as replica:
        if number is None:
            tell_list(hub, intakes(replica), as_json, lang)
            return
        if yes:
            report = carry_out(replica, number, username, lang)
        else:
            from ..undoing import computing  # here and below, so that `--help` does not load forms

            report = plan_undo(replica, number, compute=computing(replica))
    if as_json:
        print_json({"hub": str(hub), "done": yes, **report.as_dict()})
    else:
        tell(hub, report, yes, lang)
    if yes and (report.left or report.final):
        sys.exit(SET_ASIDE)


def carry_out(replica: Replica, number: int, username: str, lang: str) -> UndoReport:
    """Undoes an intake in a supervisor's name."""
    from ..review import reviewer
    from ..undoing import computing

    came = intake.one(replica.db, number)
    note = (
        translate("cli.undo.note", lang, source=Path(came.source).name, at=moment(came.at)[:10])
        if came
        else ""
    )
    author = reviewer(replica.path, username)
    return undo(replica, number, author=author, note=note, compute=computing(replica))


def tell_list(hub: Path, found: list[Came], as_json: bool, lang: str) -> None:
    """What came, the latest first."""
    if as_json:
        print_json({"hub": str(hub), "intakes": [each.as_dict() for each in found]})
        return
    click.echo(translate("cli.undo.list" if found else "cli.undo.none", lang, hub=hub))
    for each in found[:LISTED]:
        what = translate_n("cli.count.changes", each.changes, lang)
        new = translate_n("cli.undo.new", each.records, lang)
        mark = translate("cli.undo.undone", lang, at=moment(each.intake.undone)) if each.intake.undone else ""
        click.echo(
            f"{each.intake.id:>5}  {moment(each.intake.at)}  {new:<16}  {what:<14}  {road(each, lang)}{mark}"
        )
    if len(found) > LISTED:
        click.echo(f"       {translate('cli.undo.more', lang, count=len(found) - LISTED)}")
    if found:
        click.echo(translate("cli.undo.hint", lang, hub=hub))


def road(came: Came, lang: str) -> str:
    """Where it came from."""
    return translate(f"cli.undo.road.{came.intake.road}", lang, source=came.intake.source)


def tell(hub: Path, report: UndoReport, done: bool, lang: str) -> None:
    """What is (or would be) undone, what is left and why."""
    came = {"number": report.intake.id, "source": report.intake.source, "at": moment(report.intake.at)}
    click.echo(translate("cli.undo.done" if done else "cli.undo.would", lang, **came))
    for what in OUTCOMES:
        count = len(getattr(report, what))
        if count:
            click.echo(f"  {translate_n(f'cli.undo.{what}', count, lang)}")
    if not any(getattr(report, what) for what in OUTCOMES):
        click.echo(f"  {translate('cli.undo.nothing', lang)}")
    for key, rows in (("left", report.left), ("final", report.final)):
        if rows:
            click.echo(translate_n(f"cli.undo.{key}", len(rows), lang), err=True)
        for record, why in rows[:SHOWN]:
            click.echo(f"  {record}  {translate(f'cli.undo.{key}.{why}', lang)}", err=True)
        if len(rows) > SHOWN:
            click.echo(f"  {translate('cli.undo.more', lang, count=len(rows) - SHOWN)}", err=True)
    if done and report.id is not None:
        click.echo(translate("cli.undo.noted", lang, hub=hub, number=report.id))
    elif not done and report.changes:
        click.echo(translate("cli.undo.ask", lang, hub=hub, number=report.intake.id))
