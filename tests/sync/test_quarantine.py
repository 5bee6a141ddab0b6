"""What was set aside: looked at, released, dropped, over by itself; and how an older version kept it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from sync import Replica, SyncError, keys, merge, verify
from sync.forks.mend import drop, look, mend, release
from sync.replica.schema import FIRST_QUARANTINE
from sync.transfer import give
from sync.transfer.lines import Reader, Writer
from sync.transfer.take import Rules, take
from tests.sync.conftest import Make
from tests.sync.copies import copied, edit, problems, values, write
from tests.sync.test_forks_by_line import send


def pierced(replica: Replica, path: Path, number: int) -> Path:
    """A copy of a store's file in which one change of its log is missing, whatever tips and digests say."""
    copied(replica, path)
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM change WHERE id & 16777215 = ?", (number,))
    db.close()
    return path


def by_line(bo: Replica, hub: Replica, first: int, last: int) -> list[str]:
    """Hand over a stretch of a store's log; the numbers of what was set aside."""
    pieces: list[bytes] = []
    out = Writer(pieces.append)
    give.write(bo, out, give.Lack(bo.name, first, last))
    out.end()
    return [problem.code for problem in take(hub, Reader(pieces, 1 << 20).parts(), "stick").problems]


def test_a_gap_that_is_filled_is_over_by_itself(make: Make, form: str, tmp_path: Path) -> None:
    """A log with a hole is set aside with all that is there; once the sound file was merged nothing of it is open."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, *(f"record {n}" for n in range(5)))
    merge(hub, [pierced(bo, tmp_path / "pierced.db", 3)])
    (entry,) = hub.quarantined()
    assert (entry.problem.code, entry.problem.place) == ("HW-2014", f"{bo.name}-3")
    assert (entry.count, entry.first, entry.last) == (4, 1, 5)
    assert release(hub, entry.id).problems[0].code in ("HW-2010", "HW-2014"), "still a hole"
    assert [each.id for each in hub.quarantined()] == [entry.id], "trying leaves no trace"
    assert problems(hub, bo) == []
    assert hub.quarantined() == []
    (over,) = hub.quarantined(everything=True)
    assert (over.outcome, over.count) == ("arrived", 0)


def test_what_waits_behind_a_gap_is_released_once_it_is_filled(make: Make, form: str) -> None:
    """Lines that begin behind what is here are kept; when the missing part came by another road they are taken through
    the ordinary checks, signature included."""
    bo, hub, part = make("bo"), make("hub"), make("part")
    key = keys.generate()
    write(bo, form, "1", "2")
    bo.sign_tip(key)
    merge(part, [bo.path])
    write(bo, form, "3", "4")
    bo.sign_tip(key)
    assert by_line(bo, hub, 3, 4) == ["HW-2014"]
    (entry,) = hub.quarantined()
    assert (entry.first, entry.last, entry.count, entry.signed) == (3, 4, 2, 4)
    assert problems(hub, part) == []
    assert values(hub) == ["1", "2"]
    found = release(hub, entry.id)
    assert (found.taken, found.problems) == (2, [])
    assert values(hub) == ["1", "2", "3", "4"]
    assert hub.quarantined(everything=True)[0].outcome == "taken"
    assert hub.logs()[0]["signed"] == 4
    with pytest.raises(SyncError, match="HW-2076"):
        release(hub, entry.id)
    assert verify(hub).problems == []


def test_what_waited_behind_a_gap_may_be_another_copy_s(make: Make, form: str, tmp_path: Path) -> None:
    """The gap was filled from another copy: what waited is not thrown away but is a branch, and mended as one."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "1", "2")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "3", "4")
        write(copy, form, "c3", "c4", "c5")
        assert by_line(bo, hub, 3, 4) == ["HW-2014"]
        assert problems(hub, copy) == []
        (entry,) = hub.quarantined()
        found = release(hub, entry.id)
        assert (found.taken, [problem.code for problem in found.problems]) == (0, ["HW-2011"])
        (finding,) = look(hub)
        assert (finding.what, finding.number, finding.aside) == ("branch", 3, 2)
        assert mend(hub).taken == 2
        assert values(hub) == ["1", "2", "3", "4", "c3", "c4", "c5"]
    assert verify(hub).problems == []


