"""People and their devices, for supervisors: one-time codes that enrol a phone, the number that is compared, devices
that were lost; and the two pages of the phone, enrolling and the test before the first field day."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Brings the pages."""
    from . import desk, phone  # here, so that the command line does without Flask's pages

    app.register_blueprint(desk.bp)
    app.register_blueprint(phone.bp)
