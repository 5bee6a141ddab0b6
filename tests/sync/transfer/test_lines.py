"""Lines: what is written is what is read, and what was cut or altered is refused whole."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import SyncError
from sync.canonical import short_id
from sync.replica import Document
from sync.transfer import lines
from sync.transfer.lines import Excerpts, LogHead, Medium, Stretch

# Canonical JSON holds no line break and no half of a character; everything else may stand in it.
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_line = st.lists(text, max_size=3).map(lambda members: json.dumps(members, ensure_ascii=False))
pairs = st.lists(st.tuples(json_line, st.none() | json_line), min_size=1, max_size=9)
documents = st.builds(
    lambda data, kind, name, scopes: Document(short_id(data), kind, name, data, tuple(sorted(scopes)), "00"),
    st.binary(max_size=40),
    text,
    text,
    st.sets(text, max_size=3),
)
media = st.builds(Medium, text, text, st.integers(0, 1 << 40), text)
stretches = st.tuples(text, st.integers(1, 1 << 20), pairs, text, st.integers(0, 99), text)
part = st.one_of(documents, media, stretches, pairs)


def body(parts: list[object]) -> bytes:
    """Parts as they travel."""
    out: list[bytes] = []
    writer = lines.Writer(out.append)
    for each in parts:
        if isinstance(each, Document):
            writer.line(lines.document_line(each))
        elif isinstance(each, Medium):
            writer.line(lines.medium_line(each))
        elif isinstance(each, tuple):
            replica, first, changes, digest, signed, signature = each
            head = LogHead(replica, first, first + len(changes) - 1, digest, signed, signature)
            writer.stretch(head, [changes[:2], changes[2:]])
        elif isinstance(each, list):
            writer.excerpts(each)
    writer.end()
    return b"".join(out)


def read(data: bytes, size: int, most: int) -> list[object]:
    """Parts as they come, in pieces of `size` bytes, stretches in parts of `most`."""
    found: list[object] = []
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    for each in lines.Reader(pieces, 1 << 24).parts():
        if isinstance(each, Stretch):
            changes: lines.Pairs = []
            while more := each.pairs(most):
                assert len(more) <= most
                changes += more
            head = each.head
            found.append((head.replica, head.first, changes, head.digest, head.signed, head.signature))
        elif isinstance(each, Excerpts):
            found.append(each.changes)
        else:
            found.append(each)
    return found


@given(st.lists(part, max_size=6), st.integers(1, 300), st.integers(1, 5))
def test_what_is_written_is_read(parts: list[object], size: int, most: int) -> None:
    """Whatever the pieces that they arrive in."""
    assert read(body(parts), size, most) == parts


@given(st.lists(part, min_size=1, max_size=4), st.data())
def test_a_cut_body_is_refused_whole(parts: list[object], data: st.DataObject) -> None:
    """Wherever it was cut, the end is missing and nobody can take what is there for all."""
    whole = body(parts)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(SyncError) as refused:
        read(whole[:cut], 64, 3)
    assert refused.value.problem.code in ("HW-2036", "HW-2037")


def test_a_stretch_that_nobody_reads_is_passed_over() -> None:
    """What stands behind it is found all the same."""
    document = Document(short_id(b"x"), "k", "n", b"x", (), "00")
    whole = body([("r", 1, [("[]", "[]"), ("[]", None), ("[]", "[]")], "", 0, ""), document])
    found = [each for each in lines.Reader([whole], 1 << 20).parts() if isinstance(each, Document)]
    assert found == [document]


@pytest.mark.parametrize(
    ("text", "after", "code"),
    [
        (b"", b"", "HW-2037"),
        (b"", b"<html>please sign in</html>", "HW-2036"),
        (b"<html>\n", b"", "HW-2036"),
        (b'["homeward","2"]\n["end","1"]\n', b"", "HW-2036"),
        (b'["homeward","1"]\n["end","2"]\n', b"", "HW-2037"),
        (b'["homeward","1"]\n["end","1"]\nmore\n', b"", "HW-2037"),
        (b'["homeward","1"]\n["end","1"]\n', b"more", "HW-2036"),
        (b'["homeward","1"]\n["log","a","5","1","","0",""]\n["end","2"]\n', b"", "HW-2036"),
        (b'["homeward","1"]\n["log","a","0","1","","0",""]\n["end","2"]\n', b"", "HW-2036"),
        (b'["homeward","1"]\n["log","a","1","9999999999","","0",""]\n["end","2"]\n', b"", "HW-2037"),
        (b'["homeward","1"]\n["excerpts","-1"]\n["end","2"]\n', b"", "HW-2036"),
        (b'["homeward","1"]\n["document","1"]\n["end","2"]\n', b"", "HW-2036"),
        (b'["homeward","1"]\n["dance"]\n["end","2"]\n', b"", "HW-2036"),
        pytest.param(b'["homeward","1"]\n' + b"[" * 100_000 + b'\n["end","2"]\n', b"", "HW-2036", id="deep"),
        (b'["homeward","1"]\n\xff\xfe\n["end","2"]\n', b"", "HW-2036"),
    ],
    ids=repr,
)
def test_what_is_no_such_body_is_a_numbered_problem(text: bytes, after: bytes, code: str) -> None:
    """A captive portal's page, another version, wrong counts, what is no JSON, no UTF-8, no gzip."""
    altered = (gzip.compress(text) if text else b"") + after
    with pytest.raises(SyncError) as refused:
        read(altered, 1 << 16, 64)
    assert refused.value.problem.code == code
    assert refused.value.problem.text("zh")


def test_a_bomb_is_refused_within_its_limit() -> None:
    """A megabyte that would unpack to a gigabyte is refused after a few megabytes."""
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(bomb.compress(b"0" * (1 << 20)) for _ in range(64)) + bomb.flush()
    reader = lines.Reader([data], 4 << 20)
    with pytest.raises(SyncError) as refused:
        list(reader.parts())
    assert refused.value.problem.code == "HW-2036"
