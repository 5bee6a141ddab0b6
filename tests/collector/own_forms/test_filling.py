"""An own form on the server's pages without scripts, its record in the village it was begun in and in the tables."""

from __future__ import annotations

import re
from contextlib import closing

import pytest

from collector.api.field import field_package
from collector.tables import Tables
from sync import Replica
from tests.collector.fill.conftest import Page, follow

from .books import FORM_ID, REMEMBERING, TITLE, TOWNS, WELLS, book
from .conftest import VILLAGE, Site


@pytest.fixture
def offered(site: Site) -> Site:
    """The form is in the hub."""
    site.add(site.browser("root"), ("mine.xlsx", book()), ("wells.csv", WELLS))
    return site


def test_a_record_of_an_own_form(offered: Site) -> None:
    """Begun on the page of a village: group, repeat and a choice that follows from another; saved, it belongs to the
    village though the form does not ask for it, and stands in its tables."""
    anna = offered.browser("anna")
    address = re.search(rf'href="(/en/fill/{FORM_ID}\?[^"]+)"', anna.get(f"/en/visit/{VILLAGE}").text)
    assert address
    page = Page.of(anna.get(address.group(1).replace("&amp;", "&")))
    post = f"/en/fill/{FORM_ID}?village={VILLAGE}"
    assert f'action="{post}"' in page.text
    home = "/data/g_home/"
    page = follow(
        anna, anna.post(post, data=page.posting({home + "owner": "Li", home + "region": "n"}, "update"))
    )
    assert page.choices[home + "well"] == ["", "w1", "w2"]
    page = follow(anna, anna.post(f"/en/fill/{FORM_ID}", data=page.posting({home + "well": "w2"}, "keep")))
    (kind,) = [path for path in page.inputs if path.startswith("/data/animals[") and path.endswith("/kind")]
    answers = {kind: "Sheep", kind.replace("/kind", "/heads"): "7"}
    done = anna.post(f"/en/fill/{FORM_ID}", data=page.posting(answers, "finish"))
    assert done.location == f"/en/visit/{VILLAGE}"
    said = anna.get(done.location).text
    assert "Li" in said
    assert TITLE in said
    with Replica.open(offered.hub) as replica:
        (state,) = replica.states(FORM_ID)
        assert state.scopes == (f"p:{offered.anna.id}", f"v:{VILLAGE}")
        assert state.answers[home + "well"] == "w2"
        with closing(Tables.of(replica)) as tables:
            tables.update(replica)
            row = tables.connection.execute(
                f"SELECT owner, well, _village, _check FROM form_{FORM_ID}"
            ).fetchall()
            animals = tables.connection.execute(f"SELECT kind, heads FROM form_{FORM_ID}__animals").fetchall()
    assert [tuple(each) for each in row] == [("Li", "w2", VILLAGE, "ok")]
    assert [tuple(each) for each in animals] == [("Sheep", 7)]
    assert "New well" in anna.get(f"/en/record/{state.record}").text


def test_a_village_that_is_none_is_no_tag(offered: Site) -> None:
    """What an address says of the village counts only if the list knows it."""
    anna = offered.browser("anna")
    for village in ("999", "*", f"{VILLAGE}x"):
        page = Page.of(anna.get(f"/en/fill/{FORM_ID}?village={village}"))
        assert f'action="/en/fill/{FORM_ID}"' in page.text
        post = f"/en/fill/{FORM_ID}?village={village}"
        anna.post(post, data=page.posting({"/data/g_home/owner": village}, "finish"))
    with Replica.open(offered.hub) as replica:
        assert {state.scopes for state in replica.states(FORM_ID)} == {(f"p:{offered.anna.id}",)}


def test_a_phone_is_told_what_it_needs(offered: Site) -> None:
    """The field package has the form with its title, the worker keeps its pages, its form and its list."""
    with Replica.open(offered.hub) as replica:
        package = field_package(replica, offered.anna)
    form = package["forms"][FORM_ID]
    assert (form["title"], form["own"], form["place"]) == (TITLE, True, {})
    assert "own" not in package["forms"]["business"]
    worker = offered.browser().get("/sw.js").text
    for address in (f"/en/fill/{FORM_ID}", f"/zh/fill/{FORM_ID}", form["address"], package["lists"]["wells"]):
        assert f'"{address}"' in worker
        assert offered.browser().get(address).status_code == 200


def test_a_record_begins_with_what_was_said_in_the_one_before(site: Site) -> None:
    """A form that reads a tree and the record before, filled in twice on pages without scripts: the second begins with
    the street of the first; that of another person does not."""
    form = ("mine.xlsx", book(more=REMEMBERING))
    site.add(site.browser("root"), form, ("wells.csv", WELLS), ("towns.xml", TOWNS))
    anna = site.browser("anna")
    address = f"/en/fill/{FORM_ID}"
    page = Page.of(anna.get(address))
    assert page.inputs["/data/street"] == ""
    given = {"/data/g_home/owner": "Li", "/data/street": "Long Street", "/data/town": "t2"}
    page = follow(anna, anna.post(address, data=page.posting(given, "update")))
    assert "It is Mill town." in page.text
    assert anna.post(address, data=page.posting({}, "finish")).status_code in (302, 303)
    assert Page.of(anna.get(address)).inputs["/data/street"] == "Long Street"
    assert Page.of(site.browser("chen").get(address)).inputs["/data/street"] == ""
    with Replica.open(site.hub) as replica:
        package = field_package(replica, site.anna)
        (state,) = replica.states(FORM_ID)
    assert state.answers["/data/town_name"] == "Mill town"
    assert anna.get(package["lists"]["towns"]).get_json()[0] == "towns"
    assert f'"{package["lists"]["towns"]}"' in site.browser().get("/sw.js").text
