"""Disks that are full, and pages of which only a half was written."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random

import pytest

from sync import Replica, SyncError, VerifyReport, merge, verify
from tests.sync.conftest import Make
from tests.sync.halfway import states

pytestmark = pytest.mark.slow

NAME = "/data/name"


def fill(replica: Replica, form: str, count: int) -> None:
    """Records, and an edit and a review so that rows are derived."""
    with replica.transaction():
        for number in range(count):
            replica.save(form=form, answers={NAME: f"{replica.name} {number} " + "甲" * 100}, author="a")
        last = f"{replica.name}-{count}"
        replica.save(record=last, form=form, answers={NAME: "乙"}, author="a")
        replica.review(last, "approved", author="s")


def refusal(action: Callable[[], object]) -> str:
    """The number of the problem that it ends with; `""` when it ends well."""
    try:
        action()
    except SyncError as error:
        return error.problem.code
    return ""


def test_a_full_disk_stops_the_merge_and_loses_nothing(make: Make, form: str, tmp_path: Path) -> None:
    """Wherever SQLite finds no page more, the merge says HW-2028, blames no source and leaves a sound hub; with room
    again it is completed."""
    hub, *fields = (make(name) for name in ("hub", "anna", "bo", "cai"))
    fill(hub, form, 20)
    for field in fields:
        fill(field, form, 70)
    pages = hub.db.execute("PRAGMA page_count").fetchone()[0]
    hub.close()
    sources = [field.path for field in fields]
    digests, whole = states(hub.path, sources, tmp_path)
    refused = 0
    for more in range(0, 24, 2):
        target = tmp_path / f"full{more}.db"
        shutil.copy(hub.path, target)
        with Replica.open(target) as full:
            full.db.execute(f"PRAGMA max_page_count = {pages + more}")
            code = refusal(partial(merge, full, sources))
            assert code in ("", "HW-2028")
            refused += bool(code)
        with Replica.open(target) as again:
            assert again.quarantined() == []
            found = verify(again)
            assert found.problems == []
            assert found.state_digest in digests
            assert merge(again, sources).set_aside == []
            assert again.state_digest() == whole
    assert refused > 5


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of its own, in memory, that is soon full; skips where nobody may mount one."""
    folder.mkdir(exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k", "homeward", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_file_system_without_room_stops_the_merge_and_loses_nothing(
    make: Make, form: str, tmp_path: Path
) -> None:
    """The same on a real file system, where the journal finds no room either: nothing is lost, `verify` finds nothing,
    and what it holds is taken elsewhere."""
    hub, field = make("hub"), make("anna")
    fill(hub, form, 20)
    fill(field, form, 150)
    hub.close()
    digests, whole = states(hub.path, [field.path], tmp_path)
    kilobytes = hub.path.stat().st_size // 1024
    refused = 0
    for more in (16, 32, 64, 96, 128, 160, 192, 256, 1024):
        with small_disk(tmp_path / "disk", kilobytes + more) as disk:
            target = disk / "hub.db"
            shutil.copy(hub.path, target)
            with Replica.open(target) as full:
                code = refusal(partial(merge, full, [field.path]))
                assert code in ("", "HW-2028")
                refused += bool(code)
            with Replica.open(target) as again:
                found = verify(again)
                assert found.problems == []
                assert found.state_digest in digests
            with Replica.create(tmp_path / f"elsewhere{more}.db") as elsewhere:
                assert merge(elsewhere, [target, field.path]).set_aside == []
                assert elsewhere.state_digest() == whole
    assert 2 < refused < 9


def torn(whole: bytes, page: int, size: int, other: bytes) -> bytes:
    """A file of which the second half of a page is that of another one."""
    middle, end = page * size + size // 2, (page + 1) * size
    half = other[middle:end].ljust(end - middle, b"\0")
    return whole[:middle] + half + whole[end:]


