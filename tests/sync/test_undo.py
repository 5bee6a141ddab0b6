"""Undoing an intake, case by case; `test_undo_random.py` has random histories."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync import Replica, SyncError, merge, verify
from sync.brought import brought
from sync.change import PAYLOAD_LIMIT
from sync.names import NUMBER_BITS, NUMBER_MASK, replica_number
from sync.replica import identity, intake
from sync.undo import intakes, plan_undo, undo

Make = Callable[[str], Replica]
NAME, SIZE, LABEL = "/data/name", "/data/size", "/data/label"
FOUNDER = "/data/founders[aaaa]"


def take(hub: Replica, source: Replica) -> int:
    """Merge a file; the number of its intake."""
    id_ = merge(hub, [source.path]).sources[0].intake
    assert id_ is not None
    return id_


def write(replica: Replica, record: str, form: str, answers: dict[str, str], **how: str) -> str:
    """Answer questions of a record beside what it holds; an empty answer takes one away."""
    state = replica.state(record)
    reasons = {path: reason for path, reason in state.reasons.items() if path not in answers}
    return replica.save(
        record=record, form=form, answers={**state.answers, **answers}, reasons=reasons, author="p", **how
    )


@pytest.fixture
def three(make: Make, form: str) -> tuple[Replica, Replica, Replica, str]:
    """A hub, Anna and Bo, who all have one record."""
    hub, anna, bo = make("hub"), make("anna"), make("bo")
    record = anna.save(form=form, answers={NAME: "甲", SIZE: "5", LABEL: "L甲"}, author="a", scopes=["v:1"])
    merge(hub, [anna.path])
    merge(bo, [anna.path])
    return hub, anna, bo, record


Three = tuple[Replica, Replica, Replica, str]


def test_a_new_record_is_deleted_and_the_file_brings_nothing_more(three: Three, form: str) -> None:
    """What the intake began is deleted; merged again the file brings nothing; what the device makes later comes, and
    an edit of the deleted record is there to be decided on."""
    hub, anna, _, first = three
    second = anna.save(form=form, answers={NAME: "乙"}, author="a")
    id_ = take(hub, anna)
    report = undo(hub, id_, author="s", note="wrong stick")
    assert (report.deleted, report.changed, report.left, report.changes) == ([second], [], [], 1)
    assert hub.state(second).deleted
    assert not hub.state(first).deleted
    assert hub.history(second)[-1].header.author == "s"
    assert merge(hub, [anna.path]).taken == 0
    assert hub.state(second).deleted
    third = anna.save(form=form, answers={NAME: "丙"}, author="a")
    write(anna, second, form, {NAME: "丁"})
    assert merge(hub, [anna.path]).taken == 2
    assert hub.state(third).answers == {NAME: "丙"}
    assert [each.path for each in hub.state(second).conflicts] == [""]
    assert verify(hub).sound


def test_what_came_is_listed(three: Three, form: str) -> None:
    """Each intake with its road, source, number of records and changes, and whether it is undone; an undoing is one
    too. A number that is none, or undone already, is refused."""
    hub, anna, bo, record = three
    write(bo, record, form, {NAME: "乙"})
    bo.save(form=form, answers={NAME: "z"}, author="b")
    id_ = take(hub, bo)
    assert brought(hub, id_).as_dict() == {
        "records": {"test": 1},
        "kinds": {"edit": 1},
        "people": {"b": 1, "p": 1},
        "recorded": {"b": 1},
        "devices": {bo.name: 2},
    }
    done = undo(hub, id_, author="s")
    listed = [each.as_dict() for each in intakes(hub)]
    assert [(each["id"], each["road"], each["source"]) for each in listed] == [
        (done.id, "undo", str(id_)),
        (id_, "file", str(bo.path)),
        (1, "file", str(anna.path)),
    ]
    assert [(each["records"], each["changes"]) for each in listed] == [(0, 2), (1, 2), (1, 1)]
    assert [bool(each["undone"]) for each in listed] == [False, True, False]
    for refused, code in ((99, "HW-2087"), (id_, "HW-2088")):
        for call in (lambda n: plan_undo(hub, n), lambda n: undo(hub, n, author="s")):
            with pytest.raises(SyncError, match=code):
                call(refused)


def test_a_plan_writes_nothing(three: Three, form: str) -> None:
    """What would be undone is said without a byte of the file changing."""
    hub, _, bo, record = three
    write(bo, record, form, {NAME: "乙"})
    id_ = take(hub, bo)
    before = hub.path.read_bytes()
    assert plan_undo(hub, id_).changed == [record]
    assert hub.path.read_bytes() == before


def test_answers_that_others_changed_since_stay(three: Three, form: str) -> None:
    """Bo changed two answers; Anna has seen it and changed one of them again: only the other goes back."""
    hub, anna, bo, record = three
    write(bo, record, form, {NAME: "乙", SIZE: "6"})
    id_ = take(hub, bo)
    merge(anna, [hub.path])
    write(anna, record, form, {NAME: "丙"})
    merge(hub, [anna.path])
    assert undo(hub, id_, author="s").changed == [record]
    assert hub.state(record).answers == {NAME: "丙", SIZE: "5", LABEL: "L甲"}
    assert hub.state(record).conflicts == ()


def test_a_conflict_that_came_is_settled_back(three: Three, form: str) -> None:
    """Bo disagreed with Anna: undone, hers shows and nothing is in conflict, on every replica."""
    hub, anna, bo, record = three
    write(anna, record, form, {NAME: "丙"})
    merge(hub, [anna.path])
    write(bo, record, form, {NAME: "乙"}, clock="0fff000000000000")
    id_ = take(hub, bo)
    assert hub.state(record).answers[NAME] == "乙"
    undo(hub, id_, author="s")
    merge(anna, [hub.path])
    for each in (hub, anna):
        assert each.state(record).answers[NAME] == "丙"
        assert each.state(record).conflicts == ()


def test_a_conflict_of_others_stays_theirs(three: Three, form: str) -> None:
    """Anna and the hub disagree about the name; Bo brought another size. Undone, the name is still in conflict
    between the same two changes."""
    hub, anna, bo, record = three
    write(hub, record, form, {NAME: "丙"})
    write(anna, record, form, {NAME: "丁"})
    merge(hub, [anna.path])
    before = hub.state(record).conflicts
    write(bo, record, form, {SIZE: "9"})
    id_ = take(hub, bo)
    undo(hub, id_, author="s")
    assert hub.state(record).answers[SIZE] == "5"
    assert hub.state(record).conflicts == before


def test_a_conflict_that_was_settled_is_open_again(three: Three, form: str) -> None:
    """Bo saw the conflict and settled it: undone, both values are there again."""
    hub, anna, bo, record = three
    write(hub, record, form, {NAME: "丙"})
    write(anna, record, form, {NAME: "丁"})
    merge(hub, [anna.path])
    merge(bo, [hub.path])
    write(bo, record, form, {NAME: "戊"})
    shown = hub.state(record).answers
    id_ = take(hub, bo)
    assert hub.state(record).conflicts == ()
    undo(hub, id_, author="s")
    (conflict,) = hub.state(record).conflicts
    assert {each.value for each in conflict.values} == {"丙", "丁"}
    assert hub.state(record).answers == shown


def test_a_deleted_record_comes_back_and_disputes_nothing(three: Three, form: str) -> None:
    """Bo deleted it: undone, it is there with all its answers; an edit that Anna made meanwhile merges with it."""
    hub, anna, bo, record = three
    bo.delete(record, "twice", author="b")
    id_ = take(hub, bo)
    assert hub.state(record).deleted
    assert undo(hub, id_, author="s").restored == [record]
    assert hub.state(record).answers == {NAME: "甲", SIZE: "5", LABEL: "L甲"}
    write(anna, record, form, {NAME: "丙"})
    merge(hub, [anna.path])
    assert hub.state(record).answers[NAME] == "丙"
    assert hub.state(record).conflicts == ()


def test_the_review_shown_before_is_given_again(three: Three, form: str) -> None:
    """Approved here, sent back by an intake: undone, it is approved with the old comment and the note. What nobody
    had reviewed counts as received again."""
    hub, anna, bo, record = three
    fresh = anna.save(form=form, answers={NAME: "z"}, author="a")
    for each in (hub, bo):
        merge(each, [anna.path])
    hub.review(record, "approved", "seen", author="s")
    merge(bo, [hub.path])
    for each in (record, fresh):
        bo.review(each, "rejected", "no", [NAME], author="x")
    id_ = take(hub, bo)
    assert sorted(undo(hub, id_, author="s", note="taken back").reviewed) == sorted([record, fresh])
    review = hub.state(record).review
    assert (review.state, review.comment, review.questions) == ("approved", "seen\ntaken back", ())
    assert (hub.state(fresh).review.state, hub.state(fresh).review.comment) == ("received", "taken back")
    assert hub.counts()["conflicts"] == 0


def test_an_approval_holds_again_once_the_edit_is_undone(three: Three, form: str) -> None:
    """An approved record that an intake edited is approved again when it is as it was approved; where somebody has
    gone on it waits to be looked at."""
    hub, anna, bo, record = three
    hub.review(record, "approved", author="s")
    write(bo, record, form, {NAME: "乙", SIZE: "6"})
    id_ = take(hub, bo)
    assert hub.state(record).review.state == "edited"
    undo(hub, id_, author="s")
    assert hub.state(record).review.state == "approved"
    write(bo, record, form, {NAME: "戊", SIZE: "7"})
    id_ = take(hub, bo)
    merge(anna, [hub.path])
    write(anna, record, form, {SIZE: "8"})
    merge(hub, [anna.path])
    undo(hub, id_, author="s")
    assert hub.state(record).answers[SIZE] == "8"
    assert hub.state(record).review.state == "edited"


def test_withdrawn_and_erased_are_named_and_stay(three: Three, form: str) -> None:
    """A respondent's withdrawal and an erasure stay; they are named, the rest of the intake is undone."""
    hub, anna, bo, record = three
    other = anna.save(form=form, answers={NAME: "z"}, author="a")
    for each in (hub, bo):
        merge(each, [anna.path])
    write(bo, record, form, {SIZE: "6"})
    bo.withdraw(record, "called", author="b")
    bo.erase(other, "called", author="b")
    id_ = take(hub, bo)
    report = undo(hub, id_, author="s")
    assert report.final == sorted([(record, "withdraw"), (other, "erase")])
    assert (report.changed, report.left) == ([record], [])
    assert hub.state(record).withdrawn
    assert hub.state(record).answers[SIZE] == "5"
    assert hub.state(other).answers == {}


