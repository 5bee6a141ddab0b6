"""Stores that were set back: devices and hubs restored from an older copy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sync import Replica, merge, protocol, verify
from sync.backup import backup
from sync.change import parse_header
from sync.forks.mend import BEHIND, OWN, RENEWAL, compare, look, mend
from sync.names import replica_number
from sync.replica import excerpt, log, sighting
from sync.replica.store import now
from tests.sync.conftest import Make
from tests.sync.copies import copied, edit, meet, problems, sound, values, write
from tests.sync.test_protocol import enrol, request_of


def test_a_device_that_was_set_back_takes_a_new_name_before_it_writes(
    make: Make, form: str, tmp_path: Path
) -> None:
    """Restored from an older copy, it learns from the hub's file that others have more of its log: it takes that back
    and goes on under a new name; nothing is lost and nothing disagrees."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "1")
    with Replica.open(copied(bo, tmp_path / "old.db")) as old:
        write(bo, form, "2", "3")
        problems(hub, bo)
        before = old.name
        report = merge(old, [hub.path])
        assert (report.taken, values(old)) == (2, ["1", "2", "3"])
        assert old.outdated() is not None
        assert (old.outdated().why, old.outdated().number) == ("behind", 2)  # type: ignore[union-attr]
        assert old.name == before, "nothing is written before it writes"
        (record,) = write(old, form, "4")
        assert not record.startswith(before)
        assert (old.outdated(), [each.name for each in old.former_names()]) == (None, [before])
        assert problems(hub, old) == []
        sound(hub, old)


def test_a_device_told_by_the_hub_takes_a_new_name(make: Make, form: str, tmp_path: Path) -> None:
    """The same over the network: what the hub says that it has is enough, before anything is fetched."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "1")
    with Replica.open(copied(bo, tmp_path / "old.db")) as old:
        write(bo, form, "2")
        problems(hub, bo)
        tip = log.tip(old.db, replica_number(old.name))
        said = protocol.hello(hub, {"replica": old.name, "number": "1", "digest": tip.digest})
        assert said["has"] == "2"
        assert old.compare_own(int(said["has"]), said["digest"], said["hub"]) is not None
        (record,) = write(old, form, "3")
        assert not record.startswith(bo.name)
        assert problems(hub, old) == []
        assert values(hub) == ["1", "2", "3"]
        assert bo.compare_own(2, said["digest"], said["hub"]) is None, "who has it all goes on"
        assert bo.compare_own(1, "x" * 43, said["hub"]) is not None, "another text of the same changes"


def test_a_device_that_wrote_before_it_knew_loses_nothing(make: Make, form: str, tmp_path: Path) -> None:
    """Restored, used for a day, then merged: what it wrote gets the branch's name, what others had is taken back, and
    edits of both sides are where they belong, at the device and at the hub, whichever meets the other first."""
    for hub_first in (False, True):
        bo, hub = make(f"bo{hub_first}"), make(f"hub{hub_first}")
        (common,) = write(bo, form, "1")
        with Replica.open(copied(bo, tmp_path / f"old{hub_first}.db")) as old:
            write(bo, form, "2", "3")
            problems(hub, bo)
            (mine,) = write(old, form, "window")
            edit(old, form, mine, "window, edited")
            edit(old, form, common, "1, edited")
            if hub_first:
                assert problems(hub, old) == ["HW-2011"]
                mend(hub)
            merge(old, [hub.path])
            edit(old, form, _named(old, "window, edited"), "window, edited later")
            assert problems(hub, old) == []
            assert values(hub) == values(old) == ["1, edited", "2", "3", "window, edited later"]
            sound(hub, old)


def _named(store: Replica, value: str) -> str:
    (found,) = [state.record for state in store.states() if state.answers.get("/data/name") == value]
    return found


def test_what_is_written_between_knowing_and_mending_is_not_lost(
    make: Make, form: str, tmp_path: Path
) -> None:
    """A store that only knows that another copy goes on (not from where) takes a new name at its next change. What it
    then edits of its branch is said again once the branch has its name, and taken back from the record of the other
    copy that has the old one."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "1")
    with Replica.open(copied(bo, tmp_path / "old.db")) as old:
        write(bo, form, "bo")
        problems(hub, bo)
        (mine,) = write(old, form, "window")
        tip = log.tip(hub.db, replica_number(bo.name))
        assert old.compare_own(tip.number, tip.digest, "hub") is not None
        later = edit(old, form, mine, "window, edited")
        assert not later.startswith(bo.name)
        problems(hub, old)
        assert values(hub) == ["1", "window, edited"], (
            "read as said of the other's record, until it is mended"
        )
        merge(old, [hub.path])
        assert problems(hub, old) == []
        assert values(hub) == ["1", "bo", "window, edited"]
        meet([hub, old])
        sound(hub, old)


