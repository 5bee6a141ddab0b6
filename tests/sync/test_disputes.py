"""People who disagree about a record: what is kept, what shows, and how it ends."""

from __future__ import annotations

import itertools

from sync import Replica, merge, verify
from tests.sync.conftest import Make

NAME, SIZE = "/data/name", "/data/size"


def answer(replica: Replica, form: str, record: str, **given: str) -> str:
    """Edits a record as it is here, by the names of its questions."""
    answers = dict(replica.state(record).answers) | {f"/data/{name}": value for name, value in given.items()}
    return replica.save(record=record, form=form, answers=answers, author="a")


def meet(*replicas: Replica) -> None:
    """Everybody meets everybody; then all say the same."""
    for target in replicas:
        assert merge(target, [other.path for other in replicas if other is not target]).set_aside == []
    for target in replicas[:-1]:
        merge(target, [replicas[-1].path])
    assert len({replica.state_digest() for replica in replicas}) == 1
    assert all(verify(replica).problems == [] for replica in replicas)


def conflicts(replica: Replica, record: str) -> dict[str, list[str]]:
    """The values in conflict, by path, in clock order."""
    return {c.path: [said.value for said in c.values] for c in replica.state(record).conflicts}


def test_a_deleted_record_is_made_again(make: Make, form: str) -> None:
    """Whoever saw the deletion and writes to the record brings it back, without a conflict, in both orders of arrival;
    who creates it anew has a record of its own, and the deleted one stays deleted."""
    anna, bo = make("anna"), make("bo")
    record = anna.save(form=form, answers={NAME: "甲", SIZE: "1"}, author="a")
    twin = anna.save(form=form, answers={NAME: "乙"}, author="a")
    anna.delete(record, "twice", author="a")
    anna.delete(twin, "twice", author="a")
    merge(bo, [anna.path])
    assert bo.state(record).deleted
    again = bo.save(form=form, answers={NAME: "乙"}, author="b")
    bo.save(record=record, form=form, answers={NAME: "甲"}, author="b")
    for number, order in enumerate(([anna, bo], [bo, anna])):
        hub = make(f"hub{number}")
        merge(hub, [replica.path for replica in order])
        state = hub.state(record)
        assert (state.deleted, state.answers, state.conflicts) == (False, {NAME: "甲"}, ())
        assert (hub.state(twin).deleted, hub.state(again).answers) == (True, {NAME: "乙"})
        assert hub.counts()["deleted"] == 1
        assert verify(hub).problems == []
    anna.delete(record, "twice", author="a")
    meet(anna, bo)
    assert conflicts(anna, record) == {"": ["edit", "delete"]}
    assert not anna.state(record).deleted


def test_the_same_uuid_made_twice_makes_two_records(make: Make, form: str) -> None:
    """Two devices (a copied draft, a broken source of chance) give records one instanceID: both are kept, neither takes
    the other's place, and each goes on by itself."""
    uuid = "/data/meta/instanceID"
    anna, bo, hub = make("anna"), make("bo"), make("hub")
    records = [
        replica.save(form=form, answers={NAME: value, uuid: "uuid:5f1c"}, author="a")
        for replica, value in ((anna, "甲"), (bo, "乙"))
    ]
    meet(anna, bo, hub)
    answer(hub, form, records[0], size="9")
    meet(anna, bo, hub)
    states = [hub.state(record) for record in records]
    assert [state.answers[NAME] for state in states] == ["甲", "乙"]
    assert {state.answers[uuid] for state in states} == {"uuid:5f1c"}
    assert [SIZE in state.answers for state in states] == [True, False]
    assert all(state.conflicts == () for state in states)
    assert hub.counts()["records"] == 2


def test_the_same_instance_made_twice_is_one_instance(make: Make, form: str) -> None:
    """Two people who add an instance under one id speak of one instance: what they agree on is no conflict, what
    differs is one, and nothing is lost."""
    anna, bo = make("anna"), make("bo")
    record = anna.save(form=form, answers={NAME: "甲"}, author="a")
    merge(bo, [anna.path])
    here = "/data/founders[k3f9]"
    for replica, sex in ((anna, "f"), (bo, "m")):
        answers = {NAME: "甲", here: "m", f"{here}/founder_name": "王", f"{here}/founder_sex": sex}
        replica.save(record=record, form=form, answers=answers, author="a")
    meet(anna, bo)
    assert {path: sorted(values) for path, values in conflicts(anna, record).items()} == {
        f"{here}/founder_sex": ["f", "m"]
    }
    assert anna.state(record).answers[f"{here}/founder_name"] == "王"


