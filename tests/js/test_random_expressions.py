"""Random expressions over random trees: printing loses nothing, and server and phone find the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.xpath.functions.signatures import ARGUMENTS
from forms.xpath.nodes import Node
from forms.xpath.parser import Ast, parse
from forms.xpath.printer import write
from tests.js.outcomes import JavaScript, described, numbered, outcome, same

NOW = "2026-11-22T09:30:00.000+08:00"
UUID = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"
INEXACT = {
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "exp", "exp10", "log", "log10", "pow", "distance", "area",
}  # fmt: skip
"""Two mathematical libraries may differ in the last digit of these; their values are in `tests/vectors/xpath.json`."""
PATTERNS = [
    "[0-9]+", r"\d{2,3}", ".*", "a|b", "(a|b)*c?", "(?:a+)+", r"\w+\s?", "[^a]", "(", "a{1,2}", r"(.)\1",
    "(?=a).", "a*?b",
]  # fmt: skip
WORDS = [
    "", "a", "b", "ab", " a  b ", "aaab", "10", "-3.5", ".5", "1e3", "NaN", "true", "0", "李梅 📷", "ß", "a&b",
    "yes no",
]  # fmt: skip
DATES = [
    "2026-11-22", "2026-02-30", "2026-11-22T08:00:00.000+08:00", "2026-11-21T23:59:59Z", "2000-01-01T00:00", "10:30",
]  # fmt: skip
FORMATS = ["%Y-%m-%d", "%e %b %y", "%H:%M:%S.%3", "%a%%", "%q", "SHA-256", "hex", "MD5"]
TEXTS = [*WORDS, *DATES, *FORMATS, *PATTERNS]
NUMBERS = [0, 1, 2, 3, 7, 10, 0.5, 1.5, 2.675, 20000, 20000.25, 123456789012, 1e21]
NAMES = ["a", "b", "c", "p:a"]
AXES = [
    "child", "child", "child", "parent", "self", "attribute", "descendant", "descendant-or-self", "ancestor",
    "ancestor-or-self", "following", "following-sibling", "preceding", "preceding-sibling", "namespace",
]  # fmt: skip
TESTS = [*NAMES, "*", "*", "node()", "node()", "text()", "p:*", "comment()", "processing-instruction(t)"]
OPERATORS = ["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "|", "|"]


USUAL = {
    "regex": (WORDS, PATTERNS), "format-date": (DATES, FORMATS), "format-date-time": (DATES, FORMATS),
    "date-time": (DATES,), "decimal-date-time": (DATES,), "digest": (WORDS, FORMATS, FORMATS),
}  # fmt: skip
"""What functions that hardly anything suits are mostly called with."""


class Maker:
    """Makes expressions and trees by chance."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def expression(self, depth: int) -> Ast:
        """Any tree that the parser can give, nested at most so deep."""
        if depth <= 0 or self.chance.random() < 0.1:
            return self.leaf()
        make = self.chance.choice(
            [self.operation, self.call, self.call, self.call, self.filter, self.path, self.path]
        )
        return make(depth - 1)

    def leaf(self) -> Ast:
        kind = self.chance.choice(["num", "str", "str", "path", "path", "path"])
        if kind == "path":
            return self.path(0)
        return [kind, self.chance.choice(NUMBERS if kind == "num" else TEXTS)]

    def nodes(self, depth: int) -> Ast:
        """An expression that mostly gives nodes."""
        kind = self.chance.random()
        if kind < 0.15:
            return self.expression(depth)
        if kind < 0.25 and depth > 0:
            return self.filter(depth - 1)
        return self.path(depth)

    def operation(self, depth: int) -> Ast:
        sign = self.chance.choice([*OPERATORS, "neg"])
        if sign == "neg":
            return [sign, self.expression(depth)]
        operand = self.nodes if sign == "|" else self.expression
        return [sign, operand(depth), operand(depth)]

    def call(self, depth: int) -> Ast:
        """Any function, with as many arguments as it takes; half the time nodes first."""
        name = self.chance.choice(sorted(ARGUMENTS.keys() - INEXACT))
        if name in USUAL and self.chance.random() < 0.8:
            return ["call", name, *(["str", self.chance.choice(texts)] for texts in USUAL[name])]
        least, most = ARGUMENTS[name]
        count = self.chance.randint(least, min(most, least + 2))
        first = self.nodes if self.chance.random() < 0.5 else self.expression
        return ["call", name, *((self.expression if at else first)(depth) for at in range(count))]

    def filter(self, depth: int) -> Ast:
        return ["filter", self.nodes(depth), self.expression(depth), *self.predicates(depth)]

    def path(self, depth: int) -> Ast:
        start = self.chance.choice([".", ".", "/", self.nodes(depth - 1) if depth > 0 else "."])
        steps = [
            [self.chance.choice(AXES), self.chance.choice(TESTS), *self.predicates(depth)]
            for _ in range(self.chance.randint(start != "/", 3))
        ]
        return ["path", start, *steps]

    def predicates(self, depth: int) -> list[Ast]:
        if depth <= 0 or self.chance.random() < 0.6:
            return []
        return [self.expression(depth - 1) for _ in range(self.chance.randint(1, 2))]

    def document(self) -> Node:
        """A document; some of it is not relevant, with all that is in it."""
        root = Node("")
        root.add(self.element(3))
        for node in root.below():
            around = node.parent is not None and node.parent.hidden
            node.hidden = around or self.chance.random() < 0.05
            for attribute in node.attributes:
                attribute.hidden = node.hidden
        return root

    def element(self, depth: int) -> Node:
        node = Node(self.chance.choice(NAMES), value=self.chance.choice(TEXTS))
        names = self.chance.choice([[], [], ["id"], ["a", "xml:lang"]])
        node.attributes = [Node(name, node, self.chance.choice(TEXTS)) for name in names]
        for _ in range(self.chance.randint(0, 3) if depth else 0):
            if self.chance.random() < 0.75:
                node.add(self.element(depth - 1))
            else:
                kind = self.chance.choice(["text()", "comment()", "processing-instruction(t)"])
                node.add(Node(kind, value=self.chance.choice(TEXTS)))
        return node


