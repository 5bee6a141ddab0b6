"""`homeward user invite`, `confirm`, `devices`, `revoke`: phones of people."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from .. import app_db
from ..accounts import people, session
from ..i18n import translate
from ..problems import Problem
from .accounts import DB, accounts_of
from .help import Command
from .shared import json_option, lang_option, moment, print_json, refusing

# The parts that know devices are imported where they are used, so that `--help` does not load them.


@click.command(cls=Command)
@DB
@click.argument("username")
@click.option("--address", default="", metavar="URL")
@json_option
@lang_option
@refusing
def invite(db: Path, username: str, address: str, as_json: bool, lang: str) -> None:
    """Make a one-time code that enrols a phone."""
    from sync import Replica

    from ..enrol import address as addresses
    from ..enrol import invitations, qr

    with closing(app_db.connect(accounts_of(db))) as connection:
        person = people.by_username(connection, username)
        if person is None:
            raise Problem("HW-3022", username)
        hub = addresses.keep(connection, address) if address else addresses.known(connection)
        if not hub:
            raise Problem("HW-3496")
        with Replica.open(db) as replica:
            issued = invitations.issue(connection, replica, person)
    where = addresses.page(hub, lang, issued.fragment)
    told = {"address": addresses.page(hub, lang), "code": issued.typed}
    if as_json:
        print_json({"id": issued.invitation.id, "url": where, **told, "expires": issued.invitation.expires})
        return
    doubt = addresses.doubt(hub)
    if doubt:
        click.echo(translate(f"people.doubt.{doubt}", lang, address=hub), err=True)
    click.echo(qr.terminal(where))
    click.echo(
        translate(
            "cli.user.invited", lang, name=person.name, db=db, **told, until=moment(issued.invitation.expires)
        )
    )


@click.command(cls=Command)
@DB
@click.argument("digits")
@lang_option
@refusing
def confirm(db: Path, digits: str, lang: str) -> None:
    """Confirm the phone that shows these six digits."""
    from sync import Replica

    from ..enrol import invitations

    with closing(app_db.connect(accounts_of(db))) as connection, Replica.open(db) as replica:
        device = invitations.with_digits(connection, digits)
        invitations.confirm(connection, replica, device)
        person = people.by_id(connection, device.person)
    name = person.name if person else device.person
    click.echo(translate("people.confirmed", lang, name=name))


@click.command(cls=Command)
@DB
@json_option
@lang_option
@refusing
def devices(db: Path, as_json: bool, lang: str) -> None:
    """List the devices of people, and how they stand."""
    from ..api import devices as held

    with app_db.reading(accounts_of(db)) as connection:
        names = {person.id: person.username for person in people.everybody(connection)}
        found = held.everyone(connection)
    if as_json:
        shown = ("replica", "person", "standing", "created", "used")
        print_json([{name: getattr(each, name) for name in shown} for each in found])
        return
    for each in found:
        standing = translate(f"people.standing.{each.standing}", lang)
        click.echo(f"{each.replica}\t{names.get(each.person, each.person)}\t{standing}\t{moment(each.used)}")


@click.command(cls=Command)
@DB
@click.argument("device")
@lang_option
@refusing
def revoke(db: Path, device: str, lang: str) -> None:
    """Report a device lost."""
    from ..api import devices as held

    with closing(app_db.connect(accounts_of(db))) as connection:
        for person in held.report_lost(connection, device):
            session.revoke(connection, person)
    click.echo(translate("people.lost.done", lang, device=device))
    click.echo(translate("people.lost.lead", lang))
