"""People of this machine: accounts, sign-in, roles. Pages and commands ask `current_person()`."""

from __future__ import annotations

from flask import Flask

from . import session, views


def init_app(app: Flask) -> None:
    """Brings the sign-in pages and `current_person`."""
    session.init_app(app)
    app.register_blueprint(views.bp)
