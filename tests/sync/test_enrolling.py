"""Enrolling by a code: the bytes that Python and JavaScript share, and what is read from tired fingers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sync import enrolling, keys

CASE = json.loads((Path(__file__).parents[1] / "vectors" / "enrolment.json").read_text("utf-8"))


def test_code_fingerprint_and_digits_are_those_of_the_vectors() -> None:
    """The same secret and keys give the same fragment, typed code and six digits in both languages."""
    code, spki = CASE["code"], CASE["spki"]
    assert enrolling.fingerprint(spki) == CASE["fingerprint"]
    assert enrolling.fragment(code, spki) == CASE["fragment"]
    assert enrolling.typed(code, spki) == CASE["typed"]
    assert (
        enrolling.confirmation(code, CASE["hub"], spki, CASE["replica"], CASE["phone"])
        == CASE["confirmation"]
    )
    text = enrolling.proof_text(CASE["hub"], CASE["nonce"], CASE["at"])
    assert keys.verify(spki, text, CASE["signature"])


def test_the_secret_is_read_however_it_was_typed() -> None:
    """Case, grouping and letters that look like digits make no difference; what is no code is none."""
    assert {enrolling.read_secret(text) for text in [*CASE["as_typed"], CASE["fragment"]]} == {CASE["code"]}
    assert enrolling.read_secret("7K3Q") == ""
    assert enrolling.read_secret("uuuuuuuuuu") == ""


def test_codes_are_never_the_same() -> None:
    """A thousand codes are a thousand, each readable as it was made."""
    made = {enrolling.new_code() for _ in range(1000)}
    assert len(made) == 1000
    assert all(enrolling.read_secret(code) == code for code in made)


@pytest.mark.parametrize("part", ["code", "hub", "spki", "replica", "phone"])
def test_the_digits_depend_on_everything(part: str) -> None:
    """Another secret, name or key on either side gives other digits."""
    other = {**CASE, part: "7k3q9xw2m5" if part == "code" else CASE[part][:-1] + "_"}
    order = ("code", "hub", "spki", "replica", "phone")
    assert enrolling.confirmation(*(other[each] for each in order)) != CASE["confirmation"]
