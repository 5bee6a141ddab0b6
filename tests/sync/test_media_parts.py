"""Media in pieces, on real files: cut anywhere and gone on with, from several senders, over several roads."""

from __future__ import annotations

import hashlib
import io
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sync import Replica, SyncError, merge, verify
from sync.replica import media, parts
from sync.replica.parts import Held
from tests.sync.conftest import Make

PHOTO = random.Random(7).randbytes(300_000)
NAME = hashlib.sha256(PHOTO).hexdigest()
WHOLE = Held(len(PHOTO), True)


class Cut(io.BytesIO):
    """A source that fails after its bytes, as a stick that is pulled out."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Bytes while there are any, then an error of the device."""
        data = super().read(size)
        if not data:
            raise OSError(5, "Input/output error")
        return data


def send(folder: Path, start: int, end: int, data: bytes = PHOTO) -> Held:
    """One piece of the photo, from `start` to `end`."""
    return parts.append(folder, NAME, start, io.BytesIO(data[start:end]), len(data))


def code_of(error: pytest.ExceptionInfo[SyncError]) -> str:
    """The number of the problem."""
    return error.value.problem.code


def left_behind(folder: Path) -> list[str]:
    """What stands in a media folder beside media and locks."""
    inside = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(p.name for p in inside if p.parent.name != p.name[:2] and not p.name.startswith("lock-"))


def test_pieces_make_the_whole_and_each_says_how_much_is_here(tmp_path: Path) -> None:
    """The file appears with the last byte, whole and alone; before, only its part is there."""
    assert parts.received(tmp_path, NAME) == Held(0, False)
    assert send(tmp_path, 0, 100_000) == parts.received(tmp_path, NAME) == Held(100_000, False)
    assert not media.file_of(tmp_path, NAME).exists()
    assert send(tmp_path, 100_000, 100_000) == Held(100_000, False)
    assert send(tmp_path, 100_000, 300_000) == parts.received(tmp_path, NAME) == WHOLE
    assert media.file_of(tmp_path, NAME).read_bytes() == PHOTO
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("data", [b"", b"x"], ids=["empty", "one byte"])
def test_the_smallest_media_arrive_too(tmp_path: Path, data: bytes) -> None:
    """A medium of no bytes is complete with its first, empty piece."""
    name = hashlib.sha256(data).hexdigest()
    assert parts.append(tmp_path, name, 0, io.BytesIO(data), len(data)) == Held(len(data), True)
    assert media.file_of(tmp_path, name).read_bytes() == data


def test_a_piece_elsewhere_is_refused_with_the_place_where_the_part_ends(tmp_path: Path) -> None:
    """Before or behind the end: HW-2060, and the part is as it was; the sender goes on from `end`."""
    send(tmp_path, 0, 100_000)
    for start in (0, 99_999, 100_001, 300_000):
        with pytest.raises(SyncError) as error:
            send(tmp_path, start, 300_000)
        assert code_of(error) == "HW-2060"
        assert error.value.problem.params["end"] == "100000"
        assert "100000" in error.value.problem.text("zh")
    assert parts.received(tmp_path, NAME) == Held(100_000, False)


def test_a_piece_outside_of_the_medium_is_refused(tmp_path: Path) -> None:
    """HW-2061 for an offset that cannot be; HW-2032 for a name that is none; nothing is written."""
    for start in (-1, 300_001):
        with pytest.raises(SyncError) as error:
            parts.append(tmp_path, NAME, start, io.BytesIO(b"x"), 300_000)
        assert code_of(error) == "HW-2061"
    for name in ("", "../../etc/passwd", NAME.upper(), NAME[:-1]):
        with pytest.raises(SyncError) as error:
            parts.append(tmp_path, name, 0, io.BytesIO(b"x"), 1)
        assert code_of(error) == "HW-2032"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_read_beyond_the_whole_or_written_twice(tmp_path: Path) -> None:
    """What a source holds beyond the medium is left in it; a piece of a medium that is here is not read."""
    source = io.BytesIO(PHOTO + b"the next request")
    assert parts.append(tmp_path, NAME, 0, source, len(PHOTO)) == WHOLE
    assert source.read() == b"the next request"
    before = media.file_of(tmp_path, NAME).stat().st_mtime_ns
    again = io.BytesIO(b"anything")
    assert parts.append(tmp_path, NAME, 5, again, len(PHOTO)) == WHOLE
    assert again.tell() == 0
    assert media.file_of(tmp_path, NAME).stat().st_mtime_ns == before


def test_a_source_that_fails_leaves_what_came(tmp_path: Path) -> None:
    """An error of the device comes through, and what was read before it is kept."""
    with pytest.raises(OSError, match="Input/output"):
        parts.append(tmp_path, NAME, 0, Cut(PHOTO[:150_000]), len(PHOTO))
    assert parts.received(tmp_path, NAME) == Held(150_000, False)
    assert send(tmp_path, 150_000, 300_000) == WHOLE


