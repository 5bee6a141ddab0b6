"""Sync between replicas over HTTP: `/sync/v1/push` and `/sync/v1/pull`, batches of lines. What they hold decide
`sync.transfer.push` and `sync.transfer.pull`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.wsgi import wrap_file

from sync import Document, RecordState, SyncError
from sync.canonical import short_id
from sync.clock import clock_at, now_milliseconds
from sync.interest import Interest
from sync.problems import KEY_NOT_HERE
from sync.replica import documents
from sync.transfer import files, over_http, pull, push
from sync.transfer.give import ROOM
from sync.transfer.signing import sign_own

from .. import entities
from ..accounts.people import Person
from ..i18n import current_lang
from ..own_keys import to_hand_over
from ..replica_access import app_connection, replica
from . import devices, rights
from .sync_http import READ, body_of_request, check_whole, device_of_request

bp = Blueprint("replicas", __name__, url_prefix="/sync/v1")


@bp.post("/push")
def push_() -> ResponseReturnValue:
    """Takes a batch; answers receipts for what is committed and problems for what is not.

    The body lies whole in a file before any of it is taken: no slow line keeps others from writing. Problems:
    HW-3021 cut short, HW-3410 too large, HW-2036, HW-2037."""
    device = device_of_request(devices.LOST)
    rules = rights.rules(device)
    with TemporaryFile(dir=replica().path.parent) as body:
        size = 0
        while piece := request.stream.read(READ):
            body.write(piece)
            size += len(piece)
        check_whole(size)
        body.seek(0)
        return jsonify(push.receive(replica(), _pieces(body), device.replica, rules, lang=current_lang()))


def _pieces(body: BinaryIO) -> Iterator[bytes]:
    while piece := body.read(READ):
        yield piece


@bp.post("/pull")
def pull_() -> ResponseReturnValue:
    """Answers with the next batch for this device."""
    device = device_of_request()
    asked = pull.read_request(body_of_request())
    interest = rights.interest_of(device)
    if interest is None:
        known = asked.logs.get(replica().name)
        sign(known.number if known else 0)
    workers = rights.field_workers(device, rights.sender(device))
    names = devices.names_of(app_connection(), device.replica)

    def make(known: Mapping[str, str]) -> Iterable[Document]:
        return entity_documents(workers, interest, known)

    file = TemporaryFile(dir=replica().path.parent)  # noqa: SIM115 # closed when the answer has been sent
    try:
        handed = pull.hand_over(replica(), asked, names, interest, file, make)
    except BaseException:
        file.close()
        raise
    return _file(file, handed)


@bp.post("/media")
def media() -> ResponseReturnValue:
    """`{"media": [[sha256, type, size, added], …]}` of files that the device has → `{"lacking": [sha256, …]}`: which of
    them are not here whole."""
    rules = rights.rules(device_of_request())
    return jsonify(lacking=files.offered(replica(), body_of_request().get("media"), rules))


def _file(file: BinaryIO, handed: pull.Handed) -> Response:
    size = file.seek(0, 2)
    file.seek(0)
    headers: dict[str, Any] = {
        **over_http.LINES,
        "Content-Length": str(size),
        "Cache-Control": "no-store",
        over_http.CURSOR: handed.cursor,
        over_http.MORE: "1" if handed.more else "0",
    }
    response = Response(wrap_file(request.environ, file, READ), headers=headers, direct_passthrough=True)
    response.call_on_close(file.close)
    return response


def sign(known: int) -> None:
    """Signs what this hub wrote itself after change `known`, so that others may take it. A hub whose key was lost
    signs nothing, and hands on what others signed."""
    try:
        key = to_hand_over(app_connection(), replica())
    except SyncError as error:
        if error.problem.code != KEY_NOT_HERE:
            raise
        return
    sign_own(replica(), key, known, push.MOST, ROOM)


def entity_documents(
    workers: Iterable[Person], interest: Interest | None, known: Mapping[str, str]
) -> Iterator[Document]:
    """The entity lists as these people may see them, for forms that are filled in without the hub: those of which the
    device has another version (`known`: name → id)."""

    def keep(state: RecordState) -> bool:
        return interest is None or not interest.has_left(state.scopes)

    people = list(workers)
    for name in entities.list_names(replica()):
        found = [row for person in people for row in entities.rows(replica(), name, person, keep) or ()]
        rows = {row["name"]: row for row in found}
        data = json.dumps(list(rows.values()), ensure_ascii=False, separators=(",", ":")).encode()
        if known.get(name) != short_id(data):
            added = clock_at(now_milliseconds())
            yield Document(short_id(data), documents.ENTITIES, name, data, (), added)
