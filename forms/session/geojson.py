"""Attached GeoJSON as rows of a list (ODK XForms, "Secondary instances"): a row for each feature."""

from __future__ import annotations

import json
from typing import Any

from forms.xpath.values import number_text

_FAR = 1e9  # beyond degrees, metres and all measures of places, which may be projected


def read_geojson(data: bytes) -> list[dict[str, str]]:
    """Rows of a feature collection: its properties, `id`, and `geometry` as ODK writes points, lines and areas.

    Raises ValueError (JSONDecodeError, UnicodeDecodeError among them) for what is no such collection.
    """
    collection = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise ValueError("no FeatureCollection")
    features = collection.get("features")
    if not isinstance(features, list):
        raise ValueError("no features")
    return [_row(feature) for feature in features]


def _no_number(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are no JSON and no places


def _row(feature: Any) -> dict[str, str]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise ValueError("no Feature")
    row = {"geometry": _geometry(feature.get("geometry"))}
    properties = feature.get("properties")
    if isinstance(properties, dict):
        row |= {str(name): _text(value) for name, value in properties.items()}
    if "id" in feature:
        row["id"] = _text(feature["id"])
    return row


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _geometry(geometry: Any) -> str:
    """Latitude first, then longitude, altitude and accuracy; GeoJSON has the longitude first."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    places = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Point":
        return _point(places)
    if kind == "Polygon" and isinstance(places, list) and places:
        places = places[0]
    if kind in ("LineString", "Polygon") and isinstance(places, list):
        return "; ".join(_point(place) for place in places)
    raise ValueError(f"geometry {kind}")


def _point(place: Any) -> str:
    numbers = place if isinstance(place, list) else []
    if len(numbers) < 2 or any(
        isinstance(each, bool) or not isinstance(each, (int, float)) or not abs(each) < _FAR
        for each in numbers
    ):
        raise ValueError("no coordinates")
    altitude = number_text(numbers[2]) if len(numbers) > 2 else "0"
    return f"{number_text(numbers[1])} {number_text(numbers[0])} {altitude} 0"
