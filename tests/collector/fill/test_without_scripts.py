"""Filling in with scripts off: every step is a page that the server works out, and no answer is lost on the
way."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from collector import entities
from tests.collector.fill.conftest import PLACE, VILLAGE, Desk, Page, follow

C = "/data/g_consent/"
BEGIN = {C + "ref_part": "part", C + "contact": "yes"}
CONSENT = {
    C + "consent_interview": "yes",
    C + "respondent_role": "founder",
    C + "publish_record": "totals",
    C + "card_given": "yes",
}
FOUNDER = {
    "founder_agreed": "self",
    "founder_name": "王秀英",
    "founder_phone": "13800138000",
    "founder_sex": "female",
    "founder_birth_year": "1980",
    "founder_education": "junior_sec",
    "founder_identity": "migrant_worker",
    "hukou_rel": "this_village",
    "away_scope": "other_province",
    "away_total_years": "8",
    "away_before_return": "12",
    "away_reason": "wage_work",
    "return_year": "2016",
    "other_businesses": "no",
    "founder_model": "none",
}


def start(client: FlaskClient, form: str = "business", lang: str = "en", **query: str) -> Page:
    """The first page of a new record."""
    return Page.of(client.get(f"/{lang}/fill/{form}", query_string=query))


def step(
    client: FlaskClient, page: Page, answers: dict[str, Any], form: str = "business", action: str = "update"
) -> Page:
    """Fills in some answers, presses a button, and is shown the next page."""
    return follow(client, client.post(f"/en/fill/{form}", data=page.posting(answers, action)))


def instance(page: Page, repeat: str) -> str:
    """The path of the only instance of a repeat."""
    found = {
        match[1]
        for path in page.inputs
        for match in [re.match(rf"({re.escape(repeat)}\[\w+\])", path)]
        if match
    }
    assert len(found) == 1, found
    return found.pop()


def to_founders(client: FlaskClient) -> Page:
    """A business with consent, place and name, one founder asked for."""
    page = start(client)
    page = step(client, page, BEGIN)
    page = step(client, page, {**CONSENT, **PLACE, "/data/g_where/business_name": "秀英小吃"})
    return step(client, page, {"/data/g_founders/founders_told": "1", "/data/g_where/publish_name": "no"})


def complete_business(client: FlaskClient) -> tuple[Page, dict[str, Any]]:
    """A page on which nothing is missing but the result, and what to post with it."""
    page = to_founders(client)
    founder = instance(page, "/data/g_founders/founders")
    page = step(client, page, {f"{founder}/founder_agreed": "self"})
    page = step(client, page, {f"{founder}/{name}": value for name, value in FOUNDER.items()})
    return page, {"/data/g_result/attempt_no": "1", "/data/g_result/disposition": "partial"}


def test_questions_appear_as_answers_call_for_them(desk: Desk) -> None:
    """A question that does not apply is on the page but hidden; the answer that calls for it uncovers it."""
    client = desk.client()
    page = start(client)
    assert C + "consent_interview" in page.hidden
    assert C + "contact" in page.shown
    page = step(client, page, BEGIN)
    assert C + "consent_interview" in page.shown
    assert page.inputs[C + "contact"] == "yes"


def test_desk_questions_and_calculations_are_nowhere(desk: Desk) -> None:
    """What is coded at the desk or calculated has no field on an enumerator's page."""
    page = start(desk.client())
    assert "/data/g_activity/industry" not in page.text
    assert 'name="/data/business_uid"' not in page.text


def test_the_code_on_the_card_stays(desk: Desk) -> None:
    """The code that the first page shows, and that is read out and written on a card, is the one that is
    saved."""
    client = desk.client()
    page = start(client)
    codes = set(re.findall(r"card: (\d{4}-\d{4})", page.text))
    assert len(codes) == 1
    page = step(client, page, BEGIN)
    assert codes == set(re.findall(r"card: (\d{4}-\d{4})", page.text))


def test_looking_writes_nothing(desk: Desk) -> None:
    """Opening a form leaves no draft behind; the first post does."""
    client = desk.client()
    start(client)
    start(client)
    from collector import app_db

    connection = app_db.connect(app_db.path_for(desk.path))
    assert connection.execute("SELECT count(*) FROM draft").fetchone()[0] == 0
    step(client, start(client), BEGIN)
    assert connection.execute("SELECT count(*) FROM draft").fetchone()[0] == 1
    connection.close()


