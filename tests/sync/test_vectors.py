"""The worked examples of `tests/vectors/changes.json`, which the browser's implementation reproduces too."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from sync import canonical, chain, keys
from sync.change import parse_header, read_header
from sync.clock import tick
from sync.fold import fold
from sync.layout import Layout, pack, unpack
from tests.sync.write_vectors import FILE, build, decoded, told

VECTORS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))


def test_the_file_is_what_the_code_writes() -> None:
    """Nobody changed the bytes without changing the file, nor the other way round."""
    assert build(VECTORS) == VECTORS


def test_canonical_bytes() -> None:
    """Canonical text, its reading back, order of keys, digests."""
    for case in VECTORS["canonical"]:
        assert canonical.encode(case["value"]) == case["text"]
        assert canonical.decode(case["text"]) == case["value"]
    assert sorted(VECTORS["sorted"]["given"], key=str.encode) == VECTORS["sorted"]["expected"]
    for case in VECTORS["sha"]:
        assert (canonical.sha(case["text"]), canonical.short_id(case["text"])) == (case["sha"], case["id"])


def test_clock_and_chain() -> None:
    """The clock never steps back; the digest of a log at any number is the one of its blocks."""
    for case in VECTORS["ticks"]:
        assert tick(case["latest"], case["milliseconds"]) == case["clock"]
    headers = [f"header {number}" for number in range(1, 131)]
    for number, digest in VECTORS["chain"]["digests"].items():
        assert chain.digest(headers[: int(number)]) == digest


def test_packing() -> None:
    """A flat map is packed by the layout, and what the layout does not know is kept."""
    layout, case = Layout.compile(VECTORS["form"]["layout"]), VECTORS["pack"]
    assert pack(layout, case["answers"]) == (case["values"], case["extra"])
    assert unpack(layout, case["values"], case["extra"]) == case["answers"]


def test_signature() -> None:
    """The signature is one of its text by its key, and of no other text."""
    case = VECTORS["signature"]
    assert keys.tip_text(case["replica"], int(case["number"]), case["digest"]) == case["text"]
    assert keys.read_key_document(case["document"].encode()) == (case["replica"], case["public"])
    assert keys.verify(case["public"], case["text"], case["signature"])
    assert not keys.verify(case["public"], case["text"] + " ", case["signature"])
    flipped = ("A" if case["signature"][0] != "A" else "B") + case["signature"][1:]
    assert not keys.verify(case["public"], case["text"], flipped)


@pytest.mark.parametrize("case", VECTORS["folds"], ids=lambda case: case["case"])
def test_folds(case: dict[str, Any]) -> None:
    """Every order of arrival folds to the state in the file; headers survive parsing."""
    for change in case["changes"]:
        header = parse_header(change["header"])
        assert header.encode() == change["header"]
        assert (header.name, header.record) == (change["name"], change["record"])
        assert canonical.sha(change["payload"]) == change["payload_sha"] == header.payload_sha
        assert read_header(change["header"]) == header
    for order in itertools.permutations(decoded(case["changes"])):
        assert told(fold(case["changes"][0]["record"], order)) == case["state"]
