"""`homeward public OUT`: the public site over a release."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import click

from ..i18n import translate
from ..public_site import PublicSite
from .help import Command
from .shared import lang_option, refusing


@click.command(cls=Command)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@lang_option
@refusing
def public(out: Path, port: int, lang: str) -> None:
    """Serve the release in OUT as the public site, on this computer only."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with PublicSite(out, port) as site:
        click.echo(translate("cli.public.ready", lang, address=site.address))
        click.echo(translate("cli.public.stop", lang, out=out))
        site.watch(stopped, lambda: click.echo(translate("cli.public.again", lang, version=version(out))))


def version(out: Path) -> str:
    """The version that the release in `out` gives itself."""
    return str(json.loads((out / "release.json").read_text("utf-8"))["version"])
