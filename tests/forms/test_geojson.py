"""Attached GeoJSON becomes rows that choices are made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forms.session.geojson import read_geojson
from tests.conformance.cases import folder


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def feature(kind: str, coordinates: Any, **members: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, **members}


def test_features_are_rows() -> None:
    """Properties are columns as text; an id beside them counts before one among them; latitude comes first."""
    rows = read_geojson(
        collection(
            feature(
                "Point", [112.5, 35.25], id=7, properties={"id": "x", "name": "井", "deep": 2.0, "dry": None}
            ),
            feature("LineString", [[1, 2, 3], [4, 5]], properties={"open": True}),
            feature("Polygon", [[[1, 2], [3, 4], [1, 2]], [[9, 9]]]),
        )
    )
    assert rows == [
        {"geometry": "35.25 112.5 0 0", "id": "7", "name": "井", "deep": "2", "dry": ""},
        {"geometry": "2 1 3 0; 5 4 0 0", "open": "true"},
        {"geometry": "2 1 0 0; 4 3 0 0; 2 1 0 0"},
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"type": "FeatureCollection"}',
        collection({"type": "Bar"}),
        collection(feature("Foo", [1, 2])),
        collection(feature("Point", ["1", 2])),
        collection(feature("Point", [1])),
        collection({"type": "Feature", "geometry": None}),
    ],
)
def test_what_is_no_such_collection_is_refused(data: bytes) -> None:
    """It is not guessed at."""
    with pytest.raises(ValueError, match=r".+"):
        read_geojson(data)


def test_files_of_other_engines() -> None:
    """Those of their test files that are right are read, the others refused."""
    cases = folder()
    if cases is None:
        pytest.skip("no conformance cases beside this checkout (HOMEWARD_CONFORMANCE)")
    read, refused = [], []
    for path in sorted(Path(cases, "forms").rglob("*.geojson")):
        name = path.name.rpartition("__")[2]
        try:
            rows = read_geojson(path.read_bytes())
        except ValueError:
            refused.append(name)
        else:
            read.append(name)
            assert rows
            assert all(len(row["geometry"].split()) >= 4 for row in rows)
    assert refused == [
        "bad-feature-not-feature.geojson",
        "feature-collection-with-unsupported-type.geojson",
        "not-object.geojson",
    ]
    assert len(read) >= 7
