"""The numbered catalogue of `sync`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sync import Problem, SyncError, problems

PACKAGE = Path(problems.__file__).parent
NUMBERS = {name: value for name, value in vars(problems).items() if re.fullmatch(r"HW-2\d{3}", str(value))}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_number_has_its_texts(lang: str) -> None:
    """Each number of the code has a message and a remedy, and the catalogue has no others."""
    catalogue = json.loads((PACKAGE / "locale" / f"{lang}.json").read_text("utf-8"))
    assert set(catalogue) == {f"{n}.{part}" for n in NUMBERS.values() for part in ("message", "remedy")}
    assert len(set(NUMBERS.values())) == len(NUMBERS)


def test_every_place_that_raises_gives_what_the_text_needs() -> None:
    """The placeholders of a text are filled wherever its problem is made."""
    needs = {}
    for number in NUMBERS.values():
        text = json.dumps(json.loads((PACKAGE / "locale" / "en.json").read_text("utf-8")), ensure_ascii=False)
        entries = [v for k, v in json.loads(text).items() if k.startswith(number)]
        needs[number] = {name for entry in entries for name in re.findall(r"\{(\w+)\}", entry)} - {"place"}
    calls = 0
    for file in PACKAGE.rglob("*.py"):
        source = file.read_text("utf-8")
        for call in re.finditer(r"\b(?:SyncError|Problem)\(\s*([A-Z_]{3,})\b", source):
            depth, end = 1, call.end()
            while depth:
                depth += {"(": 1, ")": -1}.get(source[end], 0)
                end += 1
            arguments = source[call.end() : end]
            calls += 1
            for name in needs[NUMBERS[call[1]]]:
                assert re.search(rf"\b{name}\b\"?\s*[=:]", arguments), (
                    f"{file.name}: {call[1]} without {name}"
                )
    assert calls > 40


def test_a_problem_says_the_same_everywhere() -> None:
    """The error, its text and its JSON name number, place, fault and remedy."""
    error = SyncError(problems.ANSWER_TOO_LONG, "/data/story", limit=10, size=11)
    as_dict = error.problem.as_dict("en")
    assert as_dict["code"] == "HW-2016"
    assert as_dict["place"] == "/data/story"
    assert (
        str(error)
        == error.problem.text("en")
        == f"HW-2016 (/data/story): {as_dict['message']} {as_dict['remedy']}"
    )
    assert Problem("HW-2003").text("zh").startswith("HW-2003：文件是空的")
