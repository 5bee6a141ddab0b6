"""A draft on the server's pages when its form gets a new version."""

from __future__ import annotations

import re
import sqlite3
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlite_utils import Database
from werkzeug.test import TestResponse

from collector import app_db
from collector.fill import drafts
from collector.library import put_form
from tests.collector.fill.conftest import Desk, Page, follow
from tests.forms.carrying import FILE, forms_of
from tests.forms.vectors import read

FORMS = forms_of(read(FILE))
NAME, KIND, ROOMS, OPENED = "/data/name", "/data/kind", "/data/rooms", "/data/opened"
GIVEN = {
    NAME: "山里人家", ROOMS: "12", KIND: "other", "/data/acts": ["pick", "fish"], OPENED: "2019年",
}  # fmt: skip


def put(desk: Desk, name: str) -> str:
    """Gives the hub a version of the form; returns its id."""
    with desk.replica() as replica:
        return put_form(replica, FORMS[name])


def kept(desk: Desk, client: FlaskClient) -> tuple[str, Page]:
    """A draft of the first version with some answers: the address to open it again, and the page as it was then."""
    put(desk, "stay1")
    page = Page.of(client.get("/en/fill/stay"))
    answer = client.post("/en/fill/stay", data=page.posting(dict(GIVEN), "keep"))
    assert answer.status_code == 303
    address = re.sub("#.*", "", answer.location)
    return address, Page.of(client.get(address))


