"""`homeward user`: accounts of this machine."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

from .. import app_db
from ..accounts import people, session
from ..i18n import translate
from . import user_devices
from .accounts import DB, accounts_of
from .help import Group
from .shared import json_option, lang_option, print_json, refusing


@click.group(cls=Group)
def user() -> None:
    """Accounts of people who sign in: add, list, change the password."""


@user.command()
@DB
@click.argument("username")
@click.option("--name", default="")
@click.option("--role", default="enumerator", show_default=True)
@click.option(
    "--village",
    "villages",
    multiple=True,
    metavar="CODE",
)
@click.option(
    "--password",
    default="",
)
@json_option
@lang_option
@refusing
def add(
    db: Path,
    username: str,
    name: str,
    role: str,
    villages: tuple[str, ...],
    password: str,
    as_json: bool,
    lang: str,
) -> None:
    """Add an account."""
    with closing(app_db.connect(accounts_of(db))) as connection:
        person = people.add(
            connection, username, password or _ask(lang), name=name, role=role, villages=villages
        )
    if as_json:
        print_json(as_dict(person))
    else:
        done = {"username": person.username, "role": person.role, "id": person.id}
        click.echo(translate("cli.user.added", lang, **done))


@user.command("list")
@DB
@json_option
@lang_option
@refusing
def list_(db: Path, as_json: bool, lang: str) -> None:
    """List the accounts."""
    with app_db.reading(accounts_of(db)) as connection:
        found = people.everybody(connection)
    if as_json:
        print_json([as_dict(person) for person in found])
        return
    for person in found:
        places = ", ".join(person.villages) or "*"
        click.echo(f"{person.username}\t{person.role}\t{person.id}\t{places}\t{person.name}")


@user.command()
@DB
@click.argument("username")
@click.option(
    "--password",
    default="",
)
@lang_option
@refusing
def password(db: Path, username: str, password: str, lang: str) -> None:
    """Give an account a new password, and end what was signed in with the old one."""
    from ..api import devices  # here, so that `--help` does not load it

    with closing(app_db.connect(accounts_of(db))) as connection:
        person = people.set_password(connection, username, password or _ask(lang))
        session.revoke(connection, person.id)
        devices.revoke(connection, person.id)
    click.echo(translate("cli.user.password", lang, username=person.username))


@user.command()
@DB
@click.argument("username")
@click.option(
    "--village",
    "villages",
    multiple=True,
    metavar="CODE",
)
@lang_option
@refusing
def assign(db: Path, username: str, villages: tuple[str, ...], lang: str) -> None:
    """Give an account other villages."""
    with closing(app_db.connect(accounts_of(db))) as connection:
        person = people.assign(connection, username, villages)
    places = ", ".join(person.villages) or translate("cli.user.everywhere", lang)
    click.echo(translate("cli.user.assigned", lang, username=person.username, villages=places))


for command in (user_devices.invite, user_devices.confirm, user_devices.devices, user_devices.revoke):
    user.add_command(command)


def _ask(lang: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    while True:  # click's own confirmation speaks English alone
        asked: str = click.prompt(translate("cli.user.ask", lang), hide_input=True)
        if asked == click.prompt(translate("cli.user.ask_again", lang), hide_input=True):
            return asked
        click.echo(translate("cli.user.differ", lang), err=True)


def as_dict(person: people.Person) -> dict[str, object]:
    """An account as JSON: `{"id", "username", "name", "role", "villages"}`."""
    return {
        "id": person.id,
        "username": person.username,
        "name": person.name,
        "role": person.role,
        "villages": list(person.villages),
    }
