"""Bad input on a page: a numbered problem with place and remedy in the language of the page, answers kept.

| case | on this road |
| --- | --- |
| a file that is no spreadsheet, a form with a faulty expression | none is handed in on a page: a form that came by a
  merge and cannot be read |
| a `.db` that is none of ours | none is handed in on a page: the hub's own file becomes such a one while it is served |
| a changed byte in a field database | files are merged on the command line |
| a record of an unknown form version | its page |
| an answer that breaks its constraint | the form posted with scripts off; the page of a record that arrived so |
| a POST without its token | every form |
| a JSON body over 2 MB | pages post forms: text over 2 MB |
| a photo over 50 MB | the form posted with scripts off |
"""

from __future__ import annotations

import html
import io
import shutil
from pathlib import Path

import pytest

from collector.app import PHOTO_LIMIT
from sync import Replica, merge
from tests.bad_input.conftest import BAD_FILES, LANGUAGES, VILLAGE, House, beginning, words
from tests.bad_input.test_command_line import unknown
from tests.collector.fill.conftest import Page
from tests.collector.fill.test_without_scripts import BEGIN, CONSENT, start, step

NOTES = "/data/g_result/notes"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
PAGES = ("villages", "records", f"visit/{VILLAGE}", "fill/business")


def shown(text: str) -> str:
    """The text of a page as a person reads it."""
    return html.unescape(text)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_hub_that_is_none_any_more_is_told_on_every_page(house: House, kind: str, lang: str) -> None:
    """The number, message and remedy of the command line, with status 503; the folder of the file is nobody's
    business; with the sound file back everything is as it was."""
    client = house.client()
    before = house.digest()
    kept = house.folder / "kept.db"
    shutil.move(house.hub, kept)
    house.bad(kind, house.hub)
    message, remedy = beginning(BAD_FILES[kind], lang)
    for page in PAGES:
        answer = client.get(f"/{lang}/{page}")
        text = shown(answer.text)
        assert answer.status_code == 503, page
        for part in (BAD_FILES[kind], message, remedy, "hub.db"):
            assert part in text
        assert str(house.folder) not in text
    house.hub.unlink(missing_ok=True)
    shutil.move(kept, house.hub)
    assert client.get(f"/{lang}/records").status_code == 200
    assert house.digest() == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_answers_posted_while_the_hub_is_out_of_reach_come_back(house: House, lang: str) -> None:
    """The page of the problem offers the answers again; sent again with the hub back, they are kept."""
    client = house.client()
    page = Page.of(client.get(f"/{lang}/fill/business"))
    kept = house.folder / "kept.db"
    shutil.move(house.hub, kept)
    answer = client.post(
        f"/{lang}/fill/business", data=page.posting({NOTES: "不要丢"}, "keep"), headers=SAME_SITE
    )
    assert answer.status_code == 503
    again = Page.of(answer)
    assert again.inputs[NOTES] == "不要丢"
    shutil.move(kept, house.hub)
    saved = client.post(f"/{lang}/fill/business", data=again.inputs)
    assert saved.status_code == 303
    assert Page.of(client.get(saved.location.split("#")[0])).inputs[NOTES] == "不要丢"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_accounts_file_that_is_none(house: House, lang: str) -> None:
    """HW-3026 as a page, though nobody can be signed in any more."""
    client = house.client()
    app_file = house.folder / "hub-app.db"
    for beside in ("-wal", "-shm"):
        Path(f"{app_file}{beside}").unlink(missing_ok=True)
    app_file.write_bytes(b"not a database " * 100)
    answer = client.get(f"/{lang}/records")
    assert answer.status_code == 503
    assert "HW-3026" in answer.text or "HW-2004" in answer.text
    assert str(house.folder) not in answer.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_post_without_its_token(house: House, lang: str) -> None:
    """HW-3003 with its place and remedy; nothing is stored and the answers are offered again."""
    client = house.client()
    before = house.digest()
    page = Page.of(client.get(f"/{lang}/fill/business"))
    data = page.posting({NOTES: "不要丢"}, "keep")
    del data["csrf_token"]
    answer = client.post(f"/{lang}/fill/business", data=data, headers=SAME_SITE)
    assert answer.status_code == 400
    for part in ("HW-3003", f"/{lang}/fill/business", *words("HW-3003", lang)):
        assert part in shown(answer.text)
    assert Page.of(answer).inputs[NOTES] == "不要丢"
    assert house.digest() == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_answer_that_breaks_its_constraint(house: House, lang: str) -> None:
    """Posted, it is refused at its question by number and remedy, and stays in its box; nothing is stored."""
    client = house.client()
    before = house.digest()
    page = Page.of(client.get(f"/{lang}/fill/village_visit"))
    answer = client.post(f"/{lang}/fill/village_visit", data=page.posting({}, "finish"))
    assert answer.status_code == 422
    errors = Page.of(answer).errors
    assert errors
    for words_of_problem in errors.values():
        assert "HW-13" in words_of_problem
        number = words_of_problem[words_of_problem.index("HW-13") :][:7]
        assert words(number, lang)[1] in words_of_problem
    assert house.digest() == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_record_that_arrived_with_a_broken_constraint(house: House, lang: str) -> None:
    """Its page shows all answers, and the number, question and remedy of what its form refuses."""
    with Replica.open(house.laptop) as laptop:
        (state,) = laptop.states()
        answers = {**state.answers, "/data/g_activity/start_year": "1066"}
        laptop.save(record=state.record, form=state.form, answers=answers, author=state.author)
    with Replica.open(house.hub) as hub:
        assert not merge(hub, [house.laptop]).set_aside
    answer = house.client().get(f"/{lang}/record/{state.record}")
    assert answer.status_code == 200
    text = shown(answer.text)
    note = text[: text.index('<dl class="answers">')]
    for part in ("HW-1302", *words("HW-1302", lang)):
        assert part in note
    assert "1066" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_record_of_an_unknown_form(house: House, lang: str) -> None:
    """Its page shows it raw and says HW-2018 with the form version; every other page is as before."""
    record, form = unknown(house.folder / "ghost.db")
    with Replica.open(house.hub) as hub:
        merge(hub, [house.folder / "ghost.db"])
    client = house.client()
    text = shown(client.get(f"/{lang}/record/{record}").text)
    for part in ("HW-2018", form, *words("HW-2018", lang), "#0", "甲"):
        assert part in text
    assert client.get(f"/{lang}/record/{record}/edit").status_code == 404
    for page in PAGES:
        assert client.get(f"/{lang}/{page}").status_code == 200


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("without_xform", [False, True])
def test_a_form_document_that_cannot_be_read_breaks_no_page(
    house: House, lang: str, without_xform: bool
) -> None:
    """A form that came by a merge and is no XForm, or whose XForm did not come: every page opens, and the
    page of its record says so."""
    path = house.folder / "broken.db"
    with Replica.create(path) as replica:
        form = replica.put_form("broken", "1", b"<not xml", ["/data/name"])
        record = replica.save(form=form, answers={"/data/name": "甲"}, author="x", scopes=[f"v:{VILLAGE}"])
        if without_xform:
            with replica.transaction():
                replica.db.execute("DELETE FROM document WHERE kind = 'xform'")
    with Replica.open(house.hub) as hub:
        merge(hub, [path])
    client = house.client()
    for page in PAGES:
        assert client.get(f"/{lang}/{page}").status_code == 200
    assert client.get("/sw.js").status_code == 200
    text = shown(client.get(f"/{lang}/record/{record}").text)
    for part in ("HW-3605", form, "甲"):
        assert part in text


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_of_more_than_two_megabytes_of_text(house: House, lang: str, kind: str) -> None:
    """HW-3007 with status 413; nothing is stored."""
    client = house.client()
    before = house.digest()
    page = Page.of(client.get(f"/{lang}/fill/business"))
    data = page.posting({NOTES: "x" * (2 * 1024 * 1024 + 1)}, "keep")
    answer = client.post(f"/{lang}/fill/business", data=data, headers=SAME_SITE, content_type=kind)
    answer.request.environ["wsgi.input"].close()  # the test client leaves its copy of a large body open
    assert answer.status_code == 413
    for part in ("HW-3007", f"/{lang}/fill/business", *words("HW-3007", lang)):
        assert part in shown(answer.text)
    assert house.digest() == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_photo_over_fifty_megabytes(house: House, lang: str) -> None:
    """HW-3008 at its question with limit and remedy; the other answers of the page are kept and no file is
    stored."""
    client = house.client()
    page = step(client, step(client, start(client), BEGIN), CONSENT)
    data = page.posting({NOTES: "不要丢"}, "update")
    data["/data/g_env/photo"] = (io.BytesIO(b"\0" * (PHOTO_LIMIT + 1)), "big.jpg", "image/jpeg")
    answer = client.post(f"/{lang}/fill/business", data=data)
    answer.request.environ["wsgi.input"].close()  # the test client leaves its copy of a large body open
    assert answer.status_code == 422
    for part in ("HW-3008", *words("HW-3008", lang, limit=50)):
        assert part in Page.of(answer).errors["/data/g_env/photo"]
    assert Page.of(answer).inputs[NOTES] == "不要丢"
    with Replica.open(house.hub) as hub:
        assert not hub.media_folder.exists()


def test_a_file_where_an_answer_belongs(house: House) -> None:
    """A file sent under the name of a question that takes words is no answer, and no fault."""
    client = house.client()
    page = Page.of(client.get("/en/fill/business"))
    data = page.posting({}, "keep") | {NOTES: (io.BytesIO(b"a file"), "a.txt", "text/plain")}
    saved = client.post("/en/fill/business", data=data)
    assert saved.status_code == 303
    assert not Page.of(client.get(saved.location.split("#")[0])).inputs[NOTES]
