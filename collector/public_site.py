"""The public site as a process of its own: Datasette over one release, started anew for the next.

Datasette serves an immutable file and reads it once, so a new release needs a new process. Which release lies
in the folder is told by `release.json`, which is renamed into place together with the rest.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from .problems import Problem

SETTINGS = {
    "default_allow_sql": "off",
    "allow_download": "off",
    "allow_csv_stream": "off",
    "suggest_facets": "off",
    "max_returned_rows": "1000",
}
"""Off until the disclosure work is done; the plugin refuses the first two by itself as well."""

HOST = "127.0.0.1"
PATIENCE = 30.0
"""Seconds that Datasette has to answer after its start."""

Stamp = tuple[int, int, int]


def stamp(out: Path) -> Stamp | None:
    """Which release lies in the folder: i-node, time and size of `release.json`; None while there is none."""
    try:
        found = (out / "release.json").stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def port_taken(port: int) -> bool:
    """True when somebody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
        return False


class PublicSite:
    """Datasette over the release in `out`, a child process that ends with `stop` or with the `with` block.

    Raises `Problem`: HW-3701 no release in `out`, HW-3018 port taken, HW-3702 Datasette does not come up.
    """

    def __init__(self, out: Path, port: int = 0) -> None:
        self.out = out
        if stamp(out) is None or not (out / "homeward.db").is_file():
            raise Problem("HW-3701", str(out))
        if port and port_taken(port):
            raise Problem("HW-3018", f"{HOST}:{port}", port=port)
        self.port = port or free_port()
        self.shown: Stamp | None = None
        self.child: subprocess.Popen[str] | None = None
        self.said: deque[str] = deque(maxlen=40)

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{HOST}:{self.port}/"

    def __enter__(self) -> PublicSite:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def command(self) -> list[str]:
        """The command line of the child."""
        inspected = self.out / "inspect.json"
        settings = [part for name, value in SETTINGS.items() for part in ("--setting", name, value)]
        return [
            *(sys.executable, "-m", "datasette", "serve"),
            *("--immutable", str(self.out / "homeward.db")),
            *(("--inspect-file", str(inspected)) if inspected.is_file() else ()),
            *("--host", HOST, "--port", str(self.port)),
            *settings,
        ]

    def start(self) -> None:
        """Starts the child and returns when it answers."""
        self.shown = stamp(self.out)
        self.said.clear()
        # What Datasette reads from the environment must not open what is closed here.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DATASETTE_")}
        self.child = subprocess.Popen(  # noqa: S603 - our own interpreter and paths given by the user, no shell
            self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        if self.child.stdout is not None:
            threading.Thread(target=self.listen, args=(self.child.stdout,), daemon=True).start()
        self.wait()

    def listen(self, said: IO[str]) -> None:
        """Keeps the last lines that the child says, for the problem that would need them."""
        with said:
            self.said.extend(line.rstrip() for line in said)

    def wait(self) -> None:
        """Returns when the child answers; raises HW-3702 with its last words when it ends or stays silent."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.child is None or self.child.poll() is not None:
                break
            try:
                self.ask()
                return
            except (http.client.HTTPException, OSError):
                time.sleep(0.05)
        self.stop()
        raise Problem("HW-3702", str(self.out), said="\n".join(self.said) or "–")

    def ask(self) -> None:
        """One request; an exception of `http.client` or OSError while nobody answers."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/-/versions.json")
            connection.getresponse().read()
        finally:
            connection.close()

    def refresh(self) -> bool:
        """Starts anew when another release lies in the folder or the child has ended; True when it did."""
        now = stamp(self.out)
        ended = self.child is None or self.child.poll() is not None
        # While a release is being renamed into place there may be none for a moment: the old one stays.
        if now is None or (now == self.shown and not ended):
            return False
        self.stop()
        self.start()
        return True

    def watch(self, stopped: threading.Event, tell: Callable[[], None], every: float = 0.5) -> None:
        """Looks for a new release every `every` seconds until `stopped`; calls `tell` after each start."""
        while not stopped.wait(every):
            if self.refresh():
                tell()

    def stop(self) -> None:
        """Ends the child and waits for it."""
        if self.child is None:
            return
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
        self.child.wait()
        self.child = None
