"""Serves a demonstration: the app and the public site side by side until a signal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ..app import create_app
from ..cli.serve import listen, make_server
from ..public_site import HOST, PublicSite, port_taken
from .build import Demo

PUBLIC_PORT = 8001


def serve(
    demo: Demo,
    app_port: int | None,
    public_port: int | None,
    tell: Callable[[str, str], None],
    again: Callable[[], None],
) -> None:
    """Serves until SIGINT or SIGTERM; `tell` gets both addresses, `again` hears of new releases."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    usual = 0 if port_taken(PUBLIC_PORT) else PUBLIC_PORT
    opened = listen(HOST, app_port)
    address = f"http://{HOST}:{opened.getsockname()[1]}/"
    with closing(make_server(create_app(demo.hub), opened)) as server:
        threading.Thread(target=server.run, daemon=True).start()
        with PublicSite(demo.public, usual if public_port is None else public_port) as site:
            tell(address, site.address)
            site.watch(stopped, again)


def program() -> str:
    """How this program was called, for commands that a reader copies."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "homeward" else "homeward"
