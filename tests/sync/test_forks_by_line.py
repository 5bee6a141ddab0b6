"""Forks on the roads that are no files: lines between stores, and a phone that sends its own log."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync import Replica, keys, merge, protocol, verify
from sync.forks.known import common, lacks
from sync.forks.mend import mend
from sync.names import replica_name, replica_number
from sync.replica import log
from sync.transfer import give, pack
from sync.transfer.lines import Reader, Writer, document_line
from sync.transfer.take import Rules, Taken, take
from tests.sync.conftest import Make
from tests.sync.copies import copied, edit, sound, values, write
from tests.sync.test_protocol import enrol, request_of


def send(sender: Replica, hub: Replica, most: int = 1 << 24, rules: Rules | None = None) -> Taken:
    """What the hub lacks, in lines, as far as one call goes."""
    tips = {replica_name(number): (tip.number, tip.digest) for number, tip in log.tips(sender.db).items()}
    wanted = lacks(hub, tips)
    has = {
        name: common(sender, name, wanted[name]) if name in wanted else end for name, (end, _) in tips.items()
    }
    pieces: list[bytes] = []
    out = Writer(pieces.append)
    keys_ = set(give.document_keys(sender)) - set(give.document_keys(hub))
    for document in give.documents_lacking(sender, keys_):
        out.line(document_line(document))
    for lack in give.lacking(sender, has, most):
        give.write(sender, out, lack)
    out.end()
    return take(hub, Reader(pieces, 1 << 30).parts(), sender.name, rules or Rules())


def test_a_copy_that_sends_lines_is_kept_whole_piece_by_piece(make: Make, form: str, tmp_path: Path) -> None:
    """A branch that comes in pieces is one branch, from where it parts to its end, before and after mending."""
    bo, hub = make("bo"), make("hub")
    with bo.transaction():
        write(bo, form, *(f"common {n}" for n in range(70)))
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo 1", "bo 2")
        with copy.transaction():
            write(copy, form, *(f"copy {n}" for n in range(200)))
        assert send(bo, hub).problems == []
        codes = [[problem.code for problem in send(copy, hub, 100).problems] for _ in range(4)]
        assert codes == [["HW-2011"], ["HW-2011"], ["HW-2011"], []]
        (entry,) = hub.quarantined()
        assert (entry.first, entry.last, entry.count) == (71, 270, 200)
        assert mend(hub).taken == 200
        write(copy, form, "copy later")
        grown = send(copy, hub)
        assert (grown.problems, grown.taken) == ([], 1)
        assert send(copy, hub).taken == 0
        assert hub.counts()["records"] == 273
        assert send(hub, copy).problems == []
        assert send(copy, hub).problems == []
        sound(hub, copy)


def test_a_large_branch_in_one_stretch_is_kept_whole(make: Make, form: str, tmp_path: Path) -> None:
    """A stretch that parts from what is here is read to its end, whatever its size; one that breaks off is refused
    whole."""
    bo, hub = make("bo"), make("hub")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        with copy.transaction():
            write(copy, form, *(f"copy {n}" for n in range(6000)))
        send(bo, hub)
        assert [problem.code for problem in send(copy, hub).problems] == ["HW-2011"]
        (entry,) = hub.quarantined()
        assert (entry.first, entry.count) == (2, 6000)
        kept = [(each.header, each.payload) for each in hub.kept_changes(entry.id)]
        query = "SELECT header, payload FROM change WHERE id & 16777215 > 1 ORDER BY id"
        assert kept == copy.db.execute(query).fetchall()


def test_a_copy_s_bundle_is_kept_and_mended(
    make: Make, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle in several parts that parts from what is here is one branch, told once and mended like one from a file;
    a bundle of the hub then lets the copy mend itself."""
    monkeypatch.setattr(pack, "PART_CHANGES", 10)
    bo, hub = make("bo"), make("hub")
    write(bo, form, "common")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        merge(hub, [bo.path])
        write(copy, form, *(f"copy {n}" for n in range(35)))
        bundle = tmp_path / "copy.homeward"
        assert sum(part.is_lines for part in pack.write(copy, bundle).manifest.parts) > 1
        report = merge(hub, [bundle]).sources[0]
        assert [(p.code, p.params["count"]) for p in report.problems] == [("HW-2011", "35")]
        (entry,) = hub.quarantined()
        assert (entry.first, entry.last, entry.count) == (2, 36, 35)
        assert mend(hub).taken == 35
        assert merge(hub, [bundle]).set_aside == []
        back = tmp_path / "hub.homeward"
        pack.write(hub, back)
        assert merge(copy, [back]).set_aside == []
        write(copy, form, "later")
        pack.write(copy, tmp_path / "later.homeward")
        report = merge(hub, [tmp_path / "later.homeward"]).sources[0]
        assert (report.problems, report.taken) == ([], 1)
        sound(hub, copy)


