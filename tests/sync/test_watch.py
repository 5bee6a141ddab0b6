"""Watching folders: what is complete is merged, once; what goes away does no harm. The test is the clock."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync import MergeReport, Replica, merge, verify
from sync.watch import BUSY, FAILED, GONE, MERGED, Event, Watch, into

Make = Callable[[str], Replica]
NAME = "/data/name"


def databases(folder: Path) -> list[Path]:
    """What may be merged."""
    return sorted(folder.glob("*.db"))


class Bench:
    """A hub, a folder to watch, and a watch whose every look is asked for."""

    def __init__(self, folder: Path, make: Make, form: str) -> None:
        self.hub, self.form = make("office/hub"), form
        self.stick = folder / "stick"
        self.reads: list[Path] = []
        self.watch = Watch([self.stick], databases, self.take)

    def take(self, path: Path) -> MergeReport:
        """Merges, and notes that a file was read."""
        self.reads.append(path)
        return into(self.hub.path)(path)

    def look(self) -> list[tuple[str, str]]:
        """One look: what happened to which file."""
        return [(event.what, event.path.name) for event in self.watch.round()]

    def laptop(self, name: str = "anna", folder: Path | None = None) -> Replica:
        """A database on the stick with one record."""
        replica = Replica.create((folder or self.stick) / f"{name}.db")
        replica.put_form("test", "1", b"<h:html/>", [NAME])
        replica.save(form=self.form, answers={NAME: name}, author=name)
        return replica


@pytest.fixture
def form() -> str:
    """The id of the form that the laptops have."""
    from sync.canonical import encode, short_id

    return short_id(encode(["form", "test", "1", short_id(b"<h:html/>"), [NAME]]))


@pytest.fixture
def bench(tmp_path: Path, make: Make, form: str) -> Bench:
    """See `Bench`."""
    (tmp_path / "office").mkdir()
    return Bench(tmp_path, make, form)


def test_a_file_is_merged_once_it_is_complete(bench: Bench) -> None:
    """Not at the first look, nor while it grows; then once, and not again until it has changed."""
    assert bench.look() == []  # the mount point is not there yet
    with bench.laptop() as anna:
        assert bench.look() == []
        anna.save(form=bench.form, answers={NAME: "b"}, author="anna")
        assert bench.look() == []
        assert bench.watch.waiting == [anna.path]
        assert bench.look() == [(MERGED, "anna.db")]
        for _ in range(3):
            assert bench.look() == []
        assert bench.reads == [anna.path]
        anna.save(form=bench.form, answers={NAME: "c"}, author="anna")
        assert bench.look() == []
        assert bench.look() == [(MERGED, "anna.db")]
        assert bench.hub.counts()["changes"] == 3
        assert bench.watch.waiting == []


def test_a_file_that_is_copied_in_pieces_waits(bench: Bench, tmp_path: Path) -> None:
    """While a copy grows from look to look it is left alone, however long that takes."""
    with bench.laptop(folder=tmp_path / "other") as anna:
        for number in range(20):
            anna.save(form=bench.form, answers={NAME: f"{number}" * 500}, author="anna")
    whole = anna.path.read_bytes()
    bench.stick.mkdir()
    target = bench.stick / "anna.db"
    for part in range(1, 9):
        target.write_bytes(whole[: len(whole) * part // 8])
        assert bench.look() == []
    assert bench.look() == [(MERGED, "anna.db")]
    assert bench.hub.counts()["changes"] == 21


def test_one_that_is_being_written_is_waited_for(bench: Bench) -> None:
    """With a journal beside it a file is not touched; that is said once, and it is merged when the journal is
    gone."""
    with bench.laptop() as anna:
        journal = Path(f"{anna.path}-journal")
        journal.write_bytes(b"x" * 512)
        assert bench.look() == []
        assert bench.look() == [(BUSY, "anna.db")]
        assert bench.look() == []
        assert bench.reads == []
        journal.unlink()
        assert bench.look() == [(MERGED, "anna.db")]


def test_what_stands_in_a_wal_is_taken(bench: Bench) -> None:
    """A file in WAL mode is merged with its WAL, and again when only the WAL has grown."""
    with bench.laptop() as anna:
        anna.db.execute("PRAGMA journal_mode = wal")
        anna.save(form=bench.form, answers={NAME: "b"}, author="anna")
        bench.look()
        assert bench.look() == [(MERGED, "anna.db")]
        anna.save(form=bench.form, answers={NAME: "c"}, author="anna")
        bench.look()
        assert bench.look() == [(MERGED, "anna.db")]
    assert bench.hub.counts()["changes"] == 3


def test_a_stick_that_is_pulled_out_and_comes_back(bench: Bench, tmp_path: Path) -> None:
    """Gone between two looks, gone before it is opened: nothing happens, that is said, and it is merged when it is
    back. Back unchanged after it was merged it is not read again."""
    bench.laptop().close()
    bench.look()
    pulled = tmp_path / "pulled"
    bench.stick.rename(pulled)
    assert bench.look() == []
    pulled.rename(bench.stick)
    assert bench.look() == []
    real = bench.watch._take

    def pull(path: Path) -> MergeReport:
        bench.stick.rename(pulled)
        return real(path)

    bench.watch._take = pull
    assert bench.look() == [(GONE, "anna.db")]
    assert bench.look() == []
    bench.watch._take = real
    pulled.rename(bench.stick)
    assert bench.look() == []
    assert bench.look() == [(MERGED, "anna.db")]
    bench.stick.rename(pulled)
    bench.look()
    pulled.rename(bench.stick)
    assert [bench.look() for _ in range(3)] == [[], [], []]
    assert bench.hub.quarantined() == []


def test_a_file_that_breaks_off_while_it_is_read(bench: Bench, tmp_path: Path) -> None:
    """When the stick goes in the middle of reading, nothing of the file is taken, nothing is noted against it, the
    hub is sound, and the whole file comes the next time."""
    with bench.laptop() as anna:
        for number in range(200):
            anna.save(form=bench.form, answers={NAME: f"{number}" * 300}, author="anna")
    kept = tmp_path / "kept.db"
    shutil.copy(anna.path, kept)

    def take(path: Path) -> MergeReport:
        with Replica.open(bench.hub.path) as hub:

            def pull(statement: str) -> None:
                if statement.startswith("SELECT id, record, header, CAST") and path.exists():
                    with path.open("r+b") as file:
                        file.truncate(8192)
                    path.unlink()

            hub.db.set_trace_callback(pull)
            return merge(hub, [path])

    bench.watch._take = take
    bench.look()
    assert bench.look() == [(GONE, "anna.db")]
    assert bench.hub.counts()["changes"] == 0
    assert bench.hub.quarantined() == []
    assert verify(bench.hub).sound
    bench.watch._take = bench.take
    shutil.copy(kept, anna.path)
    bench.look()
    assert bench.look() == [(MERGED, "anna.db")]
    assert bench.hub.counts()["changes"] == 201


def test_photos_that_come_late_are_fetched(bench: Bench) -> None:
    """The database was copied first and merged; its photos follow, and come too."""
    with bench.laptop() as anna:
        photo = anna.put_media(b"photo", "image/jpeg")
        held = anna.media(photo).read_bytes()
        shutil.rmtree(anna.media_folder)
        bench.look()
        assert bench.look() == [(MERGED, "anna.db")]
        assert bench.hub.media_missing() == [photo]
        anna.media(photo).parent.mkdir(parents=True)
        anna.media(photo).write_bytes(held)
        bench.look()
        assert bench.look() == [(MERGED, "anna.db")]
    assert bench.hub.media_missing() == []


def test_a_bad_file_is_said_once_and_stops_nobody(bench: Bench) -> None:
    """A file that is none of ours is set aside once, the one beside it merged; what lies in a folder of the stick is
    found, what other systems hide there is not looked at."""
    bench.laptop("bo", bench.stick / "field").close()
    (bench.stick / "bad.db").write_bytes(b"no database at all" * 10)
    (bench.stick / "._bo.db").write_bytes(b"left by another system")
    bench.look()
    events: list[Event] = list(bench.watch.round())
    told = [(each.path.name, [p.code for p in each.report.problems]) for each in events if each.report]
    assert told == [("bad.db", ["HW-2004"]), ("bo.db", [])]
    assert bench.look() == []
    assert len(bench.reads) == 2


def test_a_hub_that_cannot_be_written_is_tried_again(bench: Bench) -> None:
    """While the hub is out of reach that is said once; then the file is merged."""
    bench.laptop().close()
    away = bench.hub.path.with_suffix(".away")
    bench.hub.path.rename(away)
    bench.look()
    assert bench.look() == [(FAILED, "anna.db")]
    assert bench.look() == []
    away.rename(bench.hub.path)
    assert bench.look() == [(MERGED, "anna.db")]


def test_it_runs_until_it_is_told_to_stop(bench: Bench) -> None:
    """Look, wait, look …: the waiting decides when to stop; once means two looks."""
    bench.laptop().close()
    waits: list[int] = []

    def wait() -> bool:
        waits.append(1)
        if len(waits) == 2:
            bench.laptop("bo").close()
        return len(waits) < 5

    assert [event.path.name for event in bench.watch.run(wait)] == ["anna.db", "bo.db"]
    assert len(waits) == 5
    again = Watch([bench.stick], databases, bench.take)
    assert [event.path.name for event in again.run(lambda: True, once=True)] == ["anna.db", "bo.db"]


@pytest.fixture(autouse=True)
def closed(bench: Bench) -> Iterator[None]:
    """The hub is sound at the end, whatever happened."""
    yield
    assert verify(bench.hub).sound
