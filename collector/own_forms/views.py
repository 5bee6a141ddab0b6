"""The page of the forms: which there are, and bringing one's own. An upload is checked and shown, then added."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage

from forms.attached import KINDS as LIST_KINDS
from forms.attached import MEDIA
from forms.compile import KINDS

from ..accounts.people import Person
from ..accounts.session import role_required, signed_in
from ..i18n import PREFIX, size_text, t
from ..problems import Problem
from ..records.titles import form_name
from ..replica_access import app_connection, replica
from . import pending
from .file import File
from .overview import overview
from .parcel import Parcel, add, examine

bp = Blueprint("own_forms", __name__, url_prefix=PREFIX)
SHOWN = 500
"""Problems on one page; a form with more is mended in rounds. How many there are in all is told."""

P = ParamSpec("P")
R = TypeVar("R")


class Upload(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A form and the files that it attaches."""

    form = FileField()
    lists = MultipleFileField()


def _only(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    return role_required(*roles, otherwise="HW-3450")


@bp.get("/forms")
@_only("administrator", "supervisor")
def index() -> ResponseReturnValue:
    """The forms of this hub; for administrators with the way to add one."""
    return _page()


@bp.post("/forms")
@_only("administrator")
def upload() -> ResponseReturnValue:
    """Checks an upload: what is wrong on the same page, all at once; else on to the word that adds it."""
    given = request.files.get("form")
    if given is None or not given.filename:
        return _page(problem=Problem("HW-3454"))
    form = _file(given)
    lists = [_file(each) for each in request.files.getlist("lists") if each.filename]
    parcel = examine(replica(), [form], lists)
    if not parcel.ok:
        return _page(parcel)
    if parcel.known:
        return _page(parcel, known=True)
    return redirect(
        url_for(".confirm", upload_id=pending.keep(app_connection(), signed_in().id, form, lists)), 303
    )


@bp.get("/forms/upload/<upload_id>")
@_only("administrator")
def confirm(upload_id: str) -> ResponseReturnValue:
    """What adding an upload would do."""
    return _confirm(upload_id, _waiting(upload_id, signed_in()))


@bp.post("/forms/upload/<upload_id>")
@_only("administrator")
def decide(upload_id: str) -> ResponseReturnValue:
    """Adds an upload or lets it go. What was shown must still be so: else it is shown once more."""
    person = signed_in()
    if request.form.get("action") != "add":
        pending.drop(app_connection(), upload_id, person.id)
        flash(t("forms.dropped"), "ok")
        return redirect(url_for(".index"), 303)
    parcel = _waiting(upload_id, person)
    if not parcel.ok or request.form.get("base") != parcel.base:
        return _confirm(upload_id, parcel)
    add(replica(), parcel)
    pending.drop(app_connection(), upload_id, person.id)
    name = (parcel.forms[0].form and parcel.forms[0].form.title) or ""
    flash(t("forms.added", name=name), "ok")
    return redirect(url_for(".index"), 303)


def _waiting(upload_id: str, person: Person) -> Parcel:
    found = pending.get(app_connection(), upload_id, person.id)
    if found is None:
        raise Problem("HW-3455")
    form, lists = found
    return examine(replica(), [form], lists)


def _file(given: FileStorage) -> File:
    return File.given(given.filename or "", given.read())


def _confirm(upload_id: str, parcel: Parcel) -> ResponseReturnValue:
    page = render_template(
        "forms/confirm.html", section="forms", page="forms", parcel=parcel, offer=parcel.forms[0], shown=SHOWN,
        upload_id=upload_id, form=FlaskForm(), size_text=size_text,
    )  # fmt: skip
    return page, 200 if parcel.ok else 422


def _page(
    parcel: Parcel | None = None, problem: Problem | None = None, *, known: bool = False
) -> ResponseReturnValue:
    page = render_template(
        "forms/index.html", section="forms", page="forms", lines=overview(replica()), form=Upload(), parcel=parcel,
        problem=problem, known=known, shown=SHOWN, form_name=form_name, may_add=signed_in().may("administrator"),
        kinds=",".join(KINDS), list_kinds=",".join((*LIST_KINDS, *MEDIA)),
    )  # fmt: skip
    bad = problem is not None or (parcel is not None and not parcel.ok)
    return page, 422 if bad else 200
