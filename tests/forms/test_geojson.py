"""What is no collection of features is refused; what other engines are tested with is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forms.attached.geojson import rows_of
from tests.conformance.cases import folder


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def feature(kind: str, coordinates: Any, **members: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, **members}


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
        rows_of(data.decode("utf-8-sig"))


def test_files_of_other_engines() -> None:
    """Those of their test files that are right are read, the others refused."""
    cases = folder()
    if cases is None:
        pytest.skip("no conformance cases beside this checkout (HOMEWARD_CONFORMANCE)")
    read, refused = [], []
    for path in sorted(Path(cases, "forms").rglob("*.geojson")):
        name = path.name.rpartition("__")[2]
        try:
            rows = rows_of(path.read_text("utf-8-sig"))
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
