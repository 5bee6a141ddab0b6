"""Photos and recordings over HTTP: `/sync/v1/media/<sha256>`, sent and fetched in pieces, each from where the
last one ended. What a piece is decides `sync.replica.parts`.
"""

from __future__ import annotations

import hashlib
import re
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, jsonify, make_response, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ClientDisconnected, RequestedRangeNotSatisfiable

from sync import SyncError, reported
from sync.problems import PART_ENDS_ELSEWHERE
from sync.replica import erasure
from sync.replica.parts import Held

from ..accounts.people import by_id
from ..accounts.visible import visible
from ..errors import respond
from ..problems import STATUS, Problem
from ..replica_access import app_connection, replica
from . import devices
from .devices import Device
from .sync_http import MEDIA_LIMIT, MEGABYTE, check_whole, device_of_request

bp = Blueprint("media_http", __name__, url_prefix="/sync/v1/media")

NAME = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[0-9]{1,12}")
TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}", re.ASCII)
ANY_TYPE = "application/octet-stream"
READ = 256 * 1024


@bp.get("/<sha256>")
def media(sha256: str) -> ResponseReturnValue:
    """`HEAD`: how much is here (`Upload-Offset`, `Upload-Complete`), for whoever sends. `GET`: the file, or
    with `Range` a piece of it, for whoever may see it.

    Problems: HW-3405 no digest, HW-3421 not here or not for this person, HW-3422 a range outside of it.
    """
    device = device_of_request(*((devices.LOST,) if request.method == "HEAD" else ()))
    _check(sha256)
    if request.method == "HEAD":
        return _with_offset(Response(), replica().media_received(sha256))
    if not replica().media(sha256).exists() or not may_read_media(device, sha256):
        raise Problem("HW-3421", sha256)
    return _file(sha256)


def may_read_media(device: Device, sha256: str) -> bool:
    """Whether a device's person may have a medium: a supervisor any, others what a record that they may see
    has for an answer. The one place that decides it."""
    person = by_id(app_connection(), device.person)
    if person is None:
        return False
    return person.supervises or any(
        visible(person, state) for state in replica().showing_medium(sha256) if not state.withdrawn
    )


def _file(sha256: str) -> Response:
    stored = replica().media_type(sha256) or ANY_TYPE
    try:
        response = send_file(
            replica().media(sha256),
            mimetype=stored if TYPE.fullmatch(stored) else ANY_TYPE,
            as_attachment=True,
            download_name=sha256,
            etag=sha256,
        )
    except RequestedRangeNotSatisfiable as error:
        raise Problem("HW-3422", sha256) from error
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.patch("/<sha256>")
def append(sha256: str) -> ResponseReturnValue:
    """Takes a piece: `Upload-Offset` says where it begins, `Upload-Length` how long the whole file is.
    Answers `{"sha256", "size", "complete"}` with what is here now; `complete` is the receipt.

    A body that breaks off is taken as far as it came. Problems: HW-3420 a header is missing or does not fit
    the body, HW-3008 a file over the limit, HW-2060 (status 409, with `Upload-Offset`) the piece does not
    begin where what is here ends, HW-2061, HW-2025 the whole is not what its name says.
    """
    _may_send(device_of_request(devices.LOST), sha256)
    _check(sha256)
    offset, total = _number("Upload-Offset"), _number("Upload-Length")
    if total > MEDIA_LIMIT:
        raise Problem("HW-3008", request.path, limit=MEDIA_LIMIT // MEGABYTE)
    if offset + (request.content_length or 0) > total >= offset:
        raise Problem("HW-3420", "Content-Length")

    body = _Body(request.stream)
    try:
        held = replica().append_media(sha256, offset, body, total, request.mimetype or ANY_TYPE)
    except SyncError as error:
        if error.problem.code != PART_ENDS_ELSEWHERE:
            raise
        refused = make_response(respond(error.problem, STATUS[PART_ENDS_ELSEWHERE]))
        return _with_offset(refused, Held(int(error.problem.params["end"]), False))
    answer = jsonify(sha256=sha256, size=held.size, complete=held.complete)
    return _with_offset(answer, held), 201 if held.complete else 200


@bp.put("/<sha256>")
def put(sha256: str) -> ResponseReturnValue:
    """Takes a photo or recording in one go; answers `{"sha256", "size", "complete"}` once it is stored, and
    stores nothing of one that is cut (HW-3021) or not what its name says (HW-3405)."""
    _may_send(device_of_request(devices.LOST), sha256)
    _check(sha256)
    size = _spool(request.stream, sha256, request.mimetype or ANY_TYPE)
    return jsonify(sha256=sha256, size=size, complete=True), 201


def _may_send(device: Device, sha256: str) -> None:
    """Raises `Problem` HW-3487 for a device that was reported lost, unless something that is kept of it shows this
    file."""
    if device.standing == devices.LOST and not reported.names_medium(replica(), device.replica, sha256):
        raise Problem("HW-3487", device.replica)


def _check(sha256: str) -> None:
    if not NAME.fullmatch(sha256):
        raise Problem("HW-3405", sha256[:70])


def _number(header: str) -> int:
    given = request.headers.get(header, "")
    if not NUMBER.fullmatch(given):
        raise Problem("HW-3420", header)
    return int(given)


def _with_offset(response: Response, held: Held) -> Response:
    response.headers["Upload-Offset"] = str(held.size)
    response.headers["Upload-Complete"] = "?1" if held.complete else "?0"
    response.headers["Cache-Control"] = "no-store"
    return response


class _Body:
    """A body that ends where its sender was cut off."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def read(self, size: int, /) -> bytes:
        try:
            data: bytes = self.stream.read(size)
        except ClientDisconnected:  # no fault: what came until here is kept, and the sender will ask for it
            return b""
        return data


def _spool(stream: Any, sha256: str, media_type: str) -> int:
    """Reads the whole into a temporary file, and stores it only when length and digest are what was
    announced; returns its length in bytes."""
    size, running = 0, hashlib.sha256()
    with TemporaryFile(dir=replica().path.parent) as kept:
        while data := stream.read(READ):
            size += len(data)
            running.update(data)
            kept.write(data)
        check_whole(size)
        if running.hexdigest() != sha256:
            raise Problem("HW-3405", sha256)
        kept.seek(0)
        if not erasure.stays_away(replica().db, sha256):
            replica().put_media(cast(BinaryIO, kept), media_type)
    return size
