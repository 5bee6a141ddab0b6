"""The command line `homeward`: parses and delegates; one file a command.

Exit status: 0 done, 1 refused (a numbered problem says why), 3 done with something set aside.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from ..i18n import translate
from .usage import show, wanted_language

# Loaded when they are called, so that `homeward --help` and small commands start at once.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("collector.cli.demo", "demo"),
    "serve": ("collector.cli.serve", "serve"),
    "user": ("collector.cli.user", "user"),
    "merge": ("collector.cli.merge", "merge"),
    "undo": ("collector.cli.undo", "undo_command"),
    "watch": ("collector.cli.watch", "watch"),
    "bundle": ("collector.cli.bundle", "bundle"),
    "sync": ("collector.cli.sync", "sync"),
    "review": ("collector.cli.review", "review"),
    "status": ("collector.cli.status", "status"),
    "explain": ("collector.cli.explain", "explain"),
    "verify": ("collector.cli.verify", "verify"),
    "mend": ("collector.cli.mend", "mend"),
    "quarantine": ("collector.cli.quarantine", "quarantine"),
    "backup": ("collector.cli.backup", "backup"),
    "forms": ("collector.cli.forms", "forms"),
    "release": ("collector.cli.release", "release"),
    "public": ("collector.cli.public", "public"),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def main(self, args: Sequence[str] | None = None, *more: Any, **settings: Any) -> Any:
        """Runs a command; what click has to say of a call is said in the language of whoever called."""
        if not settings.get("standalone_mode", True):
            return super().main(args, *more, **settings)
        given = list(sys.argv[1:] if args is None else args)
        try:
            status = super().main(given, *more, **settings | {"standalone_mode": False})
        except click.ClickException as error:
            show(error, wanted_language(given))
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo(translate("cli.usage.aborted", wanted_language(given)), err=True)
            sys.exit(1)
        sys.exit(status if isinstance(status, int) else 0)


SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


@click.group(cls=LazyGroup, context_settings=SETTINGS)
@click.version_option(package_name="homeward")
def main() -> None:
    """Homeward: collect field surveys and case stories offline, merge them, publish them."""
