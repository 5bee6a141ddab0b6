"""`homeward status DB`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from sync import Problem, Replica, completeness, received
from sync.brought import author_of
from sync.problems import UNKNOWN_FORM, sentence

from ..i18n import has_text, translate, translate_n
from .names import Names
from .shared import counted, json_option, lang_option, moment, print_json, refusing
from .words import form_name, padded, questions, record_name

SHOWN = 20
"""Records with answers that disagree that are named one by one; --json names all."""

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
            tell(replica, found, lang)


def survey(replica: Replica, lang: str) -> dict[str, Any]:
    """JSON-ready: `name`, `counts`, `replicas` (`sync.LogState.as_dict`: made, here, missing, where last seen),
    `received` (what hubs have of this replica's own log: hub, number, at, whole), `forms` (form id →
    review state → records), `deleted`, `conflicts` (record, paths), `waiting_for` (records whose creation has
    not arrived), `media_missing`, `unknown_forms` (records, and the problem HW-2018 with the form version as
    its place), `quarantined` (id, at, source, and the problem), `renewal` (why it takes a new name with its next
    change, None), `former` (its former names), `branches` (other names of logs that were made under one of these),
    `backed_up` (highest number by replica)."""
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
        "branches": replica.own_branches(),
        "backed_up": replica.backed_up(),
    }


def tell(replica: Replica, found: dict[str, Any], lang: str) -> None:
    """The same for people."""
    counts = found["counts"]
    told = counted(lang, **{what: counts[what] for what in ("records", "changes", "documents", "media")})
    click.echo(translate("cli.status.head", lang, name=found["name"], deleted=counts["deleted"], **told))
    tell_identity(found, lang)
    tell_devices(replica, found, lang)
    click.echo(translate("cli.status.forms", lang))
    for form_id, row in found["forms"].items():
        named = (f"{state_name(state, lang)} {count}" for state, count in row.items() if count)
        states = translate("cli.list.and", lang).join(named)
        click.echo(f"  {padded(form_name(form_id, lang), 20)} {sum(row.values()):>7}  {states}")
    tell_conflicts(replica, found["conflicts"], lang)
    for key in ("waiting_for", "media_missing", "quarantined"):
        if found[key]:
            click.echo(translate_n(f"cli.status.{key}", len(found[key]), lang))
    for each in found["quarantined"]:
        click.echo(f"  {each['id']}  {moment(each['at'])}  {each['source']}")
        click.echo(f"    {said(each, lang)}")
    for each in found["unknown_forms"]:
        click.echo(translate_n("cli.status.unknown_forms", each["records"], lang))
        click.echo(f"  {said(each, lang)}")


def tell_devices(replica: Replica, found: dict[str, Any], lang: str) -> None:
    """The logs: of which device and whose, how much of each is here, and what hubs have of the own."""
    people = Names(replica.path, lang, {}).people
    click.echo(translate("cli.status.replicas", lang, count=len(found["replicas"])))
    for each in found["replicas"]:
        name, own = each["replica"], each["replica"] == found["name"]
        who = translate("cli.status.own", lang) if own else people.get(author_of(replica, name), "")
        at = moment(each["arrived"]) if each["arrived"] else ""
        click.echo(f"  {name}  {each['changes']:>7}  {at:<16}  {who}".rstrip())
        tell_missing(each, lang)
    for each in found["received"]:
        key = "cli.status.received_all" if each["whole"] else "cli.status.received_some"
        click.echo(translate(key, lang, hub=each["hub"], number=each["number"], at=moment(each["at"])))


def tell_conflicts(replica: Replica, conflicts: list[dict[str, Any]], lang: str) -> None:
    """Records whose answers disagree, each with the questions, and how that is settled."""
    if not conflicts:
        return
    click.echo(translate_n("cli.status.conflicts", len(conflicts), lang))
    for each in conflicts[:SHOWN]:
        state = replica.state(each["record"])
        about = translate(
            "cli.status.conflict",
            lang,
            record=record_name(state, lang),
            questions=questions(replica, state, each["paths"], lang),
        )
        click.echo(f"  {each['record']}  {about}")
    if len(conflicts) > SHOWN:
        click.echo(f"  {translate('cli.undo.more', lang, count=len(conflicts) - SHOWN)}")
    click.echo(f"  {translate('cli.conflicts.how', lang, hub=replica.path)}")


def tell_identity(found: dict[str, Any], lang: str) -> None:
    """Under which names the database wrote, and how much of everything a backup holds."""
    if found["renewal"]:
        about = {key: found["renewal"][key] for key in ("name", "source")} | {
            "at": moment(found["renewal"]["at"])
        }
        why = translate(f"cli.mend.renewal.{found['renewal']['why']}", lang, **about)
        click.echo(translate("cli.status.renewal", lang, why=why))
    if found["former"]:
        names = translate("cli.list.and", lang).join(each["name"] for each in found["former"])
        click.echo(translate("cli.status.former", lang, names=names))
    if found["branches"]:
        names = translate("cli.list.and", lang).join(found["branches"])
        click.echo(translate("cli.status.branches", lang, names=names))
    if found["backed_up"]:
        changes = counted(lang, changes=sum(found["backed_up"].values()))
        click.echo(translate("cli.status.backed_up", lang, **changes))


def tell_missing(log: dict[str, Any], lang: str) -> None:
    """What is known to be missing of one replica's log, and where it was last seen; of what the hub keeps and gives
    in parts, that it does."""
    if log["missing"]:
        first, last = log["missing"]
        key = "kept" if log["kept_at"] else "missing"
        about = {"first": first, "last": last, "hub": log["kept_at"], "apart": log["apart"]}
        click.echo("    " + translate_n(f"cli.status.{key}", last - first + 1, lang, **about))
    seen = log["last_seen"]
    if seen and not log["kept_at"]:
        where = {"source": seen["source"], "at": moment(seen["at"]), "number": seen["number"]}
        click.echo("    " + translate("cli.status.last_seen", lang, **where))
    if log["set_aside"]:
        click.echo("    " + translate_n("cli.status.set_aside", log["set_aside"], lang))


def said(problem: dict[str, Any], lang: str) -> str:
    """A problem's number, place, message and remedy in a line."""
    return sentence(problem["code"], problem["place"], problem["message"], problem["remedy"], lang)


def state_name(state: str, lang: str) -> str:
    """The review state as the pages call it."""
    key = f"cli.review_state.{state}"
    return translate(key, lang) if has_text(key) else state
