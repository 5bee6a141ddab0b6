"""Merging database files: order, repetition, forks, faults."""

from __future__ import annotations

import itertools
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from sync import Replica, SyncError, keys, merge, verify

Make = Callable[[str], Replica]


def founder(replica: Replica, record: str, form: str, instance: str, name: str) -> str:
    """Add a founder to a record."""
    answers = dict(replica.state(record).answers)
    here = f"/data/founders[{instance}]"
    answers |= {here: "m", f"{here}/founder_name": name}
    return replica.save(record=record, form=form, answers=answers, author="p")


def answer(replica: Replica, record: str, form: str, value: str, clock: str | None = None) -> str:
    """Answer the name of a record."""
    answers = dict(replica.state(record).answers) | {"/data/name": value}
    return replica.save(record=record, form=form, answers=answers, author="p", clock=clock)


def test_order_and_repetition_make_no_difference(make: Make, form: str, tmp_path: Path) -> None:
    """The same files in any order, and twice, give equal state digests; a merge that brings nothing writes
    nothing."""
    first = make("anna")
    record = first.save(form=form, answers={"/data/name": "甲"}, author="a")
    others = [make(name) for name in ("bo", "cai")]
    for number, other in enumerate(others):
        merge(other, [first.path])
        answer(other, record, form, f"by {number}")
        other.save(form=form, answers={"/data/name": str(number)}, author="b")
    paths = [replica.path for replica in (first, *others)]
    digests = set()
    for number, order in enumerate(itertools.permutations(paths)):
        hub = make(f"hub{number}")
        merge(hub, order)
        before = hub.path.read_bytes()
        assert merge(hub, order).taken == 0
        assert hub.path.read_bytes() == before
        digests.add(hub.state_digest())
    assert len(digests) == 1


def test_two_founders_are_both_kept(make: Make, form: str) -> None:
    """Two devices that each add a founder to one business: both founders, no conflict."""
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    record = anna.save(form=form, answers={"/data/name": "甲"}, author="a")
    merge(bo, [anna.path])
    founder(anna, record, form, "aaaa", "王")
    founder(bo, record, form, "bbbb", "李")
    merge(hub, [bo.path, anna.path])
    state = hub.state(record)
    assert state.conflicts == ()
    assert state.recompute
    assert {path for path in state.answers if path.endswith("]")} == {
        "/data/founders[aaaa]",
        "/data/founders[bbbb]",
    }


def test_a_conflict_keeps_both_values_whatever_the_clocks(make: Make, form: str) -> None:
    """Two edits of one answer are a conflict, though one clock is a year off; a settle naming both ends
    it."""
    anna, bo = make("anna"), make("bo")
    record = anna.save(form=form, answers={"/data/name": "甲"}, author="a")
    merge(bo, [anna.path])
    later = answer(anna, record, form, "乙", clock="00ff000000000000")
    earlier = answer(bo, record, form, "丙", clock="0000000000000001")
    merge(bo, [anna.path])
    merge(anna, [bo.path])
    for replica in (anna, bo):
        (conflict,) = replica.state(record).conflicts
        assert [(v.change, v.value) for v in conflict.values] == [(earlier, "丙"), (later, "乙")]
        assert replica.state(record).answers["/data/name"] == "乙"
    settled = answer(anna, record, form, "乙")
    assert {change.name: change for change in anna.history(record)}[settled].header.kind == "settle"
    assert anna.state(record).conflicts == ()
    merge(bo, [anna.path])
    answer(bo, record, form, "丁", clock="0000000000000002")
    merge(anna, [bo.path])
    assert anna.state(record).answers["/data/name"] == "丁", (
        "a child is later than its parent, whatever its clock"
    )
    assert anna.state(record).conflicts == ()


@pytest.mark.parametrize("deleter_first", [True, False])
def test_delete_against_edit_keeps_the_edit(make: Make, form: str, deleter_first: bool) -> None:
    """Delete against edit is a conflict on the record, in both orders of arrival, and the edit shows."""
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    record = anna.save(form=form, answers={"/data/name": "甲"}, author="a")
    merge(bo, [anna.path])
    anna.delete(record, "twice", author="a")
    answer(bo, record, form, "乙")
    sources = [anna.path, bo.path]
    merge(hub, sources if deleter_first else sources[::-1])
    state = hub.state(record)
    assert not state.deleted
    assert state.answers == {"/data/name": "乙"}
    assert [conflict.path for conflict in state.conflicts] == [""]
    assert anna.state(record).deleted


