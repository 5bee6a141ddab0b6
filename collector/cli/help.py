"""What `--help` prints, in the language of whoever asks: commands and groups whose texts are in the catalogue.

A command has its text at `cli.help.` and its path (`cli.help.bundle.write`), an option below that
(`cli.help.bundle.write.--for`); one that many commands have, at `cli.help.--json`. The first sentence of a command
is what the list of commands says of it. A paragraph whose first line is `\\b` keeps its lines.
"""

from __future__ import annotations

import re
from typing import Any

import click

from ..i18n import LANGUAGES, catalogue, translate
from .shared import language_of
from .wide import Formatter

PREFIX = "cli.help"


class Context(click.Context):
    """A context whose help is measured in columns of a terminal."""

    formatter_class = Formatter


class Command(click.Command):
    """A command whose help comes from the catalogue."""

    context_class = Context

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The usage line."""
        prefix = translate("cli.usage.line", language_of(ctx), usage="")
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(translate(key(ctx), language_of(ctx)))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Its options."""
        options = [
            each for each in self.get_params(ctx) if isinstance(each, click.Option) and not each.hidden
        ]
        with formatter.section(translate("cli.usage.options", language_of(ctx))):
            formatter.write_dl([row(option, ctx) for option in options])


class Group(Command, click.Group):
    """A group of such commands; it takes `--lang` too, so that its own help can be asked for in a language."""

    command_class = Command
    group_class = type

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        # Who runs the program reads it from the arguments, for messages about them need it too.
        self.params.append(click.Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Its options, and its commands, none of which is loaded for that."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The first sentence of each command."""
        lang = language_of(ctx)
        rows = [
            (name, first_sentence(translate(f"{key(ctx)}.{name}", lang))) for name in self.list_commands(ctx)
        ]
        with formatter.section(translate("cli.usage.commands", lang)):
            formatter.write_dl(rows)


def key(ctx: click.Context) -> str:
    """The key of a command's text: of the names that lead to it, without that of the program."""
    return f"{key(ctx.parent)}.{ctx.info_name}" if ctx.parent is not None else PREFIX


def option_key(option: click.Option, ctx: click.Context) -> str:
    """The key of an option's text: of its own, else of what such an option says everywhere."""
    name = max(option.opts, key=len)
    own = f"{key(ctx)}.{name}"
    return own if own in catalogue(language_of(ctx)) else f"{PREFIX}.{name}"


def row(option: click.Option, ctx: click.Context) -> tuple[str, str]:
    """An option with its values, and what it does, its default and its bounds."""
    lang, extra = language_of(ctx), option.get_help_extra(ctx)
    told = []
    if "default" in extra:
        told.append(translate("cli.usage.default", lang, value=extra["default"]))
    if "range" in extra:
        told.append(extra["range"])
    if "required" in extra:
        told.append(translate("cli.usage.required", lang))
    bounds = f"  [{translate('cli.usage.extras', lang).join(told)}]" if told else ""
    record = option.get_help_record(ctx)
    names = record[0] if record else ""
    return names, translate(option_key(option, ctx), lang) + bounds


def first_sentence(text: str) -> str:
    """A text to its first full stop, English or Chinese, or the end of its first paragraph."""
    paragraph = text.partition("\n\n")[0]
    found = re.match(r".*?(?:\.(?=\s)|。)", paragraph)
    return found[0] if found else paragraph
