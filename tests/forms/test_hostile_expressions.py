"""Expressions and answers that are meant to do harm: a numbered problem in bounded time, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from forms import FixedContext, FormError, Session, read_xform
from forms.xpath.errors import EvaluationError, ExpressionError
from forms.xpath.evaluator import compile_ast
from forms.xpath.functions.signatures import ARGUMENTS
from forms.xpath.nodes import Node
from forms.xpath.parser import parse
from forms.xpath.patterns import whole_match
from forms.xpath.printer import write
from forms.xpath.scope import Scope
from forms.xpath.values import Value
from tests.forms.test_bad_forms import codes, xform
from tests.js.test_random_expressions import World

NESTED = {
    "brackets": "(" * 10_000 + "1" + ")" * 10_000,
    "open brackets": "(" * 10_000,
    "calls": "not(" * 10_000 + "1" + ")" * 10_000,
    "signs": "-" * 10_000 + "1",
    "predicates in each other": "a[" * 10_000 + "1" + "]" * 10_000,
    "predicates in a row": "a" + "[1]" * 10_000,
    "steps": "a" + "/a" * 10_000,
    "unions": "a" + "|a" * 10_000,
    "sums": "1" + "+1" * 10_000,
    "mixed": "1" + "=1<1" * 5_000,
    "brackets to the left": "(" * 99 + "1" + ("+1" * 300 + ")") * 99,
    "levels to the left": "(" * 60 + "1" + " * 1 + 1 < 1 = 1 and 1 or 1)" * 60,
    "a long text": "'" + "x" * 1_000_000 + "'",
    "a long number": "9" * 50_000,
}


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails where the block takes longer."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def code_of(run: Callable[[], Value]) -> Value:
    """What is found, or the number of the fault."""
    try:
        return run()
    except EvaluationError as error:
        return error.code


@pytest.mark.parametrize("name", NESTED)
def test_what_is_nested_too_deeply_is_refused(name: str) -> None:
    """The parser says so with a number, soon, and so does the loader of a form."""
    with within(5), pytest.raises(ExpressionError) as caught:
        parse(NESTED[name])
    assert caught.value.code in ("HW-1106", "HW-1107")
    if len(NESTED[name]) < 50_000:
        bind = f'<bind nodeset="/data/a" calculate="{NESTED[name].replace("<", "&lt;")}"/>'
        with within(5), pytest.raises(FormError) as refused:
            read_xform(xform(bind))
        assert set(codes(refused.value)) <= {"HW-1106", "HW-1107"}


@pytest.mark.parametrize(
    "text",
    [
        "if(true(), 1, " * 90 + "2" + ")" * 90,
        "1" + " + 1 - 1" * 190,
        "(" * 90 + "1" + ")" * 90,
        "a[" * 70 + "1" + "]" * 70,
        " or ".join(f"(. = '{number}' and ../a > {number})" for number in range(300)),
    ],
)
def test_what_a_patient_author_writes_still_works(text: str) -> None:
    """Ninety conditions in each other, hundreds in a row."""
    node = Node("a")
    compile_ast(parse(text))(Scope(node, node, World()))
    assert parse(write(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 5000 + "!"),
        ("(a|aa)+$", "a" * 5000 + "!"),
        ("(.*a){20}", "a" * 5000 + "!"),
        ("(a*)*(b*)*c", "ab" * 5000),
        (".*\\S.*\\S.*", " " * 1_000_000),
        ("(a{900}){900}", "a" * 100),
        ("(" * 1500 + ")" * 1500, "a"),
    ],
)
def test_a_pattern_without_bounds_comes_to_an_end(pattern: str, text: str) -> None:
    """It does not match, or takes too long, or cannot be read: within two seconds."""
    with within(2):
        found = code_of(lambda: whole_match(text, pattern))
    assert found in (False, "HW-1202", "HW-1203")


def test_every_function_bears_an_answer_of_a_megabyte() -> None:
    """Whatever a function makes of it, it does so soon."""
    node = Node("a", value="x y" * 333_333)
    path = ["path", ".", ["self", "node()"]]
    for name, (least, _) in ARGUMENTS.items():
        run = compile_ast(["call", name, *[path] * max(least, 1)] if least else ["call", name])
        with within(3):
            found = code_of(lambda run=run: run(Scope(node, node, World())))
        assert isinstance(found, (float, bool, list)) or len(found) < 2_000_000


def test_a_tree_may_be_deeper_than_the_stack() -> None:
    """A hundred thousand elements in each other are walked, counted and read."""
    root = top = Node("")
    for _ in range(100_000):
        child = Node("a")
        top.add(child)
        top = child
    top.value = "x"
    found = {"count(//a)": 100_000.0, "string(/)": "x", "count(//a/..)": 100_000.0}
    for text, wanted in found.items():
        with within(5):
            assert compile_ast(parse(text))(Scope(root, root, World())) == wanted
    with within(5):
        assert compile_ast(parse("count(ancestor::a)"))(Scope(top, top, World())) == 99_999


def test_a_slow_pattern_is_a_problem_of_its_question() -> None:
    """A form with one is filled in all the same."""
    form = read_xform(
        xform('<bind nodeset="/data/a" constraint="regex(., \'(a|aa)+$\')"/>', body='<input ref="/data/a"/>')
    )
    session = Session(form, None, context=FixedContext("2026-11-22T09:30:00.000+08:00"))  # type: ignore[arg-type]
    with within(3):
        session.answer("/data/a", "a" * 5000 + "!")
        assert [(problem.path, problem.number) for problem in session.problems()] == [("/data/a", "HW-1203")]
