"""`homeward undo HUB [NUMBER…]`."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from sync import Replica, UndoReport, intakes, plan_undo, plan_undo_all, undo_all
from sync.replica.intake import UNDO, Intake
from sync.undo import OUTCOMES, Came, together

from ..i18n import translate, translate_n
from ..own_keys import open_to_write
from .shared import SET_ASIDE, json_option, lang_option, moment, print_json, refusing
from .words import padded

SHOWN = 20
"""Records that are named one by one; --json names all."""

LISTED = 40
"""Intakes that are listed, the latest."""

RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


@click.command(name="undo")
@click.argument("hub", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
@click.option("--yes", is_flag=True, help="Do it; without, it is only said what would be done.")
@click.option(
    "--as", "username", default="", metavar="USERNAME", help="Who undoes (default: the first supervisor)."
)
@json_option
@lang_option
@refusing
def undo_command(
    hub: Path, numbers: tuple[str, ...], yes: bool, username: str, as_json: bool, lang: str
) -> None:
    """Take back what came into the database HUB in one go.

    \b
    homeward undo hub.db
    homeward undo hub.db 12
    homeward undo hub.db 12 --yes
    homeward undo hub.db 12-15 17 --yes

    Without a NUMBER it lists what came, each with its number; a merge of several files has a number for each, and they
    are taken back together when all are named, the latest first. Undoing appends the contrary of what came: new records
    are deleted, deleted ones come back, answers and reviews go to what they were. What others wrote since stays, and a
    new record that somebody went on with is left and named; so are withdrawals and erasures, which cannot be undone.
    Merging the same file again brings nothing. Undoing can itself be undone. Exit status 3 when something was left, or
    would be."""
    wanted = parse(numbers)
    with open_to_write(hub) as replica:
        if not wanted:
            tell_list(hub, intakes(replica), as_json, lang)
            return
        reports = carry_out(replica, wanted, username, lang) if yes else look_ahead(replica, wanted)
    report = reports[0] if len(reports) == 1 else together(reports)
    if not as_json:
        tell(hub, reports, report, yes, lang)
    elif len(reports) == 1:
        print_json({"hub": str(hub), "done": yes, **report.as_dict()})
    else:
        print_json({"hub": str(hub), "done": yes, "undone": [each.as_dict() for each in reports]})
    if report.left or report.final:
        sys.exit(SET_ASIDE)


def parse(numbers: Sequence[str]) -> list[int]:
    """The numbers that are meant by `3`, `4-6`, the latest first; a usage error for anything else."""
    found: set[int] = set()
    for text in numbers:
        match = RANGE.fullmatch(text)
        first = int(match[1]) if match else 0
        last = int(match[2] or match[1]) if match else -1
        if not 0 <= last - first < 10_000:
            raise click.BadParameter(text, param_hint="NUMBER")
        found.update(range(first, last + 1))
    return sorted(found, reverse=True)


def look_ahead(replica: Replica, numbers: Sequence[int]) -> list[UndoReport]:
    """What undoing them would do."""
    from ..undoing import computing  # here and below, so that `--help` does not load forms

    if len(numbers) == 1:
        return [plan_undo(replica, numbers[0], compute=computing(replica))]
    return plan_undo_all(replica, numbers, computing=computing)


def carry_out(replica: Replica, numbers: Sequence[int], username: str, lang: str) -> list[UndoReport]:
    """Undoes intakes in a supervisor's name, all or none."""
    from ..review import reviewer
    from ..undoing import computing

    def note(came: Intake) -> str:
        source = road(came, lang) if came.road == UNDO else Path(came.source).name
        return translate("cli.undo.note", lang, source=source, at=moment(came.at)[:10])

    author = reviewer(replica.path, username)
    return undo_all(replica, numbers, author=author, note=note, compute=computing(replica))


def tell_list(hub: Path, found: list[Came], as_json: bool, lang: str) -> None:
    """What came, the latest first."""
    if as_json:
        print_json({"hub": str(hub), "intakes": [each.as_dict() for each in found]})
        return
    click.echo(translate("cli.undo.list" if found else "cli.undo.none", lang, hub=hub))
    for each in found[:LISTED]:
        what = padded(translate_n("cli.count.changes", each.changes, lang), 14)
        new = padded(translate_n("cli.undo.new", each.records, lang), 16)
        at = moment(each.intake.at)
        click.echo(f"{each.intake.id:>5}  {at}  {new}  {what}  {road(each.intake, lang)}{marks(each, lang)}")
    if len(found) > LISTED:
        click.echo(f"       {translate('cli.undo.more', lang, count=len(found) - LISTED)}")
    if found:
        click.echo(translate("cli.undo.hint", lang, hub=hub))
    groups = dict.fromkeys(each.together for each in found[:LISTED] if each.together)
    if groups:
        click.echo(
            translate("cli.undo.hint.together", lang, hub=hub, numbers=" ".join(ranges(next(iter(groups)))))
        )


def marks(came: Came, lang: str) -> str:
    """What else there is to say of one that is listed: since when it is undone, what came with it."""
    undone = came.intake.undone
    told = translate("cli.undo.undone", lang, at=moment(undone)) if undone else ""
    if came.together:
        told += translate("cli.undo.together", lang, numbers=" ".join(ranges(came.together)))
    return told


def ranges(numbers: Sequence[int]) -> list[str]:
    """Numbers in order, those that follow one another as `3-5`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]


def road(came: Intake, lang: str) -> str:
    """Where it came from."""
    return translate(f"cli.undo.road.{came.road}", lang, source=came.source)


def tell(hub: Path, reports: list[UndoReport], report: UndoReport, done: bool, lang: str) -> None:
    """What is (or would be) undone, what is left and why; `report` is the sum of all."""
    for each in reports[:-1]:
        came = each.intake
        click.echo(
            translate("cli.undo.head", lang, number=came.id, source=road(came, lang), at=moment(came.at))
        )
    last = reports[-1].intake
    about = {"number": last.id, "source": road(last, lang), "at": moment(last.at)}
    key = ("done" if done else "would") + ("" if len(reports) == 1 else ".several")
    click.echo(translate(f"cli.undo.{key}", lang, **about))
    counts = {what: len(getattr(report, what)) for what in OUTCOMES}
    if sum(counts.values()) == counts["already"]:
        click.echo(f"  {translate('cli.undo.nothing', lang)}")
    else:
        for what in filter(counts.get, OUTCOMES):
            click.echo(f"  {translate_n(f'cli.undo.{what}', counts[what], lang)}")
    for key, rows in (("left", report.left), ("final", report.final)):
        if rows:
            click.echo(translate_n(f"cli.undo.{key}", len(rows), lang), err=True)
        for record, why in rows[:SHOWN]:
            click.echo(f"  {record}  {translate(f'cli.undo.{key}.{why}', lang)}", err=True)
        if len(rows) > SHOWN:
            click.echo(f"  {translate('cli.undo.more', lang, count=len(rows) - SHOWN)}", err=True)
    tell_next(hub, reports, done, lang)


def tell_next(hub: Path, reports: list[UndoReport], done: bool, lang: str) -> None:
    """How it is done, or taken back."""
    noted = sorted(each.id for each in reports if each.id is not None)
    if done and noted:
        click.echo(translate("cli.undo.noted", lang, hub=hub, number=" ".join(ranges(noted))))
    elif not done and any(each.changes for each in reports):
        numbers = " ".join(ranges(sorted(each.intake.id for each in reports)))
        click.echo(translate("cli.undo.ask", lang, hub=hub, number=numbers))