def test_places_cascade(desk: Desk) -> None:
    """County narrows townships, township narrows villages; another county takes back what no longer belongs
    to it."""
    client = desk.client()
    page = start(client)
    assert page.choices["/data/g_where/township_code"] == [""]
    page = step(client, page, {"/data/g_where/county_code": "140502"})
    assert set(page.choices["/data/g_where/township_code"]) > {"", "140502901"}
    assert all(code[:6] in ("", "140502") for code in page.choices["/data/g_where/township_code"])
    page = step(client, page, {"/data/g_where/township_code": "140502901"})
    page = step(client, page, {"/data/g_where/village_code": VILLAGE})
    assert page.inputs["/data/g_where/village_code"] == VILLAGE
    page = step(client, page, {"/data/g_where/county_code": "140521"})
    assert page.inputs["/data/g_where/township_code"] == ""
    assert page.inputs["/data/g_where/village_code"] == ""


def test_a_link_fills_in_the_place(desk: Desk) -> None:
    """A start from the visit brings the place, as JSON or path by path; an unreadable one is refused by
    number."""
    client = desk.client()
    page = start(client, **PLACE)
    assert page.inputs["/data/g_where/village_code"] == VILLAGE
    import json

    page = start(client, prefill=json.dumps(PLACE))
    assert page.inputs["/data/g_where/village_code"] == VILLAGE
    answer = client.get("/en/fill/business", query_string={"prefill": "{oops"})
    assert answer.status_code == 400
    assert "HW-3606" in answer.get_data(as_text=True)


def test_repeats_follow_their_count(desk: Desk) -> None:
    """Two founders asked for are two cards, and each keeps what was written in it; fewer are asked for,
    fewer are there."""
    client = desk.client()
    page = to_founders(client)
    founder = instance(page, "/data/g_founders/founders")
    page = step(client, page, {f"{founder}/founder_agreed": "self"})
    page = step(client, page, {f"{founder}/founder_name": "王秀英", "/data/g_founders/founders_told": "2"})
    founders = {path.split("]")[0] for path in page.shown if path.startswith("/data/g_founders/founders[")}
    assert len(founders) == 2
    assert page.inputs[f"{founder}/founder_name"] == "王秀英"


def test_errors_stand_at_their_questions_and_answers_stay(desk: Desk) -> None:
    """Finishing too early shows each problem at its question and in the summary, saves nothing and loses
    nothing."""
    client = desk.client()
    page = to_founders(client)
    answers = {"/data/g_where/business_name": "秀英小吃店", "/data/g_founders/founders_told": "99"}
    answer = client.post("/en/fill/business", data=page.posting(answers, "finish"))
    assert answer.status_code == 422
    page = Page.of(answer)
    assert "1 to 50" in page.errors["/data/g_founders/founders_told"]
    assert "/data/g_result/disposition" in page.errors
    assert page.inputs["/data/g_where/business_name"] == "秀英小吃店"
    assert page.inputs["/data/g_founders/founders_told"] == "99"
    assert 'href="#/data/g_result/disposition:label"' in page.text
    with desk.replica() as replica:
        assert list(replica.states()) == []


def test_a_business_and_the_inn_it_runs(desk: Desk) -> None:
    """A finished business is a record with the right author, tags and calculations, and at once a choice in
    the inn form."""
    client = desk.client()
    page, result = complete_business(client)
    answer = client.post("/en/fill/business", data=page.posting(result, "finish"))
    assert answer.status_code == 303, Page.of(answer).errors
    assert answer.location.endswith(f"/en/visit/{VILLAGE}")
    with desk.replica() as replica:
        (state,) = replica.states()
        assert state.author == desk.anna.id
        assert set(state.scopes) == {f"v:{VILLAGE}", f"p:{desk.anna.id}"}
        assert state.answers["/data/g_where/business_name"] == "秀英小吃"
        assert state.answers["/data/g_founders/returnee_founders_n"] == "1"
        assert state.answers["/data/business_code"].startswith(f"{VILLAGE}-B-")
        assert state.answers["/data/deviceid"] == replica.name
        uid = state.answers["/data/business_uid"]
        assert [row["business_uid"] for row in entities.rows(replica, "businesses") or []] == [uid]
    page = start(client, "inn", **PLACE)
    page = step(client, page, BEGIN, "inn")
    page = step(client, page, {**CONSENT, "/data/g_where/inn_name": "秀英客栈"}, "inn")
    page = step(client, page, {"/data/g_link/linked": "yes"}, "inn")
    assert uid in page.choices["/data/g_link/business_uid"]
    page = step(client, page, {"/data/g_link/business_uid": uid}, "inn")
    answer = client.post(
        "/en/fill/inn", data=page.posting({"/data/g_result/disposition": "partial"}, "finish")
    )
    assert answer.status_code == 303, Page.of(answer).errors
    with desk.replica() as replica:
        (inn,) = replica.states(form_id="inn")
        assert inn.answers["/data/g_link/business_uid"] == uid


