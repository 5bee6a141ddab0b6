"""Bad input at the form: a numbered problem at its question, and nothing lost."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from collector.app import PHOTO_LIMIT
from tests.collector.fill.conftest import Desk, Page
from tests.collector.fill.test_without_scripts import BEGIN, CONSENT, C, start, step

NOTES = "/data/g_result/notes"


def test_a_post_without_its_token_is_refused_and_offers_the_answers_again(desk: Desk) -> None:
    """Without the token nothing is written; the page of the problem holds the answers for sending them
    again."""
    client = desk.client()
    page = start(client)
    data = page.posting(BEGIN | {NOTES: "不要丢"}, "keep")
    del data["csrf_token"]
    answer = client.post("/zh/fill/business", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert "HW-3003" in text
    again = Page.of(answer)
    assert again.inputs[NOTES] == "不要丢"
    saved = client.post("/zh/fill/business", data=again.inputs)
    assert saved.status_code == 303
    assert Page.of(client.get(saved.location.split("#")[0])).inputs[NOTES] == "不要丢"


def test_signed_out_meanwhile(desk: Desk) -> None:
    """A post of somebody whose session has ended is refused with its answers kept; signed in again, it goes
    through."""
    client = desk.client()
    page = start(client)
    out = client.post("/en/sign-out", data={"csrf_token": page.inputs["csrf_token"]})
    assert out.status_code == 302
    answer = client.post(
        "/en/fill/business", data=page.posting(BEGIN, "keep"), headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code in (400, 401)
    assert Page.of(answer).inputs[C + "contact"] == "yes"


def post(client: FlaskClient, answers: dict[str, object]) -> tuple[int, Page]:
    """Posts a page with consent given and shows what comes back, whatever it is."""
    page = step(client, step(client, start(client), BEGIN), CONSENT)
    answer = client.post("/en/fill/business", data=page.posting({NOTES: "kept", **answers}, "update"))
    answer.request.environ["wsgi.input"].close()  # the test client leaves its own copy of a large body open
    return answer.status_code, Page.of(answer)


def test_an_answer_over_the_limit(desk: Desk) -> None:
    """An answer of more than 20,000 characters is refused at its question, with what was typed still in the
    box."""
    name = "/data/g_where/business_name"
    status, page = post(desk.client(), {name: "长" * 20_001})
    assert status == 422
    assert "HW-3602" in page.errors[name]
    assert page.inputs[name] == "长" * 20_001
    assert page.inputs[NOTES] == "kept"


def test_a_photo_over_the_limit(desk: Desk) -> None:
    """A photo over 50 MB is refused at its question by number; the other answers of the page are kept."""
    client = desk.client()
    photo = (io.BytesIO(b"\0" * (PHOTO_LIMIT + 1)), "big.jpg", "image/jpeg")
    status, page = post(client, {"/data/g_env/photo": photo})
    assert status == 422
    assert "HW-3008" in page.errors["/data/g_env/photo"]
    assert page.inputs[NOTES] == "kept"
    with desk.replica() as replica:
        assert not replica.media_folder.exists()


def test_a_number_that_is_none(desk: Desk) -> None:
    """Text in a number's place is a problem of that question, and stays in its box."""
    client = desk.client()
    page = step(client, step(client, start(client), BEGIN), CONSENT)
    path = "/data/g_founders/founders_told"
    answer = client.post("/en/fill/business", data=page.posting({path: "a few"}, "finish"))
    page = Page.of(answer)
    assert answer.status_code == 422
    assert page.errors[path]
    assert page.inputs[path] == "a few"


@pytest.mark.parametrize("action", ["", "explode", "lang:fr", "add:/data/nothing"])
def test_an_unknown_action(desk: Desk, action: str) -> None:
    """A button that the page does not have is refused by number."""
    client = desk.client()
    answer = client.post("/en/fill/business", data=start(client).posting(BEGIN, action))
    assert answer.status_code == 400
    assert "HW-3607" in answer.get_data(as_text=True)


def test_a_form_that_is_not_here(desk: Desk) -> None:
    """An address of an unknown form or version says so by number."""
    client = desk.client()
    for address in ("/en/fill/nothing", "/forms/AAAAAAAAAAAAAAAAAAAAAA.json"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "HW-3605" in answer.get_data(as_text=True)


def test_a_seed_of_another_machine(desk: Desk) -> None:
    """A beginning that this machine did not sign is not believed; the answers posted with it are."""
    client = desk.client()
    page = start(client)
    page.inputs["_state"] = page.inputs["_state"][:-4] + "AAAA"
    assert step(client, page, BEGIN).inputs[C + "contact"] == "yes"


def test_markup_in_an_answer_is_text(desk: Desk) -> None:
    """An answer is shown as it was typed and never read as markup."""
    client = desk.client()
    nasty = "</textarea><script>alert(1)</script>\"'&"
    page = step(client, step(client, start(client), BEGIN), {NOTES: nasty})
    assert page.inputs[NOTES] == nasty
    assert "<script>alert" not in page.text