def text(page: Page) -> str:
    """The words of the section that tells of the move, without marks."""
    found = re.search(r'<section id="moved".*?</section>', page.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else ""


def button(page: Page, path: str) -> str:
    """The action that lets go of what was left of a question."""
    found = re.search(rf'data-left="{path}".*?value="(let_go:[0-9a-f]+)"', page.text, re.DOTALL)
    assert found, page.text
    return found[1]


Given = dict[str, str | list[str]]


def post(client: FlaskClient, page: Page, answers: Given, action: str) -> TestResponse:
    """Gives these answers on a page and presses a button."""
    return client.post("/en/fill/stay", data=page.posting(answers, action))


def test_a_draft_opens_in_the_newest_version_and_says_what_became_of_its_answers(desk: Desk) -> None:
    """What is asked again is filled in, wherever it stands now; the rest is shown in words of the page's language."""
    client = desk.client()
    address, before = kept(desk, client)
    assert text(before) == ""
    newest = put(desk, "stay2")
    page = Page.of(client.get(address))
    assert page.inputs["/data/g/name"] == "山里人家"
    assert page.many["/data/acts"] == ["pick"]
    said = text(page)
    assert "2 answers are carried over. 2 questions are new." in said
    assert "“Number of rooms” is not asked any more. Your answer: 12" in said
    assert "“Kind of inn”: the choice “Other” does not exist any more." in said
    assert "“Activities”: the choice “Fishing” does not exist any more." in said
    assert "“When did it open?” is asked in another way now. Your answer was: 2019年" in said
    chinese = text(Page.of(client.get(address.replace("/en/", "/zh/"))))
    assert "已带过来 2 个答案。" in chinese
    assert "“类型”：“其他”这个选项已经没有了。" in chinese
    with app_db.connect(app_db.path_for(desk.path)) as connection:
        (draft,) = drafts.of_person(connection, desk.anna.id)
    connection.close()
    assert draft.form == newest
    assert draft.answers["/data/by"] == "anna", "a first value that the new version gives"


def test_what_is_left_stays_until_it_is_let_go_of_and_stops_nothing_else(desk: Desk) -> None:
    """A choice that is gone must be decided; an answer that nobody asks for any more goes with the record."""
    client = desk.client()
    address, _ = kept(desk, client)
    newest = put(desk, "stay2")
    page = Page.of(client.get(address))
    refused = post(client, page, {}, "finish")
    assert refused.status_code == 422
    page = Page.of(refused)
    assert {"/data/g/kind", OPENED} <= page.errors.keys()
    assert "let go of it" in page.errors["/data/g/kind"]
    page = follow(
        client,
        post(client, page, {"/data/g/kind": "farm"}, button(page, OPENED)),
    )
    assert "When did it open?" not in text(page)
    assert "“Kind of inn”" in text(page)
    assert post(client, page, {}, "finish").status_code == 303
    with desk.replica() as replica:
        (state,) = replica.states(form_id="stay")
    assert state.form == newest
    assert state.answers[ROOMS] == "12"
    assert state.answers["/data/g/kind"] == "farm"
    assert OPENED not in state.answers


@pytest.mark.parametrize("action", ["let_go", "let_go:path"])
def test_what_is_let_go_of_is_gone(desk: Desk, action: str) -> None:
    """Alone or with all the others: it is shown no more and not in the record."""
    client = desk.client()
    address, _ = kept(desk, client)
    put(desk, "stay2")
    page = Page.of(client.get(address))
    pressed = button(page, ROOMS) if action.endswith("path") else action
    page = follow(
        client,
        post(client, page, {"/data/g/kind": "farm", OPENED: "2019"}, pressed),
    )
    assert "Number of rooms" not in text(page)
    assert bool(text(page)) == action.endswith("path")
    assert post(client, page, {}, "finish").status_code == 303
    with desk.replica() as replica:
        (state,) = replica.states(form_id="stay")
    assert ROOMS not in state.answers


def test_a_page_that_was_open_all_the_while_loses_nothing(desk: Desk) -> None:
    """Another window moved the draft; what the old page posts is taken as the old page meant it, then carried over."""
    client = desk.client()
    address, old = kept(desk, client)
    put(desk, "stay2")
    client.get(address)
    page = follow(
        client,
        client.post(
            "/en/fill/stay", data=old.posting({NAME: "河边人家", ROOMS: "14", OPENED: "2018"}, "update")
        ),
    )
    assert page.inputs["/data/g/name"] == "河边人家"
    assert page.inputs[OPENED] == "2018"
    assert "Your answer: 14" in text(page)


def test_a_draft_can_be_finished_on_the_page_it_was_filled_in_on(desk: Desk) -> None:
    """A record finished before anybody opened the newer version is a record of the version it was made with."""
    client = desk.client()
    _, old = kept(desk, client)
    put(desk, "stay2")
    assert post(client, old, {}, "finish").status_code == 303
    with desk.replica() as replica:
        (state,) = replica.states(form_id="stay")
    assert state.form == FORMS["stay1"].id
    assert state.answers[KIND] == "other"


def test_an_edit_stays_in_the_version_that_the_record_was_made_with(desk: Desk) -> None:
    """The form as it was then, with the choices of then."""
    client = desk.client()
    _, page = kept(desk, client)
    post(client, page, {}, "finish")
    put(desk, "stay2")
    with desk.replica() as replica:
        (state,) = replica.states(form_id="stay")
    page = Page.of(client.get(f"/en/record/{state.record}/edit"))
    assert page.inputs[KIND] == "other"
    client.post(f"/en/record/{state.record}/edit", data=page.posting({NAME: "甲"}, "finish"))
    with desk.replica() as replica:
        (now,) = replica.states(form_id="stay")
    assert (now.form, now.answers[NAME], now.answers[ROOMS]) == (FORMS["stay1"].id, "甲", "12")


def test_drafts_of_an_earlier_version_are_still_offered(desk: Desk) -> None:
    """The page of a new record lists what was kept, of whatever version."""
    client = desk.client()
    address, _ = kept(desk, client)
    put(desk, "stay2")
    kept_id = re.search(r"kept=([\w-]+)", address)
    assert kept_id
    assert kept_id[1] in client.get("/en/fill/stay").get_data(as_text=True)


def test_the_summary_goes_when_it_is_understood(desk: Desk) -> None:
    """Nothing was left: one button, and it is gone."""
    client = desk.client()
    put(desk, "stay1")
    page = Page.of(client.get("/en/fill/stay"))
    answer = post(client, page, {NAME: "甲"}, "keep")
    put(desk, "stay2")
    page = follow(client, answer)
    assert "1 answer is carried over." in text(page)
    assert 'value="let_go' not in page.text
    page = follow(client, post(client, page, {}, "seen"))
    assert text(page) == ""
    assert page.inputs["/data/g/name"] == "甲"


def test_drafts_of_a_database_from_before_are_still_there(tmp_path: Path) -> None:
    """The table as it was before drafts moved: each draft is read, with nothing left in it."""
    connection = sqlite3.connect(tmp_path / "app.db")
    database = Database(connection)
    drafts.migrations.apply(database, stop_before="draft_moved")
    connection.execute(
        "INSERT INTO draft (id, person, form, answers, reasons, created, updated)"
        " VALUES ('d', 'anna', 'v', ?, '{}', '1', '1')",
        ['{"/data/name":"x"}'],
    )
    drafts.migrations.apply(database)
    (draft,) = drafts.of_person(connection, "anna")
    assert (draft.answers, draft.moved, draft.left) == ({"/data/name": "x"}, None, [])
    connection.close()
