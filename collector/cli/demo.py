"""`homeward demo`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from ..i18n import translate
from .help import Command
from .shared import bar, lang_option, refusing


class Progress:
    """A bar for each step."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.shown: tqdm[Any] | None = None

    def step(self, key: str, total: int) -> None:
        """Ends the bar before and begins one."""
        self.close()
        self.shown = bar(translate(key, self.lang), total)

    def advance(self, count: int) -> None:
        """Moves the bar."""
        if self.shown is not None:
            self.shown.update(count)

    def close(self) -> None:
        """Ends the bar."""
        if self.shown is not None:
            self.shown.close()


@click.command(cls=Command)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
)
@click.option(
    "--scale",
    type=click.Choice(["village", "county"]),
    default="county",
    show_default=True,
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--no-serve", is_flag=True)
@click.option("--port", type=click.IntRange(0, 65535))
@click.option("--public-port", type=click.IntRange(0, 65535))
@lang_option
@refusing
def demo(
    folder: Path, scale: str, seed: int, no_serve: bool, port: int | None, public_port: int | None, lang: str
) -> None:
    """Make a survey of made-up records and serve it."""
    from ..demo.build import Demo

    made = Demo(folder, scale, seed)
    progress = Progress(lang)
    try:
        new = made.build(progress)
        if no_serve:
            made.complete(progress)
    finally:
        progress.close()
    click.echo(translate("demo.made" if new else "demo.there", lang, dir=folder))
    if no_serve:
        return
    from ..demo.serve import serve

    serve(made, port, public_port, lambda app, site: tell(made, app, site, lang), lambda: again(made, lang))


def tell(made: Any, app: str, site: str, lang: str) -> None:
    """Addresses, accounts and the next commands."""
    from ..demo.build import SUPERVISOR, password
    from ..demo.serve import program
    from ..demo.world import TEAM

    click.echo(translate("demo.app", lang, address=app))
    click.echo(translate("demo.public", lang, address=site))
    for who in (*TEAM, SUPERVISOR):
        role = "supervisor" if who == SUPERVISOR else "enumerator"
        click.echo(translate(f"demo.account.{role}", lang, name=who, password=password(who)))
    conflicts = len(json.loads((made.folder / "books.json").read_text("utf-8"))["conflicts"])
    click.echo(translate("demo.next", lang, n=conflicts))
    rest = " ".join(str(path) for path in made.sources()[1:])
    for command in (
        f"merge {made.hub} {rest}",
        f"review {made.hub} --approve",
        f"release {made.hub} {made.public}",
    ):
        click.echo(f"  {program()} {command}")
    click.echo(translate("demo.stop", lang))


def again(made: Any, lang: str) -> None:
    """A new release is shown."""
    version = json.loads((made.public / "release.json").read_text("utf-8"))["version"]
    click.echo(translate("cli.public.again", lang, version=version))
