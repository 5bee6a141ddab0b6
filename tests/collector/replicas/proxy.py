"""An HTTP proxy in front of a hub that keeps what passes, and, told so, delays, cuts, repeats and reorders requests.

Its choices come from a seed, in the order in which requests arrive."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import urlsplit

PASS, DELAY, CUT_REQUEST, LOSE_ANSWER, CUT_ANSWER, REPEAT, HOLD = range(7)
FAULTS = (DELAY, CUT_REQUEST, LOSE_ANSWER, CUT_ANSWER, REPEAT, HOLD)


@dataclass
class Exchange:
    """One request that was answered, and the bytes of both bodies."""

    path: str
    request: bytes
    answer: bytes
    headers: dict[str, str]


@dataclass
class Proxy:
    """Where it listens, what passed, how often each fault was made."""

    url: str = ""
    seen: list[Exchange] = field(default_factory=list)
    faults: dict[int, int] = field(default_factory=dict)
    requests: int = 0
    bytes: int = 0


@contextmanager
def proxy(upstream: str, seed: int | None = None, often: float = 0.4, keep: bool = True) -> Iterator[Proxy]:
    """A proxy in front of `upstream`. With a seed every request meets a fault with probability `often`."""
    made = Proxy()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(upstream, made, seed, often, keep))
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def forwarding(upstream: str) -> type[BaseHTTPRequestHandler]:
    """A handler that hands every request on as it is."""
    return _handler(upstream, Proxy(), None, 0, False)


def _handler(
    upstream: str, made: Proxy, seed: int | None, often: float, keep: bool
) -> type[BaseHTTPRequestHandler]:
    chance, lock = Random(seed), threading.Lock()
    passed = threading.Condition()
    host = urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        """Reads a request whole, and does with it what chance says."""

        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

        def do(self) -> None:
            """One request. Either side may be killed meanwhile: then the other one is hung up on."""
            try:
                self.exchange()
            except (OSError, http.client.HTTPException):
                self.hang_up()

        def exchange(self) -> None:
            """One request, whatever happens to it."""
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            with lock:
                made.requests += 1
                fault = chance.choice(FAULTS) if seed is not None and chance.random() < often else PASS
                part = chance.random()
                made.faults[fault] = made.faults.get(fault, 0) + 1
            if fault in (DELAY, HOLD):
                self.wait(fault, part)
            if fault == CUT_REQUEST:
                self.cut_request(body, part)
                return
            answer = self.forward(body)
            if fault == REPEAT:
                answer = self.forward(body)
            if fault == LOSE_ANSWER:
                self.hang_up()
                return
            self.reply(answer, part if fault == CUT_ANSWER else None)

        do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do

        def wait(self, fault: int, part: float) -> None:
            """Hold a request back for a moment, or until another one has passed it."""
            with passed:
                passed.wait(timeout=0.2 if fault == HOLD else part / 20)

        def forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            """The hub's answer."""
            connection = http.client.HTTPConnection(host, timeout=120)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            data = response.read()
            connection.close()
            with passed:
                passed.notify_all()
            with lock:
                made.bytes += len(body) + len(data)
                if keep:
                    made.seen.append(Exchange(self.path, body, data, dict(response.getheaders())))
            return response.status, response.getheaders(), data

        def cut_request(self, body: bytes, part: float) -> None:
            """The hub gets the beginning of a body, and nobody gets an answer."""
            connection = http.client.HTTPConnection(host, timeout=120)
            connection.putrequest(self.command, self.path)
            for name, value in self.headers.items():
                if name.lower() not in ("host", "connection"):
                    connection.putheader(name, value)
            connection.endheaders()
            connection.send(body[: int(len(body) * part)])
            connection.close()
            self.hang_up()

        def reply(self, answer: tuple[int, list[tuple[str, str]], bytes], part: float | None) -> None:
            """Hand the answer on, or the beginning of it."""
            status, headers, data = answer
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                    self.send_header(name, value)
            length = {name.lower(): value for name, value in headers}.get("content-length", len(data))
            self.send_header("Content-Length", str(length))
            self.end_headers()
            if part is None:
                self.wfile.write(data)
            else:
                self.wfile.write(data[: int(len(data) * part)])
                self.hang_up()

        def hang_up(self) -> None:
            """End the connection at once."""
            self.close_connection = True

    return Handler
