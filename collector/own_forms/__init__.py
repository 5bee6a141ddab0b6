"""Forms that a team brings itself: checked, added with their lists, listed."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Brings the page of the forms."""
    from . import views  # here, so that the command line does without Flask's pages

    app.register_blueprint(views.bp)
