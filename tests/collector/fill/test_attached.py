"""Attached GeoJSON and XML, and the record before, on the server: pages without scripts, what phones are given."""

from __future__ import annotations

import pytest

from collector import library
from collector.library import list_addresses
from collector.problems import Problem
from collector.server_session import lists_for, session_for
from forms import Form, compile_form
from sync import Replica
from tests.collector.fill.conftest import Desk, Page
from tests.forms.test_files import FEATURE, FORM, TREE

PLACES = FEATURE % (b"[112.5, 35.5]", b', "id": "p1", "properties": {"title": "Well"}')
SHOPS = b"<root><item><name>s1</name><label>Shop</label><place>p1</place></item></root>"
AGAIN = b"""
| survey | | | | |
| | type | name | label | default |
| | text | street | Street | ${last-saved#street} |
| settings | | | | |
| | form_id | | | |
| | again | | | |
"""


def attach(replica: Replica) -> Form:
    """The form of `tests.forms.test_files` with its three files."""
    form = compile_form(FORM.encode(), "attached.md")
    for name, data in (("places.geojson", PLACES), ("shops.xml", SHOPS), ("counties.xml", TREE)):
        replica.put_document(library.LIST_KIND, name, data)
    library.put_form(replica, form)
    return form


def test_pages_offer_what_files_hold(desk: Desk) -> None:
    """Features and items of XML are choices, a tree is read, by the form on the server."""
    with desk.replica() as replica:
        session = session_for(replica, attach(replica), desk.anna, "en")
        session.answer("/data/place", "p1")
        assert session.value("/data/where") == "35.5 112.5 0 0"
        assert session.choices("/data/shop") == [("s1", "Shop")]
        assert (session.value("/data/towns"), session.value("/data/second")) == ("2", "X2")
    page = desk.client().get("/en/fill/attached")
    assert page.status_code == 200
    assert "Well" in Page.of(page).text


def test_phones_get_rows_and_trees_but_never_the_file(desk: Desk) -> None:
    """JSON is what they are given; XML that might be shown as a page is not handed out as it is."""
    client = desk.client("")
    with desk.replica() as replica:
        attach(replica)
        addresses = list_addresses(replica, {"places", "shops", "counties"})
    assert set(addresses) == {"places", "shops", "counties"}
    assert client.get(addresses["places"]).get_json() == [
        {"geometry": "35.5 112.5 0 0", "title": "Well", "id": "p1"}
    ]
    assert client.get(addresses["shops"]).get_json()[0]["label"] == "Shop"
    name, attributes, below = client.get(addresses["counties"]).get_json()
    assert (name, attributes, below[0][:2]) == ("counties", {}, ["county", {"code": "x"}])
    for stem in addresses:
        answer = client.get(addresses[stem].replace(".json", ".csv"))
        assert answer.status_code == 404


def test_the_file_that_was_put_last_counts(desk: Desk) -> None:
    """A list may change its kind."""
    with desk.replica() as replica:
        attach(replica)
        replica.put_document(library.LIST_KIND, "shops.csv", b"name,label,place\ns9,New,p1\n")
        assert [row["name"] for row in lists_for(replica, desk.anna).rows("shops")] == ["s9"]
        assert lists_for(replica, desk.anna).tree("shops") is None
        replica.put_document(library.LIST_KIND, "shops.xml", TREE)
        assert lists_for(replica, desk.anna).rows("shops") == []
        assert lists_for(replica, desk.anna).tree("shops") is not None


def test_two_lists_that_hold_the_same_are_both_handed_out(desk: Desk) -> None:
    """A phone that could not have one of them would keep none of its pages."""
    with desk.replica() as replica:
        for name in ("wells.csv", "pumps.csv"):
            replica.put_document(library.LIST_KIND, name, b"name,label\na,A\n")
        addresses = list_addresses(replica, {"wells", "pumps"})
    client = desk.client("")
    assert [client.get(address).get_json() for address in addresses.values()] == [
        [{"name": "a", "label": "A"}]
    ] * 2
    assert client.get(addresses["wells"].replace("wells", "villages")).status_code == 404


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("broken.xml", b"<a>"),
        ("broken.xml", b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'),
        ("broken.geojson", b"[" * 10_000),
        ("broken.csv", "a\n村".encode("gb18030")),
    ],
)
def test_a_file_that_cannot_be_read_holds_up_no_phone(desk: Desk, name: str, data: bytes) -> None:
    """It is a numbered problem to who asks for it, and the other lists are given away all the same."""
    with desk.replica() as replica:
        document = replica.put_document(library.LIST_KIND, name, data)
        addresses = list_addresses(replica)
        with pytest.raises(Problem) as caught:
            lists_for(replica, desk.anna).rows("broken")
    assert caught.value.code == "HW-3460"
    assert "broken" not in addresses
    assert "villages" in addresses
    assert desk.client("").get(f"/lists/{document}/broken.json").status_code == 409


def test_the_record_before_is_the_persons_own(desk: Desk) -> None:
    """A new record begins with what this person said last, not with what others said or what was deleted."""
    with desk.replica() as replica:
        form = compile_form(AGAIN, "again.md")
        version = library.put_form(replica, form)

        def street(who: str) -> str:
            person = desk.anna if who == "anna" else desk.boris
            return session_for(replica, form, person, "en").value("/data/street")

        assert street("anna") == ""
        first, last = (
            replica.save(
                record=None,
                form=version,
                answers={"/data/street": each},
                reasons={},
                author=desk.anna.id,
                scopes=desk.anna.scopes(""),
                parents=None,
            )
            for each in ("Old Street", "New Street")
        )
        assert (street("anna"), street("boris")) == ("New Street", "")
        assert session_for(replica, form, None, "en").value("/data/street") == ""
        replica.delete(last, "twice", author=desk.boris.id)
        assert street("anna") == "Old Street"
        replica.delete(first, "twice", author=desk.boris.id)
        assert street("anna") == ""
    assert desk.client().get("/en/fill/again").status_code == 200