@pytest.mark.parametrize("older", [True, False])
def test_a_torn_page_of_a_source_is_set_aside(make: Make, form: str, tmp_path: Path, older: bool) -> None:
    """A page of which only half was written, the rest as it was before or empty: all of the file is taken unaltered,
    or what does not prove itself is set aside; the hub is sound, and takes the whole file afterwards."""
    anna = make("anna")
    fill(anna, form, 40)
    before = anna.path.read_bytes() if older else b""
    with anna.transaction():
        for number in range(100):
            anna.save(form=form, answers={NAME: f"{number}"}, author="a")
    digest, count = anna.state_digest(), anna.counts()["changes"]
    size = anna.db.execute("PRAGMA page_size").fetchone()[0]
    anna.close()
    whole, aside = anna.path.read_bytes(), 0
    for page in range(len(whole) // size):
        source = tmp_path / "torn.db"
        source.write_bytes(torn(whole, page, size, before))
        with Replica.create(tmp_path / f"hub{page}.db") as hub:
            (report,) = merge(hub, [source]).sources
            whole_taken = report.taken == count and (report.notes or hub.state_digest() == digest)
            assert report.problems or whole_taken
            aside += bool(report.problems)
            assert verify(hub).problems == []
            assert merge(hub, [anna.path]).sources[0].problems == []
            assert hub.state_digest() == digest
    assert aside > 3


def test_a_page_torn_under_a_journal_is_rolled_back(make: Make, form: str, tmp_path: Path) -> None:
    """Power fails while pages are written: what was torn stands whole in the journal, and the hub is as it was before
    the merge, also for whoever takes it as a source first."""
    hub, anna, fresh = make("hub"), make("anna"), make("fresh")
    fill(hub, form, 60)
    fill(anna, form, 200)
    if hub.db.execute("PRAGMA journal_mode").fetchone()[0] != "delete":
        pytest.skip("this SQLite is safe with a WAL: no page of the file is written in the middle of a merge")
    before = hub.state_digest()
    size = hub.db.execute("PRAGMA page_size").fetchone()[0]
    left = tmp_path / "left"
    left.mkdir()
    hub.db.execute("PRAGMA cache_size = 2")  # pages go to the file before the commit
    calm = hub.path.read_bytes()

    def power_fails() -> None:
        with hub.transaction():
            fill(hub, form, 300)
            hub.db.execute("UPDATE change SET payload = payload || ' '")
            for end in ("", "-journal"):
                shutil.copy(f"{hub.path}{end}", left / f"hub.db{end}")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        power_fails()
    halfway = (left / "hub.db").read_bytes()
    pages = range(1, len(calm) // size)
    written = [page for page in pages if halfway[page * size :][:size] != calm[page * size :][:size]]
    assert len(written) > 3
    spoiled = halfway
    for page in written:
        spoiled = torn(spoiled, page, size, b"")
    (left / "hub.db").write_bytes(spoiled)
    assert merge(fresh, [left / "hub.db"]).set_aside == []
    assert fresh.state_digest() == before
    with Replica.open(left / "hub.db") as restored:
        assert verify(restored).problems == []
        assert restored.state_digest() == before
        assert merge(restored, [anna.path]).taken == 202


def opened_and_verified(path: Path) -> tuple[str, bool]:
    """The state digest that `verify` gives (`""` where the file is not opened at all), and whether it found
    nothing."""
    reports: list[VerifyReport] = []

    def look() -> None:
        with Replica.open(path) as opened:
            reports.append(verify(opened))

    assert refusal(look) in ("", "HW-2004", "HW-2005", "HW-2006")
    return (reports[0].state_digest, reports[0].sound) if reports else ("", False)


def test_a_torn_page_of_the_hub_is_found(make: Make, form: str, tmp_path: Path) -> None:
    """A page of the hub's own file of which half is gone is found by `verify` or when the file is opened, unless
    nothing stood in that half; nothing is raised but a numbered problem."""
    hub = make("hub")
    fill(hub, form, 120)
    digest, size = hub.state_digest(), hub.db.execute("PRAGMA page_size").fetchone()[0]
    hub.close()
    whole, found = hub.path.read_bytes(), 0
    for page in range(len(whole) // size):
        spoiled = torn(whole, page, size, b"")
        (tmp_path / "torn.db").write_bytes(spoiled)
        seen, sound = opened_and_verified(tmp_path / "torn.db")
        assert not sound or seen == digest
        found += not sound
    assert found > 3


def test_whatever_is_altered_in_the_hub_is_told_and_not_raised(make: Make, form: str, tmp_path: Path) -> None:
    """Bits turned anywhere in the hub's own file: `verify` finds them, or they stand where nothing is read; it gives a
    report whatever the rows look like, and nothing that is sound has another state."""
    hub = make("hub")
    fill(hub, form, 60)
    hub.put_media(b"photo", "image/jpeg")
    digest = hub.state_digest()
    hub.close()
    whole, chance, found = hub.path.read_bytes(), Random(11), 0
    used = [place for place, byte in enumerate(whole) if byte]
    for _ in range(80):
        spoiled = bytearray(whole)
        for place in chance.sample(used, 3):
            spoiled[place] ^= 1 << chance.randrange(8)
        (tmp_path / "flipped.db").write_bytes(spoiled)
        seen, sound = opened_and_verified(tmp_path / "flipped.db")
        assert not sound or seen == digest
        found += not sound
    assert found > 40


@pytest.mark.parametrize("left", [0, 1, 7])
def test_a_stick_pulled_out_while_a_database_is_read(
    make: Make, form: str, tmp_path: Path, left: int
) -> None:
    """The file ends under the merge, at any statement: all of it was taken, or it is set aside as damaged or not
    readable; the hub is sound and says nothing against itself, and the whole file is taken when it is back."""
    anna, bo = make("anna"), make("bo")
    fill(anna, form, 300)
    fill(bo, form, 3)
    size = anna.db.execute("PRAGMA page_size").fetchone()[0]
    anna.close()
    source, aside = tmp_path / "stick.db", 0
    for point in range(1, 22, 2):
        shutil.copy(anna.path, source)
        with Replica.create(tmp_path / f"hub{point}.db") as hub:
            passed = []

            def pulled(statement: str, passed: list[str] = passed, point: int = point) -> None:
                passed.append(statement)
                if len(passed) == point:
                    os.truncate(source, left * size)

            hub.db.set_trace_callback(pulled)
            report, other = merge(hub, [source, bo.path]).sources
            hub.db.set_trace_callback(None)
            assert {problem.code for problem in report.problems} <= {
                "HW-2002",
                "HW-2003",
                "HW-2006",
                "HW-2010",
            }
            assert report.taken == (0 if report.problems else 302)
            assert (other.taken, other.problems) == (5, [])
            aside += bool(report.problems)
            assert verify(hub).problems == []
            assert merge(hub, [anna.path]).set_aside == []
            assert hub.counts()["changes"] == 307
    assert aside > 3
