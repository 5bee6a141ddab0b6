"""Filling in a form: pages that work with scripts off, and the starting point of those with scripts on."""

from __future__ import annotations

from flask import Flask

from .. import app_db
from . import drafts, views

app_db.register(drafts.migrations)


def init_app(app: Flask) -> None:
    """Adds the pages."""
    app.register_blueprint(views.bp)
