"""The page of the forms over real requests: who may, what is told, what is kept, what is added."""

from __future__ import annotations

import html
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from collector import app_db
from collector.i18n import LANGUAGES
from collector.library import current_form
from collector.own_forms.parcel import File, add, examine
from forms import check_form
from sync import Replica
from tests.collector.browsers import token_of

from .books import BROKEN, FORM_ID, TITLE, WELLS, book
from .conftest import VILLAGE, Site, decision


def text_of(page: str) -> str:
    """What the body of a page says, tags left out."""
    return html.unescape(re.sub(r"<[^>]+>", "", main_of(page)))


def main_of(page: str) -> str:
    """The part of a page between frame and scripts."""
    return page.partition("<main")[2].partition("</main>")[0]


def test_who_may(site: Site) -> None:
    """Enumerators get 403 with whom to ask, supervisors look, administrators add; signed out it is the sign-in."""
    assert site.browser().get("/en/forms").status_code == 401
    refused = site.browser("anna").get("/en/forms")
    assert refused.status_code == 403
    assert "HW-3450" in refused.text
    assert "administrator" in refused.text
    seen = site.browser("chen").get("/en/forms")
    assert seen.status_code == 200
    assert 'type="file"' not in seen.text
    assert 'href="/en/forms"' in site.browser("chen").get("/en/villages").text
    assert 'href="/en/forms"' not in site.browser("anna").get("/en/villages").text
    before = site.documents()
    for who in ("anna", "chen"):
        client = site.browser(who)
        token = token_of(client.get("/en/device").text)
        assert site.upload(client, ("f.xlsx", book()), ("wells.csv", WELLS), token=token).status_code == 403
        assert (
            client.post("/en/forms/upload/x", data={"csrf_token": token, "action": "add"}).status_code == 403
        )
    assert site.upload(site.browser("root"), ("f.xlsx", book()), token="forged").status_code == 400
    assert site.documents() == before
    assert site.waiting() == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_that_is_wrong_is_told_at_once_and_nothing_is_kept(site: Site, lang: str) -> None:
    """Each finding of form and list stands on the page with its place, what is wrong and how to mend it, in the page's
    language; the hub is as before."""
    data = book(more=BROKEN)
    before = site.documents()
    answer = site.upload(
        site.browser("root"), ("mine.xlsx", data), ("wells.csv", b"name,name\na,b\n"), lang=lang
    )
    assert answer.status_code == 422
    said = text_of(answer.text)
    findings = check_form(data, "mine.xlsx").findings
    assert len([finding for finding in findings if finding.severity == "error"]) == 3
    for finding in findings:
        for part in (finding.code, finding.at.text(lang), finding.message(lang), finding.remedy(lang)):
            assert part in said, part
    assert "HW-1454" in said
    assert "${ownr} = 'a'" in said
    assert said.index("HW-1328") < said.index("HW-1454")
    body = main_of(answer.text)
    assert (
        body.index('role="alert"') < body.index('type="file"') < body.index("HW-1328")
    )  # at hand for the next try
    assert site.documents() == before
    assert site.waiting() == 0


def test_a_form_is_added_on_a_word(site: Site) -> None:
    """The upload is checked, shown with what it changes, and added; the list is read from its own document."""
    client = site.browser("root")
    asked = site.upload(client, ("mine.xlsx", book()), ("wells.csv", WELLS))
    assert asked.status_code == 303
    before = site.documents()
    page = client.get(asked.location)
    for part in (TITLE, FORM_ID, "3 rows", "the form is new here"):
        assert part in text_of(page.text), part
    assert client.get(asked.location.replace("/en/", "/zh/")).status_code == 200
    assert site.documents() == before
    done = client.post(asked.location, data=decision(page.text, "add"), follow_redirects=True)
    assert f"Added: {TITLE}" in text_of(done.text)
    assert site.waiting() == 0
    new = {(kind, name) for kind, name, _ in site.documents() - before}
    assert new == {("form", FORM_ID), ("xform", FORM_ID), ("list", "wells.csv")}
    with Replica.open(site.hub) as replica:
        assert current_form(replica, FORM_ID).form.title == TITLE


def test_a_form_without_a_version_says_so_in_the_language_of_the_page(site: Site) -> None:
    """In words where it is asked for, nothing in the list of forms; form_id is explained in Chinese too."""
    client = site.browser("root")
    asked = site.upload(client, ("mine.xlsx", book("")), ("wells.csv", WELLS), lang="zh")
    page = text_of(client.get(asked.location).text)
    assert "表单标识（form_id）" in page
    assert "没有写版本号" in page
    client.post(asked.location, data=decision(client.get(asked.location).text, "add"))
    for lang in LANGUAGES:
        assert "–" not in text_of(client.get(f"/{lang}/forms").text)


