"""Why each answer is what it is: one example for each rule, and over random histories equal to the fold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import Explanation, Replica, SyncError, Why, merge
from sync.change import Change, Edit
from sync.explain import DISAGREEMENTS, RULES, explain
from sync.fold import Folded, fold
from tests.sync.conftest import LAYOUT, Make
from tests.sync.test_network import DERIVED, Network, step
from tests.sync.test_withdrawal import put

NAME, SIZE, LABEL = "/data/name", "/data/size", "/data/label"
FOUNDER = "/data/founders[aaaa]"
INSIDE = f"{FOUNDER}/founder_name"


def clock(second: int) -> str:
    """The clock of a change that many seconds after one in the morning of 1970."""
    return f"{(3_600_000 + second * 1000) << 16:016x}"


class Pair:
    """A hub and a laptop that have both a record with a name and a founder, written by Anna at second 1."""

    def __init__(self, make: Make, form: str) -> None:
        self.form = form
        self.make = make
        self.hub, self.laptop = make("hub"), make("laptop")
        answers = {NAME: "甲", LABEL: "L", FOUNDER: "m", INSIDE: "王"}
        self.record = self.laptop.save(form=form, answers=answers, author="anna", clock=clock(1))
        self.meet()

    def meet(self) -> None:
        """Both have what the other has."""
        assert not merge(self.hub, [self.laptop.path]).set_aside
        assert not merge(self.laptop, [self.hub.path]).set_aside

    def edit(self, replica: Replica, author: str, second: int, *gone: str, **more: Any) -> str:
        """A change of what the replica shows; `gone` paths are emptied, `set` sets answers."""
        state = replica.state(self.record)
        answers = {
            path: value for path, value in state.answers.items() if not path.startswith(gone or ("#",))
        }
        return replica.save(
            record=self.record,
            form=self.form,
            answers=answers | more.pop("set", {}),
            author=author,
            clock=clock(second),
            **more,
        )

    def why(self, path: str, replica: Replica | None = None) -> Why:
        """Why the hub (or another) shows what it shows at a path."""
        found = [one for one in (replica or self.hub).explain(self.record).answers if one.path == path]
        assert len(found) == 1
        return found[0]


@pytest.fixture
def pair(make: Make, form: str) -> Pair:
    """Two replicas that have met."""
    return Pair(make, form)


def said(why: Why) -> tuple[str, str, str]:
    """Rule, what shows, and the change it comes from."""
    return why.rule, why.value or why.reason, why.origin.change


def voices(why: Why) -> list[tuple[str, str]]:
    """Who says what."""
    return [(each.origin.author, each.value or each.reason) for each in why.voices]


def test_written(pair: Pair) -> None:
    """One head: each answer comes from the change that wrote it last, with who, where and when; an answer that
    nobody touched from the creation."""
    later = pair.edit(pair.hub, "bo", 2, set={SIZE: "3"})
    why = pair.why(SIZE)
    assert said(why) == ("written", "3", later)
    assert (why.origin.author, why.origin.replica, why.origin.at) == (
        "bo",
        pair.hub.name,
        "1970-01-01T01:00:02.000Z",
    )
    assert said(pair.why(NAME)) == ("written", "甲", pair.record)


def test_an_answer_that_was_emptied_or_has_a_reason(pair: Pair) -> None:
    """Whoever took an answer out, or said why there is none, is named; an answer that there never was is not
    spoken of."""
    emptied = pair.edit(pair.hub, "bo", 2, NAME)
    assert said(pair.why(NAME)) == ("written", "", emptied)
    refused = pair.edit(pair.hub, "bo", 3, reasons={SIZE: "refused"})
    assert said(pair.why(SIZE)) == ("written", "refused", refused)
    other = pair.hub.save(form=pair.form, answers={NAME: "乙"}, author="bo")
    assert [one.path for one in pair.hub.explain(other).answers] == [NAME]


def test_only_writer(pair: Pair) -> None:
    """Several heads: the answer that one of them wrote is from that one, though the other does not hold it."""
    name = pair.edit(pair.laptop, "anna", 2, set={NAME: "乙"})
    size = pair.edit(pair.hub, "bo", 3, set={SIZE: "3"})
    pair.meet()
    assert said(pair.why(NAME)) == ("only_writer", "乙", name)
    assert said(pair.why(SIZE)) == ("only_writer", "3", size)
    assert said(pair.why(INSIDE)) == ("only_writer", "王", pair.record)


def test_agreed(pair: Pair) -> None:
    """Two who wrote the same beside each other are both named, also after somebody who had seen both went on."""
    pair.edit(pair.laptop, "anna", 2, set={NAME: "乙"})
    later = pair.edit(pair.hub, "bo", 3, set={NAME: "乙"})
    pair.meet()
    assert said(pair.why(NAME)) == ("agreed", "乙", later)
    assert voices(pair.why(NAME)) == [("anna", "乙"), ("bo", "乙")]
    pair.edit(pair.hub, "bo", 4, set={SIZE: "3"})
    assert said(pair.why(NAME)) == ("agreed", "乙", later)


def test_conflict(pair: Pair) -> None:
    """All values with who and when, in clock order; the latest shows."""
    pair.edit(pair.laptop, "anna", 3, NAME, reasons={NAME: "dont_know"})
    pair.edit(pair.hub, "bo", 2, set={NAME: "丙"})
    pair.meet()
    why = pair.why(NAME)
    assert (why.rule, why.reason, voices(why)) == (
        "conflict",
        "dont_know",
        [("bo", "丙"), ("anna", "dont_know")],
    )
    assert why.origin == why.voices[-1].origin


def test_settled(pair: Pair) -> None:
    """A change that chose among values tells which ones it had seen, also when it kept the one that showed;
    whoever changes the answer later is who wrote it."""
    pair.edit(pair.laptop, "anna", 2, set={NAME: "乙"})
    pair.edit(pair.hub, "bo", 3, set={NAME: "丙"})
    pair.meet()
    settling = pair.edit(pair.hub, "fang", 4, set={NAME: "丙"})
    why = pair.why(NAME)
    assert said(why) == ("settled", "丙", settling)
    assert voices(why) == [("anna", "乙"), ("bo", "丙")]
    later = pair.edit(pair.hub, "fang", 5, set={NAME: "丁"})
    assert said(pair.why(NAME)) == ("written", "丁", later)


def test_derived(pair: Pair) -> None:
    """What the form worked out is as the latest head has it, from the change since which it is so; folded from
    several heads it is to be worked out again."""
    again = pair.edit(pair.hub, "bo", 2, set={LABEL: "M"})
    pair.edit(pair.hub, "bo", 3, set={SIZE: "3"})
    assert said(pair.why(LABEL)) == ("derived", "M", again)
    assert not pair.hub.explain(pair.record).recompute
    pair.edit(pair.laptop, "anna", 4, set={NAME: "乙"})
    pair.meet()
    assert said(pair.why(LABEL)) == ("derived", "L", pair.record)
    assert pair.hub.explain(pair.record).recompute


def test_instance_kept(pair: Pair) -> None:
    """One removed a founder while another wrote inside: the founder stays, both are named."""
    pair.edit(pair.laptop, "anna", 3, FOUNDER)
    inside = pair.edit(pair.hub, "bo", 2, set={INSIDE: "李"})
    pair.meet()
    why = pair.why(FOUNDER)
    assert said(why) == ("kept", "m", inside)
    assert voices(why) == [("anna", ""), ("bo", "m")]
    assert said(pair.why(INSIDE)) == ("only_writer", "李", inside)


def test_gone_with_the_record(pair: Pair) -> None:
    """What was not given again when a deleted record came back went with the deletion."""
    deletion = pair.hub.delete(pair.record, "twice", author="bo", clock=clock(2))
    back = pair.edit(pair.hub, "fang", 3, set={SIZE: "3"})
    assert said(pair.why(NAME)) == ("with_record", "", deletion)
    assert said(pair.why(FOUNDER)) == ("with_record", "", deletion)
    assert said(pair.why(INSIDE)) == ("with_instance", "", deletion)
    assert said(pair.why(SIZE)) == ("written", "3", back)


def test_a_deletion_that_another_writer_had_not_seen_took_nothing_of_theirs(pair: Pair) -> None:
    """Of two writers only one was followed by a deletion: what the settling change left out is no longer
    asked."""
    pair.edit(pair.laptop, "anna", 2, set={NAME: "乙"})
    pair.laptop.delete(pair.record, "twice", author="anna", clock=clock(3))
    pair.edit(pair.hub, "bo", 4, set={NAME: "丙"})
    pair.meet()
    settling = pair.edit(pair.hub, "fang", 5, NAME, set={SIZE: "3"}, changed=[SIZE])
    assert said(pair.why(NAME)) == ("pruned", "", settling)


@pytest.mark.parametrize("heads", [1, 2])
def test_gone_with_its_instance(pair: Pair, heads: int) -> None:
    """What lay in a founder who was removed is gone with the founder, by the same change."""
    removal = pair.edit(pair.hub, "bo", 2, FOUNDER)
    if heads == 2:
        pair.edit(pair.laptop, "anna", 3, set={NAME: "乙"})
        pair.meet()
    assert said(pair.why(FOUNDER)) == ("written" if heads == 1 else "only_writer", "", removal)
    assert said(pair.why(INSIDE)) == ("with_instance", "", removal)


def test_delete_against_edit(pair: Pair) -> None:
    """A record that one deleted and another changed shows with the edit; a deletion that somebody who had seen
    it took back tells by whom."""
    pair.hub.delete(pair.record, "twice", author="bo", clock=clock(3))
    edit = pair.edit(pair.laptop, "anna", 2, set={NAME: "乙"})
    pair.meet()
    why = pair.why("")
    assert said(why) == ("delete_against_edit", "edit", edit)
    assert voices(why) == [("anna", "edit"), ("bo", "delete")]
    explanation = pair.hub.explain(pair.record)
    assert [(each.origin.author, each.because, each.undone_by) for each in explanation.deletions] == [
        ("bo", "twice", None)
    ]
    back = pair.edit(pair.hub, "fang", 4, set={NAME: "丙"})
    explanation = pair.hub.explain(pair.record)
    undone = explanation.deletions[0].undone_by
    assert (undone.change if undone else None, explanation.deleted) == (back, False)


def test_a_deletion_against_several_edits(pair: Pair) -> None:
    """The latest of the edits is the one that the record shows as."""
    tablet = pair.make("tablet")
    merge(tablet, [pair.hub.path])
    pair.edit(tablet, "chen", 2, set={SIZE: "3"})
    later = pair.edit(pair.laptop, "anna", 3, set={NAME: "乙"})
    pair.hub.delete(pair.record, "twice", author="bo", clock=clock(4))
    merge(pair.hub, [tablet.path, pair.laptop.path])
    assert said(pair.why("")) == ("delete_against_edit", "edit", later)
    assert [who for who, _ in voices(pair.why(""))] == ["chen", "anna", "bo"]


def test_deleted(pair: Pair) -> None:
    """A deleted record has no answers to explain; who deleted it, when and why stands there."""
    pair.hub.delete(pair.record, "twice", author="bo", clock=clock(2))
    explanation = pair.hub.explain(pair.record)
    assert (explanation.deleted, explanation.answers) == (True, ())
    assert [(each.origin.at, each.because) for each in explanation.deletions] == [
        ("1970-01-01T01:00:02.000Z", "twice")
    ]


def test_pruned(pair: Pair) -> None:
    """An answer that the form no longer asks may go without a change that names it: the first that lacks it is
    told."""
    first = pair.edit(pair.hub, "bo", 2, NAME, set={SIZE: "3"}, changed=[SIZE])
    pair.edit(pair.hub, "bo", 3, set={SIZE: "4"})
    assert said(pair.why(NAME)) == ("pruned", "", first)


def test_unnamed(pair: Pair) -> None:
    """A value that a change holds without saying that it wrote it is from that change."""
    first = pair.edit(pair.hub, "bo", 2, set={NAME: "乙", SIZE: "3"}, changed=[SIZE])
    pair.edit(pair.hub, "bo", 3, set={SIZE: "4"})
    assert said(pair.why(NAME)) == ("unnamed", "乙", first)


def test_not_arrived(pair: Pair) -> None:
    """An answer whose writer is not here is as the latest head has it, be there an older writer of it here or
    none."""
    absent = pair.edit(pair.laptop, "anna", 2, set={NAME: "乙"})
    pair.edit(pair.hub, "bo", 3, set={SIZE: "3"})
    pair.meet()
    both = pair.edit(pair.hub, "fang", 4, set={SIZE: "4"})
    known = [change for change in pair.hub.history(pair.record) if change.name != absent]
    found = {why.path: why for why in explain(pair.record, known).answers}
    assert said(found[NAME]) == ("not_arrived", "乙", both)
    assert said(found[SIZE]) == ("written", "4", both)
    explanation = explain(pair.record, [change for change in known if change.name == both])
    found = {why.path: why for why in explanation.answers}
    assert explanation.created is None
    assert said(found[INSIDE]) == ("not_arrived", "王", both)


def test_not_arrived_and_not_shown(pair: Pair) -> None:
    """An answer that the latest change holds but does not say that it wrote does not show while the beginning
    stands beside it without the answer: whoever gave it is not here."""
    absent = pair.edit(pair.laptop, "anna", 2, set={SIZE: "3"})
    pair.edit(pair.laptop, "anna", 3, set={NAME: "乙"})
    known = [change for change in pair.laptop.history(pair.record) if change.name != absent]
    found = {why.path: why for why in explain(pair.record, known).answers}
    assert said(found[SIZE]) == ("not_arrived", "", pair.record)


def test_review(pair: Pair) -> None:
    """The state that shows, by which review; `edited` tells what the review had not seen; a review beside it is
    listed."""
    assert pair.hub.explain(pair.record).review.origin is None
    pair.laptop.review(pair.record, "has_issues", "which?", author="chen", clock=clock(2))
    approved = pair.hub.review(pair.record, "approved", author="fang", clock=clock(3))
    pair.meet()
    review = pair.hub.explain(pair.record).review
    assert (review.state, review.given, review.unseen) == ("approved", "approved", ())
    assert review.origin is not None
    assert (review.origin.change, review.origin.author) == (approved, "fang")
    assert [(each.origin.author, each.value) for each in review.others] == [("chen", "has_issues")]
    edit = pair.edit(pair.hub, "anna", 4, set={NAME: "乙"})
    review = pair.hub.explain(pair.record).review
    assert (review.state, review.given) == ("edited", "approved")
    assert [(each.origin.change, each.changed) for each in review.unseen] == [(edit, (NAME,))]


def test_withdrawn_and_erased(pair: Pair) -> None:
    """A withdrawal is told with who and when, the answers still are; an erasure leaves nothing but itself."""
    pair.hub.withdraw(pair.record, "called", author="fang", clock=clock(2))
    explanation = pair.hub.explain(pair.record)
    assert [(each.origin.kind, each.origin.author, each.because) for each in explanation.withdrawals] == [
        ("withdraw", "fang", "called")
    ]
    assert explanation.withdrawn
    assert NAME in {why.path for why in explanation.answers}
    pair.hub.review(pair.record, "approved", author="fang", clock=clock(3))
    pair.hub.erase(pair.record, "asked to", author="hub")
    explanation = pair.hub.explain(pair.record)
    assert (explanation.answers, explanation.review.state) == ((), "received")
    assert sorted(each.origin.kind for each in explanation.withdrawals) == ["erase", "withdraw"]


def test_a_form_version_that_is_not_here(pair: Pair) -> None:
    """Answers whose places are all that is known are explained as they show; nothing is called emptied only
    because two versions call it differently."""
    later = pair.hub.put_form("test", "2", b"<h:html/>", [*LAYOUT, "/data/story"])
    pair.hub.save(record=pair.record, form=later, answers={NAME: "乙"}, author="bo", clock=clock(2))
    for missing in (pair.form, later):
        known = []
        for change in pair.hub.history(pair.record):
            payload = change.payload
            if change.header.form == missing and isinstance(payload, Edit):
                raw = {f"#{place}": value for place, value in enumerate(payload.answers.values())}
                payload = Edit(raw, {}, payload.changed, frozenset(), False)
            known.append(Change(change.header, payload))
        explanation = explain(pair.record, known)
        folded = fold(pair.record, known)
        assert {why.path: why.value for why in explanation.answers if why.value} == folded.answers
        emptied = {why.path for why in explanation.answers if not why.value}
        assert emptied == (set() if missing == later else {FOUNDER, INSIDE})  # `later` itself names these
        rules = {why.path: why.rule for why in explanation.answers}
        assert rules["#0" if missing == later else NAME] == ("not_arrived" if missing == later else "written")


@pytest.mark.parametrize("payload", ["", '["1"]', '["1","AAAAAAAAAAAAAAAAAAAAAA",[],[],["/data/name"],[]]'])
def test_it_never_raises_for_what_a_change_holds(pair: Pair, payload: str) -> None:
    """Payloads that cannot be read, removals without one, changes that descend from each other."""
    with pair.laptop.transaction():
        other = f"{pair.laptop.name}-3"
        for parents in ((other, pair.record), (f"{pair.laptop.name}-2",)):
            pair.laptop._append("settle", pair.record, pair.form, parents, "anna", [], payload, None, None)
    put(pair.laptop, "withdraw", pair.record, [other])
    pair.laptop.db.execute("UPDATE change SET payload = NULL WHERE header LIKE '%\"withdraw\"%'")
    explanation = pair.laptop.explain(pair.record)
    check(explanation, pair.laptop.history(pair.record))
    assert explanation.withdrawals[0].because == ""


def test_nothing_here_is_a_numbered_problem(make: Make) -> None:
    """HW-2021 for a record of which nothing is here."""
    with pytest.raises(SyncError, match="HW-2021"):
        make("hub").explain("0000000a-1")


class Slow:
    """The history of a record over sets, written without the fold: who descends from whom, who wrote what."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.by_name = {change.name: change for change in changes}
        self.edits = {change.name: change.payload for change in changes if isinstance(change.payload, Edit)}

    def above(self, name: str) -> set[str]:
        """What a change descends from, as far as it is here."""
        found: set[str] = set()
        todo = [name]
        while todo:
            new = {p for p in self.by_name[todo.pop()].header.parents if p in self.by_name} - found
            found |= new
            todo += new
        return found

    def tops(self, names: Iterable[str]) -> set[str]:
        """Those that no other of them descends from; all of them in a circle."""
        given_ = set(names)
        return {one for one in given_ if not any(one in self.above(other) for other in given_)} or given_

    def writers(self, path: str) -> set[str]:
        """The last that wrote a path; who lacks the instance around it wrote nothing."""
        around = [path[: place + 1] for place, letter in enumerate(path[:-1]) if letter == "]"]
        return self.tops(
            name
            for name, edit in self.edits.items()
            if {"*", path} & set(edit.changed) and all(instance in edit.answers for instance in around)
        )

    def holds(self, name: str, path: str) -> tuple[str, str]:
        """Value and reason that a change holds."""
        return self.edits[name].answers.get(path, ""), self.edits[name].reasons.get(path, "")

    @property
    def whole(self) -> bool:
        """All ancestors are here."""
        return all(p in self.by_name for change in self.by_name.values() for p in change.header.parents)


