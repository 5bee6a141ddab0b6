"""The command line `homeward`: parses and delegates; one file a command.

Exit status: 0 done, 1 refused (a numbered problem says why), 3 done with something set aside.
"""

from __future__ import annotations

from importlib import import_module

import click

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


SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


@click.group(cls=LazyGroup, context_settings=SETTINGS)
@click.version_option(package_name="homeward")
def main() -> None:
    """Homeward: collect field surveys and case stories offline, merge them, publish them."""
