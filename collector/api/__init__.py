"""What the scripts of a phone talk to: enrolment, sync, field package, and the service worker that works
without them."""

from __future__ import annotations

from flask import Flask

from ..security import csrf
from . import enrolment, field, media_http, offline, sync_http


def init_app(app: Flask) -> None:
    """Adds the addresses. The sync API carries a device token and no cookie, so no page's token protects
    it."""
    for part in (enrolment, field, media_http, offline, sync_http):
        app.register_blueprint(part.bp)
    for part in (field, media_http, sync_http):
        csrf.exempt(part.bp)
    app.before_request(sync_http.limit)
