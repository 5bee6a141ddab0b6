"""What the reader of XForms finds: at the row of a sheet where the form came from one, else at a line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from forms.check.finding import Finding, Findings, Place, nearest
from forms.check.survey import Cell, Expression, Item, Outline
from forms.model import Node
from forms.problems import Problem, caret
from forms.xform.read import Reading
from forms.xpath.functions.signatures import ARGUMENTS

_COLUMNS = {
    "calculate": "calculation", "readonly": "read_only", "requiredMsg": "required_message",
    "constraintMsg": "constraint_message", "count": "repeat_count", "choices": "choice_filter",
}  # fmt: skip
_TYPES = {"select1": "select_one", "select": "select_multiple", "rank": "rank"}


def outline_of(reading: Reading, sheet: str = "") -> Outline:
    """The outline of a compiled form, with lines for places."""
    outline = Outline(reading.primary.root)
    for node in reading.nodes:
        outline.items.append(_item(node, reading, sheet))
    for key, instance in reading.instances.items():
        if "items" in instance:
            outline.choices[key] = [
                (str(row.get("name", "")), _text(row.get("label", ""), reading)) for row in instance["items"]
            ]
    return outline


def _item(node: Node, reading: Reading, sheet: str) -> Item:
    at = Place(sheet, 0, node.name, line=reading.pool.lines.get(node.path, 0))
    item = Item(node.name, node.path, node.kind, node.type, node.parent, at)
    if node.kind not in ("group", "repeat"):
        item.type = _TYPES.get(node.control or "", node.kind if node.kind != "question" else node.type)
        item.kind = "question"
    if node.choices:
        item.list_name = node.choices.instance
    item.asked = node.kind == "question" and node.role != "desk" and node.calculate is None
    item.role = node.role or ""
    for column, value in (("pii", node.pii), ("publish", node.publish), ("role", node.role)):
        if value:
            item.cells.append(Cell(f"bind::fs:{column}", f"fs:{column}", "", value))
    if node.default and (node.choices is None or node.choices.value == "name"):
        item.cells.append(Cell("default", "default", "", node.default.strip()))
    if node.label is not None:
        item.cells.append(Cell("label", "label", "", _text(node.label, reading)))
    for column in ("relevant", "constraint", "calculate", "required", "readonly", "count"):
        number = getattr(node, column)
        if number is not None:
            name = _COLUMNS.get(column, column)
            place = Place(sheet, 0, node.name, column, at.line)
            item.expressions.append(
                Expression(reading.pool.sources[number], reading.pool.expressions[number], name, place)
            )
    return item


def _text(value: object, reading: Reading) -> str:
    """A label as plain text, in the default language."""
    if not isinstance(value, int):
        return str(value)
    text = reading.pool.texts[value]
    kinds = text.get(reading.itext.default) or next(iter(text.values()), {})
    return "".join(piece if isinstance(piece, str) else "…" for piece in kinds.get("long", []))


def check_instances(reading: Reading) -> Findings:
    """Lists inside an XForm that are empty or have a choice twice."""
    asked = {node.choices.instance: node for node in reading.nodes if node.choices}
    for key, node in asked.items():
        rows = reading.instances.get(key, {}).get("items")
        if rows is None:
            continue
        at = Place(question=node.name, line=reading.pool.lines.get(node.path, 0))
        name = key.removeprefix("choices:")
        if not rows:
            yield Finding("HW-1372", at, {"name": name})
        if node.choices and node.choices.nodeset is not None and node.choices.filter_paths:
            continue  # cascading lists may name a choice again under another parent
        values = [str(row.get(node.choices.value if node.choices else "name", "")) for row in rows]
        for value in sorted({value for value in values if value and values.count(value) > 1}):
            yield Finding("HW-1363", at, {"name": value, "list": name})


def problems_of(
    problems: Sequence[Problem], outline: Outline, found: list[Finding], sheet: str = ""
) -> Findings:
    """The reader's problems, at the rows of `outline`, but for those that a finding says already."""
    errors = [each for each in found if each.severity == "error"]
    rows = {each.at.row for each in errors if each.at.row}
    circles = any(each.code in ("HW-1015", "HW-1376") for each in errors)
    by_path = {item.path: item for item in outline.items}
    for problem in problems:
        path, _, column = problem.what.partition(" ")
        path = path.partition(":")[0]
        item = by_path.get(path) or by_path.get(re.sub(r"_(count|other)$", "", path))
        if (item is not None and item.at.row in rows) or (problem.code == "HW-1015" and circles):
            continue
        name = _COLUMNS.get(column, column)
        at = item.place(name) if item else Place(sheet, 0, path.rpartition("/")[2], name)
        if problem.line and not at.row:
            at = Place(at.sheet, 0, at.question, column, problem.line)
        yield _near(problem, at, outline)


def _near(problem: Problem, at: Place, outline: Outline) -> Finding:
    """With what was probably meant, where that can be told."""
    params = {key: value for key, value in problem.params.items() if key != "near"}
    code, near = problem.code, problem.params.get("near", "")
    excerpt = problem.excerpt
    if code == "HW-1110":
        code, near = "HW-1109", nearest(params["name"], ARGUMENTS)
    elif code == "HW-1013":
        names = {item.name: item.path for item in outline.items}
        last = params["path"].rpartition("/")[2]
        near = names.get(nearest(last, names), "")
        source = problem.excerpt.strip()
        excerpt = caret(source, max(source.find(last), 0))
    return Finding(code, at, params, excerpt, near)
