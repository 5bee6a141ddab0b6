"""The road of lines, by which a replica hands over what another lacks: over a network, or in a bundle."""

from __future__ import annotations

from sync.interest import Interest
from sync.replica import log
from sync.transfer import give, lines
from sync.transfer.take import Taken, take
from tests.sync.network.laptop import Laptop
from tests.sync.network.road import file_bytes

EVERYTHING = 1 << 24
INTEREST = Interest(frozenset({"v:1"}))  # all that people here write, apart from what is created in bulk


def hand_over(source: Laptop, target: Laptop, most: int = EVERYTHING) -> None:
    """All that the target lacks, or of each log about `most` changes: a prefix, and the rest another time. Again,
    it writes nothing."""
    source.sign()
    has = {each["replica"]: each["changes"] for each in target.replica.logs()}
    body = _packed(source, has, most)
    assert _taken(target, body).problems == []
    _nothing_more(target, body)


def hand_excerpts(source: Laptop, target: Laptop) -> None:
    """What concerns the target, without the logs that it stands in. Again, it writes nothing."""
    out: list[bytes] = []
    writer = lines.Writer(out.append)
    _documents(source, writer)
    cursor, more = "", True
    while more:
        changes, cursor, more = give.concerning(source.replica, INTEREST, cursor, target.replica.name, 50)
        writer.excerpts([(text, payload) for _, text, payload in changes])
    writer.end()
    assert _taken(target, b"".join(out)).problems == []
    _nothing_more(target, b"".join(out))


def _packed(source: Laptop, has: dict[str, int], most: int) -> bytes:
    out: list[bytes] = []
    writer = lines.Writer(out.append)
    _documents(source, writer)
    for lack in give.lacking(source.replica, has, most):
        give.write(source.replica, writer, lack)
    writer.end()
    return b"".join(out)


def _documents(source: Laptop, writer: lines.Writer) -> None:
    for document in give.documents_lacking(source.replica, give.document_keys(source.replica)):
        writer.line(lines.document_line(document))


def _taken(target: Laptop, body: bytes) -> Taken:
    return take(target.at_work(), lines.Reader([body], 1 << 28).parts(), "test")


def _nothing_more(target: Laptop, body: bytes) -> None:
    before, tips = file_bytes(target), log.tips(target.replica.db)
    again = _taken(target, body)
    assert (again.taken, again.documents, again.problems) == (0, 0, [])
    assert log.tips(target.replica.db) == tips
    assert file_bytes(target) == before, "lines that brought nothing wrote to the file"
