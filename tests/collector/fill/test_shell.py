"""The empty shell that a phone keeps, forms and lists for ever, and rows that only their people see."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from collector import entities, library
from collector.accounts.people import Person
from forms import Form
from forms.problems import catalogue as problem_texts
from tests.collector.fill.conftest import VILLAGE, Desk, Page
from tests.collector.fill.test_edit import recorded
from tests.collector.fill.test_without_scripts import start


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_signed_out_the_page_is_there_without_anybodys_data(desk: Desk, lang: str) -> None:
    """Every form opens without a sign-in, with all its questions, and holds no name, no row of a record, no
    draft."""
    record = recorded(desk)
    with desk.replica() as replica:
        uid = replica.state(record).answers["/data/business_uid"]
        names = list(library.current_forms(replica))
    for form in names:
        answer = desk.client("").get(f"/{lang}/fill/{form}")
        assert answer.status_code == 200
        page = Page.of(answer)
        assert uid not in page.text
        assert "秀英" not in page.text
        assert "anna" not in page.text
        assert page.inputs["_state"] == ""
        assert len(page.shown) + len(page.hidden) > 10


def test_forms_and_lists_are_kept_for_ever(desk: Desk) -> None:
    """A form and a list are handed out without sign-in, unchanging, and are what the replica holds."""
    client = desk.client("")
    with desk.replica() as replica:
        entry = library.current_form(replica, "business")
        (villages,) = (d for d in replica.documents("list") if d.name == "villages.csv")
    answer = client.get(f"/forms/{entry.version_id}.json")
    assert "immutable" in answer.headers["Cache-Control"]
    assert Form.from_json(json.loads(answer.data)).layout == entry.form.layout
    listed = client.get(f"/lists/{villages.id}/villages.json")
    rows = listed.get_json()
    raw = client.get(f"/lists/{villages.id}/villages.csv").get_data(as_text=True)
    assert rows == list(csv.DictReader(io.StringIO(raw)))
    unchanged = {"If-None-Match": listed.headers["ETag"]}
    assert client.get(f"/lists/{villages.id}/villages.json", headers=unchanged).status_code == 304
    assert client.get(f"/lists/{villages.id}/other.json").status_code == 404


def test_rows_of_an_entity_list_are_for_their_people(desk: Desk) -> None:
    """A business is offered to whoever made it, works in its village or supervises; to nobody else."""
    recorded(desk)
    elsewhere = Person("zzzzzzzz", "carl", "Carl", "enumerator", ("140521901901",))
    neighbour = Person("yyyyyyyy", "dora", "Dora", "enumerator", (VILLAGE,))
    with desk.replica() as replica:
        for person, count in ((desk.anna, 1), (desk.boris, 1), (neighbour, 1), (elsewhere, 0)):
            assert len(entities.rows(replica, "businesses", person) or []) == count, person.username


def test_a_deleted_record_is_no_choice(desk: Desk) -> None:
    """What was deleted is not offered any more."""
    record = recorded(desk)
    with desk.replica() as replica:
        assert len(entities.rows(replica, "businesses") or []) == 1
        replica.delete(record, "twice", author=desk.boris.id)
        assert entities.rows(replica, "businesses") == []


def test_a_list_of_the_hub_is_not_replaced(desk: Desk) -> None:
    """Installing the library again leaves a list that the hub has made its own."""
    with desk.replica() as replica:
        mine = replica.put_document("list", "round.csv", b"name,label,ref_year\nr,R,2031\n")
        assert library.install_library(replica) == []
        document = library.list_document(replica, "round")
        assert document is not None
        assert document.id == mine
    assert "2031" in start(desk.client()).text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_scripts_have_the_words_for_what_is_wrong(desk: Desk, lang: str) -> None:
    """The page gives its script the text of every problem that a session finds in answers."""
    text = desk.client("").get(f"/{lang}/fill/business").get_data(as_text=True)
    given = json.loads(text.split('id="catalogue">')[1].split("</script>")[0])
    wanted = {key for key in problem_texts(lang) if re.fullmatch(r"HW-1[23]\d\d\.message", key)}
    assert wanted
    assert wanted <= given.keys()