def test_a_log_that_does_not_hold_is_never_released(make: Make, form: str, tmp_path: Path) -> None:
    """Altered payloads, numbers that do not fit their places, an altered header: releasing says why not, and changes
    nothing; what is readable stays to be looked at."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "甲村", "2", "3")
    spoils = {
        "HW-2008": "UPDATE change SET payload = replace(payload, '甲村', '乙村')",
        "HW-2009": 'UPDATE change SET header = replace(header, \'"2",""\', \'"7",""\') WHERE id & 16777215 = 2',
        "HW-2010": "UPDATE change SET header = replace(header, '\"p\"', '\"q\"')",
    }
    for code, sql in spoils.items():
        path = copied(bo, tmp_path / f"{code}.db")
        with sqlite3.connect(path) as db:
            db.execute(sql)
        db.close()
        report = merge(hub, [path])
        assert [problem.code for problem in report.sources[0].problems] == [code]
    before = hub.quarantined()
    assert [entry.problem.code for entry in before] == list(spoils)
    for entry in before:
        assert entry.count == 3
        assert release(hub, entry.id).problems[0].code == entry.problem.code
        assert release(hub, entry.id, unsigned=True).taken == 0
    assert hub.quarantined() == before
    assert hub.counts()["changes"] == 0
    texts = [each.payload or "" for each in hub.kept_changes(before[0].id)]
    assert any("乙村" in text for text in texts)


def test_a_renumbered_log_is_set_aside_and_not_guessed_at(make: Make, form: str, tmp_path: Path) -> None:
    """A tool that copied rows under other numbers (HW-2009), or a whole log under another name: set aside with the
    reason, mending leaves it, nothing of it is here."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "1", "2", "3")
    other = copied(bo, tmp_path / "renamed.db")
    with sqlite3.connect(other) as db:
        for table, column in (("change", "id"), ("block", "id")):
            db.execute(f"UPDATE {table} SET {column} = {column} + (1 << 24)")
        db.execute("UPDATE log SET replica = replica + 1")
    db.close()
    shifted = copied(bo, tmp_path / "shifted.db")
    with sqlite3.connect(shifted) as db:
        db.execute("UPDATE change SET id = id + 1 WHERE id & 16777215 = 3")
        db.execute("UPDATE log SET tip = 4")
    db.close()
    report = merge(hub, [other, shifted])
    assert [[p.code for p in source.problems] for source in report.sources] == [["HW-2009"], ["HW-2014"]]
    assert mend(hub).done == []
    assert {finding.what for finding in look(hub)} == {"log"}
    assert hub.counts()["changes"] == 0
    assert problems(hub, bo) == []
    assert values(hub) == ["1", "2", "3"]


def test_records_imported_again_under_another_name_stay_apart(make: Make, form: str) -> None:
    """The same answers typed or imported into another store are other records: whether they mean the same is not the
    merge's to say."""
    bo, again, hub = make("bo"), make("again"), make("hub")
    write(bo, form, "1", "2")
    for state in bo.states():
        again.save(form=form, answers=state.answers, author=state.author, clock="0190000000000000")
    assert problems(hub, bo, again) == []
    assert values(hub) == ["1", "1", "2", "2"]
    assert hub.quarantined() == []
    assert verify(hub).problems == []


