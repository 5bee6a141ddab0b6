"""`homeward merge HUB SOURCE…`."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from sync import MergeReport, Preview, Problem, Replica, SourceReport, SyncError
from sync import merge as merge_files
from sync import preview as preview_files
from sync.brought import brought
from sync.preview import FilePreview, Found
from sync.problems import UNREADABLE_FILE
from sync.transfer.bundle import SUFFIX

from .. import own_keys
from ..i18n import translate
from .shared import SET_ASIDE, bar, json_option, lang_option, print_json, refusing
from .summary import tell_merge, tell_preview

APP_FILES = ("-app.db", "-tables.db")
"""Files beside a replica that are none: a folder is searched without them."""
ENDINGS = (".db", SUFFIX)
NONE = ", ".join(f"0 *{ending}" for ending in ENDINGS)


@click.command(name="merge")
@click.argument("hub", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--preview", is_flag=True, help="Say what would come, and write nothing.")
@json_option
@lang_option
@refusing
def merge(hub: Path, sources: tuple[str, ...], preview: bool, as_json: bool, lang: str) -> None:
    """Merge field databases and bundles into the database HUB.

    A SOURCE is a .db file, a bundle (.homeward), a folder (all of both in it) or a pattern.

    \b
    homeward merge hub.db field/ --preview
    homeward merge hub.db field/
    homeward merge hub.db /media/stick/anna.homeward "backup/*.db"

    Merging the same file again does no harm, and the order makes no difference. A file that is damaged, of
    another program or at odds with what is here is set aside with the reason, the others are merged, and the
    exit status is 3. What came can be taken back: see homeward undo."""
    paths, empty = find(sources, hub)
    with bar(translate("cli.merge.bar", lang), len(paths)) as progress:
        step, reading = telling(progress)
        if preview:
            found = preview_files(hub, paths, step, own_keys.finder(hub), reading)
        else:
            with Replica.open(hub) as replica:
                report = merge_files(replica, paths, step, own_keys.finder(hub), reading)
    nothing = [SourceReport(problem.place, problems=[problem]) for problem in empty]
    if preview:
        found.sources += [FilePreview(each, Found()) for each in nothing]
        show_preview(hub, found, as_json, lang)
    else:
        report.sources += nothing
        show_merge(hub, report, as_json, lang)


def telling(progress: tqdm[Any]) -> tuple[Callable[[int, int, str], None], Callable[[int, int], None]]:
    """What moves the bar from file to file, and what says how far a large file was read."""
    shown = -1

    def step(done: int, of: int, path: str) -> None:
        progress.update(done - progress.n)

    def reading(done: int, of: int) -> None:
        nonlocal shown
        percent = 100 * done // max(1, of)
        if percent != shown:
            shown = percent
            progress.set_postfix_str(f"{percent} %")

    return step, reading


def show_merge(hub: Path, report: MergeReport, as_json: bool, lang: str) -> None:
    """Tells what came; ends with status 3 when something was set aside."""
    with Replica.open(hub) as replica:
        open_conflicts = replica.counts()["conflicts"]
        if as_json:
            told = report.as_dict(lang)
            for row, source in zip(told["sources"], report.sources, strict=True):
                row |= {"intake": source.intake} | brought(replica, source.intake).as_dict()
            print_json({"hub": str(hub), **told, "records_in_conflict": open_conflicts})
        else:
            tell_merge(replica, report, open_conflicts, lang)
    if report.set_aside:
        sys.exit(SET_ASIDE)


def show_preview(hub: Path, found: Preview, as_json: bool, lang: str) -> None:
    """Tells what would come; ends with status 3 when something would be set aside."""
    if as_json:
        print_json({"hub": str(hub), **found.as_dict(lang)})
    else:
        tell_preview(hub, found, lang)
    if found.set_aside:
        sys.exit(SET_ASIDE)


def find(sources: tuple[str, ...], hub: Path) -> tuple[list[Path], list[Problem]]:
    """The files that are meant, each once, sorted within a folder or pattern; HW-2002 of each folder or pattern with
    nothing to merge. Raises the first of these when there is nothing else."""
    found: dict[Path, None] = {}
    empty: list[Problem] = []
    for source in sources:
        try:
            inside, reason = meant(source, hub), NONE
        except OSError as error:
            inside, reason = [], str(error.strerror)
        found |= dict.fromkeys(inside)
        if not inside:
            empty.append(Problem(UNREADABLE_FILE, source, {"reason": reason}))
    if empty and not found:
        raise SyncError(empty[0].code, empty[0].place, **empty[0].params)
    return list(found), empty


def meant(source: str, hub: Path) -> list[Path]:
    """The files that one SOURCE means. `OSError` for a folder that may not be searched."""
    path = Path(source)
    if not source:
        return []
    if path.is_dir():
        os.scandir(path).close()  # neither `glob` says that it was refused
        return within(path, hub)
    if path.exists() or not glob.has_magic(source):
        return [path]
    found = replicas((Path(each) for each in glob.glob(source)), hub)
    if not found and path.parent.is_dir():
        os.scandir(path.parent).close()
    return found


def within(folder: Path, hub: Path) -> list[Path]:
    """The files in a folder that may be merged."""
    return replicas((each for ending in ENDINGS for each in folder.glob(f"*{ending}")), hub)


def replicas(paths: Iterable[Path], hub: Path) -> list[Path]:
    """Of these files those that may be merged: not the hub, not what stands beside a replica."""
    return sorted(each for each in paths if not each.name.endswith(APP_FILES) and not same(each, hub))


def same(path: Path, hub: Path) -> bool:
    """Whether both are one file."""
    return path.exists() and hub.exists() and path.samefile(hub)
