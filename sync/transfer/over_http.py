"""HTTP(S) as the road of a sync: bearer token, no cookies, no redirects (`docs/sync-protocol.md`)."""

from __future__ import annotations

import ipaddress
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit

import httpx

from sync.problems import NOT_HOMEWARD, UNREACHABLE, SyncError
from sync.replica.parts import Held, Source
from sync.transfer.push import PACKED_LIMIT
from sync.transfer.transport import Refused, Unreachable, told

ROOT = "/sync/v1/"
LINES = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
CURSOR, MORE = "Homeward-Cursor", "Homeward-More"
JSON_LIMIT = 64 << 20  # bytes of a JSON answer: the names of every log and document of a province
TIMEOUT = httpx.Timeout(120, connect=15)  # seconds; a hub takes a batch in one go before it answers
LATER = (429, 500, 502, 503, 504)  # statuses after which the same may be tried again
_PIECE = 1 << 16


def is_loopback(url: str) -> bool:
    """Whether an address is this computer's own."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def trusted(ca: Path | None) -> ssl.SSLContext:
    """The system's certificates, or those in a file; `OSError` (an `ssl.SSLError` for a file that holds none)."""
    return ssl.create_default_context(cafile=None if ca is None else str(ca))


class Http:
    """A `Transport` over HTTP. Close it when done."""

    def __init__(self, url: str, token: str = "", *, ca: Path | None = None, lang: str = "en") -> None:
        """`url`: the hub's address, with the path under which it answers if there is one."""
        self.place = url.rstrip("/")
        headers = {"Accept-Language": lang, "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(
            headers=headers,
            timeout=TIMEOUT,
            verify=trusted(ca),
            trust_env=not is_loopback(url),  # a proxy of the office does not lead to this computer
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A JSON object for a JSON object."""
        with self._answer("POST", path, json=body) as response:
            return self._json(response)

    def push(self, body: BinaryIO) -> dict[str, Any]:
        """Send packed lines; the JSON object that answers."""
        size = body.seek(0, 2)
        body.seek(0)
        headers = {**LINES, "Content-Length": str(size)}
        with self._answer("POST", "push", content=_pieces(body), headers=headers) as response:
            return self._json(response)

    def pull(self, body: Mapping[str, Any], into: BinaryIO) -> tuple[str, bool]:
        """Write the packed lines that answer a JSON object; the cursor and whether there is more."""
        with self._answer("POST", "pull", json=body) as response:
            self._refuse(response)
            if response.headers.get("Content-Type", "").partition(";")[0] != LINES["Content-Type"]:
                raise self._stranger(response)
            for piece in _bounded(response.iter_raw(_PIECE), PACKED_LIMIT):
                into.write(piece)
            return response.headers.get(CURSOR, ""), response.headers.get(MORE) == "1"

    def held(self, digest: str) -> Held:
        """How much of a medium the hub has."""
        with self._answer("HEAD", f"media/{digest}") as response:
            self._refuse(response)
            return self._held(response)

    def send_piece(self, digest: str, offset: int, total: int, media_type: str, data: bytes) -> Held:
        """Send a piece of a medium of `total` bytes; how much the hub has then."""
        headers = {"Upload-Offset": str(offset), "Upload-Length": str(total), "Content-Type": media_type}
        with self._answer("PATCH", f"media/{digest}", content=data, headers=headers) as response:
            self._json(response)
            return self._held(response)

    def _held(self, response: httpx.Response) -> Held:
        offset, complete = (response.headers.get(f"Upload-{name}", "") for name in ("Offset", "Complete"))
        if not offset.isdecimal() or complete not in ("?0", "?1"):
            raise self._stranger(response)
        return Held(int(offset), complete == "?1")

    @contextmanager
    def fetch(self, digest: str, offset: int) -> Iterator[Source]:
        """A medium from `offset` on."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        with self._answer("GET", f"media/{digest}", headers=headers) as response:
            self._refuse(response)
            if response.status_code != (206 if offset else 200):
                raise self._stranger(response)
            yield _Body(response.iter_raw(_PIECE))

    @contextmanager
    def _answer(self, method: str, path: str, **more: Any) -> Iterator[httpx.Response]:
        """A request and its answer, as it comes in."""
        try:
            with self._client.stream(method, f"{self.place}{ROOT}{path}", **more) as response:
                yield response
        except httpx.TransportError as error:
            if _is_distrust(error):  # trying again would not help
                raise SyncError(UNREACHABLE, self.place, reason=error) from error
            raise Unreachable(str(error) or type(error).__name__) from error
        except httpx.InvalidURL as error:
            raise SyncError(NOT_HOMEWARD, self.place, reason=error) from error

    def _json(self, response: httpx.Response) -> dict[str, Any]:
        """The JSON object of an answer that is no refusal."""
        self._refuse(response)
        return self._object(response)

    def _object(self, response: httpx.Response) -> dict[str, Any]:
        if response.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            raise self._stranger(response)
        body = b"".join(_bounded(response.iter_bytes(), JSON_LIMIT))
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            raise self._stranger(response) from None
        if not isinstance(value, dict):
            raise self._stranger(response)
        return value

    def _refuse(self, response: httpx.Response) -> None:
        """Raise what the hub says when it refuses."""
        if response.is_success:
            return
        later = response.status_code in LATER
        try:
            problem = told(self._object(response).get("problem"))
        except (ValueError, SyncError) as error:
            if later:
                raise Unreachable(f"HTTP {response.status_code}") from error
            raise self._stranger(response) from None
        raise Refused(problem, later=later)

    def _stranger(self, response: httpx.Response) -> SyncError:
        what = response.headers.get("Content-Type", "")[:60]
        return SyncError(NOT_HOMEWARD, self.place, reason=f"HTTP {response.status_code}, {what}")


class _Body:
    """The bytes of an answer, read in pieces of any size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        if not self._rest:
            self._rest = next(self._pieces, b"")
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


def _is_distrust(error: BaseException | None) -> bool:
    """Whether a certificate was not trusted."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _pieces(body: BinaryIO) -> Iterator[bytes]:
    while piece := body.read(_PIECE):
        yield piece


def _bounded(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise Unreachable(f"more than {limit} bytes")
        yield piece
