"""Enrolling a browser: once, by the signed-in person, over the page's session."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sync import keys, protocol
from sync.canonical import from_base64url

from ..accounts.session import signed_in
from ..problems import Problem
from ..replica_access import app_connection, replica
from . import devices

bp = Blueprint("enrolment", __name__, url_prefix="/api")

REPLICA = re.compile(r"[0-9a-f][0-9a-hjkmnp-tv-z]{7}")


@bp.post("/devices")
def enrol() -> ResponseReturnValue:
    """`{"replica", "spki", "signature"}` → `{"token", "person": {"id", "name", "username"}}`, the token this once.

    The public key becomes a document, so that every replica can check what this one signs; so everybody knows it, and
    the signature over name and person shows that the private one is at hand. Problems: HW-3002 signed out, HW-3003
    token of the page, HW-3402 malformed, HW-3401 the replica has another key or is not a browser, HW-3423 the
    signature is not by that key.
    """
    person = signed_in()
    body = request.get_json(silent=True)
    name, spki = (body.get("replica"), body.get("spki")) if isinstance(body, dict) else (None, None)
    if (
        not isinstance(body, dict)
        or not isinstance(name, str)
        or not REPLICA.fullmatch(name)
        or not is_key(spki)
    ):
        raise Problem("HW-3402", request.path)
    check_proof(name, person.id, spki, body)
    if not protocol.is_free(replica(), name, spki):
        raise Problem("HW-3401", name)
    token = devices.enrol(app_connection(), name, person.id, spki)
    replica().put_document(keys.KEY_KIND, name, keys.key_document(name, spki).encode("utf-8"))
    return jsonify(
        token=token, person={"id": person.id, "name": person.name, "username": person.username}
    ), 201


def check_proof(name: str, whom: str, spki: str, body: Mapping[str, Any]) -> None:
    """Raises `Problem` HW-3423 unless the request is signed with the private half of the key that it names: with the
    public one alone anybody could ask for the token of any replica, and be given what is its own."""
    signature = body.get("signature")
    if not isinstance(signature, str) or not keys.verify(spki, keys.enrol_text(name, whom), signature):
        raise Problem("HW-3423", name)


def is_key(spki: object) -> TypeGuard[str]:
    """Whether it is a public key of ours: P-256, SubjectPublicKeyInfo as base64url."""
    if not isinstance(spki, str) or len(spki) > 200:
        return False
    try:
        key = load_der_public_key(from_base64url(spki))
    except (ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
