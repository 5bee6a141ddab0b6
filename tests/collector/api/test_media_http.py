"""Photos over real connections: sent in pieces, cut anywhere, sent twice, sent by two at once, fetched in pieces.

Two servers hand over a body differently: the one of `homeward serve` once it is whole, others as it comes. What a
sender may rely on is the same with both."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from werkzeug.serving import make_server

from collector import app_db, library
from collector.accounts import people
from collector.api import devices
from collector.api.sync_http import MEDIA_LIMIT
from sync import Replica, verify
from tests.collector.api.conftest import VILLAGE, Phone, hub_records

PHOTO = random.Random(11).randbytes(600_000)
NAME = hashlib.sha256(PHOTO).hexdigest()
STEP = 200_000


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The JSON of the body."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The number of the problem that it tells."""
        return str(self.json["problem"]["code"])


@dataclass
class Wire:
    """Connections of a phone to a server, each request on its own."""

    port: int
    token: str

    def ask(self, method: str, name: str = NAME, body: bytes = b"", **headers: str) -> Answer:
        """One request and its whole answer; `_` in a header's name stands for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "image/jpeg"}
        given |= {key.replace("_", "-"): value for key, value in headers.items()}
        with contextlib.closing(connection):
            connection.request(method, f"/sync/v1/media/{name}", body or None, given)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def piece(self, start: int, end: int, data: bytes = PHOTO, name: str = NAME, total: int = -1) -> Answer:
        """Sends one piece."""
        length = str(len(data) if total < 0 else total)
        return self.ask("PATCH", name, data[start:end], Upload_Offset=str(start), Upload_Length=length)

    def offset(self, name: str = NAME) -> int:
        """What the hub says it has."""
        return int(self.ask("HEAD", name).headers["Upload-Offset"])

    def until(self, offset: int) -> None:
        """Waits until the hub has so much: an answer that nobody reads tells nothing."""
        deadline = time.monotonic() + 20
        while self.offset() != offset:
            assert time.monotonic() < deadline, self.offset()

    def cut(self, start: int, end: int, announced: int) -> None:
        """Begins a piece of `announced` bytes, sends it up to `end` and hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), 30) as line:
            head = (
                f"PATCH /sync/v1/media/{NAME} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {self.token}\r\n"
                f"Content-Type: image/jpeg\r\nContent-Length: {announced}\r\n"
                f"Upload-Offset: {start}\r\nUpload-Length: {len(PHOTO)}\r\n\r\n"
            )
            line.sendall(head.encode() + PHOTO[start:end])


def free_port() -> int:
    """A port of the loopback interface that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """`homeward serve` over a hub, always at the same port."""

    def __init__(self, hub: Path) -> None:
        self.hub = hub
        self.port = free_port()

    def start(self) -> None:
        """Serves; returns once it listens."""
        main = "from collector.cli import main; main()"
        command = [sys.executable, "-c", main, "serve", str(self.hub), "--port", str(self.port)]
        self.running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self.running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)  # polling a condition: the server listens

    def kill(self) -> None:
        """Ends it without a warning."""
        self.running.kill()
        self.running.wait(20)


@pytest.fixture
def process(app: Flask) -> Iterator[Process]:
    """A hub that `homeward serve` serves."""
    served = Process(app.config["REPLICA"])
    served.start()
    yield served
    served.kill()


@pytest.fixture
def waitress(process: Process, phone: Phone) -> Wire:
    """The line to `homeward serve`."""
    return Wire(process.port, phone.token)


@pytest.fixture
def streaming(app: Flask, phone: Phone) -> Iterator[Wire]:
    """The line to a server that hands over a body while it comes."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Wire(server.port, phone.token)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["waitress", "streaming"])
def wire(request: pytest.FixtureRequest) -> Wire:
    """The line to either."""
    line: Wire = request.getfixturevalue(request.param)
    return line


def stored(app: Flask) -> bytes:
    """The photo as the hub has it, which must be sound as a whole."""
    with Replica.open(app.config["REPLICA"]) as hub:
        assert verify(hub).sound
        assert [path.name for path in hub.media_folder.rglob("*") if len(path.name) > 8] == [NAME]
        return hub.media(NAME).read_bytes()


def test_a_photo_comes_in_pieces_and_is_receipted_once_it_is_whole(app: Flask, wire: Wire) -> None:
    """Every answer says what is here; `complete` comes with digest and length and never before."""
    for start in range(0, len(PHOTO), STEP):
        head = wire.ask("HEAD")
        assert (head.headers["Upload-Offset"], head.headers["Upload-Complete"]) == (str(start), "?0")
        answer = wire.piece(start, start + STEP)
        end = start + STEP
        assert answer.json == {"sha256": NAME, "size": end, "complete": end == len(PHOTO)}
        assert answer.headers["Upload-Offset"] == str(end)
        assert answer.status == (201 if end == len(PHOTO) else 200)
    assert wire.ask("HEAD").headers["Upload-Complete"] == "?1"
    assert stored(app) == PHOTO
    with Replica.open(app.config["REPLICA"]) as hub:
        assert hub.media_type(NAME) == "image/jpeg"


