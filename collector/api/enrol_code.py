"""Enrolling a phone without a password: the hub proves who it is, the phone gives the code, and asks how it stands; and
the trial that a phone runs before the first field day. No cookies, no token of a page."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sync import enrolling, keys
from sync.canonical import sha
from sync.names import REPLICA

from ..accounts import session
from ..enrol import invitations
from ..own_keys import to_hand_over
from ..problems import Problem
from ..replica_access import app_connection, replica
from . import devices
from .enrolment import check_proof, is_key
from .sync_http import body_of_request, device_of_request

bp = Blueprint("enrol_code", __name__, url_prefix="/sync/v1")

NONCE = re.compile(r"[\w-]{16,64}", re.ASCII)
TRIAL_LIMIT = 8192  # characters


@bp.post("/enrol/proof")
def proof() -> ResponseReturnValue:
    """`{"nonce"}` → `{"hub", "spki", "at", "signature"}`: who this hub is, before a phone gives a code away.

    `signature` is over `["hub", hub, nonce, at]`, `at` the hub's time. Problem: HW-3402 malformed."""
    nonce = body_of_request().get("nonce")
    if not isinstance(nonce, str) or not NONCE.fullmatch(nonce):
        raise Problem("HW-3402", request.path)
    key = to_hand_over(app_connection(), replica())
    name, at = replica().name, _now()
    signature = keys.sign(key, enrolling.proof_text(name, nonce, at))
    return jsonify(hub=name, spki=keys.public_text(key), at=at, signature=signature)


@bp.post("/enrol/code")
def code() -> ResponseReturnValue:
    """`{"code", "replica", "spki", "signature", "at"}` → `{"token", "person", "hub", "spki"}`, the token this once.

    `signature` is by the phone's key over its name and the code, `at` the phone's time. The device waits until its
    number was compared. Problems: HW-3402 malformed, HW-3484 the phone's clock is off (the code is not used up),
    HW-3423 the signature is not by that key, HW-3491 too many wrong codes, HW-3480 to HW-3483 the code, HW-3401."""
    body = body_of_request()
    given, name, spki = (body.get(each) for each in ("code", "replica", "spki"))
    if not (isinstance(given, str) and isinstance(name, str) and REPLICA.fullmatch(name) and is_key(spki)):
        raise Problem("HW-3402", request.path)
    _check_clock(body.get("at"))
    check_proof(name, given, spki, body)
    guesser = f"code from {request.remote_addr}"  # no user name has a space
    if session.must_wait(guesser):
        raise Problem("HW-3491", minutes=int(session.WINDOW.total_seconds() // 60))
    try:
        token, person, _ = invitations.redeem(
            app_connection(), replica(), enrolling.read_secret(given), name, spki
        )
    except Problem as problem:
        if problem.code == "HW-3480":
            session.note_wrong_password(guesser)
        raise
    told = {"id": person.id, "name": person.name, "username": person.username}
    return jsonify(token=token, person=told, hub=replica().name), 201


def _check_clock(given: Any) -> None:
    try:
        there = datetime.fromisoformat(given)
        off = there - datetime.now(UTC)
    except (TypeError, ValueError):
        raise Problem("HW-3402", "at") from None
    if abs(off) > invitations.CLOCK:
        raise Problem("HW-3484", minutes=round(abs(off).total_seconds() / 60), at=_now()[11:16])


@bp.get("/enrol/standing")
def standing() -> ResponseReturnValue:
    """`{"standing": "waiting" | "confirmed"}`; a problem for a device that is neither."""
    return jsonify(standing=device_of_request(devices.WAITING).standing)


@bp.post("/trial")
def trial() -> ResponseReturnValue:
    """`{"replica", "nonce", "record", "signature"}` → `{"at", "sha"}`: a made-up record, checked as a real one is, of
    which nothing is kept: it is no change, and this call writes nothing.

    `record` is text, `sha` its digest, `signature` over `["trial", replica, sha + " " + nonce]`. Problems: HW-3402
    malformed, HW-3423 the signature is not by the device's key."""
    device = device_of_request(devices.WAITING)
    body = body_of_request()
    nonce, record, signature = (body.get(each) for each in ("nonce", "record", "signature"))
    if not (
        isinstance(nonce, str)
        and NONCE.fullmatch(nonce)
        and isinstance(record, str)
        and len(record) <= TRIAL_LIMIT
        and isinstance(signature, str)
    ):
        raise Problem("HW-3402", request.path)
    text = enrolling.trial_text(device.replica, f"{sha(record)} {nonce}")
    if body.get("replica") != device.replica or not keys.verify(device.spki, text, signature):
        raise Problem("HW-3423", device.replica)
    return jsonify(at=_now(), sha=sha(record))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
