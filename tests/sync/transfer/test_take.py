"""Taking lines: the same rules as for a file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import Replica, SyncError, keys, merge, verify
from sync.names import change_key
from sync.problems import Problem
from sync.transfer import give, lines
from sync.transfer.take import Rules
from tests.sync.conftest import Make
from tests.sync.transfer.conftest import hand_over, has, packed, unpacked

NAME = "/data/name"


def edit(replica: Replica, form: str, record: str, value: str) -> str:
    return replica.save(record=record, form=form, answers={NAME: value}, author="a")


def test_lines_bring_what_a_file_brings(make: Make, form: str) -> None:
    """The same changes by lines and by file give the same state, log and proof; a second time nothing is
    written."""
    field, by_file, by_lines = make("field"), make("file"), make("lines")
    records = [field.save(form=form, answers={NAME: f"{n}"}, author="a") for n in range(150)]
    edit(field, form, records[3], "x")
    field.review(records[4], "approved", author="s")
    field.delete(records[5], "twice", author="a")
    merge(by_file, [field.path])
    found = hand_over(field, by_lines)
    assert (found.taken, found.already, found.problems) == (153, 0, [])
    assert by_lines.state_digest() == by_file.state_digest()
    assert verify(by_lines).problems == []
    assert by_lines.counts() == by_file.counts()
    before = by_lines.path.read_bytes()
    assert hand_over(field, by_lines).taken == 0
    assert unpacked(by_lines, packed(field, {})).already == 153
    assert by_lines.path.read_bytes() == before


def test_lines_go_on_where_they_were_cut(make: Make, form: str) -> None:
    """Stretch after stretch, each its own transaction, ends where one does."""
    field, hub = make("field"), make("hub")
    for n in range(200):
        field.save(form=form, answers={NAME: f"{n}"}, author="a")
    rounds = 0
    while hub.counts()["changes"] < 200:
        unpacked(hub, packed(field, has(hub), most=70))
        rounds += 1
    assert rounds == 3
    assert hub.state_digest() == field.state_digest()
    assert verify(hub).problems == []


def test_a_stretch_that_begins_too_late_is_a_gap(make: Make, form: str) -> None:
    """It is set aside with what is missing, and taken when that is here."""
    field, hub = make("field"), make("hub")
    for n in range(5):
        field.save(form=form, answers={NAME: f"{n}"}, author="a")
    found = unpacked(hub, packed(field, {field.name: 2}))
    assert [(p.code, p.place) for p in found.problems] == [("HW-2014", f"{field.name}-1")]
    assert hub.counts()["changes"] == 0
    assert hand_over(field, hub).taken == 5


def test_two_stories_of_one_log_are_a_fork(make: Make, form: str) -> None:
    """The branch that comes later is set aside whole, the other logs of the body are taken."""
    first, hub = make("first"), make("hub")
    first.save(form=form, answers={NAME: "both"}, author="a")
    copy = make("copy")
    merge(copy, [first.path])
    copy._set_meta("replica", first.name)
    copy.name = first.name
    copy.save(form=form, answers={NAME: "theirs"}, author="a")
    first.save(form=form, answers={NAME: "ours"}, author="a")
    hand_over(first, hub)
    other = make("other")
    other.save(form=form, answers={NAME: "other"}, author="a")
    merge(copy, [other.path])
    found = unpacked(hub, packed(copy, {}))
    assert [(p.code, p.place) for p in found.problems] == [("HW-2011", f"{first.name}-2")]
    assert has(hub) == {first.name: 2, other.name: 1}
    (entry,) = hub.quarantined()
    query = "SELECT header, payload FROM change WHERE id = ?"
    theirs = copy.db.execute(query, (change_key(f"{first.name}-2"),)).fetchall()
    assert [(each.header, each.payload) for each in hub.kept_changes(entry.id)] == theirs
    assert verify(hub).problems == []


@pytest.mark.parametrize("place", ["header", "payload"])
def test_an_altered_byte_takes_the_log_and_no_other(make: Make, form: str, place: str) -> None:
    """Its own log is set aside with the reason; nothing of it is left behind."""
    field, hub = make("field"), make("hub")
    for n in range(70):
        field.save(form=form, answers={NAME: f"name {n}"}, author="a")
    out: list[bytes] = []
    writer = lines.Writer(out.append)
    for document in give.documents_lacking(field, give.document_keys(field)):
        writer.line(lines.document_line(document))
    (lack,) = give.lacking(field, {})
    rows = field.db.execute("SELECT header, payload FROM change ORDER BY id").fetchall()
    header, payload = rows[65]
    rows[65] = (
        (header.replace('"a"', '"b"'), payload)
        if place == "header"
        else (header, payload.replace("name", "nome"))
    )
    writer.stretch(give.head_of(field, lack), [rows])
    writer.end()
    found = unpacked(hub, b"".join(out))
    assert [p.code for p in found.problems] == ["HW-2010" if place == "header" else "HW-2008"]
    assert (hub.counts()["changes"], hub.counts()["records"]) == (0, 0)
    assert hand_over(field, hub).taken == 70


def test_a_log_with_a_known_key_is_handed_on_as_it_was_signed(make: Make, form: str) -> None:
    """Up to a signature and no further; a forged one is refused."""
    field, hub, top = make("field"), make("hub"), make("top")
    key = keys.generate()
    for n in range(3):
        field.save(form=form, answers={NAME: f"{n}"}, author="a")
    field.sign_tip(key)
    for n in range(2):
        field.save(form=form, answers={NAME: f"{n}"}, author="a")
    hand_over(field, hub)
    assert has(hub) == {field.name: 3}
    field.sign_tip(key)
    hand_over(field, hub)
    assert has(hub) == {field.name: 5}
    assert [lack.last for lack in give.lacking(hub, {}, most=1)] == [3]
    hand_over(hub, top)
    assert (has(top), top.logs()[0]["signed"]) == ({field.name: 5}, 5)
    field.save(form=form, answers={NAME: "more"}, author="a")
    field.sign_tip(keys.generate())
    found = hand_over(field, hub)
    assert [p.code for p in found.problems] == ["HW-2012"]
    assert has(hub) == {field.name: 5}


def test_a_sender_brings_only_what_it_may(make: Make, form: str) -> None:
    """Other people's logs, unsigned ones and judged changes are set aside; documents of other kinds stay out."""
    field, hub = make("field"), make("hub")
    field.put_document("list", "villages", b"[]")
    record = field.save(form=form, answers={NAME: "a"}, author="a")
    body = packed(field, {})
    assert unpacked(hub, body, Rules(logs=())).problems[0].code == "HW-2034"
    assert unpacked(hub, body, Rules(unsigned=False)).problems[0].code == "HW-2039"
    judged = Rules(judge=lambda header: Problem("HW-2033", header.name, {"kind": header.kind}))
    assert unpacked(hub, body, judged).problems[0].place == record
    assert hub.counts()["changes"] == 0
    assert unpacked(make("other"), body, Rules(offers=["form"])).documents == 0
    assert unpacked(hub, body).taken == 1


