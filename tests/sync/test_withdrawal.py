"""A respondent who withdraws, and what was erased: seen in the state, whatever else is here and in whichever
order it came."""

from __future__ import annotations

import itertools

import pytest

from sync import Replica, merge, verify
from sync.canonical import encode
from tests.sync.conftest import Make

NAME = "/data/name"


def put(replica: Replica, kind: str, record: str, parents: list[str]) -> None:
    """A change with the parents that a test wants it to have seen."""
    payload = encode(["1", "A" * 22, "asked to"])
    form = replica.state(record).form
    with replica.transaction():
        replica._append(kind, record, form, parents, "hub", ["v:1"], payload, None, None)


def test_a_withdrawal_shows_whatever_was_written_beside_it(make: Make, form: str) -> None:
    """Merged in any order with an edit and an approval that did not see it, the record is withdrawn: an
    equal state digest everywhere, and another one than before."""
    hub, laptop = make("hub"), make("laptop")
    record = laptop.save(form=form, answers={NAME: "a"}, author="anna")
    merge(hub, [laptop.path])
    before = hub.state_digest()
    hub.withdraw(record, "called", author="hub")
    laptop.save(record=record, form=form, answers={NAME: "b"}, author="anna")
    laptop.review(record, "approved", author="hub")
    digests = set()
    for number, order in enumerate(itertools.permutations([hub.path, laptop.path])):
        other = make(f"other{number}")
        merge(other, order)
        state = other.state(record)
        assert (state.withdrawn, state.deleted, state.answers[NAME]) == (True, False, "b")
        assert [each.withdrawn for each in other.states()] == [True]
        assert verify(other).sound
        digests.add(other.state_digest())
    assert len(digests) == 1
    assert digests != {before}


def test_an_erased_record_holds_nothing_wherever_it_comes(make: Make, form: str) -> None:
    """Its payloads are gone here and still there elsewhere: both say the same, the log still proves itself,
    and it merges on."""
    hub, laptop, fresh = make("hub"), make("laptop"), make("fresh")
    gone = laptop.save(form=form, answers={NAME: "a"}, author="anna")
    laptop.save(record=gone, form=form, answers={NAME: "b"}, author="anna")
    kept = laptop.save(form=form, answers={NAME: "c"}, author="anna")
    merge(hub, [laptop.path])
    hub.review(gone, "approved", "says too much", author="hub")
    hub.erase(gone, "asked to", author="hub")
    hub.state(gone)
    assert verify(hub).sound
    for target, source in ((fresh, hub), (laptop, hub), (hub, laptop)):
        report = merge(target, [source.path])
        assert report.sources[0].problems == []
    for replica in (hub, laptop, fresh):
        state = replica.state(gone)
        assert (state.withdrawn, dict(state.answers), state.review.state) == (True, {}, "received")
        assert state.review.comment == ""
        assert replica.state(kept).answers == {NAME: "c"}
        assert verify(replica).sound
    assert hub.state_digest() == laptop.state_digest() == fresh.state_digest()


def test_a_payload_that_is_merely_missing_is_no_erasure(make: Make, form: str) -> None:
    """A file that lacks the payload of a record that nobody erased is set aside, and verify tells of it."""
    hub, laptop = make("hub"), make("laptop")
    laptop.save(form=form, answers={NAME: "a"}, author="anna")
    laptop.db.execute("UPDATE change SET payload = NULL")
    report = merge(hub, [laptop.path])
    assert [problem.code for problem in report.sources[0].problems] == ["HW-2008"]
    assert hub.counts()["changes"] == 0
    assert [problem.code for problem in verify(laptop).problems] == ["HW-2008"]


@pytest.mark.parametrize("kind", ["withdraw", "erase"])
def test_an_unread_payload_of_a_withdrawal_still_withdraws(make: Make, form: str, kind: str) -> None:
    """The header alone says it."""
    hub = make("hub")
    record = hub.save(form=form, answers={NAME: "a"}, author="anna")
    put(hub, kind, record, [])
    hub.db.execute("UPDATE change SET payload = NULL WHERE record IS NOT NULL")
    assert hub.state(record).withdrawn
