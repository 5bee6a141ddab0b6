"""The field package: what a phone needs for weeks without the hub, for the villages of its person.

`GET /sync/v1/field` → JSON; see `field_package` for its members. An `ETag` names the content, so asking
again costs little.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from sync import RecordState, Replica

from ..accounts.people import Person, by_id
from ..entities import list_names
from ..entities import rows as entity_rows
from ..i18n import LANGUAGES
from ..library import FormEntry, current_forms, list_addresses
from ..problems import Problem
from ..replica_access import app_connection, replica
from ..villages.registry import Registry, Village, registry
from ..visit.own import place_paths
from ..visit.places import WHERE
from ..visit.roster import NAMES, place_of
from . import devices
from .sync_http import device_of_request

bp = Blueprint("field", __name__, url_prefix="/sync/v1")


@bp.get("/field")
def field() -> ResponseReturnValue:
    """The field package of the device's person; 304 when the device has it already."""
    device = device_of_request(devices.WAITING)
    person = by_id(app_connection(), device.person)
    if person is None:
        raise Problem("HW-3403", request.path)
    body = field_package(replica(), person, bare=device.standing == devices.WAITING)
    tag = hashlib.sha256(_json(body).encode()).hexdigest()[:32]
    made = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    response = Response(_json({**body, "made": made}), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Made"] = (
        made  # a 304 has no body, and the phone needs to know how new its records are
    )
    response.set_etag(tag)
    return response.make_conditional(request)


def field_package(source: Replica, person: Person, *, bare: bool = False) -> dict[str, Any]:
    """`person`, `villages` (codes and names), `forms` (see `_form`), `lists` (stem → address),
    `entities`
    (list → rows of the person's villages), `records` (see `_record`). `bare`: of a device that nobody has confirmed
    yet, so nothing that anybody recorded."""
    places = registry(source)
    villages = [village for village in places.all if person.works_in(village.code)]
    codes = {village.code for village in villages}
    entries = current_forms(source)
    return {
        "person": {"id": person.id, "name": person.name, "username": person.username},
        "villages": [_village(village) for village in villages],
        "forms": {form_id: _form(entry) for form_id, entry in entries.items()},
        "lists": list_addresses(source),
        "entities": {
            name: [] if bare else entity_rows(source, name, person) or [] for name in list_names(source)
        },
        "records": [
            _record(state, person, places)
            for state in (() if bare else source.states())
            if _concerns(state, person, codes)
        ],
    }


def _form(entry: FormEntry) -> dict[str, Any]:
    """A form; of one that a team brought also where it asks for the place."""
    found = {
        "version": entry.version_id,
        "address": f"/forms/{entry.version_id}.json",
        "title": entry.form.title,
    }
    return found if entry.form.form_id in WHERE else {**found, "own": True, "place": place_paths(entry.form)}


def _concerns(state: RecordState, person: Person, codes: set[str]) -> bool:
    if state.deleted:
        return False
    return f"p:{person.id}" in state.scopes or any(
        scope[2:] in codes for scope in state.scopes if scope.startswith("v:")
    )


def _village(village: Village) -> dict[str, str]:
    names = {f"label_{lang}": village.name(lang) for lang in LANGUAGES}
    where = {f"where_{lang}": village.where(lang) for lang in LANGUAGES}
    return {"village": village.code, "township": village.township, "county": village.county, **names, **where}


def _record(state: RecordState, person: Person, places: Registry) -> dict[str, Any]:
    """A record as the hub shows it. Of other people's records a phone gets only what the roster counts by."""
    own = state.author == person.id or f"p:{person.id}" in state.scopes
    village = places.of_scopes(state.scopes)
    answers = (
        state.answers if own else {path: value for path, value in state.answers.items() if _for_roster(path)}
    )
    return {
        "record": state.record,
        "form": state.form,
        "form_id": state.form_id,
        "village": village.code if village else place_of(state.answers),
        "answers": dict(answers),
        "reasons": dict(state.reasons) if own else {},
        "own": own,
        "heads": list(state.heads),
        "review": state.review.state,
        "comment": state.review.comment,
        "questions": list(state.review.questions),
        "created": state.created,
        "updated": state.updated,
    }


def _for_roster(path: str) -> bool:
    return "[" not in path and path.rsplit("/", 1)[-1] in NAMES


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
