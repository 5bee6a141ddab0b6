"""Forms and lists in a replica: installing the built-in ones, finding the current ones, handing them to
phones.

They are documents: immutable, named by their digest. So a compiled form and a parsed list are remembered by
that name, and their addresses are cached for ever.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from flask import Blueprint, Flask, Response, request

from forms import Form, FormError, read_xform
from forms import library as built_in
from forms.attached import KINDS
from sync import Replica, SyncError
from sync.clock import clock_at

from .lists import ListDocument, by_stem, file_of, readable, stem
from .problems import Problem
from .replica_access import replica

LIST_KIND = "list"
FORM_KIND = "form"
KEPT = 64
EDITION = 2
"""Of the built-in forms and lists: one more whenever one of them is changed. They are dated by it, long before anything
that people put: a laptop that starts with the examples does not put them in the place of its hub's forms and lists, on
whichever side it is merged."""

bp = Blueprint("library", __name__)


@dataclass(frozen=True)
class FormEntry:
    """A form that this replica hands out: the id of its version and the form itself."""

    version_id: str
    form: Form


_forms: OrderedDict[str, Form] = OrderedDict()
_lock = Lock()


def install_library(target: Replica) -> list[str]:
    """Puts the built-in forms and lists into a replica; returns the names of what is new. Safe to repeat.

    A list that the replica already has under the same name stays: the hub's villages are not replaced by
    the example.
    """
    new = []
    added = clock_at(EDITION)
    have = {document.name for document in target.documents(LIST_KIND)}
    for name, data in built_in.lists().items():
        if name not in have:
            target.put_document(LIST_KIND, name, data, added=added)
            new.append(name)
    for name in built_in.names():
        form = built_in.load(name)
        if target.form(form.id) is None:
            put_form(target, form, added)
            new.append(form.form_id)
    return new


def put_form(target: Replica, form: Form, added: str = "") -> str:
    """Stores a compiled form and its XForm as documents, dated `added` (a clock; now); returns the id of the form
    version."""
    xform = form.xform.encode("utf-8")
    version_id = target.put_form(form.form_id, form.version, xform, form.layout, added=added)
    _remember(version_id, form)
    return version_id


def current_forms(source: Replica) -> dict[str, FormEntry]:
    """The latest version of each form here, by form id; one that cannot be read is passed over."""
    found = {}
    for document in source.documents(FORM_KIND):
        try:
            form = form_for(source, document.id)
        except (Problem, SyncError):
            continue
        found[form.form_id] = FormEntry(document.id, form)
    return found


def current_form(source: Replica, form_id: str) -> FormEntry:
    """The latest version of one form. Raises Problem HW-3605 when the replica has none."""
    document = source.document_named(FORM_KIND, form_id)
    if document is None:
        raise Problem("HW-3605", form_id)
    return FormEntry(document.id, form_for(source, document.id))


def form_for(source: Replica, version_id: str) -> Form:
    """The form of a version id, from memory or from the replica's XForm.

    Raises Problem HW-3605 when it is not here or cannot be read, SyncError when its XForm is not here.
    """
    with _lock:
        form = _forms.get(version_id)
        if form is not None:
            _forms.move_to_end(version_id)
            return form
    version = source.form(version_id)
    if version is None:
        raise Problem("HW-3605", version_id)
    try:
        form = read_xform(source.document(version.xform).data, version.form_id)
    except FormError as error:
        raise Problem("HW-3605", version_id) from error
    _remember(version_id, form)
    return form


def _remember(version_id: str, form: Form) -> None:
    with _lock:
        _forms[version_id] = form
        while len(_forms) > KEPT:
            _forms.popitem(last=False)


_texts: OrderedDict[str, str] = OrderedDict()


def json_text(version_id: str, form: Form) -> str:
    """A form version as the phone gets it, made once: the id is the digest of what it is."""
    with _lock:
        if version_id in _texts:
            return _texts[version_id]
    text = json.dumps(form.to_json(), ensure_ascii=False, separators=(",", ":"))
    with _lock:
        _texts[version_id] = text
        while len(_texts) > KEPT:
            _texts.popitem(last=False)
    return text


def list_document(source: Replica, name: str) -> ListDocument | None:
    """The current list document of a stem (`villages`), or None."""
    found = (source.document_named(LIST_KIND, f"{name}{ending}") for ending in KINDS)
    return by_stem(document for document in found if document is not None).get(name)


def list_addresses(source: Replica, names: Iterable[str] | None = None) -> dict[str, str]:
    """Addresses of the current list documents by stem; `names` narrows them. One that cannot be read is passed over:
    no phone could take it."""
    wanted = None if names is None else set(names)
    return {
        name: f"/lists/{document.id}/{name}.json"
        for name, document in by_stem(source.documents(LIST_KIND)).items()
        if (wanted is None or name in wanted) and readable(document)
    }


@bp.get("/forms/<version_id>.json")
def form_json(version_id: str) -> Response:
    """A form version as JSON (docs/form-model.md). Forms hold nobody's data: no sign-in is asked."""
    return forever(json_text(version_id, form_for(replica(), version_id)), "application/json", version_id)


@bp.get("/lists/<document_id>/<name>.<any(csv, json):ending>")
def list_file(document_id: str, name: str, ending: str) -> Response:
    """An attached list, as it was stored (CSV alone: other files might be shown as pages) or as JSON: an array of rows,
    or of another file its tree."""
    document = _list_called(replica(), document_id, name)
    if document is None:
        raise Problem("HW-3608", f"{name}.{ending}")
    if ending == "json":
        content = json.dumps(file_of(document).attached.content, ensure_ascii=False, separators=(",", ":"))
        return forever(content, "application/json", document_id)
    if not document.name.endswith(".csv"):
        raise Problem("HW-3608", f"{name}.{ending}")
    return forever(document.data, "text/csv", document_id)


def _list_called(source: Replica, document_id: str, name: str) -> ListDocument | None:
    """The list of this digest and stem. Two lists may hold the same bytes: then the digest alone may mean the other."""
    document = source.document(document_id)
    if document.kind == LIST_KIND and stem(document.name) == name:
        return document
    current = list_document(source, name)
    return current if current is not None and current.id == document_id else None


def forever(body: str | bytes, media_type: str, tag: str, *, ranges: bool = False) -> Response:
    """An answer whose address names its digest: it never changes, so nobody need ask again. With `ranges` a part of
    the bytes can be asked for, as players of sound and video do."""
    response = Response(body, mimetype=media_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(tag)
    response.make_conditional(request, accept_ranges=ranges, complete_length=len(body) if ranges else None)
    return response


def init_app(app: Flask) -> None:
    """Adds the addresses of forms and lists."""
    app.register_blueprint(bp)
