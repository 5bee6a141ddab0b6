"""Enrolling a laptop or a hub: `POST /sync/v1/enrol`, once, with the user name and password of one of its people; and
once more under each new name that it gets, with the token of the old one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sync import keys, protocol
from sync.change import read_header
from sync.names import NUMBER_BITS, REPLICA, replica_number
from sync.replica import documents, log
from sync.transfer.hello import check_protocol
from sync.transfer.lines import PROTOCOL

from ..accounts import of_hub, people, session
from ..accounts.people import Person
from ..own_keys import to_hand_over
from ..problems import Problem
from ..replica_access import app_connection, replica
from . import devices, rights
from .enrolment import check_proof, is_key
from .sync_http import body_of_request, device_of_request

bp = Blueprint("enrol_replica", __name__, url_prefix="/sync/v1")


@bp.post("/enrol")
def enrol() -> ResponseReturnValue:
    """`{"protocol", "username", "password", "replica", "spki", "signature", "number", "digest", "authors"}` →
    `{"protocol", "token", "hub", "spki", "person"}`, the token this once.

    Without `username` and `password` the request carries the token that the replica had under its old name. Both
    public keys become documents. `signature` is by the replica's key, over its name and the user name (else its old
    name). `authors` are ids under which the replica's log was written so far. Problems: HW-2051 another protocol,
    HW-3415 malformed, HW-3005 wrong password, HW-3006 too many of them, HW-3423 the signature is not by that key,
    HW-3414 the name is another's, HW-3413 the log came here by file before, and its digest there is to be shown."""
    body = body_of_request()
    check_protocol(body.get("protocol"))
    name, spki, number, digest = (body.get(each) for each in ("replica", "spki", "number", "digest"))
    authors = body.get("authors", [])
    if not (
        isinstance(name, str)
        and REPLICA.fullmatch(name)
        and isinstance(spki, str)
        and is_key(spki)
        and isinstance(number, str)
        and number.isascii()
        and number.isdecimal()
        and isinstance(digest, str)
        and isinstance(authors, list)
        and all(isinstance(each, str) for each in authors)
    ):
        raise Problem("HW-3415", name[:40] if isinstance(name, str) else "")
    before = device_of_request() if "password" not in body else None
    person = rights.sender(before) if before else _person(body)
    check_proof(name, before.replica if before else str(body["username"]), spki, body)
    if not protocol.is_free(replica(), name, spki):
        _check_its_own(name, int(number[:8]), digest, person)
    connection = app_connection()
    token = _token(name, person, spki)
    if before and before.replica != name:
        devices.rename(connection, name, before.replica)
    devices.add_authors(connection, name, _its_own(name, person, authors[:1000]))
    replica().put_document(keys.KEY_KIND, name, keys.key_document(name, spki).encode())
    key = to_hand_over(connection, replica())
    replica().sign_tip(key)
    answer = {
        "protocol": PROTOCOL,
        "token": token,
        "hub": replica().name,
        "spki": keys.public_text(key),
    }
    return jsonify(**answer, person=of_hub.as_dict(person)), 201


def _its_own(name: str, person: Person, authors: list[str]) -> list[str]:
    """Those of the ids that a replica may go on to speak for, and be given the records of: nobody's who has an account,
    and nobody's who wrote elsewhere, unless a supervisor vouches for it. Who is near learns such ids from reviews."""
    unknown = {each for each in authors if people.by_id(app_connection(), each) is None}
    if unknown and not person.supervises:
        unknown -= log.authors_apart_from(replica().db, devices.names_of(app_connection(), name))
    return sorted(unknown)


def _person(body: dict[str, Any]) -> Person:
    username, password = body.get("username"), body.get("password")
    if not isinstance(username, str) or not isinstance(password, str):
        raise Problem("HW-3415", "username")
    if session.must_wait(username):
        raise Problem("HW-3006", minutes=int(session.WINDOW.total_seconds() // 60))
    person = people.by_password(app_connection(), username, password)
    if person is None:
        session.note_wrong_password(username)
        raise Problem("HW-3005", username[:40])
    return person


def _token(name: str, person: Person, spki: str) -> str:
    try:
        return devices.enrol(app_connection(), name, person.id, spki)
    except Problem as problem:
        if problem.code != "HW-3401":
            raise
        raise Problem("HW-3414", name) from problem


def _check_its_own(name: str, number: int, digest: str, person: Person) -> None:
    """Whether a replica without a key, whose changes came here by file, is the one that asks now: it knows the digest
    where its log ends here, and the log is this person's alone unless a supervisor vouches for it.

    Raises `Problem` HW-3413 when the digest is of another place, HW-3414 when it is not the one."""
    db, own = replica().db, replica_number(name)
    tip = log.tip(db, own)
    if name == replica().name or documents.public_key(db, name) is not None:
        raise Problem("HW-3414", name)
    if number != tip.number:
        raise Problem("HW-3413", f"{name}-{tip.number}")
    if digest != tip.digest:
        raise Problem("HW-3414", name)
    rows = log.in_range(db, own << NUMBER_BITS | 1, own << NUMBER_BITS | tip.number)
    writers = {read_header(text).author for _, _, text, _ in rows}
    theirs = {each for each in writers if each != person.id and people.by_id(app_connection(), each)}
    if theirs and not person.supervises:
        raise Problem("HW-3414", name)