class World:
    """Surroundings that always answer the same."""

    def now(self) -> str:
        return NOW

    def random(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return UUID

    def instance(self, name: str) -> Node | None:
        return None

    def rows(self, name: str, filters: Mapping[str, str]) -> Sequence[Node] | None:
        return None

    def choice_name(self, value: str, path: str, origin: Node) -> str:
        return f"{value}@{path}"

    def itext(self, key: str, origin: Node) -> str:
        return f"itext {key}"


@pytest.fixture(scope="module")
def javascript() -> Iterator[JavaScript]:
    """One process for all examples."""
    with JavaScript() as process:
        yield process


@settings(max_examples=300)
@given(st.randoms(use_true_random=True), st.integers(0, 6))
def test_what_is_printed_parses_to_the_same(chance: Random, depth: int) -> None:
    """Parse, print, parse: the same tree, and the same text the second time."""
    ast = Maker(chance).expression(depth)
    text = write(ast)
    assert parse(text) == ast
    assert write(parse(text)) == text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=True))
def test_both_languages_find_the_same(javascript: JavaScript, chance: Random) -> None:
    """Kind and value, text, number and truth, or the number of the fault, of a hundred expressions at a time."""
    maker = Maker(chance)
    root = maker.document()
    places = numbered(root)
    jobs: list[dict[str, Any]] = []
    ours = []
    for _ in range(100):
        ast, node = maker.expression(chance.randint(0, 4)), chance.choice([root, *root.below()])
        jobs.append({"tree": "t", "at": places[id(node)], "top": 0, "ast": ast, "now": NOW})
        ours.append(outcome(ast, node, World(), places))
    theirs = javascript.outcomes({"trees": {"t": described(root)}, "jobs": jobs, "random": 0.5, "uuid": UUID})
    for job, left, right in zip(jobs, ours, theirs, strict=True):
        assert same(left, right), f"{write(job['ast'])}: {left} in Python, {right} in JavaScript"