def test_a_log_refused_by_a_road_s_rules_is_released_by_a_supervisor(make: Make, form: str) -> None:
    """A sender brought a log that it may not hand over: it is kept, and taken on somebody's word."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "1")
    assert [p.code for p in send(bo, hub, rules=Rules(logs=())).problems] == ["HW-2034"]
    (entry,) = hub.quarantined()
    assert release(hub, entry.id).taken == 1
    assert values(hub) == ["1"]


def test_a_file_that_was_bad_and_comes_sound_is_over(make: Make, form: str, tmp_path: Path) -> None:
    """A note about a damaged file ends when a file of that name is merged whole; it cannot be released."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "1")
    path = tmp_path / "stick" / "bo.db"
    path.parent.mkdir()
    path.write_bytes(bo.path.read_bytes()[:5000])
    merge(hub, [path])
    (entry,) = hub.quarantined()
    assert entry.problem.code == "HW-2006"
    with pytest.raises(SyncError, match="HW-2075"):
        release(hub, entry.id)
    shutil.copy(bo.path, path)
    assert merge(hub, [path]).set_aside == []
    assert hub.quarantined() == []


def test_what_was_dropped_stays_dropped_until_there_is_more(make: Make, form: str, tmp_path: Path) -> None:
    """Dropping destroys what was kept. The same file again brings nothing up; one that grew is kept whole again."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        write(copy, form, "practice")
        problems(hub, bo, copy)
        (entry,) = hub.quarantined()
        drop(hub, entry.id)
        assert b"practice" not in hub.path.read_bytes()
        assert problems(hub, copy) == ["HW-2011"]
        assert hub.quarantined() == []
        with pytest.raises(SyncError, match="HW-2076"):
            drop(hub, entry.id)
        with pytest.raises(SyncError, match="HW-2074"):
            drop(hub, 99)
        edit(copy, form, f"{bo.name}-2", "practice no more")
        assert problems(hub, copy) == ["HW-2011"]
        assert [each.count for each in hub.quarantined()] == [2]
        assert mend(hub).taken == 2
        assert values(hub) == ["bo", "common", "practice no more"]


def second_version(hub: Replica) -> None:
    """Turn a hub's file back into one of the second version, with what was set aside kept as it was then."""
    rows = [
        (
            entry.id,
            entry.at,
            entry.source,
            entry.problem,
            [list(each)[2:] for each in hub.kept_changes(entry.id)],
        )
        for entry in hub.quarantined()
    ]
    hub.close()
    with sqlite3.connect(hub.path) as db:
        db.execute("DROP TABLE quarantine")
        db.execute("DROP TABLE kept")
        db.execute(FIRST_QUARANTINE)
        for id_, at, source, problem, kept in rows:
            about = json.dumps([problem.code, problem.place, dict(problem.params)])
            db.execute(
                "INSERT INTO quarantine (id, at, source, fingerprint, problem, changes) VALUES (?, ?, ?, ?, ?, ?)",
                (id_, at, source, str(id_), about, json.dumps(kept)),
            )
        db.execute("DELETE FROM _sqlite_migrations WHERE name = '0003_forks'")
        db.execute("PRAGMA user_version = 2")
    db.close()


def test_what_the_second_version_set_aside_is_kept_and_mended(make: Make, form: str, tmp_path: Path) -> None:
    """A file of the version before opens with everything that was set aside in it: branches are mended, files are
    noted, and a branch that comes again is the same one."""
    for deliver_again in (False, True):
        bo, hub = make(f"bo{deliver_again}"), make(f"hub{deliver_again}")
        write(bo, form, "common")
        with Replica.open(copied(bo, tmp_path / f"copy{deliver_again}.db")) as copy:
            write(bo, form, "bo")
            (record,) = write(copy, form, "copy")
            problems(hub, bo, copy)
            broken = tmp_path / f"broken{deliver_again}.db"
            broken.write_bytes(b"PK\x03\x04" * 100)
            merge(hub, [broken])
            second_version(hub)
            with Replica.open(hub.path) as again:
                assert [entry.problem.code for entry in again.quarantined()] == ["HW-2011", "HW-2004"]
                assert [entry.count for entry in again.quarantined()] == [1, 0]
                if deliver_again:
                    edit(copy, form, record, "copy, edited")
                    problems(again, copy)
                    assert [entry.count for entry in again.quarantined()] == [2, 0]
                assert mend(again).taken == 1 + deliver_again
                assert values(again) == ["bo", "common", "copy, edited" if deliver_again else "copy"]
                assert verify(again).problems == []