def test_wrong_bytes_are_thrown_away_when_the_whole_is_here(tmp_path: Path) -> None:
    """HW-2025, whichever piece was wrong, and the next attempt begins at nothing."""
    wrong = b"\0" + PHOTO[1:]
    send(tmp_path, 0, 1_000, wrong)
    with pytest.raises(SyncError) as error:
        send(tmp_path, 1_000, 300_000)
    assert code_of(error) == "HW-2025"
    assert parts.received(tmp_path, NAME) == Held(0, False)
    assert left_behind(tmp_path) == []
    assert send(tmp_path, 0, 300_000) == WHOLE


def test_a_part_longer_than_the_medium_does_not_bar_it(tmp_path: Path) -> None:
    """Somebody announced more than there is: the true sender's next piece throws that away."""
    parts.append(tmp_path, NAME, 0, io.BytesIO(b"\0" * 400_000), 500_000)
    with pytest.raises(SyncError) as error:
        send(tmp_path, 300_000, 300_000)
    assert code_of(error) == "HW-2025"
    assert send(tmp_path, 0, 300_000) == WHOLE


def test_a_process_that_died_before_the_last_step_is_made_good(tmp_path: Path) -> None:
    """All bytes are in the part, but it did not get its place: any piece, an empty one too, completes it."""
    send(tmp_path, 0, 10)
    (tmp_path / ".parts" / NAME).write_bytes(PHOTO)
    assert parts.received(tmp_path, NAME) == Held(300_000, False)
    assert send(tmp_path, 300_000, 300_000) == WHOLE


SENDER = """
import io, sys
from pathlib import Path
from sync import SyncError
from sync.replica import parts
folder, name, seed, photo = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]).read_bytes()
step = 10_000 + 7_001 * seed
while True:
    held = parts.received(folder, name)
    if held.complete:
        break
    piece = io.BytesIO(photo[held.size : held.size + step])
    try:
        parts.append(folder, name, held.size, piece, len(photo))
    except SyncError as error:
        assert error.problem.code == "HW-2060", error
"""


def test_many_senders_at_once_make_one_whole(tmp_path: Path) -> None:
    """Four processes send the same medium in pieces of different sizes; it is whole, and nobody fails."""
    photo = random.Random(3).randbytes(4_000_000)
    name = hashlib.sha256(photo).hexdigest()
    source = tmp_path / "photo"
    source.write_bytes(photo)
    folder = tmp_path / "media"
    senders = [
        subprocess.Popen([sys.executable, "-c", SENDER, folder, name, str(seed), source]) for seed in range(4)
    ]
    assert [sender.wait(60) for sender in senders] == [0, 0, 0, 0]
    assert media.file_of(folder, name).read_bytes() == photo
    assert left_behind(folder) == []


RECEIVER = """
import sys
from pathlib import Path
from sync.replica import parts
offset = int(sys.argv[3])
parts.append(Path(sys.argv[1]), sys.argv[2], offset, sys.stdin.buffer.raw, int(sys.argv[4]))
"""


def test_killed_while_it_receives_it_keeps_a_beginning(tmp_path: Path) -> None:
    """A receiver that is killed amid a piece leaves a beginning of the medium, and the next goes on there."""
    steps = 0
    while (held := parts.received(tmp_path, NAME)).size < 200_000:
        steps += 1
        command = [sys.executable, "-c", RECEIVER, tmp_path, NAME, str(held.size), str(len(PHOTO))]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            process.stdin.write(PHOTO[held.size : held.size + 50_000])
            process.stdin.flush()
            deadline = time.monotonic() + 30
            while parts.received(tmp_path, NAME).size == held.size:
                assert time.monotonic() < deadline
            process.kill()
        kept = (tmp_path / ".parts" / NAME).read_bytes()
        assert kept == PHOTO[: len(kept)]
    assert steps > 3
    assert send(tmp_path, held.size, len(PHOTO)) == WHOLE


