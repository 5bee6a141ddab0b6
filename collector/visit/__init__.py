"""The visit of a village: what is recorded there and what is still to do."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Brings the page of a visit."""
    from . import views  # here, so that the pure roster stays free of Flask for whoever imports it

    app.register_blueprint(views.bp)
