"""Files beside a form: what is read of CSV and GeoJSON, what is refused, and what a form must find in them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from forms import Finding, compile_form
from forms.check.attached import attached_by, check_attached, check_file, check_rows_of, check_unused
from forms.problems import LANGUAGES

FORM = (
    """| survey | | | | |
| | type | name | label | choice_filter |
| | text | region | Region | |
| | select_one_from_file wells.csv | well | Well | area=${region} and kind='dug' |
| | select_one_from_file spots.geojson | spot | Spot | |
| | calculate | depth | | |
| | calculate | year | | |
| settings | | |
| | form_id | form_title |
| | wells | Wells |
""".replace(
        "| | calculate | depth | | |\n| | calculate | year | | |\n",
        "| | note | n | ${depth} ${year} | |\n",
    )
    .replace("| choice_filter |\n", "| choice_filter | calculation |\n")
    .replace(
        "| | note |",
        "| | calculate | depth | | | pulldata('wells', 'depth', 'name', ${well}) |\n"
        "| | calculate | year | | | instance('wells')/root/item[name = ${well}]/dug_in |\n| | note |",
    )
)


def codes(found: list[Finding]) -> list[str]:
    """Their numbers; each must have its texts in both languages."""
    for finding in found:
        assert all(finding.message(lang) and finding.remedy(lang) for lang in LANGUAGES)
    return [finding.code for finding in found]


def features(*features: object) -> bytes:
    """A GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def point(**more: object) -> dict[str, object]:
    """A feature at 112.8 east, 35.5 north."""
    geometry = {"type": "Point", "coordinates": [112.8, 35.5]}
    return {"type": "Feature", "geometry": geometry, "properties": {}, **more}


def test_csv_as_people_save_it() -> None:
    """A byte order mark, blanks around names, quoted line ends and short rows."""
    data = '\ufeffname, label\na,"x\ny"\nb\n'.encode()
    attached, found = check_file(data, "wells.csv")
    assert found == []
    assert attached is not None
    assert (attached.name, attached.columns) == ("wells", ("name", "label"))
    assert attached.rows == [{"name": "a", "label": "x\ny"}, {"name": "b", "label": ""}]


def test_geojson_becomes_a_list() -> None:
    """One row a feature: id, geometry in the lexical form of its type, and plain properties; without features the
    columns that each has."""
    line = {"type": "LineString", "coordinates": [[1, 2], [3.5, 4, 9]]}
    area = {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}
    data = features(
        point(
            id="w1", properties={"title": "老井", "deep": 4.5, "dry": False, "more": {"x": 1}, "none": None}
        ),
        point(geometry=line, properties={"id": 7, "title": "Path"}),
        point(geometry=area, properties=None),
    )
    attached, found = check_file(data, "spots.geojson")
    assert found == []
    assert attached is not None
    assert attached.columns == ("id", "geometry", "title", "deep", "dry", "none")
    first, second, third = attached.rows
    assert first == {
        "id": "w1", "geometry": "35.5 112.8 0 0", "title": "老井", "deep": "4.5", "dry": "false", "none": "",
    }  # fmt: skip
    assert (second["id"], second["geometry"]) == ("7", "2 1 0 0; 4 3.5 0 0")
    assert third["geometry"] == "0 0 0 0; 1 0 0 0; 1 1 0 0; 0 0 0 0"
    none, found = check_file(features(), "spots.geojson")
    assert found == []
    assert none is not None
    assert (none.columns, none.rows) == (("id", "geometry"), [])


