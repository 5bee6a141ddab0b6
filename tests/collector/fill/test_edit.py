"""Editing a record: what was changed, and by whom it was seen before."""

from __future__ import annotations

import json

from tests.collector.fill.conftest import VILLAGE, Desk, Page
from tests.collector.fill.test_without_scripts import complete_business

NAME = "/data/g_where/business_name"
NOTES = "/data/g_result/notes"


def recorded(desk: Desk) -> str:
    """A business that Anna recorded."""
    client = desk.client()
    page, result = complete_business(client)
    assert client.post("/en/fill/business", data=page.posting(result, "finish")).status_code == 303
    with desk.replica() as replica:
        return next(replica.states()).record


def test_only_what_changed_is_changed(desk: Desk) -> None:
    """An edit of one answer names that answer alone, keeps the others and whose record it is."""
    record = recorded(desk)
    client = desk.client("boris")
    page = Page.of(client.get(f"/en/record/{record}/edit"))
    answer = client.post(f"/en/record/{record}/edit", data=page.posting({NAME: "秀英小吃店"}, "finish"))
    assert answer.status_code == 303, Page.of(answer).errors
    assert answer.location.endswith(f"/en/record/{record}")
    with desk.replica() as replica:
        state = replica.state(record)
        assert state.answers[NAME] == "秀英小吃店"
        assert set(state.scopes) == {f"v:{VILLAGE}", f"p:{desk.anna.id}"}
        edit = replica.history(record)[-1]
        assert edit.header.author == desk.boris.id
        assert list(edit.payload.changed) == [NAME]


def test_the_code_on_the_card_survives_an_edit(desk: Desk) -> None:
    """What was made once (identifiers, the card) stays as it was made."""
    record = recorded(desk)
    client = desk.client()
    with desk.replica() as replica:
        before = replica.state(record).answers
    page = Page.of(client.get(f"/en/record/{record}/edit"))
    client.post(f"/en/record/{record}/edit", data=page.posting({NAME: "x"}, "finish"))
    with desk.replica() as replica:
        after = replica.state(record).answers
    for path in (
        "/data/business_uid",
        "/data/card_no",
        "/data/card_code",
        "/data/start",
        "/data/meta/instanceID",
    ):
        assert after[path] == before[path], path


def test_two_who_edit_at_once_are_a_conflict(desk: Desk) -> None:
    """Both pages were opened before either was saved: the second names what it saw, and both values are
    kept."""
    record = recorded(desk)
    one, two = desk.client(), desk.client("boris")
    first = Page.of(one.get(f"/en/record/{record}/edit"))
    second = Page.of(two.get(f"/en/record/{record}/edit"))
    for client, page, name in ((one, first, "甲"), (two, second, "乙")):
        answer = client.post(f"/en/record/{record}/edit", data=page.posting({NAME: name}, "finish"))
        assert answer.status_code == 303, Page.of(answer).errors
    with desk.replica() as replica:
        (conflict,) = replica.state(record).conflicts
    assert conflict.path == NAME


def test_edits_of_different_answers_are_no_conflict(desk: Desk) -> None:
    """Two who edit different answers at once both find theirs."""
    record = recorded(desk)
    one, two = desk.client(), desk.client("boris")
    first = Page.of(one.get(f"/en/record/{record}/edit"))
    second = Page.of(two.get(f"/en/record/{record}/edit"))
    one.post(f"/en/record/{record}/edit", data=first.posting({NAME: "甲"}, "finish"))
    two.post(f"/en/record/{record}/edit", data=second.posting({NOTES: "乙"}, "finish"))
    with desk.replica() as replica:
        state = replica.state(record)
    assert state.conflicts == ()
    assert (state.answers[NAME], state.answers[NOTES]) == ("甲", "乙")


def test_scripts_find_the_record_in_the_page(desk: Desk) -> None:
    """The page of an edit carries the record, its heads and its answers for scripts."""
    record = recorded(desk)
    page = Page.of(desk.client().get(f"/en/record/{record}/edit"))
    state = json.loads(page.text.split('id="fill-state">')[1].split("</script>")[0])
    with desk.replica() as replica:
        held = replica.state(record)
    assert state["record"] == record
    assert state["parents"] == list(held.heads)
    assert state["base"] == dict(held.answers)


def test_somebody_elses_record_is_closed(desk: Desk) -> None:
    """A record that a person may not see cannot be edited; nobody signed in is asked to sign in."""
    assert desk.client().get("/en/record/0000000z-1/edit").status_code == 404
    record = recorded(desk)
    assert desk.client("").get(f"/en/record/{record}/edit").status_code == 401