def test_a_record_that_others_speak_of_shows_that_a_store_was_set_back(
    make: Make, form: str, tmp_path: Path
) -> None:
    """A review of a record that the restored device does not have, or a sighting of more of its log: it takes a new
    name, though it has not met its own later changes."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "1")
    for number in range(2):
        copied(bo, tmp_path / f"old{number}.db")
    (record,) = write(bo, form, "2")
    problems(hub, bo)
    hub.review(record, "has_issues", author="s")
    (row,) = hub.db.execute("SELECT header, payload FROM change WHERE record IS NOT NULL")
    with Replica.open(tmp_path / "old0.db") as old, old.transaction():
        excerpt.put(old.db, [(parse_header(row[0]), *row)], now())
        (made,) = write(old, form, "3")
        assert not made.startswith(bo.name)
    with Replica.open(tmp_path / "old1.db") as old:
        sighting.see(old.db, [sighting.Sighting(replica_number(bo.name), "hub", 2, "", now())])
        (finding,) = look(old)
        assert finding.renewal is not None
        assert (finding.what, finding.renewal.why) == (RENEWAL, "behind")
        (made,) = write(old, form, "3")
        assert not made.startswith(bo.name)
        assert old.former_names()[0].source == "hub"


def test_a_hub_of_yesterday_gets_everything_back(make: Make, form: str, tmp_path: Path) -> None:
    """Restored from yesterday's backup: the same field files, the same phones and another hub's file bring back all,
    its own reviews too; what it writes meanwhile gets a name of its own."""
    hub, peer, bo, phone = make("hub"), make("peer"), make("bo"), make("phone")
    key = enrol(hub, phone)
    records = write(bo, form, "bo 1") + write(phone, form, "phone 1")
    problems(hub, bo)
    protocol.receive(hub, request_of(phone, 1, 1, key), phone.name)
    hub.review(records[0], "has_issues", author="s")
    with Replica.open(backup(hub, tmp_path / "backup" / "hub.db").path) as restored:
        write(bo, form, "bo 2")
        write(phone, form, "phone 2")
        problems(hub, bo)
        protocol.receive(hub, request_of(phone, 2, 2, key), phone.name)
        hub.review(f"{bo.name}-2", "approved", author="s")
        hub.review(records[1], "rejected", author="s")
        problems(peer, hub)
        own = hub.name
        assert restored.name == own
        restored.review(records[1], "approved", author="s")
        assert restored.name != own, "a backup never goes on under the name of the original"
        assert problems(restored, bo) == []
        said = protocol.hello(restored, {"replica": phone.name, "number": "2", "digest": "x"})
        assert said["has"] == "1"
        assert len(protocol.receive(restored, request_of(phone, 2, 2, key), phone.name)["receipts"]) == 1
        assert problems(restored, peer) == []
        assert restored.state(f"{bo.name}-2").review.state == "approved"
        assert len(restored.state(records[1]).review.changes) == 2, "both reviews are there"
        meet([restored, peer])
        sound(restored, peer)


def test_a_hub_that_was_copied_back_and_wrote_at_once_is_mended(
    make: Make, form: str, tmp_path: Path
) -> None:
    """Restored with a file manager, so that nothing marks it, and used: its log parts from what a peer has of it. What
    it wrote since goes by a new name, what the peer has is taken back."""
    hub, peer, bo = make("hub"), make("peer"), make("bo")
    records = write(bo, form, "1", "2")
    problems(hub, bo)
    hub.review(records[0], "approved", author="s")
    with Replica.open(copied(hub, tmp_path / "yesterday.db")) as restored:
        hub.review(records[1], "rejected", author="s")
        problems(peer, hub)
        restored.review(records[1], "approved", author="s")
        (finding,) = compare(restored, peer.path)
        assert (finding.what, finding.number, finding.here, finding.aside) == (OWN, 2, 1, 1)
        report = merge(restored, [peer.path])
        assert (report.set_aside, [note.code for note in report.notes]) == ([], ["HW-2079"])
        assert look(restored) == []
        assert len(restored.state(records[1]).review.changes) == 2
        assert problems(peer, restored) == []
        sound(restored, peer)


def test_comparing_takes_nothing(make: Make, form: str, tmp_path: Path) -> None:
    """A look at another file says what it has more of the own log, and changes neither file; taking it back takes the
    own log alone."""
    bo, hub, other = make("bo"), make("hub"), make("other")
    write(bo, form, "1")
    with Replica.open(copied(bo, tmp_path / "old.db")) as old:
        write(bo, form, "2")
        write(other, form, "somebody else's")
        photo = other.put_media(b"photo", "image/jpeg")
        problems(hub, bo, other)
        before = old.path.read_bytes(), hub.path.read_bytes()
        (finding,) = compare(old, hub.path)
        assert (finding.what, finding.number, finding.aside) == (BEHIND, 2, 1)
        assert (old.path.read_bytes(), hub.path.read_bytes()) == before
        report = merge(old, [hub.path], only=old.own_names())
        assert (report.taken, values(old)) == (1, ["1", "2"])
        assert old.media_missing() == []
        assert not old.media(photo).exists() or old.media_folder == other.media_folder
        assert [f.what for f in look(old)] == [RENEWAL]
        assert [f.what for f in mend(old).done] == [RENEWAL]
        assert (look(old), compare(old, hub.path)) == ([], [])


WRITES = """
import sys
from sync import Replica
with Replica.open(sys.argv[1]) as replica:
    print(replica.renew())
"""


def test_another_process_that_gave_a_new_name_is_heeded(make: Make, form: str) -> None:
    """A server that has the file open writes under the name that another process gave it meanwhile; a change that is
    taken back leaves no name behind."""
    bo = make("bo")
    old = bo.name
    done = subprocess.run([sys.executable, "-c", WRITES, bo.path], capture_output=True, text=True, check=True)
    (record,) = write(bo, form, "1")
    assert record == f"{done.stdout.strip()}-1"
    assert old in bo.own_names()
    bo.outdate("copied", 2, "somewhere")
    before = bo.own_names()

    def fails() -> None:
        with bo.transaction():
            write(bo, form, "2")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert (bo.name, bo.own_names()) == (before[0], before)
    assert [json.dumps(each.name) for each in bo.former_names()] == [json.dumps(old)]
    write(bo, form, "2")
    assert bo.own_names()[1:] == [old, record.partition("-")[0]]
    assert verify(bo).problems == []
