"""Sync over HTTP: `/sync/v1/…` with a device's bearer token, no cookies. Thin: what a change is decides
`sync.protocol`.

Everything is checked for its length: a body that was cut on its way is refused, whatever the server in
front says.
"""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from sync import keys, protocol, reported
from sync.canonical import check_text
from sync.change import parse_header
from sync.transfer.hello import answer
from sync.transfer.push import PACKED_LIMIT

from ..i18n import current_lang
from ..problems import Problem
from ..replica_access import app_connection, replica
from . import devices, rights
from .devices import Device

bp = Blueprint("sync_http", __name__, url_prefix="/sync/v1")

MEGABYTE = 1024 * 1024
JSON_LIMIT = 2 * MEGABYTE
MEDIA_LIMIT = 50 * MEGABYTE
APART_LIMIT = 64 * MEGABYTE
"""Of what a device sends after it was reported lost, characters."""
LIMITS = (
    ("media/", "HW-3008", MEDIA_LIMIT),
    ("push", "HW-3410", PACKED_LIMIT),
    ("", "HW-3404", JSON_LIMIT),
)
"""Beginning of an address, the problem of a body that is larger, bytes."""
READ = 256 * 1024
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""What may stand for half a character, or be one of two that are one."""


def limit() -> None:
    """Refuses bodies that are too large for what they are, before anything reads them: HW-3404, HW-3008,
    HW-3410."""
    if not request.path.startswith(("/sync/", "/api/")):
        return
    number, largest = next(
        (number, most)
        for start, number, most in LIMITS
        if request.path.startswith(f"/sync/v1/{start}") or not start
    )
    request.max_content_length = largest
    if (request.content_length or 0) > largest:
        raise Problem(number, request.path, limit=largest // MEGABYTE)


REFUSED = {devices.WAITING: "HW-3486", devices.LOST: "HW-3487", devices.REJECTED: "HW-3489"}


def device_of_request(*also: str) -> Device:
    """The device whose token the request carries: one that is confirmed, or stands as one of `also`.

    Raises `Problem` HW-3403 for none or an unknown one, HW-3486 for one that waits to be confirmed, HW-3487 for one
    that was reported lost, HW-3489 for one that was not confirmed."""
    if "device" not in g:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        g.device = (
            devices.by_token(app_connection(), token.strip()) if kind.lower() == "bearer" and token else None
        )
    device: Device | None = g.device
    if device is None:
        raise Problem("HW-3403", request.path)
    if device.standing != devices.CONFIRMED and device.standing not in also:
        raise Problem(REFUSED[device.standing], device.replica)
    return device


def body_of_request() -> dict[str, Any]:
    """The JSON object that was sent, whole. Raises `Problem` HW-3021 cut short, HW-3406 no JSON object, `SyncError`
    HW-2001 for one with half a character in a text: nothing here could keep it."""
    data = request.get_data(cache=False)
    check_whole(len(data))
    try:
        text = data.decode()
        body = json.loads(text)
        halves = SURROGATE.search(text) and json.dumps(body, ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        raise Problem("HW-3406", request.path) from error
    if halves:
        check_text(halves, request.path)
    if not isinstance(body, dict):
        raise Problem("HW-3406", request.path)
    return body


def check_whole(got: int) -> None:
    """Raises `Problem` HW-3021 when the body was announced longer or shorter than the `got` bytes of it."""
    wanted = request.content_length
    if wanted is not None and got != wanted:
        raise Problem("HW-3021", request.path, got=got, wanted=wanted)


@bp.post("/hello")
def hello() -> ResponseReturnValue:
    """What this hub has of the device's log."""
    device = device_of_request(devices.LOST)
    body = body_of_request()
    _own(device, body)
    if device.standing == devices.LOST and "protocol" not in body:
        return jsonify(reported.greet(replica(), body, lang=current_lang()))
    told = answer(replica(), body, rights.caller(device), lang=current_lang())
    if "protocol" in body:
        told["people"] = rights.people_on(device)
    return jsonify(told)


@bp.post("/changes")
def changes() -> ResponseReturnValue:
    """Takes changes of the device's own log; answers receipts for what is committed and problems for what
    is not. What a device sends after it was reported lost is kept apart."""
    device = device_of_request(devices.LOST)
    body = body_of_request()
    _own(device, body)
    _authors(device, body)
    may = rights.may(device)
    if device.standing == devices.LOST:
        _room(device)
        return jsonify(reported.receive(replica(), body, device.replica, may=may, lang=current_lang()))
    # Forms come from the hub alone: what a form publishes is not a device's to decide.
    receipts = protocol.receive(
        replica(), body, device.replica, offers=(keys.KEY_KIND,), may=may, lang=current_lang()
    )
    return jsonify(receipts)


def _room(device: Device) -> None:
    """A finder must not fill the disk: beyond `APART_LIMIT` what such a device sends stays on it (HW-3494)."""
    if reported.weight(replica(), device.replica) > APART_LIMIT:
        raise Problem("HW-3494", device.replica, limit=APART_LIMIT // MEGABYTE)


def _own(device: Device, body: dict[str, Any]) -> None:
    if body.get("replica") != device.replica:
        raise Problem("HW-3407", str(body.get("replica", ""))[:40])


def _authors(device: Device, body: dict[str, Any]) -> None:
    """Whoever holds a token may write in the name of the people who enrolled on that device, and of nobody
    else."""
    known = devices.people_of(app_connection(), device.replica)
    pairs = body.get("changes")
    for place, pair in enumerate(pairs if isinstance(pairs, list) else ()):
        if isinstance(pair, list) and pair and isinstance(pair[0], str):
            header = parse_header(pair[0], f"{device.replica} changes[{place}]")
            if header.author not in known:
                raise Problem("HW-3408", header.name)