def test_a_copy_that_went_on_is_found(make: Make, form: str, tmp_path: Path) -> None:
    """A copied file used on under the same identity is set aside whole, kept, and taken once it has a new
    identity."""
    anna, hub = make("anna"), make("hub")
    anna.save(form=form, answers={"/data/name": "common"}, author="a")
    anna.close()
    shutil.copy(anna.path, tmp_path / "copy.db")
    with Replica.open(anna.path) as original, Replica.open(tmp_path / "copy.db") as copy:
        original.save(form=form, answers={"/data/name": "original"}, author="a")
        copy.save(form=form, answers={"/data/name": "copy"}, author="a")
        copy.save(form=form, answers={"/data/name": "copy 2"}, author="a")
        assert merge(hub, [original.path]).taken == 2
        (source,) = merge(hub, [copy.path]).sources
        assert source.taken == 0
        assert [problem.code for problem in source.problems] == ["HW-2011"]
        assert source.problems[0].place == f"{original.name}-2"
        (kept,) = hub.quarantined()
        assert [(each.header, each.payload) for each in hub.kept_changes(kept.id)] == copy.db.execute(
            "SELECT header, payload FROM change WHERE (id & 0xffffff) > 1 ORDER BY id"
        ).fetchall()
        merge(hub, [copy.path])
        assert len(hub.quarantined()) == 1, "the same thing again is not kept twice"
        copy.renew()
        copy.save(form=form, answers={"/data/name": "copy 3"}, author="a")
        again = merge(hub, [copy.path]).sources[0]
        assert again.taken == 1
    assert verify(hub).sound


def test_a_restored_hub_gets_back_what_it_lost(make: Make, form: str, tmp_path: Path) -> None:
    """A hub restored from yesterday takes the same file again and stands where it stood."""
    anna, hub = make("anna"), make("hub")
    anna.save(form=form, answers={"/data/name": "1"}, author="a")
    merge(hub, [anna.path])
    hub.close()
    shutil.copy(hub.path, tmp_path / "yesterday.db")
    anna.save(form=form, answers={"/data/name": "2"}, author="a")
    with Replica.open(hub.path) as lost, Replica.open(tmp_path / "yesterday.db") as restored:
        merge(lost, [anna.path])
        assert merge(restored, [anna.path]).taken == 1
        assert restored.state_digest() == lost.state_digest()


def test_what_comes_late_finds_its_place(make: Make, form: str) -> None:
    """An edit that arrives before the creation of its record is kept and readable, and folds when that
    arrives."""
    anna, bo, hub, other = make("anna"), make("bo"), make("hub"), make("other")
    record = anna.save(form=form, answers={"/data/name": "甲"}, author="a")
    merge(bo, [anna.path])
    answer(bo, record, form, "乙")
    with sqlite3.connect(bo.path) as db:  # a store that holds Bo's log alone
        db.execute("DELETE FROM change WHERE record IS NULL")
        db.execute("DELETE FROM log WHERE replica NOT IN (SELECT id >> 24 FROM change)")
    db.close()
    merge(hub, [bo.path])
    assert hub.state(record).answers == {"/data/name": "乙"}
    assert hub.state(record).created == ""
    assert [state.record for state in hub.states()] == [record]
    merge(hub, [anna.path])
    assert hub.state(record).created
    merge(other, [anna.path, bo.path])
    assert hub.state_digest() == other.state_digest()


