"""Two texts of one log meet over a sync: what one copy wrote goes by a name of its own, everywhere the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sync import Replica, keys, verify
from sync.interest import Interest
from sync.transfer import giving, pull, session
from tests.sync.transfer.roads import MakeStation, Station

MINE = Interest(frozenset({"p:me"}), frozenset({"v:1"}))


def copied(station: Station, folder: Path) -> Station:
    """A copy of a replica, with its key."""
    folder.mkdir()
    shutil.copy(station.path, folder / station.path.name)
    return Station(Replica.open(folder / station.path.name), station.key, station.form)


@pytest.mark.parametrize("interest", [MINE, None], ids=["field", "everything"])
def test_a_copy_is_mended_by_its_next_syncs(
    station: MakeStation, tmp_path: Path, interest: Interest | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a log of many batches: the hub keeps what the copy wrote until it hears its name, then has it under
    that; the copy goes on under a new name; all end equal, proved, with nothing set aside."""
    for module in (giving, session, pull):
        monkeypatch.setattr(module, "MOST", 4)
    hub, me = station("hub"), station("me")
    for number in range(9):
        me.record(f"common {number}", "p:me", "v:1")
    me.sync(hub, me.to(hub, interest=interest))
    copy = copied(me, tmp_path / "copy")
    for number in range(6):
        me.record(f"mine {number}", "p:me", "v:1")
    for number in range(11):
        copy.record(f"of the copy {number}", "p:me", "v:1")
    assert me.sync(hub, me.to(hub, interest=interest)).complete
    old = copy.replica.name
    report = copy.sync(hub, copy.to(hub, interest=interest))
    assert (report.renamed, report.problems, report.sent) == (True, [], 0)
    assert copy.replica.name != old
    assert [each.problem.code for each in hub.replica.quarantined()] == ["HW-2011"]
    copy.key = keys.generate()
    assert copy.sync(hub, copy.to(hub, interest=interest)).complete
    assert hub.replica.quarantined() == []
    copy.record("later", "p:me", "v:1")
    for each in (copy, me):
        assert each.sync(hub, each.to(hub, interest=interest)).complete
    assert len(hub.names()) == 9 + 6 + 11 + 1
    for each in (hub, me, copy):
        assert verify(each.replica).problems == []
        assert each.replica.quarantined() == []
    assert len({each.replica.state_digest() for each in (hub, me, copy)}) == 1
    copy.replica.close()


def test_nobody_but_who_may_bring_anything_sets_a_hub_back(station: MakeStation) -> None:
    """A field device that says to have more of the hub's own log is noted as evidence at most where that is wanted;
    the hub keeps its name."""
    from sync.transfer import hello
    from sync.transfer.hello import Caller

    hub, me = station("hub"), station("me")
    hub.record("x")
    said = hello.statement(me.replica)
    said["logs"].append([hub.replica.name, "99", "A" * 43, "0"])
    careful = Caller(MINE, frozenset({"key"}), unsigned=False, evidence=lambda name: name != hub.replica.name)
    answer = hello.answer(hub.replica, said, careful)
    assert (answer["set_back"], hub.replica.outdated()) == ("99", None)
    hello.answer(hub.replica, said, Caller())
    assert hub.replica.outdated() is not None
