"""`homeward release HUB OUT`."""

from __future__ import annotations

from pathlib import Path

import click

from sync import Replica

from ..i18n import translate
from ..release import Released
from ..release import release as make_release
from ..release.make import LICENCE
from .help import Command
from .shared import bar, json_option, lang_option, print_json, refusing


@click.command(name="release", cls=Command)
@click.argument("hub", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--date",
    "today",
    metavar="YYYY-MM-DD",
    type=click.DateTime(["%Y-%m-%d"]),
)
@click.option("--licence", default=LICENCE, show_default=True)
@json_option
@lang_option
@refusing
def release(hub: Path, out: Path, today: object, licence: str, as_json: bool, lang: str) -> None:
    """Fill the directory OUT with the public data of the database HUB."""
    with Replica.open(hub) as replica, bar("", replica.counts()["records"]) as progress:

        def step(key: str) -> None:
            progress.set_description(translate(key, lang))

        done = make_release(
            replica,
            out,
            today=f"{today:%Y-%m-%d}" if today else "",
            licence=licence,
            progress=progress.update,
            step=step,
        )
    if as_json:
        print_json(
            {"out": str(done.out), "version": done.version, "tables": done.counts, "report": done.report}
        )
    else:
        tell(done, lang)


def tell(done: Released, lang: str) -> None:
    """The release in three lines."""
    found = done.report
    hidden = sum(n for reasons in found["figures"].values() for reason, n in reasons.items() if reason)
    left = sum(counts["total"] - counts["used"] for counts in found["records"].values())
    click.echo(translate("release.done", lang, version=done.version, out=done.out))
    counts = {name: done.counts.get(name, 0) for name in ("figures", "businesses", "inns")}
    approved = found["records_approved"]
    click.echo(translate("release.counts", lang, **counts, withheld=hidden, approved=approved))
    if not approved:
        click.echo(translate("release.no_approved", lang))
    report = done.out / "report.txt"
    click.echo(translate("release.left", lang, records=left, columns=len(found["left_out"]), report=report))
