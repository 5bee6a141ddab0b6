"""A GeoJSON file as a list: one row a feature, as the ODK XForms specification reads it.

The columns are `id`, `geometry` (the lexical form of a geopoint, geotrace or geoshape) and the properties whose values
are texts, numbers or truth values.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from forms.xpath.values import number_text

SHAPES = {"Point": 0, "LineString": 1, "Polygon": 2}
"""Geometries that a question can hold -> how deep their coordinates are nested."""
_FAR = 1e9  # beyond degrees, metres and all measures of places, which may be projected


class NotGeojson(ValueError):
    """The text is no collection of features; the message says why, in English."""


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of the list that a GeoJSON text holds, one a feature. Raises NotGeojson."""
    rows = [_row(feature, number) for number, feature in enumerate(_features(text), start=1)]
    if "\\ud" in text.lower():
        _whole(rows)
    return rows


def _whole(rows: list[dict[str, str]]) -> None:
    """Raises NotGeojson for half of a pair of escapes, which is no text that could be kept."""
    try:
        "".join(text for row in rows for cell in row.items() for text in cell).encode()
    except UnicodeEncodeError as error:
        raise NotGeojson("half of a pair of escapes") from error


def _features(text: str) -> Sequence[Any]:
    try:
        read = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise NotGeojson("nested too deeply") from error
    except ValueError as error:
        raise NotGeojson(str(error)) from error
    features = read.get("features") if isinstance(read, dict) else None
    if not isinstance(features, list) or read.get("type") != "FeatureCollection":
        raise NotGeojson("no FeatureCollection")
    return features


def _no_number(name: str) -> float:
    raise NotGeojson(name)


def _row(feature: Any, number: int) -> dict[str, str]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if (
        not isinstance(feature, dict)
        or feature.get("type") != "Feature"
        or not isinstance(properties, dict | None)
    ):
        raise NotGeojson(f"feature {number}")
    row = {"id": "", "geometry": ""}
    row |= {
        name: _text(value) for name, value in (properties or {}).items() if not isinstance(value, dict | list)
    }
    row["geometry"] = _geometry(feature.get("geometry"), number)
    if "id" in feature:
        row["id"] = _text(feature["id"])
    return row


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        raise NotGeojson("a number that is too large")
    return json.dumps(value) if isinstance(value, bool | int | float) else str(value)


def _geometry(geometry: Any, number: int) -> str:
    """`latitude longitude 0 0`, several of them with `; ` between; of a polygon the outer ring."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in SHAPES:
        raise NotGeojson(f"feature {number}: {kind or 'no'} geometry")
    try:
        return "; ".join(_points(geometry.get("coordinates"), SHAPES[kind]))
    except (TypeError, ValueError, IndexError) as error:
        raise NotGeojson(f"feature {number}: coordinates") from error


def _points(coordinates: Any, depth: int) -> Iterator[str]:
    if depth == 2:
        coordinates, depth = coordinates[0], 1
    for longitude, latitude, *_ in coordinates if depth else [coordinates]:
        yield f"{_degrees(latitude)} {_degrees(longitude)} 0 0"


def _degrees(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _FAR:
        raise TypeError(value)
    return number_text(value)
