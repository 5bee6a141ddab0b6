"""docs/merge-promises.md is true: each promise names tests, and each of them is there and says what it promises."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
PAGE = (ROOT / "docs" / "merge-promises.md").read_text("utf-8")
PROMISES = {promise: held for promise, held in ROW.findall(PAGE) if promise not in ("promise", "---")}


@cache
def found_in(path: str) -> dict[str, str]:
    """The tests of a file and what they promise."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {
        node.name: ast.get_docstring(node) or ""
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("promise", PROMISES)
def test_each_promise_is_held_by_tests_that_exist(promise: str) -> None:
    """It names at least one test, and each is a test with a docstring in a file that `make test` collects."""
    cited = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PROMISES[promise])
    assert cited
    assert len(cited) == PROMISES[promise].count("`") / 2, "something that is no test is cited"
    for path, name in cited:
        assert found_in(path)[name], f"{path}::{name}"


def test_every_promise_is_in_the_table() -> None:
    """None was lost when the page was edited."""
    assert len(PROMISES) == PAGE.count("\n| ") - 2
    assert len(PROMISES) >= 32
