"""What commands have in common: the language, numbered problems, JSON, a progress bar."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
from tqdm import tqdm

from sync import SyncError
from sync.problems import sentence

from ..i18n import LANGUAGES, as_moment, translate_n
from ..problems import Problem, numbered

P = ParamSpec("P")
R = TypeVar("R")

SET_ASIDE = 3
"""Exit status: done, with something set aside."""


def default_language() -> str:
    """The language of the terminal: Chinese where the locale says so, else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"


def counted(lang: str, **numbers: int) -> dict[str, str]:
    """Numbers with what they count, in words: `records=1` → `{"records": "1 record"}` (`cli.count.*`)."""
    return {what: translate_n(f"cli.count.{what}", n, lang) for what, n in numbers.items()}


def moment(at: str) -> str:
    """An ISO time to the minute, in this computer's own time zone."""
    return as_moment(at).strftime("%Y-%m-%d %H:%M")


lang_option = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default=default_language,
    help="Language of what is printed (default: the terminal's).",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for a program instead of text."
)


def refusing(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose numbered problems end it with status 1, as text or (with --json) as JSON.

    A disk that is full, a database that is locked and Ctrl+C are such problems too; what is left are faults
    of the program.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        lang, as_json = str(kwargs["lang"]), bool(kwargs.get("as_json"))
        try:
            return command(*args, **kwargs)
        except (Problem, SyncError, sqlite3.Error, OSError, KeyboardInterrupt) as error:
            problem = numbered(error, str(kwargs.get("hub") or kwargs.get("db") or ""))
            if problem is None:
                raise
            refuse(problem.as_dict(lang), as_json, lang)

    return run


def refuse(problem: dict[str, str], as_json: bool, lang: str) -> NoReturn:
    """Says what is wrong and how to mend it, and ends with status 1."""
    if as_json:
        print_json({"problem": problem})
    else:
        click.echo(sentence(**problem, lang=lang), err=True)
    sys.exit(1)


def print_json(value: object) -> None:
    """JSON to standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def bar(label: str, total: int | None = None) -> tqdm[Any]:
    """A progress bar on standard error; silent where that is no terminal."""
    return tqdm(desc=label, total=total, file=sys.stderr, disable=None, leave=False, delay=0.5)
