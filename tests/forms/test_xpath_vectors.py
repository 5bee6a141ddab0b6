"""The parser and the evaluator against the cases that the browser's evaluator runs too."""

from __future__ import annotations

import math
from typing import Any

import pytest

from forms.xpath.errors import EvaluationError
from forms.xpath.evaluator import compile_ast
from forms.xpath.parser import parse
from forms.xpath.scope import Scope
from forms.xpath.values import Value, to_boolean, to_number, to_text
from tests.forms.vectors import World, find, number, read, tree

FILE = read("xpath.json")
TREES = {name: tree(described) for name, described in FILE["trees"].items()}
CASES = FILE["cases"]


def _name(case: dict[str, Any]) -> str:
    return str(case["expression"])


def evaluate(case: dict[str, Any]) -> Value:
    """The value of a case, from the tree in the file."""
    document = TREES[case.get("tree", next(iter(TREES)))]
    node = find(document, case["at"])
    return compile_ast(case["ast"])(Scope(node, node, World(FILE)))


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_parser_gives_the_tree_of_the_vector(case: dict[str, Any]) -> None:
    """The trees that JavaScript is tested with are those that the parser makes today."""
    assert parse(case["expression"]) == case["ast"]


@pytest.mark.parametrize("case", [case for case in CASES if case["kind"] != "error"], ids=_name)
def test_value_is_as_the_vector_says(case: dict[str, Any]) -> None:
    """Values, conversions and functions follow XPath 1.0 and the ODK specification."""
    value, kind, wanted = evaluate(case), case["kind"], case["value"]
    if kind == "number":
        found = to_number(value)
        assert found == number(wanted) or (math.isnan(found) and math.isnan(number(wanted)))
    elif kind == "boolean":
        assert to_boolean(value) is wanted
    elif kind == "string":
        assert to_text(value) == wanted
    else:
        assert isinstance(value, list)
        assert [node.text() for node in value] == wanted


@pytest.mark.parametrize("case", [case for case in CASES if case["kind"] == "error"], ids=_name)
def test_evaluation_fails_with_a_number(case: dict[str, Any]) -> None:
    """What cannot be evaluated raises a numbered error and nothing else."""
    with pytest.raises(EvaluationError, match="HW-12"):
        evaluate(case)
