"""Evaluates syntax trees: each is turned into closures once, which then run as often as wanted.

Twin of `logic/evaluate.js`; `tests/vectors/xpath.json` holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from forms.xpath import axes
from forms.xpath.errors import EvaluationError
from forms.xpath.functions import LAZY, STRICT
from forms.xpath.nodes import Node
from forms.xpath.parser import Ast, same_level
from forms.xpath.scope import Run, Scope
from forms.xpath.values import Value, comparison, divide, modulo, to_boolean, to_number, to_text

Nodes: TypeAlias = Callable[[Scope], list[Node]]


def compile_ast(ast: Ast) -> Run:
    """A function that evaluates the tree. Raises EvaluationError for an unknown operation or function."""
    kind = ast[0]
    if kind == "num":
        number = float(ast[1])
        return lambda scope: number
    if kind == "str":
        text = ast[1]
        return lambda scope: text
    if kind == "path":
        return compile_path(ast)
    if kind == "call":
        return _call(ast)
    if kind == "filter":
        return _filter(ast)
    if kind == "neg":
        inner = compile_ast(ast[1])
        return lambda scope: -to_number(inner(scope))
    if kind == "fault":
        return _failing(ast[1], ast[2])
    if kind == "|":
        left, right = as_nodes(compile_ast(ast[1])), as_nodes(compile_ast(ast[2]))
        return lambda scope: axes.in_order([*left(scope), *right(scope)])
    return _operator(ast)


def as_nodes(run: Run) -> Nodes:
    """The same, for where only a node-set will do: any other value counts as none."""

    def nodes(scope: Scope) -> list[Node]:
        value = run(scope)
        return value if isinstance(value, list) else []

    return nodes


# -- operators

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "div": divide,
    "mod": modulo,
}
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


def _operator(ast: Ast) -> Run:
    """Chains such as a + b - c lean to the left: they run in a loop, not in each other."""
    sign = ast[0]
    signs: list[str] = []
    operands: list[Ast] = []
    while len(ast) == 3 and same_level(sign, ast):
        signs.insert(0, ast[0])
        operands.insert(0, ast[2])
        ast = ast[1]
    first = compile_ast(ast)
    others = [compile_ast(operand) for operand in operands]
    if sign == "or":
        return lambda scope: to_boolean(first(scope)) or any(to_boolean(other(scope)) for other in others)
    if sign == "and":
        return lambda scope: to_boolean(first(scope)) and all(to_boolean(other(scope)) for other in others)
    if sign in _ARITHMETIC:
        return _arithmetic(
            first, [(_ARITHMETIC[each], other) for each, other in zip(signs, others, strict=True)]
        )
    if sign in _COMPARISONS:
        return _comparisons(comparison(sign), first, others)
    raise EvaluationError("HW-1204", name=str(sign))


def _arithmetic(first: Run, others: list[tuple[Callable[[float, float], float], Run]]) -> Run:
    def run(scope: Scope) -> Value:
        value = to_number(first(scope))
        for operate, other in others:
            value = operate(value, to_number(other(scope)))
        return value

    return run


def _comparisons(compare: Callable[[Value, Value], bool], first: Run, others: list[Run]) -> Run:
    def run(scope: Scope) -> Value:
        value = first(scope)
        for other in others:
            value = compare(value, other(scope))
        return value

    return run


def _call(ast: Ast) -> Run:
    name = ast[1]
    arguments = [compile_ast(argument) for argument in ast[2:]]
    lazy = LAZY.get(name)
    if lazy is not None:
        return lambda scope: lazy(arguments, scope)
    strict = STRICT.get(name)
    if strict is None:
        return _failing("HW-1109", {"name": name})
    return lambda scope: strict([argument(scope) for argument in arguments], scope)


def _failing(code: str, params: dict[str, str]) -> Run:
    """A call that cannot work is a fault when it is reached, not before."""

    def run(scope: Scope) -> Value:
        raise EvaluationError(code, **params)

    return run


# -- paths


def compile_path(ast: Ast) -> Nodes:
    """A location path: from the context, the root or another node-set, step by step."""
    start, steps = ast[1], ast[2:]
    if start == ".":
        return _steps(lambda scope: [scope.node], steps, axes.ONE)
    if start == "/":
        # of the record, also in a predicate over the items of a list
        return _steps(lambda scope: [scope.current.root()], steps, axes.ONE)
    origin, shape = as_nodes(compile_ast(start)), _shape(start)
    quick = _items_by_column(start, steps)
    if quick is None:
        return _steps(origin, steps, shape)
    slow = _steps(origin, steps[:2], shape)

    def items(scope: Scope) -> list[Node]:
        found = quick(scope)
        return slow(scope) if found is None else found

    return _steps(items, steps[2:], axes.APART)


def _shape(start: Ast) -> int:
    """What is known of the node-set that a path starts from."""
    if start[0] == "filter":
        return _shape(start[1])
    if start[0] == "path":
        shape = axes.ONE if start[1] in (".", "/") else _shape(start[1])
        for step in start[2:]:
            shape = axes.shape_after(step[0], shape)
        return shape
    return axes.ONE if start[0] == "call" and start[1] in ("current", "instance") else axes.NESTED


def _steps(origin: Nodes, steps: Sequence[Ast], shape: int) -> Nodes:
    run = origin
    for step in steps:
        run = _step(run, step, axes.keeps_order(step[0], shape))
        shape = axes.shape_after(step[0], shape)
    return run


def _step(before: Nodes, step: Ast, ordered: bool) -> Nodes:
    axis, test = step[0], step[1]
    if ordered and axis == "child" and len(step) == 2 and test[-1] not in ")*":

        def by_name(scope: Scope) -> list[Node]:
            return [kid for node in before(scope) for kid in node.named(test) if not kid.hidden]

        return by_name
    reach = axes.axis(axis, test)
    predicates = [_predicate(predicate) for predicate in step[2:]]
    reverse = axis in axes.REVERSE

    def run(scope: Scope) -> list[Node]:
        found: list[Node] = []
        origins = before(scope)
        for node in origins:
            kept = [each for each in reach(node) if not each.hidden]
            for predicate in predicates:
                kept = predicate(kept, scope)
            found.extend(reversed(kept) if reverse else kept)
        return found if ordered or len(origins) < 2 else axes.in_order(found)

    return run


Filter: TypeAlias = Callable[[list[Node], Scope], list[Node]]


def _predicate(ast: Ast) -> Filter:
    if ast[0] == "num":
        index = ast[1]
        return lambda nodes, scope: [nodes[int(index) - 1]] if index in range(1, len(nodes) + 1) else []
    run = compile_ast(ast)

    def keep(nodes: list[Node], scope: Scope) -> list[Node]:
        size = len(nodes)
        found = []
        for place, node in enumerate(nodes, 1):
            value = run(Scope(node, scope.current, scope.world, place, size))
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if value == place if number else to_boolean(value):
                found.append(node)
        return found

    return keep


def _filter(ast: Ast) -> Run:
    inner = as_nodes(compile_ast(ast[1]))
    predicates = [_predicate(predicate) for predicate in ast[2:]]

    def run(scope: Scope) -> Value:
        nodes = inner(scope)
        for predicate in predicates:
            nodes = predicate(nodes, scope)
        return nodes

    return run


# -- lists by column


def _items_by_column(start: Ast, steps: Sequence[Ast]) -> Callable[[Scope], list[Node] | None] | None:
    """`instance('x')/root/item[column = expression]` through the index of the list.

    Only where the expression does not look at the item; the result is None where its value is no text.
    """
    if start[:2] != ["call", "instance"] or start[2][0] != "str" or len(steps) < 2:
        return None
    if steps[0] != ["child", "root"] or steps[1][:2] != ["child", "item"] or len(steps[1]) != 3:
        return None
    wanted = _columns(steps[1][2])
    if wanted is None:
        return None
    name = start[2][1]

    def run(scope: Scope) -> list[Node] | None:
        filters: dict[str, str] = {}
        for column, value_of in wanted:
            value = value_of(scope)
            if not isinstance(value, (str, list)) or (isinstance(value, list) and len(value) > 1):
                return None
            text = to_text(value)
            if filters.setdefault(column, text) != text:
                return []
        rows = scope.world.rows(name, filters)
        return None if rows is None else list(rows)

    return run


def _columns(predicate: Ast) -> list[tuple[str, Run]] | None:
    if predicate[0] == "and":
        left, right = _columns(predicate[1]), _columns(predicate[2])
        return None if left is None or right is None else left + right
    if predicate[0] != "=":
        return None
    column, value = predicate[1], predicate[2]
    simple = (
        column[:2] == ["path", "."] and len(column) == 3 and column[2][0] == "child" and len(column[2]) == 2
    )
    if not simple or column[2][1] == "*" or column[2][1].endswith(")") or _looks_at_item(value):
        return None
    return [(column[2][1], compile_ast(value))]


def _looks_at_item(ast: Ast) -> bool:
    """Whether a tree may read relative to its context node or its position."""
    if ast[0] in ("str", "num"):
        return False
    # absolute paths and current() do not; predicates inside them stand in their own context
    return not (ast[0] == "path" and (ast[1] == "/" or ast[1][:2] == ["call", "current"]))