def check(explanation: Explanation, changes: Sequence[Change]) -> None:
    """The explanation shows what the fold shows, each change it names holds what it is named for, and each
    rule is true."""
    folded = fold(explanation.record, changes)
    shown = {why.path: why for why in explanation.answers}
    assert len(shown) == len(explanation.answers)
    assert {p: w.value for p, w in shown.items() if w.value and p} == folded.answers
    assert {p: w.reason for p, w in shown.items() if w.reason} == folded.reasons
    conflicts = {p: w.voices for p, w in shown.items() if w.rule in DISAGREEMENTS}
    assert {
        path: [(each.origin.change, each.value, each.reason) for each in found]
        for path, found in conflicts.items()
    } == {c.path: [(v.change, v.value, v.reason) for v in c.values] for c in folded.conflicts}
    assert explanation.deleted == folded.deleted
    assert explanation.withdrawn == folded.withdrawn
    assert (explanation.review.state, explanation.review.comment) == (
        folded.review.state,
        folded.review.comment,
    )
    assert tuple(head.change for head in explanation.heads) == folded.heads
    slow = Slow(changes)
    for why in explanation.answers:
        if why.path:
            check_one(why, slow, folded)


def check_one(why: Why, slow: Slow, folded: Folded) -> None:
    """One answer's rule."""
    path, writers = why.path, slow.writers(why.path)
    assert why.rule in RULES
    origin = why.origin.change
    header = slow.by_name[origin].header
    assert (header.author, header.replica, header.at) == (
        why.origin.author,
        why.origin.replica,
        why.origin.at,
    )
    gone = why.rule in ("with_instance", "with_record")
    if not gone:
        assert slow.holds(origin, path) == (why.value, why.reason)
    if why.rule in ("written", "only_writer", "settled"):
        assert writers == {origin}
        assert why.rule != "written" or len(folded.heads) == 1
        assert why.rule != "only_writer" or len(folded.heads) > 1
        seen = fold(folded.record, [slow.by_name[name] for name in slow.above(origin)])
        before = next((conflict.values for conflict in seen.conflicts if conflict.path == path), ())
        told = [(voice.origin.change, voice.value, voice.reason) for voice in why.voices]
        assert told == [(each.change, each.value, each.reason) for each in before]
        assert bool(before) == (why.rule == "settled")
    if why.rule in ("agreed", "conflict"):
        assert {voice.origin.change for voice in why.voices} == writers
        assert (len({(voice.value, voice.reason) for voice in why.voices}) == 1) == (why.rule == "agreed")
    if why.rule == "derived":
        assert path.replace("[aaaa]", "").replace("[bbbb]", "") in DERIVED
    if gone:
        assert header.kind == "delete" or why.rule == "with_instance"
        around = path[: path.index("]") + 1] if why.rule == "with_instance" else path
        assert around not in folded.answers
        assert header.kind == "delete" or around not in slow.edits[origin].answers
    if why.rule == "not_arrived":
        assert not slow.whole
        heads = {name for name in folded.heads if name in slow.edits}
        assert not writers or len({slow.holds(name, path) for name in writers | heads}) > 1
    # These replicas name all that they change.
    assert why.rule not in ("pruned", "unnamed")


