"""`homeward watch HUB DIR…`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click

from sync import Replica, SourceReport
from sync.brought import Brought, author_of, brought
from sync.merge import NOT_KEPT
from sync.problems import SyncError
from sync.watch import BUSY, FAILED, GONE, MERGED, Event, Watch, into

from .. import own_keys
from ..i18n import translate, translate_n
from ..problems import Problem
from .merge import within
from .names import Names
from .shared import SET_ASIDE, lang_option, refusing
from .summary import brought_along, line, tell_along, tell_problem, tell_sum


@click.command(name="watch")
@click.argument("hub", type=click.Path(dir_okay=False, path_type=Path))
@click.argument(
    "folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(file_okay=False, path_type=Path)
)
@click.option(
    "--every",
    type=click.FloatRange(0.2, 3600),
    default=5,
    show_default=True,
    help="Seconds from one look to the next.",
)
@click.option("--once", is_flag=True, help="Look twice, merge what is complete, and end.")
@lang_option
@refusing
def watch(hub: Path, folders: tuple[Path, ...], every: float, once: bool, lang: str) -> None:
    """Watch folders, and merge every field database and bundle that appears in them into the database HUB.

    \b
    homeward watch hub.db /media/supervisor incoming/

    A DIR is searched with the folders directly in it, so that a stick is found when it is plugged in; it need not be
    there yet. A file is merged once it is complete, that is unchanged from one look to the next, and again when it
    or the photos beside it have changed. A stick that is pulled out does no harm. Ctrl+C ends it, with a summary."""
    Replica.open(hub).close()  # refuses one that is none before anything is watched
    told = Told(hub, lang)
    watching = Watch(folders, lambda folder: within(folder, hub), into(hub, own_keys.finder(hub)))
    if once and not any(folder.is_dir() for folder in folders):
        raise Problem("HW-3436", ", ".join(map(str, folders)))
    if not once:
        where = translate("cli.list.and", lang).join(map(str, folders))
        click.echo(translate("cli.watch.head", lang, folders=where))
    try:
        for event in watching.run(pause(every), once=once):
            told.tell(event, once)
    except KeyboardInterrupt:
        click.echo()  # Ctrl+C is how it ends
    told.end(watching)
    if once and told.aside():
        sys.exit(SET_ASIDE)


def pause(seconds: float) -> Callable[[], bool]:
    """Waiting from one look to the next, for ever."""

    def wait() -> bool:
        time.sleep(seconds)
        return True

    return wait


@dataclass
class Told:
    """A line for each event, and the sum of them."""

    hub: Path
    lang: str
    reports: list[SourceReport] = field(default_factory=list)
    total: Brought = field(default_factory=Brought)

    def tell(self, event: Event, once: bool) -> None:
        """One event; with `once` a hub that cannot be written ends it."""
        if event.what == MERGED and event.report is not None:
            self.merged(event)
        elif event.what == FAILED and event.problem is not None:
            if once:
                raise SyncError(event.problem.code, event.problem.place, **event.problem.params)
            self.say(event.problem.text(self.lang), err=True)
        elif event.what in (BUSY, GONE):
            self.say(translate(f"cli.watch.{event.what}", self.lang, path=event.path), err=True)

    def merged(self, event: Event) -> None:
        """What a file brought, or why it was set aside."""
        report = event.report
        if report is None:
            return
        with Replica.open(self.hub) as hub:
            came = brought(hub, report.intake)
            authors = {replica: author_of(hub, replica) for replica in report.replicas}
        names = Names(self.hub, self.lang, authors)
        self.reports.append(report)  # before it is said: what was seen to come is in the sum
        self.total.add(came)
        self.say(line(report.path, report, came, brought_along([report], came, self.lang), names))
        tell_along(report, {}, self.hub, self.lang)
        for problem in (*report.problems, *report.notes):
            tell_problem(report, problem, names)
        for note in event.notes:
            click.echo(f"  {note.text(self.lang)}", err=True)

    def aside(self) -> int:
        """Files of which something is still set aside: not one that came whole later, by whichever road."""
        latest = {report.path: report for report in self.reports}
        with Replica.open(self.hub) as hub:
            kept = {each.source for each in hub.quarantined()}
        return sum(
            any(path in kept or problem.code in NOT_KEPT for problem in report.problems)
            for path, report in latest.items()
        )

    def say(self, text: str, *, err: bool = False) -> None:
        """A line with the time."""
        click.echo(f"{datetime.now().astimezone():%H:%M}  {text}", err=err)

    def end(self, watching: Watch) -> None:
        """The summary."""
        parts = brought_along(self.reports, self.total, self.lang)
        new = sum(bool(report.taken) for report in self.reports)
        tell_sum(self.total, parts, (new, len(self.reports)), Names(self.hub, self.lang, {}))
        if aside := self.aside():
            click.echo(translate_n("cli.watch.aside", aside, self.lang))
        for path in watching.waiting:
            click.echo(translate("cli.watch.waiting", self.lang, path=path), err=True)
