"""The form of the random networks in two versions, and what a person does to a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sync import Replica
from sync.canonical import encode, short_id
from sync.layout import Layout

OLD: list[Any] = [
    "/data/name",
    "/data/size",
    ["/data/label"],
    ["/data/founders", ["founder_name", "founder_sex", ["age"]]],
]
# A question more, one that is computed now, another order, a repeat inside the repeat, one question gone.
NEW: list[Any] = [
    ["/data/founders", ["founder_name", ["age"], ["children", ["child_name"]], "phone"]],
    ["/data/size"],
    "/data/note",
    "/data/name",
    ["/data/label"],
]
LAYOUTS = {"1": OLD, "2": NEW}
_XFORM = b"<h:html/>"
IDS = {
    version: short_id(encode(["form", "test", version, short_id(_XFORM), layout]))
    for version, layout in LAYOUTS.items()
}
VERSIONS = {form: version for version, form in IDS.items()}
COMPILED = {version: Layout.compile(layout) for version, layout in LAYOUTS.items()}

PATHS = ("/data/name", "/data/size", "/data/note")
INSTANCES = ("aaaa", "bbbb")  # few, so that two people make the same one
VALUES = ("", "甲", "乙", "c")


class Content(NamedTuple):
    """Answers and reasons of a record as a person sees or leaves them."""

    answers: Mapping[str, str]
    reasons: Mapping[str, str]


NOTHING = Content({}, {})


class Act(NamedTuple):
    """One thing that a person does to a record: `kind` is `answer`, `reason`, `founder`, `child`, `move` or `drop`."""

    kind: str
    path: str
    instance: str
    value: str


def publish(replica: Replica, version: str) -> None:
    """Puts a version of the form into a replica: the same bytes everywhere."""
    assert replica.put_form("test", version, _XFORM, LAYOUTS[version]) == IDS[version]


def readable(answers: Mapping[str, str]) -> bool:
    """Whether the app could show them: answers of a form version that is not here have no paths."""
    return not any(path.startswith("#") for path in answers)


def acted(seen: Content, acts: Iterable[Act], version: str) -> Content:
    """The record as its author leaves it, with what its form version computes."""
    answers, reasons = dict(seen.answers), dict(seen.reasons)
    for act in acts:
        founder = f"/data/founders[{act.instance}]"
        if act.kind == "answer":
            answers[act.path] = act.value
            reasons.pop(act.path, None)
        elif act.kind == "reason":
            answers.pop(act.path, None)
            reasons[act.path] = "refused"
        elif act.kind == "drop":
            for kept in (answers, reasons):
                for path in [path for path in kept if path.startswith(founder)]:
                    del kept[path]
        else:
            answers |= _inside(founder, act, answers.get(founder, "m"))
    return _computed(answers, reasons, version)


def _inside(founder: str, act: Act, order: str) -> dict[str, str]:
    if act.kind == "founder":
        return {founder: order, f"{founder}/founder_name": act.value}
    if act.kind == "move":
        return {founder: act.value or "z"}
    child = f"{founder}/children[{act.instance}]"
    return {founder: order, child: "m", f"{child}/child_name": act.value}


def _computed(answers: dict[str, str], reasons: dict[str, str], version: str) -> Content:
    answers["/data/label"] = f"L{answers.get('/data/name', '')}"
    if version == "2":
        answers["/data/size"] = str(len(answers))
    for path in [path for path in answers if path.endswith("/founder_name")]:
        answers[path.replace("founder_name", "age")] = str(len(answers))
    answers = {path: value for path, value in answers.items() if value}
    return Content(answers, {path: reason for path, reason in reasons.items() if path not in answers})
