"""Pages about the device and about the app itself: sent or not, this device, help, manifest, display."""

from __future__ import annotations

from typing import Any

from flask import Flask

from ..security import csrf
from . import views


def init_app(app: Flask) -> None:
    """Brings the pages and the display that the person chose."""
    csrf.exempt(views.display)  # the empty shell has no token, and the choice of a display harms nobody
    app.register_blueprint(views.bp)

    @app.context_processor
    def helpers() -> dict[str, Any]:
        return {"display": views.chosen_display()}
