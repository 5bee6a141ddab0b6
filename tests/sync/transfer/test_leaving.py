"""What no longer concerns a device leaves it and comes back; cursors; the log that still proves itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync import Replica, SyncError, merge, verify
from sync.change import read_header
from sync.interest import Interest
from sync.names import change_key, replica_number
from sync.replica import excerpt, leaving, log, released
from sync.transfer import give, pull
from sync.transfer.lines import Reader
from sync.transfer.signing import sign_own
from tests.sync.transfer.roads import MakeStation, Station

BOTH = Interest(frozenset({"p:me"}), frozenset({"v:1", "v:2"}))
ONE = Interest(frozenset({"p:me"}), frozenset({"v:1"}), frozenset({"v:2"}))


@pytest.fixture
def pair(station: MakeStation) -> tuple[Station, Station]:
    """A hub, and a device whose two records it has."""
    hub, me = station("hub"), station("me")
    me.record("stays", "p:me", "v:1")
    me.record("goes", "p:me", "v:2")
    me.sync(hub, me.to(hub, interest=BOTH))
    return hub, me


def backed_up(hub: Station) -> None:
    """What a backup notes."""
    with hub.replica.transaction():
        hub.replica.db.execute("INSERT OR REPLACE INTO backed_up SELECT replica, tip, '' FROM log")


def test_nothing_leaves_before_a_backup_covers_it(pair: tuple[Station, Station]) -> None:
    """Not what the hub has without a backup, not a record with one change that the backup does not cover, not one that
    somebody is at work on."""
    hub, me = pair
    gone = next(record for record, name in me.names().items() if name == "goes")
    assert me.sync(hub, me.to(hub, interest=ONE)).left == []
    backed_up(hub)
    later = me.rename(gone, "goes too")
    assert me.sync(hub, me.to(hub, interest=ONE)).left == []
    backed_up(hub)
    assert me.sync(hub, me.to(hub, interest=ONE), busy=lambda record: record == gone).left == []
    assert me.sync(hub, me.to(hub, interest=ONE)).left == [gone]
    assert later
    assert list(me.names().values()) == ["stays"]


def left(pair: tuple[Station, Station]) -> str:
    """Let the second record leave; its name."""
    hub, me = pair
    backed_up(hub)
    (gone,) = me.sync(hub, me.to(hub, interest=ONE)).left
    return gone


def test_a_record_that_left_is_not_here(pair: tuple[Station, Station]) -> None:
    """Lists, counts and tables pass it over, asking for it and writing to it is HW-2021; the log, whole but for its
    answers, still proves itself, and what follows is sent."""
    hub, me = pair
    gone = left(pair)
    assert me.replica.counts()["records"] == 1
    for ask in (
        lambda: me.replica.state(gone),
        lambda: me.replica.history(gone),
        lambda: me.rename(gone, "again"),
    ):
        with pytest.raises(SyncError, match="HW-2021"):
            ask()
    report = verify(me.replica)
    assert (report.problems, report.changes) == ([], 2)
    assert released.records(me.replica.db) == {change_key(gone)}
    me.record("later", "p:me", "v:1")
    assert me.sync(hub, me.to(hub, interest=ONE)).complete
    assert verify(me.replica).problems == []


def test_only_what_was_let_go_may_be_missing(pair: tuple[Station, Station]) -> None:
    """Another payload that is not there is a fault as before (HW-2008), in the same log too."""
    _, me = pair
    left(pair)
    with me.replica.transaction():
        me.replica.db.execute("UPDATE change SET payload = NULL WHERE id & 16777215 = 1")
    assert [problem.code for problem in verify(me.replica).problems] == ["HW-2008"]


def test_a_hub_that_lacks_it_is_told_who_has_it(pair: tuple[Station, Station], tmp_path: Path) -> None:
    """By file HW-2038, with the hub and the time; by lines the log ends before it; a hub that has it takes what is
    new, and a table that is not ours to the letter is not read."""
    hub, me = pair
    gone = left(pair)
    me.record("later", "p:me", "v:1")
    me.replica.sign_tip(me.key)
    assert merge(hub.replica, [me.path]).set_aside == []
    with Replica.create(tmp_path / "stranger.db") as stranger:
        (source,) = merge(stranger, [me.path]).sources
        (problem,) = source.problems
        assert (problem.code, problem.place) == ("HW-2038", gone)
        assert problem.params["hub"] == hub.replica.name
    sign_own(me.replica, me.key, 0, 5000, 1 << 30)
    assert [lack.last for lack in give.lacking(me.replica, {})] == [1]
    me.replica.db.execute("ALTER TABLE released RENAME TO lost")
    me.replica.db.execute("CREATE VIEW released AS SELECT id, hub, at FROM lost")
    with Replica.create(tmp_path / "careful.db") as stranger:
        (source,) = merge(stranger, [me.path]).sources
        assert [problem.code for problem in source.problems] == ["HW-2008"]


def test_it_comes_back_to_the_byte_when_it_concerns_again(pair: tuple[Station, Station]) -> None:
    """And only with the payload that its header names."""
    hub, me = pair
    gone = left(pair)
    row = hub.replica.db.execute(
        "SELECT header, payload FROM change WHERE id = ?", (change_key(gone),)
    ).fetchone()
    forged = [(read_header(row[0]), row[0] + " ", row[1])]
    assert leaving.give_back(me.replica.db, forged) == set()
    assert me.sync(hub, me.to(hub, interest=ONE)).back == 0
    report = me.sync(hub, me.to(hub, interest=BOTH))
    assert (report.back, report.problems) == (1, [])
    assert me.names()[gone] == "goes"
    assert verify(me.replica).state_digest == verify(hub.replica).state_digest


def test_nobody_is_given_back_what_is_not_his_own(
    pair: tuple[Station, Station], station: MakeStation
) -> None:
    """A device that names another's changes as let go is given none of them."""
    hub, me = pair
    other = station("other")
    names = [f"{me.replica.name}-1", f"{me.replica.name}-2", "7k3m9q2x-1"]
    request = pull.Request(back=names)
    road = other.to(hub, interest=Interest(frozenset({"p:other"})))
    with (other.path.parent / "answer").open("w+b") as file:
        road.pull(request.as_dict(), file)
        file.seek(0)
        assert list(Reader([file.read()], 1 << 20).parts()) == []


