"""A bundle that is not as it was written, or was never honestly written: refused whole, by number, in bounded space."""

from __future__ import annotations

import errno
import gzip
import json
import os
import random
import tracemalloc
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from sync import SyncError, keys, merge, verify
from sync.transfer import bundle, pack
from sync.transfer import manifest as manifests
from sync.transfer.take import take
from tests.sync.bundles import Make, busy, entries, making, put_together, rewritten


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Replicas with folders of their own."""
    with making(tmp_path) as build:
        yield build


@pytest.fixture
def good(make: Make, form: str, tmp_path: Path) -> Path:
    """A signed bundle with everything in it."""
    anna = busy(make("anna"), form)
    key = keys.generate()
    anna.sign_tip(key)
    pack.write(anna, tmp_path / "good.homeward", drafts=b'["draft"]', draft_count=1, sign=key)
    return tmp_path / "good.homeward"


def number_of(path: Path) -> str:
    """The number of the problem that checking a bundle gives; `""` when it is whole."""
    try:
        bundle.check(path)
    except SyncError as error:
        return error.problem.code
    return ""


def test_any_byte_that_flips_is_found(good: Path, tmp_path: Path) -> None:
    """Whichever byte of the file is changed, the bundle is not whole: also where no content lies."""
    data = bytearray(good.read_bytes())
    bad = tmp_path / "bad.homeward"
    chance = random.Random(1)
    places = {*range(300), *range(len(data) - 900, len(data)), *chance.sample(range(len(data)), 300)}
    found = set()
    for place in sorted(places):
        flip = 1 << chance.randrange(8)
        data[place] ^= flip
        bad.write_bytes(data)
        number = number_of(bad)
        assert number, f"byte {place} of {len(data)}"
        found.add(number)
        data[place] ^= flip
    assert found <= {"HW-2040", "HW-2041", "HW-2042"}
    assert number_of(good) == ""


def test_nothing_of_a_damaged_bundle_is_taken(good: Path, make: Make, tmp_path: Path) -> None:
    """Flipped, cut at any length, or with a byte missing: the hub holds what it held, no medium came, and the sound
    copy is taken afterwards."""
    data = good.read_bytes()
    bad = tmp_path / "bad.homeward"
    hub = make("hub")
    empty = hub.state_digest()
    chance = random.Random(2)
    damaged = [
        data[:length] for length in {*chance.sample(range(len(data)), 25), 0, 1, 3, 21, 22, len(data) - 1}
    ]
    for place in chance.sample(range(len(data)), 25):
        damaged.append(data[:place] + data[place + 1 :])
        damaged.append(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    for each in damaged:
        bad.write_bytes(each)
        (source,) = merge(hub, [bad]).sources
        (problem,) = source.problems
        assert problem.code in {"HW-2040", "HW-2041", "HW-2042"}
        assert problem.text("en")
        assert problem.text("zh")
        assert (source.taken, source.already, source.documents, source.media) == (0, 0, 0, 0)
    assert hub.state_digest() == empty
    counts = hub.counts()
    assert (counts["changes"], counts["documents"], counts["media"]) == (0, 2, 0)
    assert not hub.media_folder.exists()
    assert merge(hub, [good]).sources[0].problems == []
    assert verify(hub).sound


def test_a_cut_bundle_and_another_zip_are_told_apart(good: Path, tmp_path: Path) -> None:
    """What was cut off while it was copied is said to be so; a ZIP of somebody else is no bundle."""
    (tmp_path / "cut.homeward").write_bytes(good.read_bytes()[:-50])
    (tmp_path / "none.homeward").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("letter.txt", "hello")
    with zipfile.ZipFile(tmp_path / "again.homeward", "w") as again:
        for name, data in entries(good).items():
            again.writestr(name, data)
    assert number_of(tmp_path / "cut.homeward") == "HW-2041"
    assert number_of(tmp_path / "none.homeward") == "HW-2041"
    assert number_of(tmp_path / "other.zip") == "HW-2042"
    assert number_of(tmp_path / "again.homeward") == "HW-2042"
    assert number_of(tmp_path / "missing.homeward") == "HW-2002"


def test_other_zips_and_bundles_go_on_beside_each_other(good: Path, make: Make, tmp_path: Path) -> None:
    """A merge of a folder takes what is sound and names what is not."""
    (tmp_path / "cut.homeward").write_bytes(good.read_bytes()[:-50])
    hub = make("hub")
    report = merge(hub, [tmp_path / "cut.homeward", good, tmp_path / "missing.homeward"])
    assert [[problem.code for problem in each.problems] for each in report.sources] == [
        ["HW-2041"],
        [],
        ["HW-2002"],
    ]


LINES = "changes-00001.lines.gz"


def lines_of(path: Path) -> list[str]:
    """The lines of a bundle's first part."""
    return gzip.decompress(entries(path)[LINES]).decode().splitlines()


