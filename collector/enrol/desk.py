"""The supervisor's pages: people and devices, a code for a phone and what became of it, a device that was lost."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from sync.problems import REPORTED_LOST

from ..accounts import people, session
from ..accounts.people import Person
from ..accounts.session import role_required, signed_in
from ..api import devices
from ..api.devices import Device
from ..i18n import PREFIX, current_lang, t
from ..problems import Problem
from ..replica_access import app_connection, replica
from . import address, invitations, qr

bp = Blueprint("people", __name__, url_prefix=f"{PREFIX}/people")

CHIPS = {"confirmed": "received", "waiting": "waiting", "rejected": "refused", "lost": "refused"}
SIGNS = {"confirmed": "check", "waiting": "clock", "rejected": "warn", "lost": "warn"}


@bp.context_processor
def helpers() -> dict[str, dict[str, str]]:
    """How a standing looks: colour and sign."""
    return {"chips": CHIPS, "signs": SIGNS}


_desk = role_required("administrator", "supervisor")


@bp.get("")
@_desk
def index() -> ResponseReturnValue:
    """Everybody with their devices; first those whose number waits to be compared."""
    connection = app_connection()
    everybody = people.everybody(connection)
    held: dict[str, list[Device]] = {}
    for each in devices.everyone(connection):
        held.setdefault(each.person, []).append(each)
    names = {person.id: person.name for person in everybody}
    return render_template(
        "people/index.html", section="people", page="people", people=everybody, held=held,
        waiting=[(names.get(device.person, ""), found) for device, found in invitations.waiting(connection)],
    )  # fmt: skip


@bp.get("/<person_id>/code")
@_desk
def ask(person_id: str) -> ResponseReturnValue:
    """Before a code is made: for whom, and under which address phones reach this hub."""
    return _ask(_person(person_id), address.known(app_connection()) or request.host_url)


@bp.post("/<person_id>/code")
@_desk
def make(person_id: str) -> ResponseReturnValue:
    """Makes a code and shows it this once: as QR code, and for typing."""
    person = _person(person_id)
    given = request.form.get("address", "") or request.host_url
    try:
        hub = address.keep(app_connection(), given)
        issued = invitations.issue(app_connection(), replica(), person, signed_in().id)
    except Problem as problem:
        return _ask(person, given, problem)
    where = address.page(hub, current_lang(), issued.fragment)
    return render_template(
        "people/code.html", section="people", page="people-code", issued=issued, whom=person, address=hub,
        where=address.page(hub, current_lang()), image=qr.svg(where, t("people.code.image")),
        doubt=address.doubt(hub), form=FlaskForm(),
    )  # fmt: skip


def _ask(whom: Person, given: str, problem: Problem | None = None) -> ResponseReturnValue:
    page = render_template(
        "people/ask.html", section="people", page="people-ask", whom=whom, address=given.rstrip("/"),
        problem=problem, minutes=int(invitations.LIFETIME.total_seconds() // 60), form=FlaskForm(),
    )  # fmt: skip
    return page, problem.status if problem else 200


@bp.get("/invitation/<id_>")
@_desk
def invitation(id_: str) -> ResponseReturnValue:
    """What became of a code; after its use the number to compare."""
    found = invitations.by_id(app_connection(), id_)
    device = devices.held_by(app_connection(), found.replica, found.person) if found.replica else None
    return render_template(
        "people/invitation.html", section="people", page="people-invitation", found=found, device=device,
        whom=_person(found.person), form=FlaskForm(),
    )  # fmt: skip


@bp.get("/invitation/<id_>/state")
@_desk
def state(id_: str) -> ResponseReturnValue:
    """`{"state", "left"}` for the page that shows the code; seconds."""
    found = invitations.by_id(app_connection(), id_)
    return jsonify(state=found.state, left=found.left)


@bp.post("/invitation/<id_>")
@_desk
def decide(id_: str) -> ResponseReturnValue:
    """Withdraws a code, or says whether the numbers are the same."""
    connection, found = app_connection(), invitations.by_id(app_connection(), id_)
    action = request.form.get("action")
    if action == "withdraw":
        invitations.withdraw(connection, id_)
        return redirect(url_for(".invitation", id_=id_), 303)
    device = Device(found.replica, found.person, found.spki)
    if action == "same":
        invitations.confirm(connection, replica(), device)
        flash(t("people.confirmed", name=_person(found.person).name), "ok")
    elif action == "other":
        invitations.reject(connection, device)
        flash(t("people.rejected"), "warn")
    return redirect(url_for(".index"), 303)


@bp.get("/device/<name>")
@_desk
def device(name: str) -> ResponseReturnValue:
    """A device: whose it is, how it stands, what it sent after it was reported lost."""
    found = [each for each in devices.everyone(app_connection()) if each.replica == name]
    if not found:
        raise Problem("HW-3492", name[:40])
    apart = [
        each
        for each in replica().quarantined()
        if each.replica == name and each.problem.code == REPORTED_LOST
    ]
    return render_template(
        "people/device.html", section="people", page="people-device", name=name, form=FlaskForm(),
        held=[(each, people.by_id(app_connection(), each.person)) for each in found],
        lost=devices.lost_at(app_connection(), name), apart=sum(each.count for each in apart),
        ids=[each.id for each in apart],
    )  # fmt: skip


@bp.post("/device/<name>/lost")
@_desk
def lost(name: str) -> ResponseReturnValue:
    """Reports a device lost, and signs out who was enrolled on it."""
    for person in devices.report_lost(app_connection(), name, signed_in().id):
        session.revoke(app_connection(), person)
    flash(t("people.lost.done", device=name), "ok")
    return redirect(url_for(".device", name=name), 303)


def _person(person_id: str) -> Person:
    found = people.by_id(app_connection(), person_id)
    if found is None:
        raise Problem("HW-3022", person_id[:40])
    return found
