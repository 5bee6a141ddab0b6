"""Completeness: what was made, what is here, what is missing and where it was last seen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sync import completeness, merge, received
from sync.names import replica_number
from sync.replica import sighting
from sync.replica.sighting import Sighting
from sync.transfer import give, lines
from tests.sync.conftest import Make
from tests.sync.transfer.conftest import hand_over, packed, unpacked

NAME = "/data/name"


def test_a_whole_log_misses_nothing(make: Make, form: str) -> None:
    """After a merge all that a device made is here, and nothing is said to be missing."""
    field, hub = make("field"), make("hub")
    for n in range(3):
        field.save(form=form, answers={NAME: f"{n}"}, author="a")
    merge(hub, [field.path])
    (log,) = completeness(hub)
    assert (log.replica, log.made, log.here, log.missing, log.seen) == (field.name, 3, 3, None, [])
    assert log.arrived


def test_what_a_change_names_is_known_to_have_been_made(make: Make, form: str) -> None:
    """An edit of a record that has not come says so: its creation exists, and is on a device not yet merged."""
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    anna.save(form=form, answers={NAME: "first"}, author="a")
    record = anna.save(form=form, answers={NAME: "a"}, author="a")
    merge(bo, [anna.path])
    bo.save(record=record, form=form, answers={NAME: "b"}, author="b")
    with sqlite3.connect(bo.path) as db:  # the part of bo's file that a phone would have sent
        db.execute("DELETE FROM change WHERE id >> 24 <> ?", (replica_number(bo.name),))
        db.execute("DELETE FROM log WHERE replica <> ?", (replica_number(bo.name),))
        db.execute("DELETE FROM block")
    db.close()
    merge(hub, [bo.path])
    known = {log.replica: log for log in completeness(hub)}
    assert (known[anna.name].made, known[anna.name].missing) == (2, (1, 2))
    assert known[bo.name].missing is None


def test_a_file_that_was_set_aside_is_where_the_rest_was_last_seen(
    make: Make, form: str, tmp_path: Path
) -> None:
    """A log that did not pass is missing here, and its file is named."""
    field, hub = make("field"), make("hub")
    for n in range(4):
        field.save(form=form, answers={NAME: f"{n}"}, author="a")
    with sqlite3.connect(field.path) as db:
        db.execute("UPDATE change SET payload = '[]' WHERE id & 16777215 = 3")
    db.close()
    merge(hub, [field.path])
    (log,) = completeness(hub)
    assert (log.made, log.here, log.missing, log.aside) == (4, 0, (1, 4), 4)
    assert [(seen.source, seen.number) for seen in log.seen] == [(str(field.path), 4)]
    told = log.as_dict()
    assert told["missing"] == [1, 4]
    assert told["last_seen"]["source"] == str(field.path)


def test_a_gap_is_told_until_it_is_filled(make: Make, form: str) -> None:
    """What came too late is missing with what lies before it; when that comes, nothing is."""
    field, hub = make("field"), make("hub")
    for n in range(5):
        field.save(form=form, answers={NAME: f"{n}"}, author="a")
    unpacked(hub, packed(field, {field.name: 2}))
    (log,) = completeness(hub)
    assert (log.missing, log.aside, log.seen[0].source) == ((1, 5), 3, "test")
    hand_over(field, hub)
    (log,) = completeness(hub)
    assert (log.missing, log.aside, log.seen) == (None, 0, [])


def test_what_came_by_itself_counts_apart(make: Make, form: str) -> None:
    """An excerpt of the hub's log shows how far that log goes, and how many of the missing are here."""
    field, hub = make("field"), make("hub")
    record = field.save(form=form, answers={NAME: "a"}, author="a", scopes=["p:a"])
    hand_over(field, hub)
    hub.save(form=form, answers={NAME: "b"}, author="b", scopes=["p:b"])
    hub.review(record, "approved", author="s")
    changes, _, _ = give.concerning(hub, give.Interest(frozenset({"p:a"})), "", field.name, 10)
    out: list[bytes] = []
    writer = lines.Writer(out.append)
    writer.excerpts([(text, payload) for _, text, payload in changes])
    writer.end()
    unpacked(field, b"".join(out))
    known = {log.replica: log for log in completeness(field)}
    assert (known[hub.name].made, known[hub.name].here, known[hub.name].apart) == (2, 0, 1)


def test_all_received_is_a_fact(make: Make, form: str) -> None:
    """Only a hub that names this log's very number and digest has received all of it."""
    field = make("field")
    field.save(form=form, answers={NAME: "a"}, author="a")
    own = replica_number(field.name)
    digest = field.db.execute("SELECT digest FROM log").fetchone()[0]

    def seen(number: int, text: str) -> list[tuple[str, bool]]:
        sighting.see(field.db, [Sighting(own, "hub", number, text, f"2026-01-01T00:00:0{number}Z")])
        return [(each.hub, each.whole) for each in received(field)]

    assert received(field) == []
    assert seen(0, "") == [("hub", False)]
    assert seen(1, "another") == [("hub", False)]
    assert seen(1, digest) == [("hub", True)]
    field.save(form=form, answers={NAME: "b"}, author="a")
    assert [each.whole for each in received(field)] == [False]


def test_an_older_statement_does_not_replace_a_later_one(make: Make) -> None:
    """Of one source the latest counts, in whichever order statements arrive."""
    hub = make("hub")
    for number, at in ((5, "2026-01-02"), (9, "2026-01-01")):
        sighting.see(hub.db, [Sighting(7, "stick", number, "", at)])
    assert [(each.number, each.at) for each in sighting.rows(hub.db)] == [(5, "2026-01-02")]
