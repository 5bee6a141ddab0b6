"""Pages and forms go compressed: a page of a hundred questions is 180 KB of text, and 18 KB on the way to a phone.

A compressed page that holds both a secret (the token against forged posts) and what its address says could let an
onlooker on the line guess the secret from lengths, if he can make the browser ask again and again. The session cookie
is `SameSite=Lax`, so another site's requests bring no secret; and the length is blurred: the header of a gzip has room
for a file name, and ours is of any length.
"""

from __future__ import annotations

import gzip
import io
import secrets

from flask import Flask, Response, request

TYPES = {"text/html", "application/json", "text/csv"}
"""What is compressed. Scripts and styles are so already (static_files.py), photos are no text."""

LEAST = 1000
"""Bytes below which it is of no use."""

LEVEL = 6
"""The best is three times the work for a hundredth fewer bytes."""

BLUR = 64
"""Bytes up to which the length varies."""


def compress(response: Response) -> Response:
    """Compresses the body for a browser that takes it; leaves alone what is sent in pieces or in parts, and the sync
    protocol, which says itself how it packs."""
    if (
        response.mimetype not in TYPES
        or response.status_code == 206
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or request.path.startswith("/sync/")
    ):
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= LEAST and request.accept_encodings["gzip"]:
        response.set_data(packed(body))
        response.headers["Content-Encoding"] = "gzip"
    return response


def packed(body: bytes) -> bytes:
    """A gzip of some length between the least and `BLUR` more."""
    out = io.BytesIO()
    with gzip.GzipFile("x" * (1 + secrets.randbelow(BLUR)), "wb", LEVEL, out, mtime=0) as file:
        file.write(body)
    return out.getvalue()


def init_app(app: Flask) -> None:
    """Every answer comes through here last."""
    app.after_request(compress)
