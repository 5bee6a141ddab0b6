"""The numbers of the form check."""

from __future__ import annotations

from pathlib import Path

from forms.problems import catalogue


def test_each_number_has_a_test() -> None:
    """Each number that only the check gives stands in one of its tests."""
    keys = catalogue("en")
    numbers = {
        key.split(".")[0] for key in keys if "HW-1311" <= key < "HW-1380" or "HW-1475" <= key < "HW-1490"
    }
    files = [*Path(__file__).parent.glob("test_*.py"), Path(__file__).parent.parent / "test_bad_forms.py"]
    tests = "".join(path.read_text("utf-8") for path in files if path != Path(__file__))
    assert len(numbers) > 50
    assert sorted(number for number in numbers if f'"{number}"' not in tests) == []
