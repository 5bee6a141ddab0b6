"""Distances and areas on the ground. Source: ODK XForms specification, "XPath Functions"."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from forms.xpath.functions.string import texts
from forms.xpath.scope import Scope
from forms.xpath.values import Value, to_number

_RADIUS = 6_378_100.0  # metres; the equatorial radius, as ODK Collect has it


def _points(arguments: list[Value]) -> list[tuple[float, float]]:
    """Latitude and longitude in radians of geopoints, traces and shapes: "lat lon alt acc; …"."""
    found = []
    for text in texts(arguments):
        for point in text.split(";"):
            parts = point.split()
            if parts:
                latitude, longitude = to_number(parts[0]), to_number(parts[1] if len(parts) > 1 else "")
                found.append((latitude * math.pi / 180, longitude * math.pi / 180))
    return found


def _metres(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Along the sphere (haversine)."""
    lat1, lon1 = start
    lat2, lon2 = end
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _RADIUS * math.asin(min(1.0, math.sqrt(h))) if not math.isnan(h) else math.nan


def _centi(number: float) -> float:
    return math.floor(number * 100 + 0.5) / 100 if math.isfinite(number) else number


def _distance(arguments: list[Value], scope: Scope) -> Value:
    points = _points(arguments)
    total = 0.0
    for start, end in pairwise(points):
        total += _metres(start, end)
    return _centi(total)


def _area(arguments: list[Value], scope: Scope) -> Value:
    points = _points(arguments)
    if len(points) < 3:
        return 0.0
    total = 0.0
    for at, (lat, lon) in enumerate(points):
        lat2, lon2 = points[(at + 1) % len(points)]
        total += (lon2 - lon) * (2 + math.sin(lat) + math.sin(lat2))
    return _centi(abs(total * _RADIUS * _RADIUS / 2))


def _geofence(arguments: list[Value], scope: Scope) -> Value:
    """Whether a point lies in a shape: whether a ray from it crosses the border an odd number of times."""
    points, border = _points(arguments[:1]), _points(arguments[1:])
    inside = False
    for (lat, lon), (lat2, lon2) in zip(border, border[1:] + border[:1], strict=True):
        for y, x in points[:1]:
            if (lon > x) != (lon2 > x) and y < (lat2 - lat) * (x - lon) / (lon2 - lon) + lat:
                inside = not inside
    return inside


STRICT: dict[str, Callable[[list[Value], Scope], Value]] = {
    "distance": _distance,
    "area": _area,
    "geofence": _geofence,
}
