"""The derived row without folding is the row of the fold."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync.canonical import encode, sha, short_id
from sync.change import Header, encode_removal, encode_review
from sync.clock import clock_at
from sync.layout import Layout
from sync.names import change_key
from sync.replica import log, state
from sync.replica.summary import summary
from tests.sync.conftest import LAYOUT

FORM = short_id("form")
SALT = "A" * 22
RECORD = "00000000-1"
COMPILED = Layout.compile(LAYOUT)


def layouts(form: str) -> Layout | None:
    return COMPILED if form == FORM else None


def row(number: int, kind: str, parents: list[str], milliseconds: int, payload: str) -> log.Row:
    """A change of the record, each by another replica."""
    name = f"{number:08d}-1"
    header = Header(
        name[:8],
        1,
        RECORD,
        FORM,
        tuple(sorted(parents)),
        clock_at(milliseconds),
        "anna",
        kind,
        ("v:1",),
        sha(payload),
    )
    return change_key(name), change_key(RECORD) if number else None, header.encode(), payload


values = st.lists(st.sampled_from(["", "a", "b"]), max_size=3)
odd_values = st.sampled_from(
    [["a", [], "b"], ["a", "b", "c", [["k3f9", "m", ["x"]]]], ["a"] * 9, "ab", {"a": "b"}, [["a"]], [0, "a"]]
)
paths = st.lists(st.sampled_from(["/data/name", "/data/size", "/data/label"]), unique=True).map(sorted)
odd_paths = st.sampled_from([["*"], ["*", "/data/name"], ["/data/founders[k3f9]"], [1], ["/data/gone"], "ab"])
reasons = st.sampled_from([[], [], [["/data/name", "refused"]], [["/data/name", 1]], ["ab"]])
plain = st.tuples(values, st.just([]), paths, st.just([]))
odd = st.tuples(values | odd_values, st.sampled_from([[], [["/x", "y"]]]), paths | odd_paths, reasons)


@st.composite
def histories(draw: st.DrawFn, edits: st.SearchStrategy[Any], kinds: list[str]) -> list[log.Row]:
    """A record's changes: parents among the earlier ones, clocks that mostly run forward."""
    rows: list[log.Row] = []
    names = [RECORD, *(f"{number:08d}-1" for number in range(1, 8))]
    for number in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(kinds)) if number else "edit"
        given_values, extra, changed, why = draw(edits)
        payload = encode_any(["1", SALT, given_values, extra, changed if number else ["*"], why])
        if kind == "delete":
            payload = encode_removal("twice", SALT)
        elif kind == "review":
            payload = encode_review("approved", "", [], SALT)
        parents = draw(st.lists(st.sampled_from(names[:number]), unique=True, min_size=1)) if number else []
        clock = draw(st.sampled_from([number * 10, number * 10, 35]))
        rows.append(row(number, kind, parents, clock, payload))
    first = draw(st.sampled_from([0, 0, 0, 1])) if len(rows) > 1 else 0  # the creation may not have arrived
    return draw(st.permutations(rows[first:]))


def encode_any(value: Any) -> str:
    """Canonical where it can be; a stranger's payload need not be."""
    return json.dumps(value, separators=(",", ":"))


@given(histories(plain, ["edit", "edit", "settle"]))
def test_of_edits_alone(rows: list[log.Row]) -> None:
    """Edits outside repeats, whoever saw whom: the same row as the fold's."""
    found = summary(change_key(RECORD), rows, layouts)
    assert found in (None, state._folded(change_key(RECORD), rows, layouts))


@given(histories(odd, ["edit", "edit", "settle", "delete", "review"]))
def test_of_anything(rows: list[log.Row]) -> None:
    """Whatever a stranger's log holds: the same row as the fold's, or none, and never an error."""
    found = summary(change_key(RECORD), rows, layouts)
    assert found in (None, state._folded(change_key(RECORD), rows, layouts))


def test_two_edits_of_one_answer_are_one_conflict() -> None:
    """The plain case does not take the fold: two values of one answer, and another answer of one writer."""
    rows = [
        row(0, "edit", [], 0, encode(["1", SALT, ["a", "b"], [], ["*"], []])),
        row(1, "edit", [RECORD], 1, encode(["1", SALT, ["x", "b"], [], ["/data/name"], []])),
        row(2, "edit", [RECORD], 2, encode(["1", SALT, ["y", "z"], [], ["/data/name", "/data/size"], []])),
    ]
    assert summary(change_key(RECORD), rows, layouts) == (
        change_key(RECORD),
        change_key("00000002-1"),
        2,
        0,
        1,
        "received",
    )