def test_excerpts_leave_whole(station: MakeStation) -> None:
    """What came by scope is dropped to the last byte when it concerns no more, and comes again when it does."""
    hub, me = station("hub"), station("me")
    hub.record("of village one", "p:me", "v:1")
    hub.record("of village two", "p:me", "v:2")
    me.sync(hub, me.to(hub, interest=BOTH))
    assert sorted(me.names().values()) == ["of village one", "of village two"]
    before = me.replica.left()
    me.sync(hub, me.to(hub, interest=ONE))
    assert list(me.names().values()) == ["of village one"]
    assert b"of village two" not in me.path.read_bytes()
    assert me.replica.left() > before
    me.sync(hub, me.to(hub, interest=BOTH))
    assert len(me.names()) == 2
    assert verify(me.replica).problems == []


def test_a_cursor_goes_on_and_starts_again_where_it_must(
    station: MakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In small answers nothing is skipped or given twice, and what arrives between two of them comes too; a restored
    hub's cursor starts again."""
    monkeypatch.setattr(pull, "EXCERPTS", 3)
    monkeypatch.setattr(give, "SCANNED", 5)
    hub, me = station("hub"), station("me")
    with hub.replica.transaction():
        for number in range(10):
            hub.record(f"mine {number}", "p:me", "v:1")
            hub.record(f"other {number}", "p:other", "v:9")
    meanwhile = ["meanwhile", "in between"]

    def before(path: str) -> None:
        if path == "pull" and meanwhile:
            hub.record(meanwhile.pop(), "p:me", "v:1")
            hub.record("elsewhere", "p:other", "v:9")

    road = me.to(hub, interest=BOTH, before=before)
    assert me.sync(hub, road).excerpts == 12
    assert road.calls.count("pull") > 4
    for number in range(4):
        hub.record(f"more {number}", "p:me", "v:1")
    road = me.to(hub, interest=BOTH)
    assert me.sync(hub, road).excerpts == 4
    with hub.replica.transaction():  # as a hub has it that was brought back from a backup and went on
        hub.replica.db.execute("UPDATE arrival SET at = at || 'x' WHERE seq = (SELECT max(seq) FROM arrival)")
    road = me.to(hub, interest=BOTH)
    assert me.sync(hub, road).excerpts == 0
    assert road.calls.count("pull") > 4
    assert excerpt.count(me.replica.db) == 16
    assert replica_number(hub.replica.name) not in log.tips(me.replica.db)
