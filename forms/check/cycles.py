"""Questions that depend on each other in a circle, with the names in it."""

from __future__ import annotations

from forms.check.finding import Finding, Findings
from forms.check.survey import Item, Outline
from forms.model import Node
from forms.xform.dependencies import Dependencies
from forms.xform.pool import Pool

_KINDS = {"loop": "group"}


def check_cycles(outline: Outline) -> Findings:
    """Circles through calculations, relevance and counts of the survey sheet."""
    if any(item.kind == "loop" for item in outline.items):
        return  # its questions are multiplied: the compiled form is looked at instead
    pool = Pool("")
    nodes = [_node(item, pool) for item in outline.items]
    Dependencies(nodes, pool, [], {}, outline.root).order()
    by_path = {item.path: item for item in outline.items}
    for problem in pool.problems:
        if problem.code == "HW-1015":
            item = by_path[problem.what]
            yield Finding("HW-1015", item.place(_column(item)), dict(problem.params))


def _node(item: Item, pool: Pool) -> Node:
    numbers: dict[str, int] = {}
    for expression in item.expressions:
        numbers[expression.column] = len(pool.expressions)
        pool.expressions.append(expression.ast)
        pool.sources.append(expression.shown)
    return Node(
        item.path,
        item.name,
        item.parent,
        _KINDS.get(item.kind, item.kind),
        relevant=numbers.get("relevant"),
        calculate=numbers.get("calculation"),
        count=numbers.get("repeat_count"),
    )


def _column(item: Item) -> str:
    """The column that most probably makes the circle."""
    columns = [expression.column for expression in item.expressions]
    return next((name for name in ("calculation", "relevant", "repeat_count") if name in columns), "")
