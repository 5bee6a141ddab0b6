"""The list of villages: what each is called, where it lies, which are mine, how far each is."""

from __future__ import annotations

from flask import Flask

from . import views


def init_app(app: Flask) -> None:
    """Brings the first page of the app."""
    app.register_blueprint(views.bp)