def test_a_new_record_that_somebody_went_on_with_is_left(three: Three, form: str) -> None:
    """The supervisor has corrected one of two new records: that one is left and named, the other deleted. A mere
    review is no reason to keep one."""
    hub, anna, _, _ = three
    kept, lost = (anna.save(form=form, answers={NAME: name}, author="a") for name in "乙丙")
    id_ = take(hub, anna)
    write(hub, kept, form, {SIZE: "1"})
    hub.review(lost, "approved", author="s")
    report = undo(hub, id_, author="s")
    assert report.left == [(kept, "went_on")]
    assert report.deleted == [lost]
    assert hub.state(kept).answers == {NAME: "乙", SIZE: "1"}


def test_what_cannot_be_read_or_has_no_beginning_here_is_left(make: Make, form: str) -> None:
    """A record whose beginning has not arrived, and one of an unknown form version, are left as they are."""
    hub, anna, bo = make("hub"), make("anna"), make("bo")
    record = anna.save(form=form, answers={NAME: "甲"}, author="a")
    merge(bo, [anna.path])
    write(bo, record, form, {SIZE: "6"})
    with bo.transaction():  # Bo's log alone
        bo.db.execute("DELETE FROM change WHERE record IS NULL")
        bo.db.execute("DELETE FROM log WHERE replica <> ?", (replica_number(bo.name),))
    id_ = take(hub, bo)
    assert undo(hub, id_, author="s").left == [(record, "beginning")]
    assert [each.intake.undone for each in intakes(hub)] == [""]
    merge(hub, [anna.path])
    newer = anna.put_form("test", "2", b"<h:html/>", [NAME, SIZE, "/data/more"])
    write(anna, record, newer, {"/data/more": "x"})
    with anna.transaction():
        anna.db.execute("DELETE FROM document WHERE id = ?", (newer,))
    unread = take(hub, anna)
    assert undo(hub, unread, author="s").left == [(record, "unreadable")]
    assert verify(hub).sound


