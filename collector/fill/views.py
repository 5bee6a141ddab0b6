"""The pages of filling in: a new record, a kept draft, an edit of a record; and what they post with scripts
off."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict

from forms import FormError, Session
from forms.carry import undecided

from ..accounts.session import current_person, login_required, signed_in
from ..app import PHOTO_LIMIT
from ..app_db import transaction
from ..i18n import LANGUAGES, PREFIX, current_lang, t
from ..problems import Problem
from ..replica_access import app_connection, replica
from ..visit.roster import place_of
from . import begun, drafts, moved, work
from .finalise import finalise
from .outline import Item, outline
from .page import render
from .posted import apply, drop_unoffered
from .work import Work

bp = Blueprint("fill", __name__, url_prefix=PREFIX)
PAGE_LIMIT = 6 * PHOTO_LIMIT
"""Bytes of one posted page, files included; beyond it the whole page is refused (HW-3007)."""


@bp.url_value_preprocessor
def allow_photos(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """A page of answers may bring several photos and recordings, each checked by itself (HW-3008).

    Here and not in `before_request`, because the check of the token reads the body before that.
    """
    if request.mimetype == "multipart/form-data" and current_person() is not None:
        request.max_content_length = PAGE_LIMIT


@bp.get("/fill/<form_id>")
def new(form_id: str) -> ResponseReturnValue:
    """A new record, or with `?kept=` a draft kept on the server. Signed out it is the empty shell that
    phones keep."""
    person = current_person()
    kept = request.args.get("kept", "")
    if kept:
        found = work.resume(replica(), kept, signed_in(), current_lang())
        if found.draft.saved_as:
            return _already_saved(found)
    else:
        found = work.begin(replica(), form_id, person, current_lang())
    return render(found)


@bp.get("/record/<record>/edit")
@login_required
def edit(record: str) -> ResponseReturnValue:
    """An edit of an existing record."""
    kept = request.args.get("kept", "")
    found = (
        work.resume(replica(), kept, signed_in(), current_lang())
        if kept
        else work.begin_edit(replica(), record, signed_in(), current_lang())
    )
    return _already_saved(found) if found.draft.saved_as else render(found)


@bp.post("/fill/<form_id>")
@login_required
def post_new(form_id: str) -> ResponseReturnValue:
    """What the page of a new record posts."""
    person = signed_in()
    found = work.posted(replica(), person, current_lang())
    return _posted(found or work.begin(replica(), form_id, person, current_lang()))


@bp.post("/record/<record>/edit")
@login_required
def post_edit(record: str) -> ResponseReturnValue:
    """What the page of an edit posts."""
    person = signed_in()
    found = work.posted(replica(), person, current_lang())
    return _posted(found or work.begin_edit(replica(), record, person, current_lang()))


def _posted(found: Work) -> ResponseReturnValue:
    if found.draft.saved_as:
        return _already_saved(found)
    before = outline(found.session)
    values: MultiDict[str, Any] = CombinedMultiDict([request.files, request.form])
    refused = apply(found.session, before, values, _keep_file)
    drop_unoffered(found.session, outline(found.session))
    action, _, target = request.form.get("action", "update").partition(":")
    if action == "discard":
        return _discard(found)
    if action in ("let_go", "seen"):
        found.draft = moved.without(found.draft, target)
        action, target = "update", ""
    if action not in ACTIONS:
        raise Problem("HW-3607", action=action)
    found_place = ACTIONS[action](found.session, target)
    found.keep()
    if refused:
        shown = {path: problem.text(current_lang()) for path, problem in refused.items()}
        return render(found, shown, raw=request.form), 422
    if action == "finish":
        return _finish(found)
    if action == "keep":
        flash(t("fill.kept"), "ok")
    lang = target if action == "lang" else current_lang()
    if lang not in LANGUAGES:
        raise Problem("HW-3607", action=f"{action}:{target}")
    found_place = found_place or ("moved" if request.form.get("action", "").startswith("let_go") else "")
    return redirect(_address(found, lang, found_place or _newly_shown(before, outline(found.session))), 303)


def _add(session: Session, target: str) -> str:
    try:
        return session.add_repeat(target)
    except FormError as error:
        raise Problem("HW-3607", action=f"add:{target}") from error


def _remove(session: Session, target: str) -> str:
    try:
        session.remove_repeat(target)
    except FormError as error:
        raise Problem("HW-3607", action=f"remove:{target}") from error
    return target.rpartition("[")[0]


def _nothing(session: Session, target: str) -> str:
    return ""


ACTIONS = {
    "update": _nothing,
    "keep": _nothing,
    "finish": _nothing,
    "lang": _nothing,
    "add": _add,
    "remove": _remove,
}
"""What a button does to the session before the page is shown again; each returns where to go on the page."""


def _finish(found: Work) -> ResponseReturnValue:
    wrong = found.session.problems()
    if wrong or undecided(found.session, found.draft.left):
        texts = {
            one.path: t(
                "fill.problem", words=one.message, remedy=one.remedy(current_lang()), number=one.number
            )
            for one in wrong
        }
        texts = moved.problems(found.session, found.draft.left) | texts
        return render(found, texts), 422
    record, is_new = finalise(
        replica(), app_connection(), found.draft, found.session, signed_in(), work.now()
    )
    flash(t("fill.saved" if is_new else "fill.recovered"), "ok")
    return redirect(_after(found, record), 303)


def _after(found: Work, record: str) -> str:
    """The visit of the record's village after a new record, the record itself after an edit."""
    village = place_of(found.session.answers()) or begun.village_of(app_connection(), found.draft.id)
    if village and not found.draft.record:
        return url_for("visit.village", village=village)
    return url_for("records.show", record=record)


def _already_saved(found: Work) -> ResponseReturnValue:
    flash(t("fill.recovered"), "ok")
    return redirect(url_for("records.show", record=found.draft.record or found.draft.saved_as), 303)


def _discard(found: Work) -> ResponseReturnValue:
    with transaction(app_connection()):
        drafts.remove(app_connection(), found.draft.id, signed_in().id)
    flash(t("fill.discarded"), "ok")
    return redirect(url_for("villages.index"), 303)


def _keep_file(upload: FileStorage) -> str:
    name: str = replica().put_media(
        cast(BinaryIO, upload.stream), upload.mimetype or "application/octet-stream"
    )
    return name


def _address(found: Work, lang: str, place: str) -> str:
    values: dict[str, Any] = {"kept": found.draft.id, "lang": lang, "_anchor": place or None}
    if found.draft.record:
        return url_for("fill.edit", record=found.draft.record, **values)
    return url_for("fill.new", form_id=found.form.form_id, **values)


def _newly_shown(before: list[Item], after: list[Item]) -> str:
    """The first question that shows now and did not before: where a page without scripts goes on."""
    shown_before = {one.path for top in before for one in top.walk() if not one.hidden}
    for top in after:
        for one in top.walk():
            if not one.hidden and one.path not in shown_before and one.node.kind in ("question", "note"):
                return f"{one.path}:label"
    return ""