def test_three_who_disagree_are_settled_and_edited_again(make: Make, form: str) -> None:
    """Three values of one answer are all kept; a settle that leaves the value that shows ends the conflict everywhere;
    who then writes to another answer without having seen it does not bring the conflict back, and who writes to this
    one disputes what was settled alone."""
    anna, bo, cai, hub = make("anna"), make("bo"), make("cai"), make("hub")
    record = anna.save(form=form, answers={NAME: "0", SIZE: "1"}, author="a")
    meet(anna, bo, cai)
    for replica, value in ((anna, "甲"), (bo, "乙"), (cai, "丙")):
        answer(replica, form, record, name=value)
    meet(anna, bo, cai, hub)
    assert {path: sorted(values) for path, values in conflicts(hub, record).items()} == {
        NAME: sorted("甲乙丙")
    }
    before = hub.state(record)
    stale = make("stale")
    merge(stale, [hub.path])
    answer(hub, form, record, name=before.answers[NAME])
    assert (hub.state(record).answers, hub.state(record).conflicts) == (before.answers, ())
    # Somebody who saw one of the three edits only, and writes to another answer.
    bo_again = bo.save(
        record=record,
        form=form,
        answers={NAME: "乙", SIZE: "2"},
        author="b",
        parents=[change.name for change in bo.history(record) if change.header.replica == bo.name],
    )
    meet(anna, bo, cai, hub)
    state = hub.state(record)
    assert (bo_again in state.heads, state.answers[SIZE], state.conflicts) == (True, "2", ())
    assert state.answers[NAME] == before.answers[NAME], "what was settled does not come back"
    answer(anna, form, record, name="丁")
    answer(stale, form, record, name="戊")
    meet(anna, bo, cai, hub, stale)
    assert {path: sorted(values) for path, values in conflicts(hub, record).items()} == {NAME: ["丁", "戊"]}


def test_two_supervisors_who_settle_at_once(make: Make, form: str) -> None:
    """Both settle the same conflict before they meet: alike, and it is over; differently, and only their two decisions
    are in conflict, until one who saw both settles them."""
    for decisions, open_ in ((("乙", "乙"), {}), (("乙", "丙"), {NAME: ["丙", "乙"]})):
        mark = "".join(decisions)
        anna, bo, hub, other = (make(f"{name}{mark}") for name in ("anna", "bo", "hub", "other"))
        record = anna.save(form=form, answers={NAME: "0"}, author="a")
        merge(bo, [anna.path])
        answer(anna, form, record, name="甲")
        answer(bo, form, record, name="乙")
        for supervisor, decision in zip((hub, other), decisions, strict=True):
            merge(supervisor, [anna.path, bo.path])
            assert conflicts(supervisor, record)
            name = answer(supervisor, form, record, name=decision)
            assert {c.name: c.header.kind for c in supervisor.history(record)}[name] == "settle"
        meet(hub, other)
        found = {path: sorted(values) for path, values in conflicts(hub, record).items()}
        assert found == {path: sorted(values) for path, values in open_.items()}
        answer(hub, form, record, name="丁")
        meet(hub, other, anna, bo)
        assert conflicts(bo, record) == {}
        assert bo.state(record).answers[NAME] == "丁"


def test_two_who_review_at_once_are_both_listed(make: Make, form: str) -> None:
    """The later review shows, both are listed, in any order of arrival; one that saw both takes their place."""
    anna, hub, other = make("anna"), make("hub"), make("other")
    record = anna.save(form=form, answers={NAME: "0"}, author="a")
    for supervisor in (hub, other):
        merge(supervisor, [anna.path])
    hub.review(record, "approved", author="h", clock="0000000000000002")
    other.review(record, "rejected", author="o", clock="0000000000000001")
    digests = set()
    for number, order in enumerate(itertools.permutations([hub.path, other.path, anna.path])):
        third = make(f"third{number}")
        merge(third, order)
        review = third.state(record).review
        assert (review.state, len(review.changes)) == ("approved", 2)
        digests.add(third.state_digest())
    assert len(digests) == 1
    meet(hub, other)
    other.review(record, "has_issues", author="o")
    meet(hub, other)
    assert (hub.state(record).review.state, len(hub.state(record).review.changes)) == ("has_issues", 1)
