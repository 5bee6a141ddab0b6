"""The application factory. Each part brings its own `init_app`; the order below is the order of
registration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask

from . import app_db

PARTS = (
    "replica_access",
    "i18n",
    "errors",
    "accounts",
    "compress",
    "security",
    "villages",
    "visit",
    "records",
    "pages",
    "fill",
    "library",
    "form_media",
    "own_forms",
    "enrol",
    "api",
    "static_files",
)

MEGABYTE = 1024 * 1024
PHOTO_LIMIT = 50 * MEGABYTE
"""Of one photo or recording; larger ones are refused with HW-3008."""


def create_app(replica_path: Path | str, *, config: Mapping[str, Any] | None = None) -> Flask:
    """The app over one replica file, which must exist; `X-app.db` beside it is made when missing."""
    path = Path(replica_path).resolve()
    own = app_db.path_for(path)
    connection = app_db.connect(own)
    try:
        secret = app_db.secret_key(connection)
    finally:
        connection.close()
    app = Flask(__name__)
    app.config.from_mapping(
        REPLICA=path,
        APP_DB=own,
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME="homeward",
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=180),
        MAX_CONTENT_LENGTH=PHOTO_LIMIT + 10 * MEGABYTE,  # a page of answers and one photo
        MAX_FORM_MEMORY_SIZE=2 * MEGABYTE,
        MAX_FORM_PARTS=10_000,
    )
    app.config.from_mapping(config or {})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for part in PARTS:
        import_module(f"collector.{part}").init_app(app)
    return app