def packed(lines: list[str]) -> bytes:
    """A part of these lines, its end as it must be."""
    body = [line for line in lines if not line.startswith('["end"')]
    return gzip.compress("".join(line + "\n" for line in [*body, f'["end","{len(body)}"]']).encode())


def test_lines_that_are_not_what_the_manifest_says(good: Path, make: Make, tmp_path: Path) -> None:
    """A bundle whose sums are right and whose lines are not (cut, more, fewer, doubled, changes without a log) is
    refused whole all the same."""
    lines = lines_of(good)
    log = next(place for place, line in enumerate(lines) if line.startswith('["log"'))
    review = [lines[-3], lines[-2]]
    bad = {
        "cut": gzip.compress("\n".join(lines[:-1]).encode()),
        "no gzip": b"not gzip",
        "no document": packed([line for line in lines if '"note"' not in line]),
        "a second document": packed([*lines[:log], lines[1], *lines[log:]]),
        "the log twice": packed([*lines[:-1], *lines[log:-1]]),
        "no log": packed(lines[:log]),
        "an excerpt": packed([*lines[:log], '["excerpts","1"]', *review, *lines[log:]]),
        "huge count": packed([*lines[:log], '["excerpts","999999999999999"]', *lines[log:]]),
        "not lines": packed(["[]", *lines]),
        "deep": packed([*lines[:1], "[" * 100_000, *lines[1:]]),
    }
    hub = make("hub")
    empty = hub.state_digest()
    for what, data in bad.items():
        rewritten(good, tmp_path / "bad.homeward", {LINES: data})
        assert number_of(tmp_path / "bad.homeward") == "HW-2040", what
        (source,) = merge(hub, [tmp_path / "bad.homeward"]).sources
        assert [problem.code for problem in source.problems] == ["HW-2040"], what
        assert hub.state_digest() == empty
        assert hub.counts()["documents"] == 2
    rewritten(good, tmp_path / "same.homeward", {LINES: packed(lines)})
    assert number_of(tmp_path / "same.homeward") == "", "rewriting by itself does no harm"


def test_a_document_that_is_not_its_name_refuses_the_whole(good: Path, make: Make, tmp_path: Path) -> None:
    """HW-2015 for a document whose bytes were altered, and nothing of the bundle is taken."""
    lines = lines_of(good)
    place = next(n for n, line in enumerate(lines) if '"note"' in line)
    forged = json.loads(lines[place])
    forged[-1] = "eHg"
    lines[place] = json.dumps(forged, separators=(",", ":"))
    rewritten(good, tmp_path / "bad.homeward", {LINES: packed(lines)})
    hub = make("hub")
    (source,) = merge(hub, [tmp_path / "bad.homeward"]).sources
    assert [problem.code for problem in source.problems] == ["HW-2015"]
    assert hub.counts()["changes"] == 0


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/passwd", "media/../../x", "changes-1.lines.gz", "media/ABC", "a" * 300, "x\0y", "甲"],
)
def test_absurd_names_are_refused(good: Path, tmp_path: Path, name: str) -> None:
    """A part goes by one of the names that are meant, or the bundle is none."""
    found = json.loads(entries(good)["bundle.json"])
    found["parts"][-1][0] = name
    with pytest.raises(SyncError) as error:
        manifests.decode(json.dumps(found).encode(), "x")
    assert error.value.problem.code == "HW-2040"


def test_entries_that_are_none_of_ours(good: Path, tmp_path: Path) -> None:
    """A doubled entry, one that the manifest does not name, a symbolic link, one that is packed: refused."""
    found = entries(good)
    manifest = json.loads(found["bundle.json"])
    manifest["parts"].append(manifest["parts"][-1])
    twice = found | {"bundle.json": json.dumps(manifest).encode()}
    put_together(tmp_path / "twice.homeward", twice)
    assert number_of(tmp_path / "twice.homeward") == "HW-2040"
    put_together(tmp_path / "more.homeward", {"changes-00002.lines.gz": b"x"} | found)
    assert number_of(tmp_path / "more.homeward") == "HW-2040"
    data = good.read_bytes()
    central = data.index(b"PK\1\2")
    for place, value in ((38, 0o120777), (10, 8)):  # external attributes, method
        linked = bytearray(data)
        linked[central + place + 2 : central + place + 4] = value.to_bytes(4, "little")[2:]
        linked[central + place : central + place + 2] = value.to_bytes(4, "little")[:2]
        (tmp_path / "link.homeward").write_bytes(linked)
        assert number_of(tmp_path / "link.homeward") == "HW-2040"


