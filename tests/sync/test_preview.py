"""What a merge would bring, said without bringing it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from sync import Replica, SyncError, keys, merge, preview, undo
from sync.brought import brought
from sync.replica import state
from sync.replica.schema import APPLICATION_ID, migrations
from sync.transfer.pack import write
from tests.sync.bundles import busy, making
from tests.sync.undo_world import LAPTOPS, World, clocks, history

Make = Callable[[str], Replica]
NAME, SIZE = "/data/name", "/data/size"


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Each file below a folder: when it was written, and its bytes."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def stick(tmp_path: Path, form: str) -> tuple[Replica, list[Path]]:
    """A hub in a folder of its own, and the files of a stick: Anna's, Bo's who knew her record, Anna's again, a
    broken one."""
    hub = Replica.create(tmp_path / "office" / "hub.db")
    hub.put_form("test", "1", b"<h:html/>", ["/data/name"])
    field = tmp_path / "stick"
    layout = [NAME, SIZE, ["/data/label"], ["/data/founders", ["founder_name", "founder_sex", ["age"]]]]
    with (
        Replica.create(field / "anna.db", "1aaaaaaa") as anna,
        Replica.create(field / "bo.db", "2bbbbbbb") as bo,
    ):
        for each in (anna, bo):
            each.put_form("test", "1", b"<h:html/>", layout)
        old = anna.save(form=form, answers={NAME: "甲"}, author="a")
        merge(hub, [anna.path])
        merge(bo, [anna.path])
        for replica, name in ((anna, "乙"), (bo, "丙")):
            replica.save(record=old, form=form, answers={NAME: name}, author="p")
        new = anna.put_form("inn", "3", b"<inn/>", [NAME])
        anna.save(form=new, answers={NAME: "z"}, author="a")
        anna.save(form=form, answers={NAME: "y"}, author="a")
        bo.review(old, "approved", author="s")
        bo.withdraw(bo.save(form=form, answers={NAME: "x"}, author="b"), "called", author="b")
        anna.put_media(b"photo", "image/jpeg")
        anna.put_media(b"another", "image/jpeg")
        lost = anna.put_media(b"lost", "image/jpeg")
        bad = bo.put_media(b"bad", "image/jpeg")
        anna.media(lost).unlink()
        bo.media(bad).write_bytes(b"not so")
    shutil.copy(field / "anna.db", field / "anna again.db")
    (field / "broken.db").write_bytes(b"not a database")
    return hub, [field / name for name in ("anna.db", "bo.db", "anna again.db", "broken.db")]


def test_it_says_what_would_come(stick: tuple[Replica, list[Path]]) -> None:
    """New records by form, other changes by kind, form versions, conflicts, photos with their size, what is missing,
    what would be set aside and why; what stands in two files is counted in the first."""
    hub, paths = stick
    found = preview(hub, paths)
    first, second, again, broken = (each.as_dict() for each in found.sources)
    assert (first["records"], first["kinds"]) == ({"inn": 1, "test": 1}, {"edit": 1})
    assert {"kind": "form", "name": "inn", "version": "3"} in first["documents"]
    assert first["conflicts"] == {}
    assert first["media"] == {"new": 2, "size": len(b"photo" + b"another"), "missing": 1, "removed": 0}
    assert (second["records"], second["kinds"]) == ({"test": 1}, {"edit": 1, "review": 1, "withdraw": 1})
    assert list(second["conflicts"].values()) == [[NAME]]
    assert [each["code"] for each in second["problems"]] == ["HW-2025"]
    assert (again["taken"], again["records"], again["documents"]) == (0, {}, [])
    assert again["media"] == {"new": 0, "size": 0, "missing": 1, "removed": 0}
    assert [each["code"] for each in broken["problems"]] == ["HW-2004"]
    total = found.as_dict("zh")["total"]
    assert (total["records"], total["conflicts"]) == ({"inn": 1, "test": 2}, second["conflicts"])
    assert total["kinds"] == {"edit": 2, "review": 1, "withdraw": 1}
    assert total["media"] == {"new": 2, "size": 12, "missing": 2, "removed": 0}
    assert [Path(each.source.path).name for each in found.set_aside] == ["bo.db", "broken.db"]


def test_nothing_is_written(stick: tuple[Replica, list[Path]]) -> None:
    """Not a byte, and nothing is left behind: hub, media folder, quarantine and the stick are as they were, also
    when it is broken off. The merge afterwards does what was said."""
    hub, paths = stick
    folders = hub.path.parent, paths[0].parent
    before = [everything(folder) for folder in folders]

    def stop(done: int, of: int, path: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        preview(hub.path, paths, stop)
    said = preview(hub, paths)
    assert [everything(folder) for folder in folders] == before
    assert os.listdir(hub.path.parent) == ["hub.db"]
    assert hub.quarantined() == []
    report = merge(hub, paths)
    assert [each.taken for each in report.sources] == [each.source.taken for each in said.sources]
    assert len([path for path in hub.media_folder.rglob("*") if len(path.name) == 64]) == 2
    assert len(hub.media_missing()) == said.total.media.missing
    assert preview(hub, paths).taken == 0


@pytest.mark.parametrize("sealed", [False, True], ids=["open", "sealed"])
def test_a_bundle_is_previewed_as_a_file_is(form: str, tmp_path: Path, sealed: bool) -> None:
    """What a bundle would bring is said too, its photos among it, and not a byte of the hub is written; the merge then
    does just that. Undone, nothing of it is left."""
    with making(tmp_path) as make:
        hub, anna = make("hub"), busy(make("anna"), form)
        key = keys.generate()
        seal_to = keys.public_text(key) if sealed else ""
        write(anna, tmp_path / "anna.homeward", media="all", hub=hub.name, seal_to=seal_to)
        held = everything(hub.path.parent)
        paths = [tmp_path / "anna.homeward", anna.path]
        said = preview(hub, paths, find=lambda name: key)
        assert everything(hub.path.parent) == held
        report = merge(hub, paths, find=lambda name: key)
        first, second = (each.found for each in said.sources)
        assert [each.problems for each in report.sources] == [[], []]
        assert [each.source.taken for each in said.sources] == [each.taken for each in report.sources]
        assert first.brought.as_dict() == brought(hub, report.sources[0].intake).as_dict()
        assert (first.media.new, first.media.size, first.media.missing) == (3, 15_000, 0)
        assert (report.sources[0].media_copied, second.media.new, second.brought.changes) == (3, 0, 0)
        assert report.sources[0].intake is not None
        undo(hub, report.sources[0].intake, author="s")
        assert all(each.deleted for each in hub.states())
        assert merge(hub, paths, find=lambda name: key).taken == 0


def test_what_is_settled_and_what_would_be_removed(make: Make, form: str, tmp_path: Path) -> None:
    """A conflict that a file settles, and the photos of a record that it erases."""
    hub = make("hub")
    photo = hub.put_media(b"photo", "image/jpeg")
    first = hub.save(form=form, answers={NAME: photo}, author="h")
    with Replica.create(tmp_path / "stick" / "bo.db") as bo:
        bo.put_form("test", "1", b"<h:html/>", ["/data/name"])
        merge(bo, [hub.path])
        hub.save(record=first, form=form, answers={NAME: photo, SIZE: "1"}, author="h")
        bo.save(record=first, form=form, answers={NAME: photo, SIZE: "2"}, author="b")
        merge(hub, [bo.path])
        merge(bo, [hub.path])
        bo.save(record=first, form=form, answers={NAME: photo, SIZE: "3"}, author="b")
        assert preview(hub, [bo.path]).total.settled == [first]
        bo.erase(first, "called", author="b")
        total = preview(hub, [bo.path]).total
        assert (total.brought.kinds["erase"], total.media.removed) == (1, 1)
        assert hub.media(photo).exists()
        merge(hub, [bo.path])
    assert not hub.media(photo).exists()


def test_a_hub_of_last_year_is_not_even_migrated(make: Make, form: str, tmp_path: Path) -> None:
    """A hub of schema version 1 is previewed, and stays of version 1."""
    anna = make("anna")
    anna.save(form=form, answers={NAME: "甲"}, author="a")
    path = tmp_path / "old" / "hub.db"
    path.parent.mkdir()
    with sqlite3.connect(path, isolation_level=None) as db:
        migrations.apply(Database(db), stop_before="0002_roads")
        db.execute("INSERT INTO meta VALUES ('replica', '0aaaaaaa'), ('clock', '')")
    db.close()
    before = path.read_bytes()
    assert before[68:72] == APPLICATION_ID.to_bytes(4, "big")
    assert before[60:64] == b"\0\0\0\1"
    assert preview(path, [anna.path]).taken == 1
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["hub.db"]


def test_without_room_it_says_so(make: Make, tmp_path: Path) -> None:
    """When the copy would not fit on the disk: HW-2086 with the room that it takes, before anything is copied."""
    hub, anna = make("hub"), make("anna")
    anna.close()
    with anna.path.open("r+b") as file:  # a file with a hole that is larger than what is free
        file.truncate(shutil.disk_usage(tmp_path).free + 10**9)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(SyncError, match="HW-2086") as caught:
        preview(hub, [anna.path])
    assert int(caught.value.problem.params["needed"]) > 1000
    assert all(caught.value.problem.as_dict(lang) for lang in ("en", "zh"))
    assert sorted(os.listdir(tmp_path)) == before


def test_a_hub_that_is_none_is_refused(tmp_path: Path) -> None:
    """A hub that is no replica is refused with its number, and nothing stays beside it."""
    for data, code in ((b"", "HW-2003"), (b"no" * 100, "HW-2004")):
        (tmp_path / "hub.db").write_bytes(data)
        with pytest.raises(SyncError, match=code):
            preview(tmp_path / "hub.db", [])
    assert os.listdir(tmp_path) == ["hub.db"]


def test_what_a_power_cut_left_is_swept_away(make: Make, tmp_path: Path) -> None:
    """A copy of more than a day ago is removed by the next preview; one that may be in use is not."""
    hub = make("hub")
    old, new = tmp_path / ".preview-old", tmp_path / ".preview-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "hub.db").write_bytes(b"x")
    os.utime(old, (time.time() - 2 * 86400,) * 2)
    preview(hub, [])
    assert (old.exists(), new.exists()) == (False, True)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(history, clocks, st.lists(st.sampled_from(LAPTOPS), min_size=1, max_size=5))
def test_the_merge_brings_what_was_said(
    steps: list[tuple[Any, ...]], ticks: list[int], order: list[int]
) -> None:
    """Over random networks, files twice among them: the merge then brings, file by file, the changes, records, kinds
    and people that the preview named, and leaves in conflict what it named."""
    with tempfile.TemporaryDirectory() as folder:
        here = World(Path(folder), ticks)
        try:
            here.run(steps)
            hub, paths = here.hub, [here.replicas[who].path for who in order]
            before = state.in_conflict(hub.db)
            held = hub.path.read_bytes()
            said = preview(hub, paths)
            assert hub.path.read_bytes() == held
            report = merge(hub, paths)
            for told, did in zip(said.sources, report.sources, strict=True):
                assert (told.source.taken, told.source.already) == (did.taken, did.already)
                assert told.source.replicas == did.replicas
                assert told.source.documents == did.documents
                assert told.found.brought.as_dict() == brought(hub, did.intake).as_dict()
            after = state.in_conflict(hub.db)
            grown = {key for key, count in after.items() if count > before.get(key, 0)}
            assert len(said.total.conflicts) == len(grown)
            for name, answers in said.total.conflicts.items():
                assert [each.path for each in hub.state(name).conflicts] == answers
            assert len(said.total.settled) == len(before.keys() - after.keys())
            assert said.taken == report.taken == said.total.brought.changes
        finally:
            here.close()