def bad_files(folder: Path, good: Path) -> dict[str, Path]:
    """One file for each fault, named by the problem it must give."""
    whole = good.read_bytes()
    paths = {
        code: folder / f"{code}.db"
        for code in ("HW-2003", "HW-2004", "HW-2005", "HW-2006", "HW-2007", "HW-2008")
    }
    paths["HW-2003"].write_bytes(b"")
    paths["HW-2004"].write_bytes(b"PK\x03\x04" * 1000)
    with sqlite3.connect(paths["HW-2005"]) as db:
        db.execute("CREATE TABLE change (id)")
    db.close()
    paths["HW-2006"].write_bytes(whole[: len(whole) // 2])
    shutil.copy(good, paths["HW-2007"])
    with sqlite3.connect(paths["HW-2007"]) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert whole.count("甲村".encode()) == 1
    paths["HW-2008"].write_bytes(whole.replace("甲村".encode(), "乙村".encode()))
    return paths


def test_bad_files_are_set_aside_and_stop_nobody(make: Make, form: str, tmp_path: Path) -> None:
    """Each bad file gives its own problem, nothing of it is taken, it is not written to, and the others are
    merged."""
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    anna.save(form=form, answers={"/data/name": "甲村"}, author="a")
    bo.save(form=form, answers={"/data/name": "z"}, author="b")
    for replica in (anna, bo):
        replica.close()
    bad = bad_files(tmp_path, anna.path)
    missing = tmp_path / "missing.db"
    before = {path: path.read_bytes() for path in bad.values()}
    report = merge(hub, [*bad.values(), missing, hub.path, bo.path])
    codes = [[problem.code for problem in source.problems] for source in report.sources]
    assert codes == [*[[code] for code in bad], ["HW-2002"], ["HW-2024"], []]
    assert report.taken == 1
    assert {path: path.read_bytes() for path in bad.values()} == before
    for problem in (problem for source in report.sources for problem in source.problems):
        for lang in ("en", "zh"):
            assert all(problem.as_dict(lang).values()), problem.code
    assert verify(hub).sound
    assert merge(hub, [anna.path]).taken == 1, "the sound file is taken afterwards"


def test_a_changed_header_is_found(make: Make, form: str) -> None:
    """A byte changed in a header, or a change smuggled in beside the log, is found by the chain; nothing is
    taken."""
    anna, hub = make("anna"), make("hub")
    anna.save(form=form, answers={"/data/name": "甲"}, author="anna")
    with anna.transaction():
        anna.db.execute("UPDATE change SET header = replace(header, '\"anna\"', '\"emma\"')")
    (source,) = merge(hub, [anna.path]).sources
    assert [problem.code for problem in source.problems] == ["HW-2010"]
    with anna.transaction():
        anna.db.execute("UPDATE change SET header = replace(header, '\"emma\"', '\"anna\"')")
        anna.db.execute("INSERT INTO change SELECT id + 1, record, header, payload FROM change")
    (source,) = merge(hub, [anna.path]).sources
    assert [problem.code for problem in source.problems] == ["HW-2010"]
    assert hub.counts()["changes"] == 0


def test_signatures_are_checked(make: Make, form: str) -> None:
    """A signed tip is kept and travels on; a log under a forged signature is set aside."""
    anna, hub, other = make("anna"), make("hub"), make("other")
    anna.save(form=form, answers={"/data/name": "甲"}, author="a")
    anna.sign_tip(keys.generate())
    assert merge(hub, [anna.path]).sources[0].unsigned == []
    assert merge(other, [hub.path]).sources[0].unsigned == []
    anna.save(form=form, answers={"/data/name": "乙"}, author="a")
    anna.sign_tip(keys.generate())  # not the key that is known
    (source,) = merge(hub, [anna.path]).sources
    assert [problem.code for problem in source.problems] == ["HW-2012"]
    assert hub.counts()["changes"] == 1


def test_a_live_source_with_a_journal_is_read_whole(make: Make, form: str, tmp_path: Path) -> None:
    """A source in WAL mode, its last changes still in the WAL, is merged whole and left as it was."""
    anna, hub = make("anna"), make("hub")
    anna.db.execute("PRAGMA journal_mode = wal")
    anna.save(form=form, answers={"/data/name": "in the wal"}, author="a")
    wal = Path(f"{anna.path}-wal")
    before = (anna.path.read_bytes(), wal.read_bytes())
    assert merge(hub, [anna.path]).taken == 1
    assert (anna.path.read_bytes(), wal.read_bytes()) == before


def test_media_travel_with_the_file(make: Make, form: str, tmp_path: Path) -> None:
    """A photo is copied and checked; one whose bytes were altered is set aside and stays missing."""
    with Replica.create(tmp_path / "stick" / "anna.db") as anna:
        good, bad = anna.put_media(b"photo", "image/jpeg"), anna.put_media(b"other", "image/jpeg")
        anna.media(bad).write_bytes(b"OTHER")
        anna.put_document("note", "x", b"y")
        hub = make("hub")
        (source,) = merge(hub, [anna.path]).sources
    assert hub.media(good).read_bytes() == b"photo"
    assert hub.media_missing() == [bad]
    assert [problem.code for problem in source.problems] == ["HW-2025"]


def test_a_hub_that_cannot_be_written_says_so(make: Make, form: str) -> None:
    """When the hub's own file cannot be written the merge stops with HW-2028 and blames no source."""
    anna, hub = make("anna"), make("hub")
    anna.save(form=form, answers={"/data/name": "甲" * 20000}, author="a")
    pages = hub.db.execute("PRAGMA page_count").fetchone()[0]
    hub.db.execute(f"PRAGMA max_page_count = {pages}")  # a full disk, as SQLite sees it
    with pytest.raises(SyncError, match="HW-2028"):
        merge(hub, [anna.path])
    hub.db.execute("PRAGMA max_page_count = 1000000")
    assert hub.quarantined() == []
    assert merge(hub, [anna.path]).taken == 1


def test_any_flipped_byte_is_harmless(make: Make, form: str, tmp_path: Path) -> None:
    """Whatever byte of a source is changed: all of it is taken unaltered, or what is not is set aside; the
    hub is sound."""
    anna = make("anna")
    with anna.transaction():
        for number in range(40):
            anna.save(form=form, answers={"/data/name": f"甲{number}"}, author="a")
        anna.review(f"{anna.name}-7", "approved", author="s")
    anna.put_media(b"photo", "image/jpeg")
    anna.sign_tip(keys.generate())
    digest, count = anna.state_digest(), anna.counts()["changes"]
    anna.close()
    whole = anna.path.read_bytes()
    used = [place for place, byte in enumerate(whole) if byte]
    chance = random.Random(5)
    aside = 0
    for number in range(60):
        position = chance.choice(used)
        flipped = bytearray(whole)
        flipped[position] ^= 1 << chance.randrange(8)
        source = tmp_path / "flipped.db"
        source.write_bytes(flipped)
        with Replica.create(tmp_path / f"hub-{number}.db") as hub:
            report = merge(hub, [source]).sources[0]
            assert report.problems or report.taken == count, position
            aside += bool(report.problems)
            found = verify(hub)
            assert found.problems == [], position
            if report.taken and not found.unknown_forms:
                assert found.state_digest == digest, position
            assert merge(hub, [anna.path]).sources[0].problems == []
            assert hub.state_digest() == digest
    assert aside > 5
