"""Clocks that are wrong: parents decide, and a clock only says what shows meanwhile."""

from __future__ import annotations

import itertools

import pytest

from sync import Replica, merge, verify
from sync.clock import clock_at, milliseconds_of, tick
from tests.sync.conftest import Make
from tests.sync.network.clocks import START, YEAR, Clock, World

NAME = "/data/name"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A time that the test moves; whose clock is read it says by `world.turn(clock)`."""
    made = World()
    monkeypatch.setattr("sync.clock.now_milliseconds", made.now)
    return made


def answer(replica: Replica, form: str, record: str, value: str, clock: str | None = None) -> str:
    """Answers the name of a record as it is here."""
    return replica.save(record=record, form=form, answers={NAME: value}, author="a", clock=clock)


@pytest.mark.parametrize("wrong", ["ahead", "behind"])
def test_a_clock_a_year_off_and_stepping_back_loses_nothing(
    make: Make, form: str, world: World, wrong: str
) -> None:
    """Two devices edit one answer in turn, each after it saw the other's edit, one of them a year off and later set
    right and back: the last edit shows each time, nothing is a conflict and nothing is refused."""
    bo, hub, off = make("bo"), make("hub"), Clock(world)
    off.set_wrong(wrong)
    world.turn(off)
    anna = make("anna")
    clocks = {anna: off, bo: Clock(world)}
    record = anna.save(form=form, answers={NAME: "0"}, author="a")
    for number in range(1, 9):
        one, other = (anna, bo) if number % 2 else (bo, anna)
        assert merge(one, [other.path]).set_aside == []
        if number == 5:
            off.set_wrong("right")
        if number == 7:
            off.set_wrong("back")
        world.turn(clocks[one])
        answer(one, form, record, str(number))
        merge(hub, [one.path])
        state = hub.state(record)
        assert (state.answers[NAME], state.conflicts) == (str(number), ())
    headers = [change.header for change in hub.history(record)]
    for replica in (anna, bo):
        own = [h.clock for h in sorted(headers, key=lambda h: h.number) if h.replica == replica.name]
        assert own == sorted(set(own)), "a replica's own clock never stands or goes back"
    spread = [milliseconds_of(header.clock) for header in headers]
    assert max(spread) - min(spread) > YEAR // 2
    assert verify(hub).problems == []


def test_a_counter_that_is_used_up_takes_a_millisecond(make: Make, form: str, world: World) -> None:
    """65,536 changes within one millisecond, and the next one: each clock is later than the one before and has its
    sixteen digits; what is written at the end of a counter follows what it saw."""
    clock = clock_at(START)
    for _ in range(0x10000):
        following = tick(clock, START)
        assert following > clock
        clock = following
    assert clock == clock_at(START + 1)
    replica = make("hub")
    machine = Clock(world)
    machine.set_wrong("stands")
    world.turn(machine)
    with replica.transaction():
        replica._set_meta("clock", machine.used_up())
    record = replica.save(form=form, answers={NAME: "a"}, author="a")
    answer(replica, form, record, "b")
    clocks = [change.header.clock for change in replica.history(record)]
    assert clocks == [clock_at(machine.now() + 1), clock_at(machine.now() + 1, 1)]
    assert replica.state(record).answers == {NAME: "b"}
    assert verify(replica).problems == []


def test_a_child_with_an_earlier_clock_is_later_all_the_same(make: Make, form: str) -> None:
    """An edit whose clock is before that of the edit it saw takes its place, and so does the settling of a conflict; in
    whichever order the files come, and the derived rows say the same as the fold."""
    anna, bo, cai = make("anna"), make("bo"), make("cai")
    record = anna.save(form=form, answers={NAME: "0"}, author="a", clock=clock_at(9000))
    merge(bo, [anna.path])
    answer(bo, form, record, "1", clock=clock_at(5000))
    merge(cai, [bo.path])
    answer(cai, form, record, "2", clock=clock_at(1000))
    paths = [replica.path for replica in (anna, bo, cai)]
    digests = set()
    for number, order in enumerate(itertools.permutations(paths)):
        hub = make(f"hub{number}")
        merge(hub, order)
        state = hub.state(record)
        assert (state.answers[NAME], state.conflicts, len(state.heads)) == ("2", (), 1)
        assert verify(hub).problems == []
        digests.add(hub.state_digest())
    assert len(digests) == 1
    answer(anna, form, record, "3", clock=clock_at(20_000))
    merge(cai, [anna.path])
    assert [conflict.path for conflict in cai.state(record).conflicts] == [NAME]
    answer(cai, form, record, "4", clock=clock_at(1))
    assert (cai.state(record).answers[NAME], cai.state(record).conflicts) == ("4", ())
    assert verify(cai).problems == []
