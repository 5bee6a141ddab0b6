"""Bytes that no client of ours sends: bounded, numbered, and without a trace in the hub."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from collector.app import create_app
from sync import Replica
from sync.transfer import lines as transfer_lines
from sync.transfer import push as transfer_push
from tests.collector.replicas.conftest import HERE, Hub, Laptop, MakeLaptop, digest_at, record
from tests.collector.replicas.test_rights import headers_of, lines, push


@pytest.fixture
def anna(hub: Hub, laptop: MakeLaptop) -> Laptop:
    """Anna's laptop after its first sync, with a record that has not gone out."""
    made = laptop(hub, "anna")
    made.sync()
    made.record("没发的店")
    return made


def problem(answer: Any) -> tuple[int, str]:
    """Status and number of a refusal."""
    return answer.status_code, answer.json()["problem"]["code"]


START = b'["homeward","1"]\n'
BAD = {
    "nothing": (b"", "HW-2037"),
    "no gzip": (b"\x1f\x8bnonsense", "HW-2036"),
    "plain text": (b"hello\n", "HW-2036"),
    "another format": (gzip.compress(b'["homeward","2"]\n["end","1"]\n'), "HW-2036"),
    "no end": (gzip.compress(START), "HW-2037"),
    "lines after the end": (gzip.compress(START + b'["end","1"]\n["end","2"]\n'), "HW-2037"),
    "a wrong count": (gzip.compress(START + b'["end","7"]\n'), "HW-2037"),
    "an unknown part": (gzip.compress(START + b'["surprise"]\n["end","2"]\n'), "HW-2036"),
    "no JSON": (gzip.compress(START + b"[[[[\n"), "HW-2036"),
    "deep JSON": (gzip.compress(START + b"[" * 200_000 + b"\n"), "HW-2036"),
    "no UTF-8": (gzip.compress(START + b"\xff\xfe\n"), "HW-2036"),
    "a log of nobody": (
        gzip.compress(START + b'["log","UPPER","1","1","","0",""]\nx\ny\n["end","4"]\n'),
        "HW-2036",
    ),
    "a log without end": (
        gzip.compress(START + b'["log","7k3m9q2x","1","999999999999999","","0",""]\nx\ny\n'),
        "HW-2037",
    ),
    "excerpts without end": (gzip.compress(START + b'["excerpts","999999999"]\nx\ny\n'), "HW-2037"),
    "half a character in a document": (
        gzip.compress(
            START + b'["document","47DEQpj8HBSa-_TImW-5JA","list","\\ud800",[],"0","-"]\n["end","2"]\n'
        ),
        "HW-2036",
    ),
    "half a character in a medium": (
        gzip.compress(START + b'["medium","' + b"a" * 64 + b'","\\udfff","1","0"]\n["end","2"]\n'),
        "HW-2036",
    ),
    "two streams": (gzip.compress(START) + gzip.compress(b'["end","1"]\n'), "HW-2036"),
    "a document that is none": (
        gzip.compress(
            START + b'["document","A","key","7k3m9q2x",[],"0000000000000000","e30"]\n["end","2"]\n'
        ),
        "HW-2015",
    ),
}


def test_what_is_no_batch_is_refused_whole(hub: Hub, anna: Laptop) -> None:
    """Each is a numbered problem with status 400; the hub is as it was, and the next sync goes through."""
    before = digest_at(hub.path)
    for kind, (data, code) in BAD.items():
        assert problem(push(anna, data)) == (400, code), kind
    assert digest_at(hub.path) == before
    assert anna.sync().complete