def test_bombs_burst_in_bounded_space(good: Path, make: Make, tmp_path: Path) -> None:
    """Lines that unpack to gigabytes, a manifest of nothing but brackets, payloads without end: a number, soon, in
    little memory."""
    lines = lines_of(good)
    log = next(place for place, line in enumerate(lines) if line.startswith('["log"'))
    pairs = ["[" + "x" * (1 << 20), "y"]
    bombs = {
        "one line": packed([*lines[:1], "x" * (80 << 20)]),
        "excerpts": packed([*lines[:log], '["excerpts","999999"]', *pairs * 100]),
        "many": gzip.compress(b'["homeward","1"]\n' + (lines[log - 1] + "\n").encode() * 2_000_000, 9),
    }
    hub = make("hub")
    for what, data in bombs.items():
        rewritten(good, tmp_path / "bad.homeward", {LINES: data})
        tracemalloc.start()
        (source,) = merge(hub, [tmp_path / "bad.homeward"]).sources
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert [problem.code for problem in source.problems] == ["HW-2040"], what
        assert peak < 300 << 20, what
    found = entries(good)
    tracemalloc.start()
    for filling in (b"[" * 10_000_000, b"[[]," * 3_000_000, b'{"a":' * 2_000_000, b"1," * 7_000_000):
        put_together(
            tmp_path / "bad.homeward", found | {"bundle.json": b'{"homeward":"bundle","x":' + filling}
        )
        assert number_of(tmp_path / "bad.homeward") == "HW-2040"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150 << 20
    put_together(tmp_path / "bad.homeward", found | {"bundle.json": b" " * (manifests.MANIFEST_LIMIT + 1)})
    assert number_of(tmp_path / "bad.homeward") == "HW-2040"


def test_a_media_part_that_nothing_names_is_not_stored(good: Path, make: Make, tmp_path: Path) -> None:
    """A file that no line of the bundle makes known is left where it is."""
    strange = b"not a photo of ours"
    name = f"media/{sha256(strange).hexdigest()}"
    counts = json.loads(entries(good)["bundle.json"])["counts"]
    rewritten(good, tmp_path / "more.homeward", {name: strange}, {"counts": counts | {"media": 4}})
    hub = make("hub")
    (source,) = merge(hub, [tmp_path / "more.homeward"]).sources
    assert source.problems == []
    assert not hub.media(name[6:]).exists()
    assert hub.counts()["media"] == 3


@pytest.mark.parametrize("left", [0, 0.3])
def test_the_stick_pulled_out_while_reading(good: Path, make: Make, tmp_path: Path, left: float) -> None:
    """The file ends under the reader, wherever it is (checking, taking, copying media): changes are taken all or
    not at all, and plugged in again, everything comes."""
    data = good.read_bytes()
    stick = tmp_path / "stick.homeward"
    reads = 0

    def pull(done: int, of: int) -> None:
        nonlocal reads
        reads += 1
        if reads == at:
            os.truncate(stick, int(len(data) * left))

    stick.write_bytes(data)
    at = 0
    whole = make("whole")
    merge(whole, [stick], reading=pull)
    wanted, steps = whole.state_digest(), reads
    seen = set()
    for at in range(1, steps + 1):
        stick.write_bytes(data)
        reads = 0
        hub = make(f"hub{at}")
        empty = hub.state_digest()
        (source,) = merge(hub, [stick], reading=pull).sources
        assert {problem.code for problem in source.problems} <= {"HW-2040", "HW-2041"}
        assert hub.state_digest() in (empty, wanted)
        seen.add((hub.state_digest() == wanted, bool(hub.media_missing())))
        stick.write_bytes(data)
        (source,) = merge(hub, [stick]).sources
        assert source.problems == []
        assert hub.state_digest() == wanted
        assert hub.media_missing() == []
        assert verify(hub).sound
    assert seen == {(False, False), (True, True), (True, False)}


class Failing:
    """A file that begins to fail after so many bytes."""

    def __init__(self, file: BinaryIO, after: int) -> None:
        self.file, self.left = file, after

    def read(self, length: int) -> bytes:
        self.left -= length
        if self.left < 0:
            raise OSError(errno.EIO, "Input/output error")
        return self.file.read(length)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def test_a_stick_that_cannot_be_read_any_more(good: Path, make: Make) -> None:
    """Reads that begin to fail while changes are taken end the whole of it with HW-2002: no log is set aside for
    that, and nothing is kept."""
    hub = make("hub")
    empty = hub.state_digest()
    for after in range(0, good.stat().st_size, 997):
        with bundle.opened(good) as opened:
            opened.file = cast(BinaryIO, Failing(opened.file, after))
            with pytest.raises(SyncError) as error:
                opened.check_bytes()
        assert error.value.problem.code == "HW-2002"
        with bundle.opened(good) as opened:
            size = sum(part.size for part in opened.manifest.parts if part.is_lines)
            opened.file = cast(BinaryIO, Failing(opened.file, after % size))
            with pytest.raises(SyncError) as error:
                take(hub, opened.parts(), "stick")
        assert error.value.problem.code == "HW-2002"
    assert hub.quarantined() == []
    assert hub.state_digest() == empty
