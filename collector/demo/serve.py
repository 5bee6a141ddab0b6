"""Serves a demonstration: the app and the public site side by side until a signal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ..cli.serve import open_server
from ..public_site import HOST, PublicSite, port_taken
from .build import Demo

APP_PORT, PUBLIC_PORT = 8765, 8001


def free_or(port: int | None, usual: int) -> int:
    """The port asked for; else the usual one, or 0 (any) when that is taken."""
    if port is not None:
        return port
    return 0 if port_taken(usual) else usual


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
    with closing(open_server(demo.hub, HOST, free_or(app_port, APP_PORT))) as server:
        threading.Thread(target=server.run, daemon=True).start()
        with PublicSite(demo.public, free_or(public_port, PUBLIC_PORT)) as site:
            tell(f"http://{HOST}:{server.effective_port}/", site.address)
            site.watch(stopped, again)


def program() -> str:
    """How this program was called, for commands that a reader copies."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "homeward" else "homeward"
