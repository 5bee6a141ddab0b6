"""Handing over between replicas in memory: lines written by one, read and taken by another."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from sync import Replica, keys
from sync.transfer import give, lines
from sync.transfer.take import EVERYTHING, Rules, Taken, take
from tests.sync.conftest import Make
from tests.sync.transfer.roads import MakeStation, Station


@pytest.fixture
def station(make: Make, form: str) -> MakeStation:
    """`station("anna")` makes a replica with the test form and a key, in a folder of its own (as its media are)."""
    return lambda name: Station(make(f"{name}/{name}"), keys.generate(), form)


def packed(source: Replica, has: dict[str, int], *, most: int = 1 << 24) -> bytes:
    """Documents and everything of the logs that the other side lacks, as one body."""
    out: list[bytes] = []
    writer = lines.Writer(out.append)
    for document in give.documents_lacking(source, give.document_keys(source)):
        writer.line(lines.document_line(document))
    for medium in give.media_known(source):
        writer.line(lines.medium_line(medium))
    for lack in give.lacking(source, has, most):
        give.write(source, writer, lack)
    writer.end()
    return b"".join(out)


def unpacked(target: Replica, body: bytes, rules: Rules = EVERYTHING, pieces: int = 1 << 16) -> Taken:
    """Take a body that arrives in pieces."""
    parts = [body[at : at + pieces] for at in range(0, len(body), pieces)]
    return take(target, lines.Reader(parts, 1 << 28).parts(), "test", rules)


def has(replica: Replica) -> dict[str, int]:
    """What a replica says that it has."""
    return {each["replica"]: each["changes"] for each in replica.logs()}


def hand_over(source: Replica, target: Replica, rules: Rules = EVERYTHING) -> Taken:
    """All that the target lacks."""
    return unpacked(target, packed(source, has(target)), rules)


def plain(parts: Collection[str]) -> bytes:
    """Lines as a body."""
    out: list[bytes] = []
    writer = lines.Writer(out.append)
    for part in parts:
        writer.line(part)
    writer.end()
    return b"".join(out)
