"""Backups: verified copies that never take the place of something better, and what going on with one means."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sync import Replica, SyncError, merge, verify
from sync.backup import backup
from sync.forks.mend import mend
from sync.names import replica_number
from sync.replica import log
from tests.sync.conftest import Make
from tests.sync.copies import copied, edit, problems, sound, values, write


def test_a_backup_holds_everything_and_says_what_it_covers(make: Make, form: str, tmp_path: Path) -> None:
    """The copy proves itself and says the same; media are copied once, by digest; the original notes how much of each
    log is covered, and covers more only after the next backup."""
    hub, bo = make("hub"), make("bo")
    records = write(bo, form, "1", "2")
    problems(hub, bo)
    hub.review(records[0], "approved", author="s")
    photo = hub.put_media(b"photo", "image/jpeg")
    gone = hub.put_media(b"not here", "image/jpeg")
    hub.media(gone).unlink()
    assert hub.backed_up() == {}
    told = backup(hub, tmp_path / "backup" / "hub.db")
    assert (told.changes, told.media, told.media_there, told.media_missing) == (3, 1, 0, 1)
    assert hub.backed_up() == told.logs == {hub.name: 1, bo.name: 2}
    with Replica.open(told.path) as copy:
        assert verify(copy).problems == []
        assert copy.state_digest() == hub.state_digest()
        assert copy.media(photo).read_bytes() == b"photo"
    write(bo, form, "3")
    problems(hub, bo)
    assert hub.backed_up()[bo.name] == 2
    again = backup(hub, tmp_path / "backup")
    assert (again.path, again.media, again.media_there) == (told.path, 0, 1)
    assert hub.backed_up()[bo.name] == 3
    assert sorted(path.name for path in (tmp_path / "backup").iterdir()) == ["hub.db", "media"]


def test_a_backup_is_one_file_whatever_the_original_is(make: Make, form: str, tmp_path: Path) -> None:
    """A database in WAL mode, its last changes in the WAL, is copied whole into a file that stands alone."""
    hub = make("hub")
    hub.db.execute("PRAGMA journal_mode = wal")
    write(hub, form, "in the wal")
    told = backup(hub, tmp_path / "backup" / "hub.db")
    assert [path.name for path in (tmp_path / "backup").iterdir()] == ["hub.db"]
    moved = shutil.copy(told.path, tmp_path / "alone.db")
    with Replica.open(moved) as copy:
        assert values(copy) == ["in the wal"]


def test_whoever_goes_on_with_a_backup_gets_a_new_name(make: Make, form: str, tmp_path: Path) -> None:
    """The backup itself is under the original's name; its first change is under a new one. The original goes on under
    its own, and both can be merged."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "1")
    with Replica.open(backup(bo, tmp_path / "backup" / "bo.db").path) as restored:
        assert restored.name == bo.name
        assert restored.outdated().why == "backup"  # type: ignore[union-attr]
        write(restored, form, "restored")
        (record,) = write(bo, form, "original")
        assert record.startswith(bo.name)
        assert restored.name != bo.name
        assert problems(hub, bo, restored) == []
        assert values(hub) == ["1", "original", "restored"]
    assert verify(hub).problems == []


def test_a_backup_never_replaces_what_holds_more(make: Make, form: str, tmp_path: Path) -> None:
    """The other way round, or from a database that was set back, it is refused and nothing is touched (HW-2077); so is
    the database itself as its target (HW-2080), and a file that is none of ours."""
    hub = make("hub")
    write(hub, form, "1")
    old = copied(hub, tmp_path / "old.db")
    write(hub, form, "2")
    newer = Path(backup(hub, tmp_path / "backup" / "hub.db").path)
    before = newer.read_bytes()
    with Replica.open(old) as set_back:
        with pytest.raises(SyncError, match="HW-2077"):
            backup(set_back, newer)
        assert (newer.read_bytes(), set_back.backed_up()) == (before, {})
        merge(set_back, [newer])
        backup(set_back, newer)
    for target, code in ((hub.path, "HW-2080"), (tmp_path / "other.db", "HW-2005"), (newer, "HW-2081")):
        if code == "HW-2005":
            with sqlite3.connect(target) as db:
                db.execute("CREATE TABLE something (x)")
            db.close()
        if code == "HW-2081":
            Path(f"{newer}-journal").write_bytes(b"x")
        with pytest.raises(SyncError, match=code):
            backup(hub, target)


def test_an_older_backup_is_replaced_after_mending(make: Make, form: str, tmp_path: Path) -> None:
    """Changes that go by a branch's name now are not taken for lost: the backup from before is replaced. What was
    covered under the old name is no longer said to be."""
    bo, hub, peer = make("bo"), make("hub"), make("peer")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        write(copy, form, "copy", "copy 2")
        problems(hub, bo)
        backup(hub, tmp_path / "backup")
        assert hub.backed_up() == {bo.name: 2}
        problems(peer, copy, bo)
        mend(peer)
        assert problems(hub, peer) == []
        assert hub.backed_up() == {bo.name: 1}
        assert log.tip(hub.db, replica_number(bo.name)).number == 3, "the other copy has the old name now"
        told = backup(hub, tmp_path / "backup")
        assert told.changes == hub.counts()["changes"] == 4
        with Replica.open(told.path) as restored:
            sound(hub, restored)