def test_a_reason_answers_a_required_question(desk: Desk) -> None:
    """A required question with a reason is no problem any more; giving a reason takes the answer back, and
    the reverse."""
    client = desk.client()
    page = to_founders(client)
    path = "/data/g_where/business_name"
    page = step(client, page, {"reason:" + path: "refused"})
    assert page.inputs[path] == ""
    assert page.inputs["reason:" + path] == "refused"
    answer = client.post("/en/fill/business", data=page.posting(action="finish"))
    assert answer.status_code == 422
    page = Page.of(answer)
    assert path not in page.errors
    page = step(client, page, {path: "秀英小吃"})
    assert page.inputs["reason:" + path] == ""


def test_the_other_language_keeps_everything(desk: Desk) -> None:
    """Switching the language shows the same answers under the other language's questions."""
    client = desk.client()
    page = to_founders(client)
    page = step(client, page, {"/data/g_where/business_name": "秀英小吃"}, action="lang:zh")
    assert page.inputs["/data/g_where/business_name"] == "秀英小吃"
    assert "店名或叫法是什么" in page.text
    assert 'lang="zh-Hans"' in page.text


def test_a_draft_can_be_kept_and_taken_up(desk: Desk) -> None:
    """A kept draft opens again with its answers, for its owner only, and can be thrown away."""
    client = desk.client()
    page = start(client)
    answer = client.post("/en/fill/business", data=page.posting(BEGIN, "keep"))
    address = answer.location.split("#")[0]
    assert Page.of(desk.client().get(address)).inputs[C + "contact"] == "yes"
    assert address.rsplit("=", 1)[1] in start(client).text  # a new record offers to go on with it
    other = desk.client("boris").get(address)
    assert other.status_code == 404
    assert "HW-3604" in other.get_data(as_text=True)
    gone = client.post(address, data=Page.of(client.get(address)).posting(action="discard"))
    assert gone.status_code == 303
    assert client.get(address).status_code == 404


def test_a_second_tap_makes_no_second_record(desk: Desk) -> None:
    """The same page finished twice is one record, and the second answer says so."""
    client = desk.client()
    page, result = complete_business(client)
    data = page.posting(result, "finish")
    assert client.post("/en/fill/business", data=data).status_code == 303
    again = client.post("/en/fill/business", data=data)
    assert again.status_code == 303
    assert "not saved twice" in client.get(again.location).get_data(as_text=True)
    with desk.replica() as replica:
        assert len(list(replica.states())) == 1


def test_a_crash_between_two_files_makes_no_second_record(desk: Desk) -> None:
    """The record is written, the machine stops before the draft learns of it: finishing again finds the
    record."""
    from collector import app_db

    client = desk.client()
    page, result = complete_business(client)
    data = page.posting(result, "finish")
    connection = app_db.connect(app_db.path_for(desk.path))
    before = connection.execute("SELECT answers, reasons, base FROM draft").fetchone()
    assert client.post("/en/fill/business", data=data).status_code == 303
    # What a crash leaves: the mark and the answers, but not the name of the change.
    connection.execute("UPDATE draft SET saved_as = '', answers = ?, reasons = ?, base = ?", list(before))
    connection.close()
    assert client.post("/en/fill/business", data=data).status_code == 303
    with desk.replica() as replica:
        assert len(list(replica.states())) == 1


@pytest.mark.parametrize("typed", ["１２", " 12 ", "12"])
def test_digits_of_a_chinese_keyboard_are_digits(desk: Desk, typed: str) -> None:
    """A number typed in full-width digits or with spaces is the number."""
    client = desk.client()
    page = step(client, to_founders(client), {"/data/g_founders/founders_told": typed})
    assert page.inputs["/data/g_founders/founders_told"] == "12"


def test_a_photo_is_kept_by_its_digest(desk: Desk) -> None:
    """A photo posted with scripts off lies among the media under its SHA-256, which is the answer; the next
    page keeps it."""
    client = desk.client()
    page = step(client, start(client), {**BEGIN})
    page = step(client, page, CONSENT)
    photo = (io.BytesIO(b"\xff\xd8\xff\xe0 not really a photo \xff\xd9"), "place.jpg", "image/jpeg")
    page = step(client, page, {"/data/g_env/photo": photo})
    assert "A file is here already" in page.text
    with desk.replica() as replica:
        (file,) = [path for path in replica.media_folder.rglob("*") if path.is_file()]
        assert file.read_bytes().startswith(b"\xff\xd8")
        assert replica.media_missing() == []
