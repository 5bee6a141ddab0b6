"""Headers that every answer carries, and the token that every posted form carries."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, request
from flask_wtf.csrf import CSRFProtect

from . import inline
from .accounts.session import current_person

csrf = CSRFProtect()

POLICY = "; ".join(
    [
        "default-src 'none'",
        f"script-src 'self' {inline.SOURCE}",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(self)",
}


def harden(response: Response) -> Response:
    """Adds the headers; a page that shows somebody's data is stored nowhere, an empty shell is checked each
    time."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers and request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store" if current_person() else "no-cache"
    return response


def limit_text(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """A form without files is read into memory whole, so it is bounded like the texts of one with files
    (HW-3007)."""
    if request.mimetype == "application/x-www-form-urlencoded":
        largest: int = current_app.config["MAX_FORM_MEMORY_SIZE"]
        request.max_content_length = min(largest, request.max_content_length or largest)


def init_app(app: Flask) -> None:
    """CSRF protection that lasts from morning to evening, and the headers.

    The token has no time limit of its own (it ends with the session), and HTTPS without a Referer is not
    refused: the
    token is the protection, with SameSite cookies behind it.
    """
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)
    app.url_value_preprocessor(limit_text)  # before the check of the token, which reads the form
    csrf.init_app(app)
    app.after_request(harden)
    app.jinja_env.globals["display_script"] = inline.DISPLAY