def test_two_threads_of_one_server_exclude_each_other_too(tmp_path: Path) -> None:
    """Threads of a process append only at the true end: what is there is a beginning of the medium always."""
    refused: list[str] = []

    def sender() -> None:
        while not (held := parts.received(tmp_path, NAME)).complete:
            try:
                send(tmp_path, held.size, min(held.size + 9_999, 300_000))
            except SyncError as error:
                refused.append(error.problem.code)

    threads = [threading.Thread(target=sender) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert media.file_of(tmp_path, NAME).read_bytes() == PHOTO
    assert set(refused) <= {"HW-2060"}


def test_old_parts_are_cleared_away_and_young_ones_stay(tmp_path: Path) -> None:
    """A part that nobody went on with for a month goes when another begins; so does a killed process's
    temporary file."""
    other = hashlib.sha256(b"other").hexdigest()
    send(tmp_path, 0, 10)
    parts.append(tmp_path, other, 0, io.BytesIO(b"o"), 5)
    killed = tmp_path / ".new-killed"
    killed.write_bytes(b"half")
    old = time.time() - (parts.KEPT_DAYS + 1) * 86_400
    for path in (tmp_path / ".parts" / NAME, killed):
        os.utime(path, (old, old))
    third = hashlib.sha256(b"third").hexdigest()
    parts.append(tmp_path, third, 0, io.BytesIO(b"th"), 5)
    assert left_behind(tmp_path) == sorted([other, third])
    assert parts.sweep(tmp_path, days=-1) == 2
    assert left_behind(tmp_path) == []


def test_a_medium_is_known_once_it_is_whole(make: Make) -> None:
    """Its row appears with the last piece; a file whose row was lost gets it with the next, empty piece."""
    hub = make("hub")
    assert hub.append_media(NAME, 0, io.BytesIO(PHOTO[:9]), len(PHOTO), "image/jpeg") == Held(9, False)
    assert hub.counts()["media"] == 0
    assert hub.append_media(NAME, 9, io.BytesIO(PHOTO[9:]), len(PHOTO), "image/jpeg") == WHOLE
    assert (hub.counts()["media"], hub.media_type(NAME)) == (1, "image/jpeg")
    with hub.transaction():
        hub.db.execute("DELETE FROM media")
    assert hub.media_received(NAME) == Held(len(PHOTO), False)
    assert hub.append_media(NAME, len(PHOTO), io.BytesIO(), len(PHOTO), "image/jpeg") == WHOLE
    assert hub.media_received(NAME) == WHOLE
    assert verify(hub).sound


def test_a_medium_that_comes_whole_makes_its_part_needless(make: Make) -> None:
    """What was sent in pieces goes when the file is attached in one go."""
    hub = make("hub")
    hub.append_media(NAME, 0, io.BytesIO(PHOTO[:9]), len(PHOTO), "image/jpeg")
    hub.put_media(PHOTO, "image/jpeg")
    assert hub.media_received(NAME) == WHOLE
    assert left_behind(hub.media_folder) == []


def test_a_merge_goes_on_where_a_stick_was_pulled_out(make: Make, tmp_path: Path) -> None:
    """The record is there without its photo; the part that came is gone on with, and then nothing is copied.

    The second stick holds zeros where the part holds the beginning: only going on makes a whole of the two."""
    hub = make("hub")
    with Replica.create(tmp_path / "stick" / "anna.db") as anna:
        anna.put_media(PHOTO, "image/jpeg")
        form = anna.put_form("test", "1", b"<h:html/>", ["/data/name"])
        anna.save(form=form, answers={"/data/name": NAME}, author="a")
        anna.media(NAME).unlink()
        first = merge(hub, [anna.path]).sources[0]
        assert (first.taken, first.media, first.media_copied, first.media_missing) == (1, 1, 0, 1)
        assert (first.problems, hub.media_missing()) == ([], [NAME])
        send(hub.media_folder, 0, 100_000)
        anna.media(NAME).write_bytes(b"\0" * 100_000 + PHOTO[100_000:])
        second = merge(hub, [anna.path]).sources[0]
        third = merge(hub, [anna.path]).sources[0]
    assert (second.media, second.media_copied, second.media_missing) == (0, 1, 0)
    assert (third.media, third.media_copied, third.media_missing) == (0, 0, 0)
    assert hub.media(NAME).read_bytes() == PHOTO
    assert left_behind(hub.media_folder) == []


def test_a_merge_does_not_blame_the_stick_for_what_others_sent(make: Make, tmp_path: Path) -> None:
    """A wrong beginning from elsewhere is thrown away and the stick's file taken whole."""
    hub = make("hub")
    with Replica.create(tmp_path / "stick" / "anna.db") as anna:
        anna.put_media(PHOTO, "image/jpeg")
        for wrong, announced in ((b"\0" * 1_000, 300_000), (b"\0" * 400_000, 500_000)):
            parts.append(hub.media_folder, NAME, 0, io.BytesIO(wrong), announced)
            (source,) = merge(hub, [anna.path]).sources
            assert (source.problems, source.media_copied) == ([], 1)
            assert hub.media(NAME).read_bytes() == PHOTO
            hub.media(NAME).unlink()
    assert hub.quarantined() == []


def test_the_same_photo_of_many_devices_is_one_file(make: Make, tmp_path: Path) -> None:
    """Deduplicated by its bytes: one row, one file, whoever brings it."""
    hub = make("hub")
    for name in ("anna", "bo", "chen"):
        with Replica.create(tmp_path / name / "field.db") as each:
            each.put_media(PHOTO, "image/jpeg")
            merge(hub, [each.path])
    assert hub.counts()["media"] == 1
    assert [path.name for path in hub.media_folder.rglob("*") if path.is_file() and len(path.name) == 64] == [
        NAME
    ]
