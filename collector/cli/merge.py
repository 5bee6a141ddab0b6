"""`homeward merge HUB SOURCE…`."""

from __future__ import annotations

import glob
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from sync import MergeReport, Replica, SourceReport, SyncError
from sync import merge as merge_files
from sync.problems import UNREADABLE_FILE
from sync.transfer.bundle import SUFFIX

from .. import own_keys
from ..i18n import translate, translate_n
from .shared import SET_ASIDE, bar, json_option, lang_option, print_json, refusing

APP_FILES = ("-app.db", "-tables.db")
"""Files beside a replica that are none: a folder is searched without them."""
ENDINGS = (".db", SUFFIX)
NONE = ", ".join(f"0 *{ending}" for ending in ENDINGS)


@click.command(name="merge")
@click.argument("hub", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@json_option
@lang_option
@refusing
def merge(hub: Path, sources: tuple[str, ...], as_json: bool, lang: str) -> None:
    """Merge field databases and bundles into the database HUB.

    A SOURCE is a .db file, a bundle (.homeward), a folder (all of both in it) or a pattern.

    \b
    homeward merge hub.db field/
    homeward merge hub.db /media/stick/anna.homeward "backup/*.db"

    Merging the same file again does no harm, and the order makes no difference. A file that is damaged, of
    another program or at odds with what is here is set aside with the reason, the others are merged, and the
    exit status is 3."""
    paths = find(sources, hub)
    with Replica.open(hub) as replica, bar(translate("cli.merge.bar", lang), len(paths)) as progress:

        def step(done: int, of: int, path: str) -> None:
            progress.update(done - progress.n)

        shown = -1

        def reading(done: int, of: int) -> None:
            nonlocal shown
            percent = 100 * done // max(1, of)
            if percent != shown:
                shown = percent
                progress.set_postfix_str(f"{percent} %")

        report = merge_files(replica, paths, step, own_keys.finder(hub), reading)
        open_conflicts = replica.counts()["conflicts"]
    if as_json:
        print_json({"hub": str(hub), **report.as_dict(lang), "records_in_conflict": open_conflicts})
    else:
        tell(report, open_conflicts, lang)
    if report.set_aside:
        sys.exit(SET_ASIDE)


def find(sources: tuple[str, ...], hub: Path) -> list[Path]:
    """The files that are meant, each once, sorted within a folder or pattern. HW-2002 for a folder or
    pattern with nothing to merge."""
    found: dict[Path, None] = {}
    for source in sources:
        path = Path(source)
        if path.is_dir():
            inside = replicas((each for ending in ENDINGS for each in path.glob(f"*{ending}")), hub)
            if not inside or not source:
                raise SyncError(UNREADABLE_FILE, source, reason=NONE)
            found |= dict.fromkeys(inside)
        elif path.exists() or not glob.has_magic(source):
            found[path] = None
        else:
            matches = replicas((Path(each) for each in glob.glob(source)), hub)
            if not matches:
                raise SyncError(UNREADABLE_FILE, source, reason=NONE)
            found |= dict.fromkeys(matches)
    return list(found)


def replicas(paths: Iterable[Path], hub: Path) -> list[Path]:
    """Of these files those that may be merged: not the hub, not what stands beside a replica."""
    return sorted(each for each in paths if not each.name.endswith(APP_FILES) and not same(each, hub))


def same(path: Path, hub: Path) -> bool:
    """Whether both are one file."""
    return path.exists() and hub.exists() and path.samefile(hub)


def tell(report: MergeReport, open_conflicts: int, lang: str) -> None:
    """The summary: a line a file, what was set aside and why, the sum."""
    for source in report.sources:
        click.echo(line(source, lang))
        if source.media_missing:
            click.echo(f"  {translate_n('cli.merge.media_missing', source.media_missing, lang)}")
        for problem in (*source.problems, *source.notes):
            click.echo(f"  {problem.text(lang)}", err=True)
    for note in report.notes:
        click.echo(note.text(lang), err=True)
    files = len(report.sources) - len(report.set_aside)
    click.echo(translate("cli.merge.sum", lang, files=files, taken=report.taken, aside=len(report.set_aside)))
    if open_conflicts:
        click.echo(translate("cli.merge.conflicts", lang, count=open_conflicts))


def line(source: SourceReport, lang: str) -> str:
    """What one file brought."""
    if source.problems and not source.taken:
        key = "cli.merge.aside_rest" if source.already else "cli.merge.aside"
        return translate(key, lang, path=source.path, already=source.already)
    if not source.taken and not source.media_copied:
        return translate("cli.merge.nothing", lang, path=source.path)
    return translate(
        "cli.merge.taken",
        lang,
        path=source.path,
        taken=source.taken,
        already=source.already,
        documents=source.documents,
        media=source.media_copied or source.media,
    )