def spoken_of(explanation: Explanation, changes: Sequence[Change]) -> None:
    """Whatever somebody once gave and is no longer there is spoken of."""
    if explanation.deleted:
        return
    given_ = {
        path
        for change in changes
        if isinstance(change.payload, Edit)
        for path in {*change.payload.answers, *change.payload.reasons}
        if path.replace("[aaaa]", "").replace("[bbbb]", "") not in DERIVED
    }
    assert given_ <= {why.path for why in explanation.answers}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(step, min_size=4, max_size=24),
    st.lists(st.integers(0, 4), min_size=3, max_size=9),
    st.lists(st.integers(0, 30), max_size=3),
)
def test_it_agrees_with_the_fold(steps: list[tuple[Any, ...]], clocks: list[int], lost: list[int]) -> None:
    """Whatever a network of replicas does, before and after they meet, and whichever changes have not arrived:
    values, reasons and conflicts are those of `Replica.state`, every change that is named holds what it is
    named for, and every rule is true."""
    with tempfile.TemporaryDirectory() as name:
        network = Network(Path(name), clocks)
        try:
            for each in [("create", 0, "甲"), ("meet", 1, 0), ("meet", 2, 0), *steps]:
                network.do(each)
            for _ in range(2):
                for replica in network.replicas:
                    every_record(replica, lost)
                merge(network.replicas[0], [other.path for other in network.replicas[1:]])
        finally:
            network.close()


def every_record(replica: Replica, lost: Sequence[int]) -> None:
    """Checks all records of a replica as they are, and without some of their changes."""
    for state in replica.states():
        history = replica.history(state.record)
        explanation = replica.explain(state.record)
        check(explanation, history)
        spoken_of(explanation, history)
        assert {w.path: w.value for w in explanation.answers if w.value and w.path} == state.answers
        assert {w.path: w.reason for w in explanation.answers if w.reason} == state.reasons
        found = {w.path for w in explanation.answers if w.rule in DISAGREEMENTS}
        assert found == {conflict.path for conflict in state.conflicts}
        known = [change for place, change in enumerate(history) if place not in lost]
        check(explain(state.record, known), known)


def test_json(pair: Pair) -> None:
    """The explanation as JSON has the same members."""
    told = pair.hub.explain(pair.record).as_dict()
    assert told["created"]["author"] == "anna"
    assert [why["rule"] for why in told["answers"] if why["path"] == NAME] == ["written"]