def test_an_instance_stays_while_somebody_else_has_written_in_it(three: Three, form: str) -> None:
    """Bo added a founder. Undone, the founder is gone, unless Anna has written of the founder since: then what she
    wrote stays, and the founder with it."""
    hub, anna, bo, record = three
    write(bo, record, form, {FOUNDER: "m", f"{FOUNDER}/founder_name": "王", f"{FOUNDER}/founder_sex": "f"})
    id_ = take(hub, bo)
    merge(anna, [hub.path])
    done = undo(hub, id_, author="s")
    assert hub.state(record).answers == {NAME: "甲", SIZE: "5", LABEL: "L甲"}
    assert done.id is not None
    undo(hub, done.id, author="s")
    write(anna, record, form, {f"{FOUNDER}/founder_name": "李"})
    merge(hub, [anna.path])
    undo(hub, id_, author="s")
    assert hub.state(record).answers == {
        FOUNDER: "m",
        f"{FOUNDER}/founder_name": "李",
        NAME: "甲",
        SIZE: "5",
        LABEL: "L甲",
    }


def test_a_removed_instance_comes_back_whole(three: Three, form: str) -> None:
    """Bo removed a founder, naming the founder alone as his form does; Anna then changed the name of the business.
    Undone, the founder is back with all answers, and the new name stays."""
    hub, anna, bo, record = three
    write(anna, record, form, {FOUNDER: "m", f"{FOUNDER}/founder_name": "王"})
    for each in (hub, bo):
        merge(each, [anna.path])
    answers = {
        path: value for path, value in bo.state(record).answers.items() if not path.startswith(FOUNDER)
    }
    bo.save(record=record, form=form, answers=answers, changed=[FOUNDER], author="b")
    id_ = take(hub, bo)
    merge(anna, [hub.path])
    write(anna, record, form, {NAME: "丙"})
    merge(hub, [anna.path])
    undo(hub, id_, author="s")
    assert hub.state(record).answers == {
        FOUNDER: "m",
        f"{FOUNDER}/founder_name": "王",
        NAME: "丙",
        SIZE: "5",
        LABEL: "L甲",
    }


