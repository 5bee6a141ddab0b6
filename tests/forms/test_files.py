"""Attached files: what they come to, and what is said of those that cannot be read."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from forms import FormError, MemoryLists, Session, compile_form
from forms.attached import memory_lists, read_file

FEATURE = b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":%s}%s}]}'
BOMB = (
    b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">'
    + b"".join(b'<!ENTITY b%d "%s">' % (n, b"&b%d;" % (n - 1) * 10 if n else b"&b;" * 10) for n in range(12))
    + b"]><a>&b11;</a>"
)
TREE = b'<counties><county code="x"><name>X</name><town><name>X1</name></town><town><name>X2</name></town>'
TREE += b"</county></counties>"
FORM = """
| survey | | | | | | |
| | type | name | label | calculation | choice_filter | default |
| | select_one_from_file places.geojson | place | Place | | | |
| | calculate | where | | instance('places')/root/item[id = ${place}]/geometry | | |
| | select_one_from_file shops.xml | shop | Shop | | place = ${place} | |
| | xml-external | counties | | | | |
| | calculate | towns | | count(instance('counties')/counties/county[@code = 'x']/town) | | |
| | calculate | second | | instance('counties')/counties/county/town[2]/name | | |
| settings | | | | | | |
| | form_id | | | | | |
| | attached | | | | | |
"""


def test_a_form_reads_what_it_attaches() -> None:
    """Features are choices by `id` and `title`, an XML list is one by `name` and `label`, other XML is a tree."""
    places = FEATURE % (b"[112.5, 35.5]", b', "id": "p1", "properties": {"title": "Well"}')
    shops = b"<root><item><name>s1</name><label>Shop</label><place>p1</place></item><item><name>s2</name></item></root>"
    files = {"places.geojson": places, "shops.xml": shops, "counties.xml": TREE}
    lists = memory_lists(read_file(data, name) for name, data in files.items())
    session = Session(compile_form(FORM.encode(), "attached.md"), lists)
    assert session.choices("/data/place") == [("p1", "Well")]
    session.answer("/data/place", "p1")
    assert session.value("/data/where") == "35.5 112.5 0 0"
    assert session.choices("/data/shop") == [("s1", "Shop")]
    assert (session.value("/data/towns"), session.value("/data/second")) == ("2", "X2")


def test_what_a_file_comes_to_is_json() -> None:
    """Rows are told from a tree by the first member; nothing is lost on the way to a phone."""
    for data, name, tree in [
        (b"a,b\n1\n", "x.csv", False),
        (b"a\n", "x.CSV", False),
        (TREE, "x.xml", True),
        (b"<root/>", "x.xml", False),
        (FEATURE % (b"[1, 2]", b""), "x.geojson", False),
    ]:
        file = read_file(data, name)
        assert (file.tree is not None) is tree
        assert (bool(file.content) and isinstance(file.content[0], str)) is tree
        assert json.loads(json.dumps(file.content)) == file.content


def test_a_tree_names_what_is_in_it() -> None:
    """Elements and attributes, each once; it has no rows."""
    file = read_file(TREE, "counties.xml")
    assert (file.name, file.kind, file.rows) == ("counties", ".xml", [])
    assert file.columns == ("counties", "county", "@code", "name", "town")


@pytest.mark.parametrize(
    ("code", "name", "data"),
    [
        ("HW-1450", "x.zip", b""),
        ("HW-1452", "x.csv", b"a" * 100_000_000),
        ("HW-1452", "x.geojson", b"[" * 100_000_000),
        ("HW-1452", "x.xml", b"<a/>" * 25_000_000),
        ("HW-1452", "x.xml", b"<a>" + b"<b/>" * 1_200_000 + b"</a>"),
        ("HW-1452", "x.xml", b"<a>" + b"<b/>" * 400_000 + b"</a>"),
        ("HW-1452", "x.geojson", b" " * 6_000_000),
        ("HW-1452", "x.csv", b"a\n" + b"1\n" * 200_000),
        ("HW-1452", "x.csv", b"," * 1_000 + b"\n1\n"),
        ("HW-1452", "x.csv", b"a," * 400 + b"\n" + b"1\n" * 90_000),
        ("HW-1451", "x.csv", b'a\n"x'),
        ("HW-1451", "x.csv", b"a\n" + b"x" * 200_000),
        ("HW-1451", "x.csv", b""),
        ("HW-1322", "x.csv", b"a\n" + b"x" * 40_000),
        ("HW-1322", "x.xml", b"<root><item><a>" + b"x" * 40_000 + b"</a></item></root>"),
        ("HW-1452", "x.xml", b"<root>" + b"<item/>" * 100_001 + b"</root>"),
        ("HW-1451", "x.geojson", b"["),
        ("HW-1451", "x.geojson", b"[" * 10_000),
        ("HW-1451", "x.geojson", b"[" * 10_000 + b"]" * 10_000),
        ("HW-1451", "x.geojson", b"[]"),
        ("HW-1451", "x.geojson", FEATURE % (b"[NaN, 1]", b"")),
        ("HW-1451", "x.geojson", FEATURE % (b"[1e999, 1]", b"")),
        ("HW-1451", "x.geojson", FEATURE % (b"[1" + b"0" * 400 + b", 1]", b"")),
        ("HW-1451", "x.geojson", FEATURE % (b"[1" + b"0" * 5000 + b", 1]", b"")),
        ("HW-1451", "x.geojson", FEATURE % (b"[1, 2]", b', "properties": {"a": 1e999}')),
        ("HW-1451", "x.geojson", FEATURE % (b"[1, 2]", b', "properties": {"a": "\\ud800"}')),
        ("HW-1009", "x.geojson", '"村"'.encode("gb18030")),
        ("HW-1009", "x.csv", "a\n村".encode("gb18030")),
        ("HW-1451", "x.xml", b"\xff<a/>"),
        ("HW-1451", "x.xml", b"<a>"),
        ("HW-1451", "x.xml", b"<a>" * 10_000 + b"</a>" * 10_000),
        ("HW-1451", "x.xml", b"<a>" * 100 + b"</a>" * 100),
        ("HW-1451", "x.xml", BOMB),
        ("HW-1003", "x.xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ],
)
def test_hostile_files_are_numbered_problems(code: str, name: str, data: bytes) -> None:
    """Nothing but a numbered problem with both texts comes of them, in seconds."""
    began = time.process_time()
    with pytest.raises(FormError) as caught:
        read_file(data, name)
    assert time.process_time() - began < 5
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.split()[0]) == (code, name)
    assert all(problem.message(lang) and problem.remedy(lang) for lang in ("en", "zh"))


LAST: dict[str, Any] = {
    "/data/street": "Long Street",
    "/data/visit[b0b0]": "0002",
    "/data/visit[a0a0]": "0001",
    "/data/visit[b0b0]/who": "B",
    "/data/visit[a0a0]/who": "A",
}


def test_the_record_saved_last_gives_defaults() -> None:
    """Its answers are those of the form's instance, repeats in their order; without one all is empty."""
    form = compile_form(
        b"""
| survey | | | | | |
| | type | name | label | default | calculation |
| | text | street | Street | ${last-saved#street} | |
| | begin repeat | visit | Visit | | |
| | text | who | Who | | |
| | end repeat | | | | |
| | calculate | first | | | string(instance('__last-saved')/data/visit[1]/who) |
| | calculate | count | | | count(instance('__last-saved')/data/visit) |
""",
        "again.md",
    )
    session = Session(form, MemoryLists(last_saved=LAST))
    assert [session.value(f"/data/{name}") for name in ("street", "first", "count")] == [
        "Long Street",
        "A",
        "2",
    ]
    session.answer("/data/street", "Short Street")
    assert session.value("/data/street") == "Short Street"
    session = Session(form)
    assert [session.value(f"/data/{name}") for name in ("street", "first", "count")] == ["", "", "0"]