def test_a_batch_that_unpacks_without_end_is_stopped(
    hub: Hub, anna: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bomb is given up at the limit of what may come out of it, a line at the limit of a line: neither is held in
    memory whole."""
    monkeypatch.setattr(transfer_push, "UNPACKED_LIMIT", 8 << 20)
    monkeypatch.setattr(transfer_lines, "LINE_LIMIT", 1 << 20)
    short = b'["medium","' + b"0" * 64 + b'","","0",""]\n'
    bomb = gzip.compress(START + short * 200_000, 9)
    assert len(bomb) < 100_000
    assert problem(push(anna, bomb)) == (400, "HW-2036")
    assert problem(push(anna, gzip.compress(START + b"x" * (2 << 20)))) == (400, "HW-2036")


def test_a_bomb_takes_no_memory(tmp_path: Any) -> None:
    """Reading a bomb of half a gigabyte to its limit holds a few pieces at a time."""
    import resource

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    text = b"[" + b"0" * ((1 << 20) - 2) + b"\n"
    data = b"".join([packer.compress(START), *(packer.compress(text) for _ in range(512)), packer.flush()])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reader = transfer_lines.Reader(iter([data]), transfer_push.UNPACKED_LIMIT)
    with pytest.raises(transfer_lines.SyncError) as raised:
        deque(iter(lambda: reader.lines(1), None), maxlen=1)
    assert raised.value.problem.code == "HW-2036"
    assert reader.read > 400
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_excerpts_of_nothing_take_no_memory() -> None:
    """Two empty lines are a change without its log: as many as fit into a batch are given up long before they fill the
    memory."""
    import resource

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = START + b'["excerpts","100000000000000"]\n'
    data = b"".join(
        [packer.compress(head), *(packer.compress(b"\n" * (1 << 20)) for _ in range(64)), packer.flush()]
    )
    assert len(data) < 100_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reader = transfer_lines.Reader(iter([data]), transfer_push.UNPACKED_LIMIT)
    with pytest.raises(transfer_lines.SyncError) as raised:
        deque(reader.parts(), maxlen=1)
    assert raised.value.problem.code == "HW-2036"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 128 * 1024


def test_a_batch_over_the_limit_is_refused_before_it_is_read(hub: Hub, anna: Laptop) -> None:
    """By its announced length: HW-3410, status 413."""
    client = create_app(hub.path, config={"TESTING": True}).test_client()
    announced = {"CONTENT_LENGTH": str(transfer_push.PACKED_LIMIT + 1)}
    answer = client.post("/sync/v1/push", data=b"x", headers=headers_of(anna), environ_overrides=announced)
    assert (answer.status_code, answer.get_json()["problem"]["code"]) == (413, "HW-3410")


def break_off(laptop: Laptop, length: int, body: bytes) -> bytes:
    """What comes back of a push that announces `length` bytes, sends `body` and hangs up."""
    parts = urlsplit(laptop.url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=30) as wire:
        head = [f"POST /sync/v1/push HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {length}\r\n"]
        head += [f"{name}: {value}\r\n" for name, value in headers_of(laptop).items()]
        wire.sendall("".join([*head, "Connection: close\r\n\r\n"]).encode() + body)
        wire.shutdown(socket.SHUT_WR)
        found = b""
        while piece := wire.recv(1 << 16):
            found += piece
    return found


def test_a_cut_body_takes_nothing(hub: Hub, anna: Laptop) -> None:
    """Whatever part of a sound batch arrives: nothing of it is taken, and the whole afterwards is."""
    before = digest_at(hub.path)
    with Replica.open(anna.path) as replica:
        data = lines(replica=replica)
    for share in (0.1, 0.5, 0.99):
        assert break_off(anna, len(data), data[: int(len(data) * share)]) == b""
        assert problem(push(anna, data[: int(len(data) * share)])) == (400, "HW-2037")
    assert digest_at(hub.path) == before
    assert anna.sync().complete


def test_batches_may_come_unpacked(hub: Hub, anna: Laptop, tmp_path: Any) -> None:
    """A proxy that unpacks, or a client without gzip, is understood."""
    with Replica.open(anna.path) as replica, Replica.create(tmp_path / "x.db"):
        record(replica, "再一家", HERE, anna.person)
    anna.sync()
    with Replica.open(anna.path) as replica:
        data = gzip.decompress(lines(replica=replica))
    answer = httpx.post(
        f"{anna.url}/sync/v1/push",
        content=data,
        headers={k: v for k, v in headers_of(anna).items() if k != "Content-Encoding"},
        trust_env=False,
    )
    assert answer.json()["already"] == 2


MALFORMED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("hello", {"replica": 1}, "HW-3407"),
    ("hello", {"protocol": "1", "logs": 5}, "HW-2020"),
    ("hello", {"protocol": "1", "logs": [["7k3m9q2x", "x", ""]]}, "HW-2020"),
    ("hello", {"protocol": "1", "logs": [["7k3m9q2x", "99999999", ""]]}, "HW-2020"),
    ("hello", {"protocol": "1", "logs": [["7k3m9q2x"]]}, "HW-2020"),
    ("pull", {"cursor": 5}, "HW-2020"),
    ("pull", {"cursor": "x" * 1000}, "HW-2020"),
    ("pull", {"documents": [["key"]]}, "HW-2020"),
    ("pull", {"documents": {}}, "HW-2020"),
    ("pull", {"back": [1]}, "HW-2020"),
    ("pull", {"back": ["nonsense"]}, "HW-2032"),
    ("pull", {"media": []}, "HW-2020"),
    ("pull", {"entities": {"a": 1}}, "HW-2020"),
    ("pull", {"logs": {"a": 1}}, "HW-2020"),
    ("hello", {"digest": "\ud800"}, "HW-2001"),
    ("hello", {"protocol": "1", "logs": [["7k3m9q2x", "1", "\udfff", "0"]]}, "HW-2001"),
    ("media", {"media": [["a" * 64, "\ud800", 1, ""]]}, "HW-2001"),
    ("media", {"media": [["a" * 64, "image/jpeg", 1 << 70, ""]]}, "HW-2020"),
    ("media", {"media": [["a" * 64, "image/jpeg", -1, ""]]}, "HW-2020"),
    ("media", {"media": [["a" * 64, "image/jpeg", True, ""]]}, "HW-2020"),
    ("enrol", {"username": "\ud800", "password": "x"}, "HW-2001"),
    ("enrol", {"username": "anna", "password": "\ud800"}, "HW-2001"),
    ("enrol", {"authors": ["\ud800"]}, "HW-2001"),
)


def test_malformed_requests_are_numbered(hub: Hub, anna: Laptop) -> None:
    """Bad input never crashes the hub, and a cursor that is none starts again."""
    headers = {"Authorization": headers_of(anna)["Authorization"]}
    with Replica.open(anna.path) as replica, httpx.Client(headers=headers, trust_env=False) as client:
        own = {"replica": replica.name, "number": "0", "digest": ""}
        for path, body, code in MALFORMED:
            data = json.dumps({**own, **body})
            answer = client.post(f"{anna.url}/sync/v1/{path}", content=data)
            assert (answer.status_code < 500, answer.json()["problem"]["code"]) == (True, code), (path, body)
        for cursor in ("1.2.3.4", "9.9.x.y", "..."):
            assert client.post(f"{anna.url}/sync/v1/pull", json={"cursor": cursor}).status_code == 200


def test_another_version_of_the_protocol_is_refused_with_both_named(hub: Hub, anna: Laptop) -> None:
    """HW-2051 says what each side speaks and what to do; abilities that this side does not know are passed over."""
    with Replica.open(anna.path) as replica:
        own = {"replica": replica.name, "number": "0", "digest": "", "logs": [], "documents": ""}
    headers = {"Authorization": headers_of(anna)["Authorization"], "Accept-Language": "en"}
    url = f"{anna.url}/sync/v1/hello"
    answer = httpx.post(url, json={**own, "protocol": "2"}, headers=headers, trust_env=False)
    assert problem(answer) == (400, "HW-2051")
    told = answer.json()["problem"]
    assert "version 1" in told["message"]
    assert "version 2" in told["message"]
    assert "Update" in told["remedy"]
    fine = {**own, "protocol": "1", "abilities": ["lines", "telepathy"], "news": {"x": 1}}
    answer = httpx.post(url, json=fine, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["protocol"]) == (200, "1")
