"""What the commands share: the language of the terminal, and how a refusal looks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from ..i18n import translate
from ..problems import AnyProblem

REFUSED = 1
SET_ASIDE = 3


def cli_lang() -> str:
    """`zh` or `en`: HOMEWARD_LANG if set, else the terminal's locale (LC_ALL, LC_MESSAGES, LANG)."""
    for name in ("HOMEWARD_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def say(key: str, **params: object) -> str:
    """A text of the catalogue in the terminal's language."""
    return translate(key, cli_lang(), **params)


def refuse(problem: AnyProblem) -> NoReturn:
    """Prints a numbered problem and ends with status 1."""
    click.echo(problem.text(cli_lang()), err=True)
    raise SystemExit(REFUSED)


@contextmanager
def refusals(*kinds: type[Exception]) -> Iterator[None]:
    """Turns numbered problems of the given classes into a refusal; any other exception stays what it is."""
    try:
        yield
    except kinds as problem:
        if not isinstance(problem, AnyProblem):
            raise
        refuse(problem)
