"""Scripts, styles and pictures, answered from memory before Flask is asked.

The modules of the phone come joined (joined.py). Each file is read once, freed of comments and needless white space
(`rjsmin`, `rcssmin`: nothing is renamed, what runs is what is written), compressed once, and handed out without
opening a session or a database.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from rcssmin import cssmin
from rjsmin import jsmin
from werkzeug.http import parse_accept_header, parse_etags
from werkzeug.security import safe_join

from .joined import BASES, Modules
from .security import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SMALLER: dict[str, Callable[[str], str]] = {".js": jsmin, ".css": cssmin}
TEXTS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""What is text, and so compressed; other files are compressed already."""


WORKER = "worker"
"""The file of the service worker, which cannot load anything later."""

JOINED = "joined/"
"""Below this the modules of the phone are, joined: `joined/fill.js`, and what comes later as `joined/fill/NAME`."""


@dataclass(frozen=True)
class File:
    """A file as it is sent. `packed` is the same with gzip, None where that is of no use."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str


def load(path: Path) -> File | None:
    """What is sent for a file; None when there is none."""
    if not path.is_file():
        return None
    found = path.stat()
    return made(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=512)
def made(path: Path, written: int, size: int) -> File:
    """A file made ready once; again when it was written anew (nanoseconds, bytes)."""
    return _file(path.name, path.read_bytes())


@lru_cache(maxsize=256)
def joined(folder: Path, name: str) -> File | None:
    """Modules below `folder` joined; None where there is no such file. A running program's modules do not change."""
    base, between, later = name.partition("/")
    if not between and not base.endswith(".js"):
        return None
    base = base if between else base.removesuffix(".js")
    modules = _modules(folder)
    if base not in BASES or (between and later not in modules.names()):
        return None
    return _file(name, modules.joined(base, later).encode("utf-8"))


@cache
def _modules(folder: Path) -> Modules:
    return Modules(folder)


def joined_names(folder: Path) -> list[str]:
    """Names below `/static/` of the files that pages come to ask for."""
    modules = _modules(folder)
    first = [f"{JOINED}{base}.js" for base in BASES]
    return first + [
        f"{JOINED}{base}/{name}" for base in BASES if base != WORKER for name in modules.files(base)
    ]


def _file(name: str, body: bytes) -> File:
    suffix = Path(name).suffix
    if suffix in SMALLER:
        body = SMALLER[suffix](body.decode("utf-8")).encode("utf-8")
    text = TEXTS.get(suffix)
    media_type = f"{text}; charset=utf-8" if text else mimetypes.guess_type(name)[0]
    return File(
        body,
        gzip.compress(body, mtime=0) if text else None,
        media_type or "application/octet-stream",
        hashlib.sha256(body).hexdigest()[:32],
    )


class StaticFiles:
    """WSGI: answers GET and HEAD below `prefix` from `folder`; everything else goes on to `app`."""

    def __init__(self, app: WSGIApplication, folder: Path, prefix: str) -> None:
        self.app = app
        self.folder = folder
        self.prefix = prefix

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        address = environ.get("PATH_INFO", "")
        if address.startswith(self.prefix) and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            name = address.removeprefix(self.prefix)
            if name.startswith(JOINED):
                file = joined(self.folder / "app", name.removeprefix(JOINED))
            else:
                path = safe_join(str(self.folder), name)
                file = load(Path(path)) if path is not None else None
            if file is not None:
                return answer(file, environ, start)
        return self.app(environ, start)


def answer(file: File, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Browsers keep it and ask each time whether it is still so: 304 without a body when it is."""
    headers = [
        *HEADERS.items(),
        ("Cache-Control", "no-cache"),
        ("ETag", f'"{file.etag}"'),
        ("Vary", "Accept-Encoding"),
    ]
    if parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(file.etag):
        start("304 Not Modified", headers)
        return []
    body = file.body
    if file.packed is not None and parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"))["gzip"]:
        body = file.packed
        headers.append(("Content-Encoding", "gzip"))
    headers += [("Content-Type", file.media_type), ("Content-Length", str(len(body)))]
    start("200 OK", headers)
    return [body] if environ["REQUEST_METHOD"] == "GET" else []


def init_app(app: Flask) -> None:
    """Puts the files before the app."""
    prefix = f"{app.static_url_path}/"
    app.wsgi_app = StaticFiles(app.wsgi_app, Path(str(app.static_folder)), prefix)  # type: ignore[method-assign,assignment] # the way that Flask documents
