"""What the scripts of a phone talk to: enrolment, sync, field package, and the service worker that works
without them; and what other replicas talk to."""

from __future__ import annotations

from flask import Flask

from ..security import csrf
from . import enrol_code, enrol_replica, enrolment, field, media_http, offline, replicas, sync_http


def init_app(app: Flask) -> None:
    """Adds the addresses. The sync API carries a device token and no cookie, so no page's token protects
    it."""
    programs = (enrol_code, enrol_replica, field, media_http, replicas, sync_http)
    for part in (enrolment, offline, *programs):
        app.register_blueprint(part.bp)
    for part in programs:
        csrf.exempt(part.bp)
    app.before_request(sync_http.limit)
