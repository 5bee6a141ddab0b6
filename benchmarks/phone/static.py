"""The page as the server sends it, without its scripts, served as files."""

from __future__ import annotations

import contextlib
import gzip
import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import APIRequestContext

SCRIPTS = re.compile(
    r"<script\b[^>]*>.*?</script>|<link\b[^>]*\brel=\"(?:modulepreload|preload|manifest)\"[^>]*>", re.S
)
FILES = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@contextlib.contextmanager
def static_copy(request: APIRequestContext, address: str, path: str) -> Iterator[str]:
    """A server with a page of `address` and the files it names; the page's address there."""
    html = SCRIPTS.sub("", request.get(address + path).text())
    files = {name: request.get(address + name) for name in sorted(set(FILES.findall(html)))}
    held = {
        name: (answer.headers["content-type"], gzip.compress(answer.body())) for name, answer in files.items()
    }
    held["/"] = ("text/html; charset=utf-8", gzip.compress(html.encode("utf-8"), 6))

    class Files(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kind, body = held.get(self.path, ("text/plain", gzip.compress(b"")))
            self.send_response(200 if self.path in held else 404)
            for name, value in (
                ("Content-Type", kind),
                ("Content-Encoding", "gzip"),
                ("Content-Length", str(len(body))),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A page that is closed while files are on their way is no fault."""
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