def test_a_cut_line_costs_at_most_the_piece(app: Flask, wire: Wire) -> None:
    """Hung up amid a piece, again and again: the hub has a beginning, and the sender goes on where it says."""
    wire.piece(0, STEP)
    for arrived in (1, 50_000):
        start = wire.offset()
        assert start >= STEP
        wire.cut(start, start + arrived, STEP)
    start = wire.offset()
    while start < len(PHOTO):
        answer = wire.piece(start, start + STEP)
        start = int(answer.headers["Upload-Offset"])
    assert stored(app) == PHOTO


def test_what_came_of_a_cut_piece_counts(app: Flask, streaming: Wire) -> None:
    """Where a body is handed over as it comes, not a byte of a cut piece is sent again."""
    streaming.cut(0, 123_456, STEP)
    streaming.until(123_456)
    streaming.cut(123_456, 123_457, STEP)
    streaming.until(123_457)
    assert streaming.piece(123_457, len(PHOTO)).json["complete"] is True
    assert stored(app) == PHOTO


def test_a_lost_answer_is_harmless(app: Flask, wire: Wire) -> None:
    """The piece arrived, its answer did not: the hub says so, and an empty piece gets the receipt."""
    wire.piece(0, STEP)
    wire.cut(STEP, len(PHOTO), len(PHOTO) - STEP)  # whole, but nobody waits for the answer
    wire.until(len(PHOTO))
    for start in (len(PHOTO), STEP, 0):
        answer = wire.piece(start, start)
        assert (answer.status, answer.json) == (201, {"sha256": NAME, "size": len(PHOTO), "complete": True})
    assert stored(app) == PHOTO


def test_a_piece_that_does_not_follow_is_told_where_to_go_on(wire: Wire) -> None:
    """Repeated or out of order: 409, HW-2060, and where the part ends; nothing of it is taken."""
    wire.piece(0, STEP)
    for start in (0, STEP - 1, STEP + 1, len(PHOTO)):
        answer = wire.piece(start, start + STEP)
        assert (answer.status, answer.code) == (409, "HW-2060")
        assert answer.headers["Upload-Offset"] == str(STEP)
        assert str(STEP) in answer.json["problem"]["message"]
    assert wire.offset() == STEP


def test_wrong_bytes_are_refused_and_begin_anew(app: Flask, wire: Wire) -> None:
    """HW-2025 with the last piece; then the hub has nothing of it, and takes the right one."""
    wire.piece(0, STEP, b"\0" * STEP, total=len(PHOTO))
    answer = wire.piece(STEP, len(PHOTO))
    assert (answer.status, answer.code) == (400, "HW-2025")
    assert wire.offset() == 0
    wire.piece(0, len(PHOTO))
    assert stored(app) == PHOTO


def test_what_says_not_where_it_belongs_is_refused(wire: Wire) -> None:
    """A header that is missing, malformed, or at odds with the body; a name that is none; a file too large."""
    for headers in ({}, {"Upload_Offset": "0"}, {"Upload_Offset": "-1", "Upload_Length": "9"}):
        assert wire.ask("PATCH", body=b"x", **headers).code == "HW-3420"
    assert wire.ask("PATCH", body=b"xy", Upload_Offset="8", Upload_Length="9").code == "HW-3420"
    assert wire.ask("PATCH", body=b"", Upload_Offset="9", Upload_Length="8").code == "HW-2061"
    large = wire.ask("PATCH", body=b"x", Upload_Offset="0", Upload_Length=str(MEDIA_LIMIT + 1))
    assert (large.status, large.code) == (413, "HW-3008")
    for method in ("GET", "PUT"):
        assert wire.ask(method, name="0" * 63).code == "HW-3405"
    assert wire.piece(0, 1, name="A" * 64).code == "HW-3405"
    assert wire.offset() == 0


def test_without_a_token_nothing_is_told_or_taken(wire: Wire) -> None:
    """401 for every method."""
    stranger = Wire(wire.port, "nobody")
    assert stranger.ask("HEAD").status == 401
    for answer in (stranger.ask("GET"), stranger.piece(0, 1), stranger.ask("PUT", body=PHOTO)):
        assert (answer.status, answer.code) == (401, "HW-3403")
    assert wire.offset() == 0