def test_undoing_can_be_undone_and_done_again(three: Three, form: str) -> None:
    """Back and forth three times: with what came, without it, with it; the list says which of them holds."""
    hub, _, bo, record = three
    write(bo, record, form, {NAME: "乙"})
    new = bo.save(form=form, answers={NAME: "z"}, author="b")
    id_ = wanted = take(hub, bo)
    for turn in range(6):
        report = undo(hub, wanted, author="s")
        assert report.id is not None
        wanted = report.id
        came = bool(turn % 2)
        assert hub.state(record).answers[NAME] == ("乙" if came else "甲")
        assert hub.state(new).deleted != came
        listed = intake.one(hub.db, id_)
        assert listed is not None
        assert bool(listed.undone) != came
    assert verify(hub).sound


def test_an_edit_over_a_new_record_is_undone_before_the_record(three: Three, form: str) -> None:
    """A stick brought Anna's new record and Bo's edit of it. Both undone, the edit first: the record is deleted,
    though the hub itself has written to it in between."""
    hub, anna, bo, _ = three
    new = anna.save(form=form, answers={NAME: "z"}, author="a")
    merge(bo, [anna.path])
    write(bo, new, form, {SIZE: "1"})
    ids = [take(hub, anna), take(hub, bo)]
    assert undo(hub, ids[1], author="s").changed == [new]
    report = undo(hub, ids[0], author="s")
    assert (report.deleted, report.left) == ([new], [])
    assert hub.state(new).deleted


def test_a_hub_that_may_not_use_its_name_any_more_undoes_under_a_new_one(three: Three, form: str) -> None:
    """A hub that was set back writes under a new name, also what it undoes; undone again, that counts as its own."""
    hub, _, bo, record = three
    write(bo, record, form, {NAME: "乙"})
    id_ = take(hub, bo)
    before = hub.name
    hub.outdate(identity.BEHIND, 1, "a backup")
    done = undo(hub, id_, author="s")
    assert hub.name != before
    assert hub.history(record)[-1].header.replica == hub.name
    assert hub.state(record).answers[NAME] == "甲"
    assert done.id is not None
    undo(hub, done.id, author="s")
    assert hub.state(record).answers[NAME] == "乙"
    assert verify(hub).sound


def test_undoing_is_all_or_nothing(three: Three, form: str) -> None:
    """When one change cannot be written (the hub's log is full; a record that has grown too large) none is, and the
    intake is not undone."""
    hub, anna, bo, record = three
    write(bo, record, form, {NAME: "乙"})
    new = bo.save(form=form, answers={NAME: "z"}, author="b")
    id_ = take(hub, bo)
    number = replica_number(hub.name)
    with hub.transaction():
        hub.db.execute("INSERT INTO log (replica, tip, digest) VALUES (?, ?, '')", (number, NUMBER_MASK - 1))
    before = hub.path.read_bytes()
    with pytest.raises(SyncError, match="HW-2029"):
        undo(hub, id_, author="s")
    assert hub.path.read_bytes() == before
    with hub.transaction():
        hub.db.execute("DELETE FROM log WHERE replica = ?", (number,))
    with pytest.raises(SyncError, match="HW-2017"):
        undo(hub, id_, author="s", note="x" * PAYLOAD_LIMIT)
    assert not hub.state(new).deleted
    assert hub.state(record).answers[NAME] == "乙"
    assert not any(row[0] >> NUMBER_BITS == number for row in hub.db.execute("SELECT id FROM change"))
    assert [each.intake.undone for each in intakes(hub)] == ["", ""]
    assert anna.counts()["changes"] == 1