def test_media_that_are_damaged_are_told_and_not_copied(make: Make, tmp_path: Path) -> None:
    """A photo whose bytes are not its name's is named (HW-2025); the backup is made all the same."""
    hub = make("hub")
    good, bad = hub.put_media(b"good", "image/jpeg"), hub.put_media(b"bad", "image/jpeg")
    hub.media(bad).write_bytes(b"BAD")
    told = backup(hub, tmp_path / "backup" / "hub.db")
    assert ([problem.code for problem in told.problems], told.media) == (["HW-2025"], 1)
    folder = tmp_path / "backup" / "media"
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [good]


KILLED = """
import os, sys
from pathlib import Path
from sync import Replica
from sync import backup as module
hub, target, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
replica = Replica.open(hub)
seen = 0
def tick(*_):
    global seen
    seen += 1
    if seen == count:
        os._exit(9)
replica.db.set_trace_callback(tick)
module._PAGES = 1
module.backup(replica, target, tick)
print(seen)
"""


@pytest.mark.slow
def test_killed_at_any_step_the_backup_before_stands(make: Make, form: str, tmp_path: Path) -> None:
    """Killed at any statement or page: the backup from before or the new one stands whole, the original is sound, it
    never claims more than the backup holds, and the next backup is complete."""
    hub = make("hub")
    with hub.transaction():
        write(hub, form, *(f"record {n} {'x' * 300}" for n in range(300)))
    hub.put_media(b"photo", "image/jpeg")
    target = tmp_path / "backup" / "hub.db"
    backup(hub, target)
    write(hub, form, "later")
    hub.close()
    script = tmp_path / "killed.py"
    script.write_text(KILLED)

    def run(path: Path, where: Path, count: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(script), str(path), str(where), str(count)]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
        )

    def fresh(name: str) -> tuple[Path, Path]:
        folder = tmp_path / name
        shutil.copytree(target.parent, folder / "backup")
        shutil.copytree(tmp_path / "media", folder / "media")
        return Path(shutil.copy(hub.path, folder / "hub.db")), folder / "backup" / "hub.db"

    total = int(run(*fresh("whole"), 10**9).stdout)
    assert total > 40
    for count in range(1, total + 1, max(1, total // 20)):
        path, where = fresh(f"killed{count}")
        assert run(path, where, count).returncode == 9
        with Replica.open(path) as original, Replica.open(where) as copy:
            assert verify(original).problems == verify(copy).problems == []
            assert copy.counts()["changes"] in (300, 301)
            assert original.backed_up().get(original.name, 0) <= copy.counts()["changes"]
        with Replica.open(path) as original:
            assert backup(original, where).changes == 301
            assert original.backed_up() == {original.name: 301}


MENDED = """
import os, sys
from sync import Replica
from sync.forks.mend import mend
replica = Replica.open(sys.argv[1])
seen = 0
def trace(statement):
    global seen
    seen += 1
    if seen == int(sys.argv[2]):
        os._exit(9)
replica.db.set_trace_callback(trace)
mend(replica)
print(seen)
"""


@pytest.mark.slow
def test_killed_at_any_statement_mending_loses_nothing(make: Make, form: str, tmp_path: Path) -> None:
    """A mend killed at any statement leaves a sound file in which nothing is missing; the next one completes it to the
    same state."""
    bo, hub, whole = make("bo"), make("hub"), make("whole")
    (common,) = write(bo, form, "common")
    copies = [Replica.open(copied(bo, tmp_path / f"copy{n}.db")) for n in range(2)]
    write(bo, form, "bo")
    for number, copy in enumerate(copies):
        write(copy, form, *(f"copy {number} {n}" for n in range(3)))
        edit(copy, form, common, f"common by {number}")
        copy.close()
    problems(hub, bo, *copies)
    problems(whole, bo, *copies)
    assert mend(whole).taken == 8
    hub.close()
    script = tmp_path / "mended.py"
    script.write_text(MENDED)

    def run(path: Path, count: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(script), str(path), str(count)]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
        )

    target = Path(shutil.copy(hub.path, tmp_path / "target.db"))
    total = int(run(target, 10**9).stdout)
    for count in range(1, total + 1, max(1, total // 24)):
        target = Path(shutil.copy(hub.path, tmp_path / f"target{count}.db"))
        assert run(target, count).returncode == 9
        with Replica.open(target) as killed:
            assert verify(killed).problems == []
            aside = sum(entry.count for entry in killed.quarantined())
            assert killed.counts()["changes"] + aside == whole.counts()["changes"]
            mend(killed)
            sound(killed, whole)
