"""Merging a file again: seen at a look, without a lock on the hub; and whatever did change is seen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sync import Replica, keys, merge
from sync.names import replica_number
from sync.replica import connection
from sync.replica.store import GO_ON
from tests.sync.conftest import Make


def filled(make: Make, form: str, name: str = "anna") -> Replica:
    replica = make(name)
    replica.save(form=form, answers={"/data/name": name}, author=name)
    return replica


def test_what_brings_nothing_waits_for_nobody(make: Make, form: str) -> None:
    """While another process writes to the hub, files that bring nothing are looked through all the same."""
    hub, anna = make("hub"), filled(make, form)
    merge(hub, [anna.path])
    with closing(sqlite3.connect(hub.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        (report,) = merge(hub, [anna.path]).sources
        other.execute("ROLLBACK")
    assert (report.taken, report.already, report.replicas, report.problems) == (0, 1, [anna.name], [])


@pytest.mark.parametrize("wal", [False, True])
def test_what_another_takes_between_look_and_lock_is_not_taken_twice(
    make: Make, form: str, monkeypatch: pytest.MonkeyPatch, wal: bool
) -> None:
    """Two processes merge one file: one of them between the other's look and its lock. The other then finds
    everything here."""
    monkeypatch.setattr(connection, "wal_is_safe", lambda: wal)
    hub, anna = make("hub"), filled(make, form)
    taken: list[int] = []

    def meanwhile(statement: str) -> None:
        if statement == GO_ON and not taken:
            with Replica.open(hub.path) as other:
                taken.append(merge(other, [anna.path]).taken)

    hub.db.set_trace_callback(meanwhile)
    (report,) = merge(hub, [anna.path]).sources
    assert (taken, report.taken, report.already, report.problems) == ([1], 0, 1, [])
    assert [state.answers["/data/name"] for state in hub.states()] == ["anna"]


def test_whatever_is_new_beside_the_log_is_seen(make: Make, form: str, tmp_path: Path) -> None:
    """A document, a document's later date, a medium, a signature: each alone, with no change beside it."""
    hub = make("hub")
    with Replica.create(tmp_path / "stick" / "anna.db") as anna:
        anna.put_document("note", "n", b"1")
        merge(hub, [anna.path])
        anna.put_document("note", "n", b"2")
        assert merge(hub, [anna.path]).sources[0].documents == 1
        anna.put_document("note", "n", b"1")
        merge(hub, [anna.path])
        latest = hub.document_named("note", "n")
        assert latest is not None
        assert latest.data == b"1"
        digest = anna.put_media(b"photo", "image/jpeg")
        assert merge(hub, [anna.path]).sources[0].media == 1
        assert hub.media(digest).read_bytes() == b"photo"
        hub.media(digest).unlink()
        assert merge(hub, [anna.path]).sources[0].media == 0
        assert hub.media(digest).read_bytes() == b"photo", "a file that was lost comes again"
        anna.put_form("test", "1", b"<h:html/>", ["/data/name"])
        anna.save(form=anna.documents("form")[0].id, answers={"/data/name": "a"}, author="anna")
        merge(hub, [anna.path])
        anna.sign_tip(keys.generate())
        merge(hub, [anna.path])
        signed = "SELECT signature FROM log WHERE signed = tip"
        assert hub.db.execute(signed).fetchall() == anna.db.execute(signed).fetchall() != []


MEDDLING = {
    "a change beyond the tip": (
        "INSERT INTO change SELECT id + 1, record, header, payload FROM change",
        2010,
    ),
    "a change of a log without a tip": (
        "INSERT INTO change SELECT id + (1 << 30), record, header, payload FROM change",
        2010,
    ),
    "no changes": ("DELETE FROM change", 2010),
    "a tip that is no number": ("UPDATE log SET tip = CAST(tip AS BLOB)", 2010),
    "a view in place of a table": (
        "ALTER TABLE media RENAME TO m; CREATE VIEW media AS SELECT * FROM m",
        2005,
    ),
}


@pytest.mark.parametrize("how", MEDDLING)
def test_a_known_file_that_was_meddled_with_is_set_aside(make: Make, form: str, how: str) -> None:
    """That its digest is the known one excuses nothing."""
    hub, anna = make("hub"), filled(make, form)
    merge(hub, [anna.path])
    anna.close()
    script, code = MEDDLING[how]
    with closing(sqlite3.connect(anna.path)) as db:
        db.executescript(script)
    (report,) = merge(hub, [anna.path]).sources
    assert ([problem.code for problem in report.problems], report.taken) == ([f"HW-{code}"], 0)


def test_files_are_reported_as_they_were_given(make: Make, form: str, tmp_path: Path) -> None:
    """An empty replica takes files in the order of their logs, also where all hold one log in common and whatever
    stands between them; the report has the order in which they were given."""
    common = filled(make, form, "common")
    made = sorted((filled(make, form, f"d{n}") for n in range(5)), key=lambda replica: replica.name)
    for replica in made:
        merge(replica, [common.path])
    (tmp_path / "broken.db").write_bytes(b"no database")
    paths = [tmp_path / "gone.db", *(replica.path for replica in made[::-1]), tmp_path / "broken.db"]
    hub = make("hub")
    report = merge(hub, paths)
    assert [source.path for source in report.sources] == [str(path) for path in paths]
    assert [[problem.code for problem in source.problems] for source in report.sources] == [
        ["HW-2002"],
        *[[]] * 5,
        ["HW-2004"],
    ]
    for source, replica in zip(report.sources[1:-1], made[::-1], strict=True):
        assert source.replicas == sorted([replica.name, common.name])
    arrived = [name for (name,) in hub.db.execute("SELECT first >> 24 FROM arrival ORDER BY seq")]
    arrived.remove(replica_number(common.name))
    assert arrived == sorted(arrived)
    assert len(arrived) == 5