def test_excerpts_are_read_and_give_way_to_their_log(make: Make, form: str) -> None:
    """A device is shown the review of its record without the hub's log; when that log comes, it takes their
    place and nothing changes."""
    field, hub = make("field"), make("hub")
    record = field.save(form=form, answers={NAME: "a"}, author="a", scopes=["p:a", "v:1"])
    hand_over(field, hub)
    hub.review(record, "has_issues", "which name?", [NAME], author="s")
    foreign = hub.save(form=form, answers={NAME: "secret"}, author="b", scopes=["p:b", "v:1"])
    hub.erase(foreign, "asked", author="s")
    interest = give.Interest(frozenset({"p:a"}), frozenset({"v:1"}))
    changes, cursor, more = give.concerning(hub, interest, "", field.name, 100)
    assert ([h.kind for h, _, _ in changes], more) == (["review", "erase"], False)
    out: list[bytes] = []
    writer = lines.Writer(out.append)
    writer.excerpts([(text, payload) for _, text, payload in changes])
    writer.end()
    assert unpacked(field, b"".join(out)).excerpts == 2
    state = field.state(record)
    assert (state.review.state, state.review.comment) == ("has_issues", "which name?")
    assert verify(field).problems == []
    assert give.concerning(hub, interest, cursor, field.name, 100)[0] == []
    assert {each.record for each in field.states()} == {record, foreign}
    digest = field.state_digest()
    hand_over(hub, field)
    assert field.db.execute("SELECT count(*) FROM excerpt").fetchone() == (0,)
    assert field.state(record).review.state == "has_issues"
    assert verify(field).problems == []
    assert field.state_digest() == hub.state_digest() == digest


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=12), st.integers(1, 5))
def test_a_cursor_passes_nothing_over(
    tmp_path_factory: pytest.TempPathFactory, who: list[str], most: int
) -> None:
    """However small the answers, each change that concerns somebody comes once."""
    with Replica.create(tmp_path_factory.mktemp("cursor") / "hub.db") as hub:
        form = hub.put_form("test", "1", b"<x/>", [NAME])
        made = [hub.save(form=form, answers={NAME: w}, author=w, scopes=[f"p:{w}"]) for w in who]
        interest = give.Interest(frozenset({"p:a"}))
        found, cursor, more = [], "", True
        while more:
            changes, cursor, more = give.concerning(hub, interest, cursor, "", most)
            assert len(changes) <= most
            found += [header.name for header, _, _ in changes]
        assert found == [name for name, w in zip(made, who, strict=True) if w == "a"]


def test_a_cursor_of_another_state_starts_again(make: Make, form: str) -> None:
    """After a restore, or for another assignment, what it says does not count."""
    hub = make("hub")
    hub.save(form=form, answers={NAME: "a"}, author="a", scopes=["p:a"])
    interest = give.Interest(frozenset({"p:a"}))
    _, cursor, _ = give.concerning(hub, interest, "", "", 10)
    assert len(give.concerning(hub, interest, cursor, "", 10)[0]) == 0
    wider = give.Interest(frozenset({"p:a", "p:b"}))
    assert len(give.concerning(hub, wider, cursor, "", 10)[0]) == 1
    hub.db.execute("UPDATE arrival SET at = 'another time'")
    assert len(give.concerning(hub, interest, cursor, "", 10)[0]) == 1
    for wrong in ("x", "1.2", "1.0.a.b", "99.0.a.b", "1" * 40 + ".0.a.b"):
        assert len(give.concerning(hub, interest, wrong, "", 10)[0]) == 1


def test_nothing_of_a_cut_body_is_taken(make: Make, form: str) -> None:
    """Also not the log that came whole before the cut."""
    field, hub = make("field"), make("hub")
    for n in range(100):
        field.save(form=form, answers={NAME: f"{n}"}, author="a")
    body = packed(field, {})
    for cut in range(0, len(body) - 8, 97):
        with pytest.raises(SyncError):
            unpacked(hub, body[:cut])
        assert hub.counts()["changes"] == 0