def test_the_same_again_changes_nothing_and_says_so(site: Site) -> None:
    """Nothing is asked, nothing written."""
    client = site.browser("root")
    site.add(client, ("mine.xlsx", book()), ("wells.csv", WELLS))
    before = site.documents()
    again = site.upload(client, ("mine.xlsx", book()), ("wells.csv", WELLS))
    assert again.status_code == 200
    assert "Nothing was changed" in text_of(again.text)
    assert site.documents() == before
    assert site.waiting() == 0


def test_a_new_version_says_which_records_use_what_changed(site: Site) -> None:
    """A question that is gone is told with the records that have an answer to it; they keep their version."""
    client = site.browser("root")
    site.add(client, ("mine.xlsx", book()), ("wells.csv", WELLS))
    with Replica.open(site.hub) as replica:
        first = current_form(replica, FORM_ID)
        for answers in ({"/data/remarks": "x"}, {"/data/remarks": "y"}, {"/data/g_home/owner": "z"}):
            replica.save(form=first.version_id, answers=answers, author=site.anna.id)
    asked = site.upload(client, ("mine.xlsx", book("2", without=["remarks"])))
    page = client.get(asked.location)
    said = text_of(page.text)
    assert "“remarks” was in the version before and is gone. 2 records use it." in said
    assert "3 records of this form keep the version they were made with." in said
    assert f"/en/records?form={FORM_ID}" in page.text
    client.post(asked.location, data=decision(page.text, "add"))
    listed = text_of(client.get("/en/forms").text)
    assert "1 earlier version" in listed
    with Replica.open(site.hub) as replica:
        assert replica.records_by_form() == {first.version_id: 3}
        assert current_form(replica, FORM_ID).form.version == "2"


def test_a_word_counts_for_what_was_shown(site: Site) -> None:
    """Another version that came meanwhile: the page is shown once more, with what changes now."""
    client, other = site.browser("root"), site.browser("root")
    asked = site.upload(client, ("mine.xlsx", book("2", without=["remarks"])), ("wells.csv", WELLS))
    page = client.get(asked.location).text
    with Replica.open(site.hub) as replica:
        add(replica, examine(replica, [File("m.xlsx", book())], [File("wells.csv", WELLS)]))
    before = site.documents()
    shown = client.post(asked.location, data=decision(page, "add"))
    assert "is gone" in text_of(shown.text)
    assert site.documents() == before
    assert client.post(asked.location, data=decision(shown.text, "add")).status_code == 303
    assert site.documents() != before
    assert other.get(asked.location).status_code == 404


def test_an_upload_is_let_go_or_grows_old(site: Site) -> None:
    """“Do not add it” keeps nothing; another upload takes the place of the first; after a day it is gone; nobody else
    sees it."""
    client = site.browser("root")
    first = site.upload(client, ("mine.xlsx", book()), ("wells.csv", WELLS)).location
    second = site.upload(client, ("mine.xlsx", book("2")), ("wells.csv", WELLS)).location
    assert client.get(first).status_code == 404
    assert site.browser("chen").get(second).status_code == 403
    client.post(second, data=decision(client.get(second).text, "drop"))
    assert site.waiting() == 0
    third = site.upload(client, ("mine.xlsx", book()), ("wells.csv", WELLS)).location
    long_ago = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    with closing(app_db.connect(app_db.path_for(site.hub))) as connection:
        connection.execute("UPDATE form_upload SET created = ?", [long_ago])
    gone = client.get(third)
    assert (gone.status_code, "HW-3455" in gone.text) == (404, True)


def test_nothing_chosen_is_a_number(site: Site) -> None:
    """A button pressed too early loses nothing and says what to do."""
    answer = site.upload(site.browser("root"), None)
    assert (answer.status_code, "HW-3454" in answer.text) == (422, True)
    assert site.upload(site.browser("root"), ("", b"")).status_code == 422


def test_an_own_form_is_offered_where_records_begin(site: Site) -> None:
    """On the page of each village and below the villages, called by its title in list and heading; its records can be
    chosen in the list of records."""
    site.add(site.browser("root"), ("mine.xlsx", book()), ("wells.csv", WELLS))
    anna = site.browser("anna")
    for address in ("/en/villages", f"/en/visit/{VILLAGE}"):
        assert f"/en/fill/{FORM_ID}" in anna.get(address).text
        assert TITLE in text_of(anna.get(address).text)
    assert f"<h1>{TITLE}" in anna.get(f"/en/fill/{FORM_ID}").text
    assert f'<option value="{FORM_ID}">{TITLE}' in anna.get("/en/records").text
