"""`homeward serve`: the app on this computer."""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from ..i18n import translate
from ..problems import Problem
from .help import Command
from .shared import lang_option, refusing

PORT = 8765
THREADS = 8
TAKEN = {errno.EADDRINUSE, errno.EACCES}


@click.command(cls=Command)
@click.argument("db", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535))
@click.option(
    "--listen-everywhere",
    is_flag=True,
)
@lang_option
@refusing
def serve(db: Path, host: str, port: int | None, listen_everywhere: bool, lang: str) -> None:
    """Serve the app over the replica DB; a missing one is made with the built-in forms and lists."""
    from ..app import create_app  # here and below, so that `homeward --help` starts at once

    check_host(host, listen_everywhere)
    new = ensure_replica(db)
    opened = listen(host, port)
    server = make_server(create_app(db), opened)
    try:
        if new:
            _say("cli.serve.made", lang, path=db)
        address = f"http://{_in_url(host)}:{opened.getsockname()[1]}"
        _say("cli.serve.address", lang, zh=f"{address}/zh/", en=f"{address}/en/")
        if not has_accounts(db):
            _say("cli.serve.no_accounts", lang, path=db)
        server.run()
    except KeyboardInterrupt:
        click.echo()  # Ctrl+C is how it ends, also just before it listens for it
    finally:
        server.close()


def make_server(app: Any, opened: socket.socket) -> Any:
    """The HTTP server of a WSGI app on a listening socket; `run()` serves, `close()` ends it."""
    from waitress import create_server

    # A request that waited a moment for a thread is no news for whoever watches the terminal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return create_server(app, sockets=[opened], threads=THREADS, ident=None)


def _say(key: str, lang: str, **params: object) -> None:
    click.echo(translate(key, lang, **params))


def check_host(host: str, allowed: bool) -> None:
    """Raises `Problem` HW-3017 for an address that other computers reach, unless that is wanted."""
    if allowed or host == "localhost":
        return
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise Problem("HW-3017", host, host=host)


def ensure_replica(db: Path) -> bool:
    """Makes the replica with the built-in forms and lists when it is missing; True when it did.

    Raises `Problem` HW-3019 without its folder, `SyncError` for a file that is no replica.
    """
    from sync import Replica

    from ..library import install_library

    if not db.parent.is_dir():
        raise Problem("HW-3019", str(db), folder=db.parent)
    new = not db.exists()
    with Replica.create(db) if new else Replica.open(db) as replica:
        install_library(replica)
    return new


def listen(host: str, port: int | None) -> socket.socket:
    """A listening socket; without a port `PORT` or, when that is taken, a free one.

    Raises `Problem` HW-3018 when the wanted port is taken or kept for others, HW-3025 for a host that is
    not this computer.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    wanted = PORT if port is None else port
    opened = socket.socket(family, socket.SOCK_STREAM)
    if os.name != "nt":  # there the option would let two programs share a port
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, wanted))
        opened.listen(128)
    except OSError as error:
        opened.close()
        if error.errno not in TAKEN:
            raise Problem("HW-3025", host, host=host, reason=error.strerror or error) from error
        if port is None:
            return listen(host, 0)
        raise Problem("HW-3018", f"{host}:{wanted}", port=wanted) from error
    return opened


def has_accounts(db: Path) -> bool:
    """Somebody can sign in."""
    from .. import app_db
    from ..accounts import people

    with closing(app_db.connect(app_db.path_for(db))) as connection:
        return bool(people.everybody(connection))


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