def test_two_phones_send_one_photo_at_once(app: Flask, wire: Wire) -> None:
    """Each goes on where the hub is; both get the receipt, and the file is whole."""
    receipts: list[Any] = []

    def sender(step: int) -> None:
        start = wire.offset()
        while True:
            answer = wire.piece(start, start + step)
            assert answer.status in (200, 201, 409), answer.body
            start = int(answer.headers["Upload-Offset"])
            if answer.status == 201:
                receipts.append(answer.json)
                return

    threads = [threading.Thread(target=sender, args=(step,)) for step in (30_000, 47_000, 64_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert receipts == [{"sha256": NAME, "size": len(PHOTO), "complete": True}] * 3
    assert stored(app) == PHOTO


def test_an_older_phone_sends_the_whole(app: Flask, wire: Wire) -> None:
    """A plain PUT works beside pieces that somebody has begun, and may be repeated."""
    wire.piece(0, STEP)
    for _ in range(2):
        answer = wire.ask("PUT", body=PHOTO)
        assert (answer.status, answer.json["sha256"], answer.json["size"]) == (201, NAME, len(PHOTO))
    assert stored(app) == PHOTO


def test_a_killed_hub_goes_on_where_it_was(app: Flask, process: Process, waitress: Wire) -> None:
    """What was acknowledged is there after the process was killed, and only the rest is sent."""
    waitress.piece(0, STEP)
    process.kill()
    process.start()
    assert waitress.offset() == STEP
    assert waitress.piece(STEP, len(PHOTO)).json["complete"] is True
    assert stored(app) == PHOTO


def take_record(phone: Phone, answers: dict[str, str]) -> str:
    """A record of the phone that the hub has received."""
    scopes = [f"p:{phone.person}", f"v:{VILLAGE}"]
    record = phone.replica.save(form=phone.form, answers=answers, author=phone.person, scopes=scopes)
    answer = phone.post("changes", phone.offer()).get_json()
    assert record in [receipt[0] for receipt in answer["receipts"]]
    return record


def test_a_photo_of_an_erased_record_does_not_come_after_it(app: Flask, phone: Phone, waitress: Wire) -> None:
    """The record was erased before its photo went out: the phone is told that it need not send it, in pieces or whole,
    and nothing of it is kept. The same photo in another record is."""
    record = take_record(phone, {"/data/g_env/photo": NAME})
    with Replica.open(app.config["REPLICA"]) as hub:
        hub.erase(record, "asked", author="chief000")
    answer = waitress.piece(0, 1000)
    assert (answer.status, answer.json["complete"], answer.json["size"]) == (201, True, len(PHOTO))
    assert phone.put(PHOTO).status_code == 201
    with Replica.open(app.config["REPLICA"]) as hub:
        assert hub.media_type(NAME) is None
        assert [
            path.name for path in hub.media_folder.rglob("*") if path.is_file() and path.stat().st_size
        ] == []
    take_record(phone, {"/data/g_env/photo": NAME, "/data/g_where/business_name": "又一家"})
    assert phone.put(PHOTO).status_code == 201
    with Replica.open(app.config["REPLICA"]) as hub:
        assert hub.media(NAME).read_bytes() == PHOTO


def test_a_record_does_not_wait_for_its_photo(app: Flask, phone: Phone, waitress: Wire) -> None:
    """The text is received and shown; the photo is fetched once it has come."""
    record = take_record(phone, {"/data/g_env/photo": NAME})
    assert hub_records(app) == [record]
    assert (waitress.ask("GET").status, waitress.ask("GET").code) == (404, "HW-3421")
    waitress.piece(0, len(PHOTO))
    assert waitress.ask("GET").body == PHOTO


def test_a_fetch_that_broke_off_goes_on_by_range(phone: Phone, waitress: Wire) -> None:
    """Read some, hang up, ask for the rest of the same file: together they are the photo."""
    take_record(phone, {"/data/g_env/photo": NAME})
    waitress.piece(0, len(PHOTO))
    request = (
        f"GET /sync/v1/media/{NAME} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {waitress.token}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", waitress.port), 30) as line:
        line.sendall(request.encode())
        got = line.recv(65_536)
        while len(got) < 65_536:
            got += line.recv(65_536)
    begun = got.partition(b"\r\n\r\n")[2]
    assert 0 < len(begun) < len(PHOTO)
    answer = waitress.ask("GET", Range=f"bytes={len(begun)}-", If_Range=f'"{NAME}"')
    assert (answer.status, answer.headers["Content-Range"]) == (
        206,
        f"bytes {len(begun)}-{len(PHOTO) - 1}/{len(PHOTO)}",
    )
    assert begun + answer.body == PHOTO
    whole = waitress.ask("GET", Range=f"bytes={len(begun)}-", If_Range='"another"')
    assert (whole.status, whole.body) == (200, PHOTO)
    some = waitress.ask("GET", Range="bytes=10-19")
    assert (some.status, some.body) == (206, PHOTO[10:20])
    assert waitress.ask("GET", If_None_Match=f'"{NAME}"').status == 304
    beyond = waitress.ask("GET", Range=f"bytes={len(PHOTO)}-")
    assert (beyond.status, beyond.code) == (416, "HW-3422")


def test_a_laptop_fetches_into_its_own_parts(phone: Phone, waitress: Wire) -> None:
    """What is fetched goes the way of what is sent: from where the part ends, checked, noted once it is whole."""
    take_record(phone, {"/data/g_env/photo": NAME})
    waitress.piece(0, len(PHOTO))
    laptop = phone.replica
    rounds = 0
    while not (held := laptop.media_received(NAME)).complete:
        rounds += 1
        connection = http.client.HTTPConnection("127.0.0.1", waitress.port, timeout=30)
        with contextlib.closing(connection):
            headers = {"Authorization": f"Bearer {waitress.token}", "Range": f"bytes={held.size}-"}
            connection.request("GET", f"/sync/v1/media/{NAME}", None, headers)
            answer = connection.getresponse()
            total = int(answer.headers["Content-Range"].rpartition("/")[2])
            body = Short(answer, 250_000)
            laptop.append_media(NAME, held.size, body, total, answer.headers.get_content_type())
    assert rounds == 3
    assert laptop.media(NAME).read_bytes() == PHOTO
    assert laptop.media_type(NAME) == "image/jpeg"


class Short:
    """A line that goes dead after so many bytes."""

    def __init__(self, answer: http.client.HTTPResponse, size: int) -> None:
        self.answer, self.left = answer, size

    def read(self, size: int, /) -> bytes:
        """What still comes."""
        data = self.answer.read(min(size, self.left))
        self.left -= len(data)
        return data


def test_a_fetched_photo_is_kept_by_nobody_and_runs_nowhere(app: Flask, phone: Phone) -> None:
    """No cache keeps it, no browser shows it as a page, and a type that is none is not handed on."""
    with Replica.open(app.config["REPLICA"]) as hub:
        page = hub.put_media(b"<script>", "text/html")
        odd = hub.put_media(b"odd", "image/jpeg\r\nX-Injected: 1")
    take_record(phone, {"/data/g_env/photo": page})
    take_record(phone, {"/data/g_env/photo": odd})
    for name in (page, odd):
        with phone.client.get(f"/sync/v1/media/{name}", headers=phone.headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "X-Injected" not in answer.headers


@pytest.fixture
def status_for(app: Flask, phone: Phone) -> Callable[..., int]:
    """`status_for(role, villages)`: what a device of such a person gets when it fetches the photo."""
    with Replica.open(app.config["REPLICA"]) as hub:
        hub.put_media(PHOTO, "image/jpeg")
    connection = app_db.connect(app.config["APP_DB"])
    made = iter(range(100))

    def fetch(role: str, villages: list[str]) -> int:
        number = next(made)
        person = people.add(connection, f"p{number}", "secret-p", role=role, villages=villages)
        token = devices.enrol(connection, f"0000000{number}", person.id, f"key{number}")
        headers = {"Authorization": f"Bearer {token}"}
        with phone.client.get(f"/sync/v1/media/{NAME}", headers=headers) as answer:
            return int(answer.status_code)

    return fetch


def test_a_photo_is_for_those_who_may_see_its_record(
    app: Flask, phone: Phone, status_for: Callable[..., int]
) -> None:
    """Supervisors have every photo, an enumerator those of records of the own villages and of nobody else."""
    assert status_for("enumerator", [VILLAGE]) == 404
    record = take_record(phone, {"/data/g_env/photo": NAME})
    assert status_for("enumerator", [VILLAGE]) == 200
    assert status_for("enumerator", ["140521901902"]) == 404
    assert status_for("supervisor", ["140521901902"]) == 200
    with Replica.open(app.config["REPLICA"]) as hub:
        form = library.current_form(hub, "business").version_id
        other = hub.save(record=record, form=form, answers={"/data/g_env/photo": "0" * 64}, author="x")
        assert status_for("enumerator", [VILLAGE]) == 404  # the record shows another photo now
        hub.save(
            record=record,
            form=form,
            answers={"/data/g_env/photo": "1" * 64},
            author="y",
            parents=[record],
        )
        assert status_for("enumerator", [VILLAGE]) == 404
        hub.save(record=record, form=form, answers={"/data/g_env/photo": NAME}, author="z", parents=[other])
        assert status_for("enumerator", [VILLAGE]) == 200  # in conflict: it may be the one
        hub.withdraw(record, "asked for it", author="chief")
        assert status_for("enumerator", [VILLAGE]) == 404
        assert status_for("supervisor", []) == 200
