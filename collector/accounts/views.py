"""Signing in and out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from ..i18n import PREFIX
from ..problems import Problem
from ..replica_access import app_connection
from . import people, session

bp = Blueprint("accounts", __name__, url_prefix=PREFIX)


class SignIn(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """User name, password, and the address to go on to."""

    username = StringField(validators=[InputRequired()])
    password = PasswordField(validators=[InputRequired()])
    next = HiddenField()


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The sign-in page; a wrong password is a numbered problem on the same page and keeps the name."""
    form = SignIn(data={"next": request.args.get("next", "")})
    problem: Problem | None = None
    if form.validate_on_submit():
        problem = _try(form)
        if problem is None:
            return redirect(safe_next(form.next.data))
    elif request.method == "POST":
        problem = Problem("HW-3005")
    return render_template("sign_in.html", form=form, problem=problem), problem.status if problem else 200


def _try(form: SignIn) -> Problem | None:
    if session.must_wait(form.username.data):
        return Problem("HW-3006", minutes=int(session.WINDOW.total_seconds() // 60))
    person = people.by_password(app_connection(), form.username.data, form.password.data)
    if person is None:
        session.note_wrong_password(form.username.data)
        return Problem("HW-3005")
    session.begin(person)
    return None


def safe_next(address: str | None) -> str:
    """The address to go on to after signing in: only a path on this site, else the first page."""
    if address and "\\" not in address and address.isprintable():
        parts = urlsplit(address)
        if not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith("//"):
            return address
    return url_for("villages.index")


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Ends the session."""
    session.end()
    return redirect(url_for("accounts.sign_in"))
