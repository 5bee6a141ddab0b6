"""Words about how a command was called, in the language of whoever called it; click's own speak English alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from ..i18n import LANGUAGES, translate
from .shared import default_language

PATTERNS = {
    "no_command": r"No such command '(?P<name>.*)'\.",
    "extra": r"Got unexpected extra arguments? \((?P<name>.*)\)",
    "wants_value": r"Option '(?P<name>.*)' requires an argument\.",
    "not_number": r"'(?P<name>.*)' is not a valid (?:integer|float)(?: range)?\.",
    "not_in_range": r"(?P<name>.*) is not in the range (?P<range>.*)\.",
    "not_among": r"'(?P<name>.*)' is not one of (?P<choices>.*)\.",
    "not_there": r"(?:File|Directory|Path) '(?P<name>.*)' does not exist\.",
    "folder": r"(?:File|Path) '(?P<name>.*)' is a directory\.",
    "file": r"(?:Directory|Path) '(?P<name>.*)' is a file\.",
    "unreadable": r"(?:File|Directory|Path) '(?P<name>.*)' is not readable\.",
}
"""What click says, by the key of what is said instead."""


def wanted_language(arguments: Sequence[str]) -> str:
    """The language of an answer to these arguments: what they ask for, as far as that can be seen, else the
    terminal's."""
    for place, each in enumerate(arguments):
        option, _, value = each.partition("=")
        if option == "--lang":
            value = value or "".join(arguments[place + 1 : place + 2])
            return value if value in LANGUAGES else default_language()
    return default_language()


def show(error: click.ClickException, lang: str) -> None:
    """Prints what is wrong with a call, with the usage of the command where it is about that."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    context = getattr(error, "ctx", None)
    if context is not None:
        used = context.get_usage().partition(": ")[2]
        click.echo(translate("cli.usage.line", lang, usage=used), err=True)
        if context.command.get_help_option(context) is not None:
            option = context.help_option_names[-1]
            click.echo(
                translate("cli.usage.try", lang, command=context.command_path, option=option), err=True
            )
        click.echo(err=True)
    click.echo(translate("cli.usage.error", lang, message=message(error, lang)), err=True)


def message(error: click.ClickException, lang: str) -> str:
    """What is wrong, in a sentence; in click's words where this catalogue has none."""
    if isinstance(error, click.NoSuchOption):
        return translate("cli.usage.no_option", lang, name=error.option_name)
    if isinstance(error, click.MissingParameter):
        what = error.param.param_type_name if error.param else "argument"
        kind = what if what in ("argument", "option") else "argument"
        return translate(f"cli.usage.missing_{kind}", lang, name=_name(error))
    if isinstance(error, click.BadParameter):
        return translate("cli.usage.bad_value", lang, name=_name(error), message=_said(error.message, lang))
    return _said(error.message, lang)


def _name(error: click.BadParameter) -> str:
    if error.param_hint is not None:
        hint = error.param_hint
        return hint if isinstance(hint, str) else " / ".join(hint)
    return error.param.get_error_hint(error.ctx) if error.param and error.ctx else ""


def _said(text: str, lang: str) -> str:
    for key, pattern in PATTERNS.items():
        match = re.fullmatch(pattern, text, re.DOTALL)
        if match:
            return translate(f"cli.usage.{key}", lang, **match.groupdict())
    return text
