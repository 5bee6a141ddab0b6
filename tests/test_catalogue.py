"""Numbered problems and translations of all four packages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RANGES = {"forms": "1", "sync": "2", "collector": "3", "datasette_plugins": "4"}


def catalogue(package: str, language: str) -> dict[str, str]:
    """All texts of a package in one language; the same key in two files is an error."""
    texts: dict[str, str] = {}
    files = [
        *(ROOT / package / "locale").rglob(f"{language}.json"),
        *(ROOT / package / "locale").rglob(f"*.{language}.json"),
    ]
    for path in sorted(set(files)):
        part: dict[str, str] = json.loads(path.read_text("utf-8"))
        twice = texts.keys() & part.keys()
        assert not twice, f"{path.relative_to(ROOT)} repeats {sorted(twice)}"
        texts |= part
    return texts


@pytest.mark.parametrize("package", RANGES)
def test_both_languages_are_complete(package: str) -> None:
    """Every text exists in English and in Chinese, with the same placeholders, and none is empty."""
    english, chinese = catalogue(package, "en"), catalogue(package, "zh")
    assert english
    assert english.keys() == chinese.keys()
    for key in english:
        assert english[key].strip(), key
        assert chinese[key].strip(), key
        assert placeholders(english[key]) == placeholders(chinese[key]), key


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("package", RANGES)
def test_problem_numbers_stay_in_their_range(package: str) -> None:
    """A package's problems carry numbers of its own thousand, each with a message and a remedy."""
    numbers = {key.split(".")[0] for key in catalogue(package, "en") if key.startswith("HW-")}
    assert numbers
    for number in numbers:
        assert re.fullmatch(rf"HW-{RANGES[package]}\d{{3}}", number), number
        for part in ("message", "remedy"):
            assert f"{number}.{part}" in catalogue(package, "en"), f"{number} has no {part}"


def test_every_number_in_the_code_is_in_the_catalogue() -> None:
    """A number that the code raises has its text."""
    known = {key.split(".")[0] for package in RANGES for key in catalogue(package, "en")}
    for package in RANGES:
        for path in (ROOT / package).rglob("*.py"):
            used = set(re.findall(r"[\"'](HW-\d{4})[\"']", path.read_text("utf-8")))
            assert used <= known, f"{path.relative_to(ROOT)}: {sorted(used - known)}"
