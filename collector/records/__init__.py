"""The list of records, and one record with its answers and its history."""

from __future__ import annotations

from flask import Flask

from . import views


def init_app(app: Flask) -> None:
    """Brings the pages of records."""
    app.register_blueprint(views.bp)
