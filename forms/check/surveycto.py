"""Forms that were made for SurveyCTO: what nobody else knows is one finding, with what does the same here."""

from __future__ import annotations

from collections.abc import Sequence

from forms.check.finding import Finding, Listed, Place

COLUMNS = {"publishable", "minimum_seconds", "response_note"}
BESIDE = {"note"}
"""Columns that are SurveyCTO's where another one of them is there."""
TYPES = {"text audit", "audio audit", "caseid", "comments", "calculate here", "enumerator"}
_BEGINNINGS = ("speed violations", "sensor ")
FUNCTIONS = {
    "duration", "choice-label", "join-if", "sum-if", "min-if", "max-if", "count-if", "rank-value", "rank-index",
    "rank-index-if", "empty", "linebreak", "short-geopoint", "distance-between", "hash", "item-at", "item-index",
    "item-present", "count-items", "de-duplicate", "username", "version", "device-info", "plug-in-metadata",
    "format-number", "phone-call-log", "phone-call-duration", "collect-is-phone-app", "relevant",
}  # fmt: skip
MOST = 30
"""So many are named."""


def told_once(found: Sequence[Finding]) -> list[Finding]:
    """The findings with one instead of all that concern SurveyCTO alone: HW-1496 where something in it keeps the form
    from being used, HW-1495 where it is columns that are left out."""
    named = [(each, name) for each in found if (name := _name(each))]
    if not named:
        return list(found)
    ours = [each for each, _ in named]
    ours += [each for each in found if each.code == "HW-1325" and each.params["name"] in BESIDE]
    named.sort(key=lambda pair: pair[0].at.row)
    names = dict.fromkeys(f"{name} [{each.at.row}]" for each, name in named)
    code = "HW-1496" if any(each.severity == "error" for each in ours) else "HW-1495"
    at = Place(named[0][0].at.sheet, named[0][0].at.row)
    return [
        *(each for each in found if each not in ours),
        Finding(code, at, {"names": Listed(tuple(names)[:MOST])}),
    ]


def _name(found: Finding) -> str:
    """What of SurveyCTO a finding is about, as the sheet has it; "" for another one."""
    if found.code == "HW-1325" and "_".join(str(found.params["name"]).lower().split()) in COLUMNS:
        return str(found.params["name"])
    if found.code == "HW-1328":
        plain = str(found.params["type"]).lower().replace("_", " ")
        return str(found.params["type"]) if plain in TYPES or plain.startswith(_BEGINNINGS) else ""
    if found.code == "HW-1109" and found.params["name"] in FUNCTIONS:
        return f"{found.params['name']}()"
    if found.code == "HW-1111" and (found.params["name"], found.params["given"]) == ("index", "0"):
        return "index()"
    return ""
