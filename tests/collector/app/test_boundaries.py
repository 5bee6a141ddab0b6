"""What no address of the pages gives away, and what no answer can put into them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from collector.library import current_forms
from sync import Replica
from sync.canonical import encode
from tests.collector.app.conftest import OTHER_VILLAGE, PASSWORD, VILLAGE, Site
from tests.collector.browsers import token_of

SECRET = "隔壁老王的店"
UID = "7d0c2b53-1f7e-4a39-9a3c-0d2f4a2b9c11"
MARKUP = "\"'><img src=x onerror=alert(1)></script><script>alert(2)</script>"


def far(site: Site) -> str:
    """A record of a village that anna does not work in."""
    return site.record(
        "business",
        site.chen,
        OTHER_VILLAGE,
        business_uid=UID,
        business_name=SECRET,
        village_code=OTHER_VILLAGE,
        op_status="operating",
        disposition="complete",
        contact="yes",
        consent_interview="yes",
    )


def test_an_enumerator_reads_nothing_of_another_village_at_any_address(site: Site) -> None:
    """Neither the record nor its name or number stand on any page; a supervisor finds it on these."""
    record = far(site)
    addresses = [
        f"/zh/visit/{OTHER_VILLAGE}",
        "/zh/villages",
        f"/zh/villages?q={OTHER_VILLAGE}",
        "/zh/records",
        f"/zh/records?village={OTHER_VILLAGE}",
        f"/zh/records?q={quote(SECRET)}",
        f"/zh/record/{record}",
        f"/zh/record/{record}/edit",
        "/zh/fill/jobs",
        f"/zh/fill/jobs?/data/g_employer/business_uid={UID}&/data/g_consent/consent_source=linked"
        "&/data/g_employer/employer_type=returnee_business",
        "/zh/fill/support",
    ]
    anna, chen = site.browser("anna"), site.browser("chen")
    for address in addresses:
        asked = quote(SECRET) in address
        page = anna.get(address).text
        assert asked or SECRET not in page, address
        assert f"{OTHER_VILLAGE}-B-" not in page, address
        assert f"/record/{record}" not in page or f"/record/{record}" in address, address
    assert SECRET in chen.get(f"/zh/visit/{OTHER_VILLAGE}").text
    assert SECRET in chen.get(f"/zh/record/{record}").text


def test_a_record_names_its_business_to_those_who_may_see_that(site: Site) -> None:
    """The page of anna's job calls a business of her village by its name, and says nothing of one elsewhere,
    which a supervisor reads there."""
    name, uid = "我村的店", "0b7a6a0e-4f0e-4d0c-8a55-9a4cf1a0e001"
    site.record(
        "business",
        site.chen,
        VILLAGE,
        business_uid=uid,
        business_name=name,
        village_code=VILLAGE,
        op_status="operating",
        disposition="complete",
        contact="yes",
        consent_interview="yes",
    )
    far(site)
    jobs = {"consent_source": "linked", "employer_type": "returnee_business", "occupation_text": "做饭"}
    near_job, far_job = (
        site.record("jobs", site.anna, VILLAGE, business_uid=one, **jobs) for one in (uid, UID)
    )
    anna, chen = site.browser("anna"), site.browser("chen")
    assert name in anna.get(f"/zh/record/{near_job}").text
    page = anna.get(f"/zh/record/{far_job}")
    assert "做饭" in page.text
    assert SECRET not in page.text
    assert f"{OTHER_VILLAGE}-B-" not in page.text
    assert SECRET in chen.get(f"/zh/record/{far_job}").text


def test_cards_of_another_village_count_only_what_the_person_may_see(site: Site) -> None:
    """The same card says nothing to anna that a village without records would not."""
    before = site.browser("anna").get(f"/zh/villages?q={OTHER_VILLAGE}").text
    far(site)
    after = site.browser("anna").get(f"/zh/villages?q={OTHER_VILLAGE}").text
    strip = [part.split("</main>")[0].split("<main")[1] for part in (before, after)]
    assert strip[0] == strip[1]


@pytest.mark.parametrize(
    "form_id", ["business", "inn", "village_visit", "jobs", "support", "event", "case_story"]
)
def test_markup_in_any_answer_is_text_on_every_page(site: Site, form_id: str) -> None:
    """Every question of every form answered with markup, choices too: no page holds it as markup."""
    with Replica.open(site.hub) as replica:
        form = current_forms(replica)[form_id].form
    names = {node.name: MARKUP for node in form.nodes if node.is_leaf() and node.type in ("string", "binary")}
    repeats = [node.path + "/" for node in form.nodes if node.kind == "repeat"]
    inside = {node.name for node in form.nodes if node.path.startswith(tuple(repeats))}
    answers = {name: value for name, value in names.items() if name not in inside} | {"village_code": VILLAGE}
    record = site.record(form_id, site.anna, VILLAGE, **answers)
    with Replica.open(site.hub) as replica:
        replica.review(record, "has_issues", MARKUP, [MARKUP], author=site.chen.id)
        other = dict(replica.state(record).answers)
        path = next(path for path in other if other[path] == MARKUP)
        state = replica.state(record)
        for value in ("<b>a</b>", "<b>b</b>"):
            replica.save(
                record=record,
                form=state.form,
                answers={**other, path: value},
                author=MARKUP,
                parents=state.heads,
                scopes=state.scopes,
            )
    seen = 0
    for username in ("anna", "chen"):
        browser = site.browser(username)
        for lang in ("zh", "en"):
            for address in (
                f"visit/{VILLAGE}",
                "villages",
                "records",
                f"record/{record}",
                f"record/{record}/edit",
            ):
                page = browser.get(f"/{lang}/{address}")
                assert page.status_code == 200, (address, page.text[-2000:])
                assert "<img src=x" not in page.text, address
                assert "<script>alert" not in page.text, address
                assert "<b>a</b>" not in page.text
                seen += "onerror=alert(1)" in page.text
    assert seen, "the markup stood on no page: this test looked at nothing"


def test_a_reason_that_nobody_knows_is_shown_as_it_is(site: Site) -> None:
    """A newer or broken phone may have written it: the record can be read and mended all the same."""
    with Replica.open(site.hub) as replica:
        form = current_forms(replica)["business"].version_id
        reasons = [["/data/g_where/business_name", "<b>asleep</b>"]]
        payload = encode(["1", "A" * 22, [], [], ["*"], reasons])
        scopes = [f"v:{VILLAGE}"]
        with replica.transaction():
            record = replica._append("edit", None, form, (), site.anna.id, scopes, payload, None, None)
    for address in (f"/zh/record/{record}", f"/zh/record/{record}/edit"):
        page = site.browser("anna").get(address)
        assert page.status_code == 200
        assert "<b>asleep</b>" not in page.text
    assert "&lt;b&gt;asleep" in site.browser("anna").get(f"/zh/record/{record}").text


@pytest.mark.parametrize(
    "address",
    ["//evil.test", "/\\evil.test", "/ok\r\nX-Evil: 1", "/\t/evil.test", "https://evil.test", "/ok\x00"],
)
def test_signing_in_leads_nowhere_else(site: Site, address: str) -> None:
    """The address to go on to is a path of this site in one line, or else the first page."""
    browser = site.browser()
    token = token_of(browser.get("/en/sign-in").text)
    form = {"username": "anna", "password": PASSWORD, "csrf_token": token, "next": address}
    answer = browser.post("/en/sign-in", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/villages")
    assert "X-Evil" not in answer.headers
