"""Every refusal and fault as a numbered problem: a page in the language of the address, or JSON for programs.

A form that could not be taken because the person was signed out or the page's token had gone is not lost: the
error page
carries its answers and offers to send them again. It does so only when the browser says that this site's own
page sent
them, so that a stranger's page cannot put words into a form.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from urllib.parse import urlsplit

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from .accounts.session import current_person
from .i18n import current_lang
from .problems import STATUS, AnyProblem, Problem, numbered
from .replica_access import replica_path

log = logging.getLogger(__name__)
PROGRAMS = ("/sync/", "/api/")
KEPT = ("HW-3002", "HW-3003")
OUT_OF_ORDER = 503
"""Status when a file of this computer fails: what was posted is no worse for it and can be sent again."""


def for_program() -> bool:
    """The request comes from a program, which wants JSON."""
    if request.path.startswith(PROGRAMS):
        return True
    wanted = request.accept_mimetypes
    return wanted["application/json"] > wanted["text/html"]


def own_page_sent_it() -> bool:
    """A page of this very site posted the form."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(sender).netloc == request.host


def kept_answers() -> list[tuple[str, str]]:
    """What was posted, for sending it again, without token and passwords."""
    if request.method != "POST" or not own_page_sent_it():
        return []
    return [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "password")]


def accounts_can_be_read() -> bool:
    """Whether the page can say who is signed in; False when it is the file of the accounts that fails."""
    try:
        current_person()
    except (Problem, sqlite3.Error, OSError):
        return False
    return True


def respond(problem: AnyProblem, status: int) -> ResponseReturnValue:
    """The answer to a problem: JSON `{"problem": {code, place, message, remedy}}` or a page."""
    shown = problem.as_dict(current_lang())
    # Where the files of this computer lie is nobody's business but its own.
    shown["place"] = shown["place"].replace(f"{replica_path().parent}{os.sep}", "")
    if for_program():
        return jsonify(problem=shown), status
    kept = kept_answers() if problem.code in KEPT or status == OUT_OF_ORDER else []
    if status == OUT_OF_ORDER and not accounts_can_be_read():
        g.person = None
    files = [file.filename for file in request.files.values() if file.filename] if kept else []
    return render_template("errors/problem.html", problem=shown, kept=kept, files=files), status


def init_app(app: Flask) -> None:
    """Registers the handlers."""

    @app.errorhandler(Problem)
    def refused(problem: Problem) -> ResponseReturnValue:
        return respond(problem, problem.status)

    @app.errorhandler(CSRFError)
    def token(error: CSRFError) -> ResponseReturnValue:
        return respond(Problem("HW-3003", request.path), 400)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is not None and error.code < 400:
            return error.get_response()
        return respond(_of_http(error), error.code or 500)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> ResponseReturnValue:
        inner = getattr(error, "problem", None)  # `forms` and `sync` raise errors that carry their problem
        known = inner if isinstance(inner, AnyProblem) else numbered(error, replica_path().name)
        if known is not None:
            status = STATUS.get(known.code, 400)
            if status == OUT_OF_ORDER:
                log.error("%s at %s", known.text("en"), request.path)
            return respond(known, status)
        if app.testing or app.debug:
            raise error
        g.pop("person", None)
        log.exception("fault at %s", request.path)
        return respond(Problem("HW-3009", request.path), 500)


def _of_http(error: HTTPException) -> Problem:
    if isinstance(error, NotFound):
        return Problem("HW-3001", request.path)
    if isinstance(error, MethodNotAllowed):
        return Problem("HW-3010", request.path, method=request.method)
    if isinstance(error, RequestEntityTooLarge):
        return Problem("HW-3007", request.path)
    if error.code == 403:
        return Problem("HW-3004", request.path)
    if error.code is not None and error.code >= 500:
        return Problem("HW-3009", request.path)
    return Problem("HW-3011", request.path)