@pytest.mark.parametrize(
    ("data", "filename", "code"),
    [
        (lambda: b"x", "wells.xlsx", "HW-1450"),
        (lambda: b"x", "", "HW-1450"),
        (lambda: b"", "wells.csv", "HW-1451"),
        (lambda: b'name\n"a', "wells.csv", "HW-1451"),
        (lambda: "name,label\n井,x\n".encode("gb18030"), "wells.csv", "HW-1009"),
        (lambda: b"name,name\na,b\n", "wells.csv", "HW-1454"),
        (lambda: b"name,\na,b\n", "wells.csv", "HW-1454"),
        (lambda: b"name,label\n" + b"x,y\n" * 200_000, "wells.csv", "HW-1452"),
        (lambda: b"a," * 600 + b"b\n", "wells.csv", "HW-1452"),
        (lambda: b",".join(b"c%d" % n for n in range(400)) + b"\n" + b"x\n" * 99_000, "wells.csv", "HW-1452"),
        (lambda: b"name\n" + b"x" * 20_000_000, "wells.csv", "HW-1452"),
        (lambda: b"name\n" + b"x" * 40_000, "wells.csv", "HW-1322"),
        (lambda: b"[" * 4_000_000, "spots.geojson", "HW-1451"),
        (lambda: b'{"a":' * 800_000, "spots.geojson", "HW-1451"),
        (lambda: b'{"type":"Topology"}', "spots.geojson", "HW-1451"),
        (lambda: features("x"), "spots.geojson", "HW-1451"),
        (lambda: features(point(geometry=None)), "spots.geojson", "HW-1451"),
        (lambda: features(point(geometry={"type": "Point", "coordinates": []})), "spots.geojson", "HW-1451"),
        (lambda: features(point(geometry={"type": "Point", "coordinates": ["1", 2]})), "spots.geojson", "HW-1451"),
        (lambda: b'{"type":"FeatureCollection","features":[NaN]}', "spots.geojson", "HW-1451"),
        (lambda: features(*(point(properties={f"p{n}": n}) for n in range(20_000))),
         "spots.geojson", "HW-1452"),
        (lambda: b" " * 5_000_001, "spots.geojson", "HW-1452"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_a_number_within_bounds(
    data: Callable[[], bytes], filename: str, code: str
) -> None:
    """Another kind, another encoding, too much, an attack: one number, soon, and no list."""
    made = data()
    start = time.monotonic()
    attached, found = check_file(made, filename)
    assert time.monotonic() - start < 10
    assert attached is None
    assert set(codes(found)) == {code}


def test_what_a_form_reads_of_its_lists() -> None:
    """Columns of choices, of filters, of `pulldata` and of paths into a list."""
    wells, spots = attached_by(compile_form(FORM.encode(), "wells.md"))
    assert set(wells.columns) == {"name", "label", "area", "kind", "depth", "dug_in"}
    assert set(spots.columns) == {"id", "title"}
    assert (wells.filename, spots.filename) == ("wells.csv", "spots.geojson")


def test_a_list_that_is_missing_or_lacks_a_column_is_told_at_its_question() -> None:
    """A missing list by the question that needs it; a missing column by its likely name; a translated label will do."""
    form = compile_form(FORM.encode(), "wells.md")
    lists = {"wells": ("name", "label_zh", "Area", "kind", "depth", "dug_in")}
    column, missing = check_attached(form, lists.get, {})
    assert codes([column, missing]) == ["HW-1453", "HW-1457"]
    assert (column.at.sheet, column.at.question, column.at.column, column.near) == (
        "wells.csv",
        "well",
        "area",
        "Area",
    )
    assert (missing.at.question, missing.params["name"]) == ("spot", "spots.geojson")
    whole = lists | {"wells": (*lists["wells"], "area"), "spots": ("id", "title")}
    assert list(check_attached(form, whole.get, {})) == []


def test_other_kinds_of_files_are_refused() -> None:
    """A file of another kind, or under another name than its own, would stay empty on every phone; XML is read."""
    form = compile_form(FORM.encode(), "wells.md")
    for new, codes_of in (("wells.zip", ["HW-1458"]), ("other.csv", ["HW-1458"]), ("wells.xml", [])):
        changed = form.xform.replace("jr://file-csv/wells.csv", f"jr://file/{new}")
        other = compile_form(changed.encode(), "wells.xml")
        lists = {"wells": attached_by(form)[0].columns, "spots": ("id", "title")}
        have = {name: tuple(columns) for name, columns in lists.items()}
        assert codes(list(check_attached(other, have.get, {}))) == codes_of


def test_a_tree_must_have_what_a_form_chooses_by() -> None:
    """A question over XML that has no such elements would have no choice; what has them, at whatever depth, will do."""
    form = compile_form(
        b"""| survey | | | |
| | type | name | label |
| | select_one_from_file places.xml | place | Place |
""",
        "places.md",
    )
    for data, missing in (
        (b'<root><item id="1"><name>a</name><label>A</label></item></root>', []),
        (b"<places><place><code>a</code></place></places>", ["name", "label"]),
    ):
        attached, found = check_file(data, "places.xml")
        assert found == []
        assert attached is not None
        assert attached.tree is not None
        told = list(check_attached(form, {"places": attached.columns}.get, {}))
        assert codes(told) == ["HW-1453"] * len(missing)
        assert [each.at.column for each in told] == missing


def test_rows_that_cannot_be_chosen_or_told_apart() -> None:
    """Rows without a value and values that stand twice are warnings with the row; a cascade may name a choice again."""
    form = compile_form(FORM.replace("area=${region} and kind='dug'", "").encode(), "wells.md")
    attached, _ = check_file(b"name,label\na,A\n,B\na,C\n", "wells.csv")
    assert attached is not None
    empty, double = check_rows_of(form, attached)
    assert codes([empty, double]) == ["HW-1455", "HW-1456"]
    assert (empty.at.row, double.at.row) == (3, 4)
    assert {empty.severity, double.severity} == {"warning"}
    cascade = compile_form(FORM.encode(), "wells.md")
    assert codes(list(check_rows_of(cascade, attached))) == ["HW-1455"]


def test_a_list_that_no_form_attaches_is_told_with_the_likely_name() -> None:
    """A file of another name would never be read."""
    form = compile_form(FORM.encode(), "wells.md")
    attached, _ = check_file(b"name,label\na,A\n", "wels.csv")
    assert attached is not None
    (unused,) = check_unused(attached, [form])
    assert (unused.code, unused.near) == ("HW-1459", "wells.csv")
    assert list(check_unused(attached, [])) == []
