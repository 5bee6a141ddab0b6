"""`homeward status DB`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from sync import Problem, Replica, completeness, received
from sync.problems import UNKNOWN_FORM

from ..i18n import has_text, translate, translate_n
from .shared import counted, json_option, lang_option, moment, print_json, refusing

REVIEW_STATES = ("received", "has_issues", "edited", "approved", "rejected")


@click.command(name="status")
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@lang_option
@refusing
def status(db: Path, as_json: bool, lang: str) -> None:
    """Show what the database DB holds: devices, records by form and review state, what is missing or in
    conflict."""
    with Replica.open(db) as replica:
        found = survey(replica, lang)
    if as_json:
        print_json({"db": str(db), **found})
    else:
        tell(found, lang)


def survey(replica: Replica, lang: str) -> dict[str, Any]:
    """JSON-ready: `name`, `counts`, `replicas` (`sync.LogState.as_dict`: made, here, missing, where last seen),
    `received` (what hubs have of this replica's own log: hub, number, at, whole), `forms` (form id →
    review state → records), `deleted`, `conflicts` (record, paths), `waiting_for` (records whose creation has
    not arrived), `media_missing`, `unknown_forms` (records, and the problem HW-2018 with the form version as
    its place), `quarantined` (id, at, source, and the problem), `renewal` (why it takes a new name with its next
    change, None), `former` (its former names), `backed_up` (highest number by replica)."""
    forms: dict[str, dict[str, int]] = {}
    conflicts, waiting = [], []
    unknown: Counter[str] = Counter()
    for state in replica.states():
        if not state.deleted:
            row = forms.setdefault(state.form_id or state.form, dict.fromkeys(REVIEW_STATES, 0))
            row[state.review.state] += 1
        if state.conflicts:
            conflicts.append({"record": state.record, "paths": [each.path for each in state.conflicts]})
        if not state.created and not state.withdrawn:  # of one that was erased nothing is to come
            waiting.append(state.record)
        if not state.form_id:
            unknown[state.form] += 1
    return {
        "name": replica.name,
        "counts": replica.counts(),
        "replicas": [each.as_dict() for each in completeness(replica)],
        "received": [asdict(each) for each in received(replica)],
        "forms": dict(sorted(forms.items())),
        "conflicts": conflicts,
        "waiting_for": waiting,
        "media_missing": replica.media_missing(),
        "unknown_forms": [
            {"records": count, **Problem(UNKNOWN_FORM, form).as_dict(lang)}
            for form, count in sorted(unknown.items())
        ],
        "quarantined": [
            {"id": each.id, "at": each.at, "source": each.source, **each.problem.as_dict(lang)}
            for each in replica.quarantined()
        ],
        "renewal": asdict(renewal) if (renewal := replica.outdated()) else None,
        "former": [asdict(each) for each in replica.former_names()],
        "backed_up": replica.backed_up(),
    }


def tell(found: dict[str, Any], lang: str) -> None:
    """The same for people."""
    counts = found["counts"]
    told = counted(lang, **{what: counts[what] for what in ("records", "changes", "documents", "media")})
    click.echo(translate("cli.status.head", lang, name=found["name"], deleted=counts["deleted"], **told))
    tell_identity(found, lang)
    click.echo(translate("cli.status.replicas", lang, count=len(found["replicas"])))
    for each in found["replicas"]:
        own = translate("cli.status.own", lang) if each["replica"] == found["name"] else ""
        click.echo(f"  {each['replica']}  {each['changes']:>7}  {each['arrived'][:16]}  {own}".rstrip())
        tell_missing(each, lang)
    for each in found["received"]:
        key = "cli.status.received_all" if each["whole"] else "cli.status.received_some"
        click.echo(translate(key, lang, hub=each["hub"], number=each["number"], at=each["at"][:16]))
    click.echo(translate("cli.status.forms", lang))
    for form_id, row in found["forms"].items():
        states = ", ".join(f"{state_name(state, lang)} {count}" for state, count in row.items() if count)
        click.echo(f"  {form_id:<20} {sum(row.values()):>7}  {states}")
    for key in ("conflicts", "waiting_for", "media_missing", "quarantined"):
        if found[key]:
            click.echo(translate_n(f"cli.status.{key}", len(found[key]), lang))
    for each in found["conflicts"]:
        click.echo(f"  {each['record']}  {', '.join(each['paths'])}")
    for each in found["quarantined"]:
        click.echo(f"  {each['id']}  {moment(each['at'])}  {each['source']}")
        click.echo(f"    {said(each)}")
    for each in found["unknown_forms"]:
        click.echo(translate_n("cli.status.unknown_forms", each["records"], lang))
        click.echo(f"  {said(each)}")


def tell_identity(found: dict[str, Any], lang: str) -> None:
    """Under which names the database wrote, and how much of everything a backup holds."""
    if found["renewal"]:
        about = {key: found["renewal"][key] for key in ("name", "source")} | {
            "at": moment(found["renewal"]["at"])
        }
        why = translate(f"cli.mend.renewal.{found['renewal']['why']}", lang, **about)
        click.echo(translate("cli.status.renewal", lang, why=why))
    if found["former"]:
        names = ", ".join(each["name"] for each in found["former"])
        click.echo(translate("cli.status.former", lang, names=names))
    if found["backed_up"]:
        changes = counted(lang, changes=sum(found["backed_up"].values()))
        click.echo(translate("cli.status.backed_up", lang, **changes))


def tell_missing(log: dict[str, Any], lang: str) -> None:
    """What is known to be missing of one replica's log, and where it was last seen."""
    if log["missing"]:
        first, last = log["missing"]
        click.echo("    " + translate_n("cli.status.missing", last - first + 1, lang, first=first, last=last))
    seen = log["last_seen"]
    if seen:
        where = {"source": seen["source"], "at": seen["at"][:16], "number": seen["number"]}
        click.echo("    " + translate("cli.status.last_seen", lang, **where))
    if log["set_aside"]:
        click.echo("    " + translate_n("cli.status.set_aside", log["set_aside"], lang))


def said(problem: dict[str, Any]) -> str:
    """A problem's number, place, message and remedy in a line."""
    return f"{problem['code']} ({problem['place']}): {problem['message']} {problem['remedy']}"


def state_name(state: str, lang: str) -> str:
    """The review state as the pages call it."""
    key = f"cli.review_state.{state}"
    return translate(key, lang) if has_text(key) else state