def test_a_part_that_does_not_hold_takes_the_rest_of_its_log_along(
    make: Make, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a log in several parts whose first is altered all is set aside, under one number and told once."""
    monkeypatch.setattr(pack, "PART_CHANGES", 10)
    bo, hub = make("bo"), make("hub")
    write(bo, form, *(f"record {n}" for n in range(35)))
    with bo.transaction():
        bo.db.execute("UPDATE change SET payload = replace(payload, 'record 4', 'altered 4')")
    pack.write(bo, tmp_path / "bo.homeward")
    report = merge(hub, [tmp_path / "bo.homeward"]).sources[0]
    assert [problem.code for problem in report.problems] == ["HW-2008"]
    (entry,) = hub.quarantined()
    assert (entry.first, entry.last, entry.count) == (1, 35, 35)
    assert hub.counts()["changes"] == 0


def test_what_a_line_brings_is_set_aside_whole_for_any_reason(make: Make, form: str) -> None:
    """A log whose last payload was altered on the way is kept from its first new change on, though most of it had been
    read as sound; the log here is as it was, and the sound one is taken afterwards."""
    bo, hub = make("bo"), make("hub")
    with bo.transaction():
        write(bo, form, *(f"record {n}" for n in range(150)))
    with bo.transaction():
        bo.db.execute("UPDATE change SET payload = replace(payload, 'record 149', 'altered 149')")
    assert [problem.code for problem in send(bo, hub).problems] == ["HW-2008"]
    (entry,) = hub.quarantined()
    assert (entry.first, entry.last, entry.count) == (1, 150, 150)
    assert hub.counts()["changes"] == 0
    assert [problem.code for problem in send(bo, hub).problems] == ["HW-2008"]
    assert len(hub.quarantined()) == 1
    with bo.transaction():
        bo.db.execute("UPDATE change SET payload = replace(payload, 'altered 149', 'record 149')")
    assert (send(bo, hub).taken, hub.quarantined()) == (150, [])
    assert verify(hub).problems == []


def test_a_restricted_sender_brings_its_branches_and_nobody_else_s(
    make: Make, form: str, tmp_path: Path
) -> None:
    """Who may hand over one log may say that a branch of it goes by its own name, and bring that; not of another's."""
    bo, hub, other = make("bo"), make("hub"), make("other")
    write(bo, form, "common")
    write(other, form, "other")
    with Replica.open(copied(bo, tmp_path / "copy.db")) as copy:
        write(bo, form, "bo")
        (mine,) = write(copy, form, "copy")
        send(bo, hub)
        send(other, hub)
        send(hub, copy)
        assert copy.name != mine.partition("-")[0]
        write(copy, form, "copy later")
        stranger = send(copy, hub, rules=Rules(offers=(), logs=(copy.name,)))
        assert {problem.code for problem in stranger.problems} == {"HW-2034"}
        assert hub.documents("fork") == []
        told = send(copy, hub, rules=Rules(offers=(), logs=copy.own_names()))
        assert (told.problems, len(hub.documents("fork"))) == ([], 1)
        assert values(hub) == ["bo", "common", "copy", "copy later", "other"]


def phones(make: Make, form: str, tmp_path: Path) -> tuple[Replica, Replica, Path, keys.PrivateKey]:
    """A hub, a phone that sent three changes, the file of its copy, parted after the second, and their key."""
    hub, phone = make("hub"), make("phone")
    key = enrol(hub, phone)
    write(phone, form, "1", "2")
    path = copied(phone, tmp_path / "clone.db")
    write(phone, form, "3")
    protocol.receive(hub, request_of(phone, 1, 3, key), phone.name)
    return hub, phone, path, key


def hello(hub: Replica, phone: Replica) -> dict[str, object]:
    """What the hub says to a phone that tells its tip."""
    tip = log.tip(phone.db, replica_number(phone.name))
    return protocol.hello(hub, {"replica": phone.name, "number": str(tip.number), "digest": tip.digest})


def test_a_copied_phone_delivers_its_part(make: Make, form: str, tmp_path: Path) -> None:
    """The hub finds it in the greeting, says where to look, keeps what it sends batch by batch, and after mending
    receipts it under the old name: the phone need not know."""
    hub, phone, path, key = phones(make, form, tmp_path)
    with Replica.open(path) as clone:
        records = write(clone, form, "c3", "c4", "c5")
        said = hello(hub, clone)
        assert "problem" not in said
        assert said["digest"] != log.digest_at(clone.db, replica_number(clone.name), int(str(said["has"])))
        at_three = log.digest_at(clone.db, replica_number(clone.name), 3)
        said = protocol.hello(hub, {"replica": clone.name, "number": "3", "digest": at_three})
        assert said["problem"]["code"] == "HW-2011"
        assert said["agree"] == []
        for first, last in ((1, 4), (5, 5)):
            answer = protocol.receive(hub, request_of(clone, first, last, key), clone.name)
            assert [each["problem"]["code"] for each in answer["refused"]] == ["HW-2011"]
        (entry,) = hub.quarantined()
        assert (entry.first, entry.last, entry.count, entry.signed) == (3, 5, 3, 5)
        assert mend(hub).taken == 3
        answer = protocol.receive(hub, request_of(clone, 3, 5, key), clone.name)
        assert [receipt[0] for receipt in answer["receipts"]] == [f"{clone.name}-{n}" for n in (3, 4, 5)]
        assert all(receipt[3] for receipt in answer["receipts"])
        edit(clone, form, records[0], "c3 later")
        said = hello(hub, clone)
        assert "problem" not in said
        tip = log.digest_at(clone.db, replica_number(clone.name), 5)
        assert said["branches"] == [["5", tip]]
        answer = protocol.receive(hub, request_of(clone, 6, 6, key), clone.name)
        assert (len(answer["receipts"]), answer["refused"]) == (1, [])
        write(phone, form, "4")
        assert len(protocol.receive(hub, request_of(phone, 4, 4, key), phone.name)["receipts"]) == 1
        assert values(hub) == ["1", "2", "3", "4", "c3 later", "c4", "c5"]
    assert verify(hub).problems == []


def test_a_copied_phone_may_do_no_more_than_the_phone(make: Make, form: str, tmp_path: Path) -> None:
    """Under the branch's name too, what the device may not do is refused, and nothing is taken without its
    signature."""
    hub, _, path, key = phones(make, form, tmp_path)
    with Replica.open(path) as clone:
        write(clone, form, "c3")
        protocol.receive(hub, request_of(clone, 1, 3, key), clone.name)
        mend(hub)
        clone.review(f"{clone.name}-3", "approved", author="p")
        answer = protocol.receive(hub, request_of(clone, 4, 4, key), clone.name)
        assert [each["problem"]["code"] for each in answer["refused"]] == ["HW-2033"]
        for forged in ("", "x" * 86):
            request = request_of(clone, 4, 4, key) | {"signature": forged}
            assert protocol.receive(hub, request, clone.name)["receipts"] == []
        assert {state.review.state for state in hub.states()} == {"received"}


def test_a_copied_phone_may_send_from_the_hub_s_end_once_it_is_mended(
    make: Make, form: str, tmp_path: Path
) -> None:
    """Changes behind the end of the hub's log that follow another text of it cannot be told from damaged ones (HW-2010)
    until the branch that they go on with is known."""
    hub, _, path, key = phones(make, form, tmp_path)
    with Replica.open(path) as clone:
        write(clone, form, "c3", "c4", "c5")
        with pytest.raises(protocol.SyncError, match="HW-2010"):
            protocol.receive(hub, request_of(clone, 4, 5, key), clone.name)
        assert hub.counts()["changes"] == 3
        protocol.receive(hub, request_of(clone, 1, 3, key), clone.name)
        mend(hub)
        assert len(protocol.receive(hub, request_of(clone, 4, 5, key), clone.name)["receipts"]) == 2
