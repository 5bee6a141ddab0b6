"""Bad input from a program: `{"problem": {code, place, message, remedy}}`, or the same beside each change.

| case | on this road |
| --- | --- |
| a file that is no spreadsheet, a form with a faulty expression | none is handed in: a device's forms are refused |
| a `.db` that is none of ours | none is handed in: the hub's own file becomes such a one while it is served |
| a changed byte in a field database | a changed byte in a change that a phone sends |
| a record of an unknown form version | taken with a note |
| an answer that breaks its constraint | taken: the phone has shown its verdict, the hub marks the record |
| a POST without its token | the page's token at enrolment, the device's token at the sync |
| a JSON body over 2 MB | every address below /sync/ and /api/ |
| a photo over 50 MB | upload of media |
"""

from __future__ import annotations

import io
import shutil
from typing import Any

import pytest

from collector.api.sync_http import JSON_LIMIT, MEDIA_LIMIT
from sync import Replica
from tests.bad_input.conftest import (
    BAD_FILES,
    LANGUAGES,
    VILLAGE,
    House,
    Phone,
    beginning,
    homeward,
    problems_in,
    words,
)

OFFER = "/sync/v1/changes"


def told(answer: Any, status: int) -> dict[str, str]:
    """The one problem of a refused request."""
    assert answer.status_code == status, answer.text
    (problem,) = problems_in(answer.get_json())
    return problem


def is_text_of(problem: dict[str, str], number: str, lang: str, **params: object) -> bool:
    """Whether number, message and remedy are those of the catalogue."""
    said = (problem["code"], problem["message"], problem["remedy"])
    return said == (number, *words(number, lang, **params))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_hub_that_is_none_any_more(house: House, phone: Phone, kind: str, lang: str) -> None:
    """The number of the command line with status 503, so that the phone keeps what it has and tries later."""
    phone.record()
    offer = phone.offer()
    kept = house.folder / "kept.db"
    shutil.move(house.hub, kept)
    house.bad(kind, house.hub)
    problem = told(phone.post(offer, lang), 503)
    message, remedy = beginning(BAD_FILES[kind], lang)
    assert (problem["code"], problem["place"]) == (BAD_FILES[kind], "hub.db")
    assert problem["message"].startswith(message)
    assert problem["remedy"].startswith(remedy)
    house.hub.unlink(missing_ok=True)
    shutil.move(kept, house.hub)
    assert len(phone.post(offer).get_json()["receipts"]) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_changed_byte(house: House, phone: Phone, lang: str) -> None:
    """A payload that is not what its header says is refused with HW-2008 and the change's name; the state is
    what it was, and what was sent rightly is taken afterwards."""
    record = phone.record(**{"/data/g_where/business_name": "豆腐坊"})
    offer = phone.offer()
    ((header, payload),) = offer["changes"]
    before = house.digest()
    answer = phone.post({**offer, "changes": [[header, payload.replace("豆腐坊", "豆腐店")]]}, lang)
    assert answer.status_code == 200
    assert answer.get_json()["receipts"] == []
    (problem,) = problems_in(answer.get_json())
    assert is_text_of(problem, "HW-2008", lang)
    assert problem["place"] == record
    assert house.digest() == before
    assert [receipt[0] for receipt in phone.post(offer).get_json()["receipts"]] == [record]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_record_of_an_unknown_form(house: House, phone: Phone, lang: str) -> None:
    """It is taken and receipted, with the note HW-2018 that names the form version."""
    form = phone.replica.put_form("ghost", "1", b"<x/>", ["/data/name"])
    scopes = [f"p:{phone.person}", f"v:{VILLAGE}"]
    record = phone.replica.save(form=form, answers={"/data/name": "甲"}, author=phone.person, scopes=scopes)
    answer = phone.post(phone.offer(), lang).get_json()
    assert [receipt[0] for receipt in answer["receipts"]] == [record]
    (problem,) = problems_in(answer["notes"])
    assert is_text_of(problem, "HW-2018", lang)
    assert problem["place"] == form
    with Replica.open(house.hub) as hub:
        assert dict(hub.state(record).answers) == {"#0": "甲"}


def test_a_record_that_breaks_a_constraint_is_taken_and_marked(house: House, phone: Phone) -> None:
    """It gets its receipt, and the hub's check holds it back from approval with HW-1302."""
    record = phone.record(**{"/data/g_activity/start_year": "1066"})
    answer = phone.post(phone.offer()).get_json()
    assert [receipt[0] for receipt in answer["receipts"]] == [record]
    assert answer["refused"] == []
    held = homeward("review", house.hub, "--approve", f"record={record}", "--json")
    assert held.exit_code == 3
    with Replica.open(house.hub) as hub:
        assert hub.state(record).answers["/data/g_activity/start_year"] == "1066"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_token(house: House, phone: Phone, lang: str) -> None:
    """Enrolment without the page's token is HW-3003, the sync without the device's HW-3403; nothing is
    stored."""
    before = house.digest()
    phone.record()
    wanted = {"Accept-Language": lang}
    problem = told(house.client().post("/api/devices", json={}, headers=wanted), 400)
    assert is_text_of(problem, "HW-3003", lang)
    assert problem["place"] == "/api/devices"
    problem = told(phone.client.post(OFFER, json=phone.offer(), headers=wanted), 401)
    assert is_text_of(problem, "HW-3403", lang)
    assert problem["place"] == OFFER
    assert house.digest() == before


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("announced", [True, False])
def test_json_over_two_megabytes(house: House, phone: Phone, lang: str, announced: bool) -> None:
    """HW-3404 with the limit, whether or not the request says beforehand how long it is; two megabytes and
    not a byte more."""
    before = house.digest()
    body = b'{"replica": "' + b"x" * JSON_LIMIT + b'"}'
    answer = phone.post(body, lang) if announced else in_pieces(phone, OFFER, body, lang, "POST")
    problem = told(answer, 413)
    assert is_text_of(problem, "HW-3404", lang, limit=2)
    assert problem["place"] == OFFER
    assert told(phone.post(b" " * JSON_LIMIT), 400)["code"] == "HW-3406"
    assert house.digest() == before


def in_pieces(phone: Phone, path: str, body: bytes, lang: str, method: str) -> Any:
    """Sends a body without its length, as a server hands over a request that came in chunks."""
    return phone.client.open(
        path,
        method=method,
        input_stream=io.BytesIO(body),
        headers=phone.headers(lang),
        environ_overrides={"wsgi.input_terminated": True},
        content_type="application/json",
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_photo_over_fifty_megabytes(house: House, phone: Phone, lang: str) -> None:
    """HW-3008 with the limit; no file is left, not even a part of one."""
    name = "0" * 64
    problem = told(phone.put(b"x", lang, environ_overrides={"CONTENT_LENGTH": str(MEDIA_LIMIT + 1)}), 413)
    assert is_text_of(problem, "HW-3008", lang, limit=50)
    answer = in_pieces(phone, f"/sync/v1/media/{name}", b"\0" * (MEDIA_LIMIT + 1), lang, "PUT")
    assert is_text_of(told(answer, 413), "HW-3008", lang, limit=50)
    with Replica.open(house.hub) as hub:
        assert not hub.media_folder.exists()
