"""What of a form may stand in a record file: a decision for every question, before any record is read.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from forms import Form, Node

from . import rules

ROW_FILES = {"business": "businesses", "inn": "inns"}
"""Form -> record file. Other forms give figures only."""

FINER_PLACES = frozenset({"townships", "villages"})
"""Lists of places below the county: they wait for the rule that decides a unit's place once, for all that
hangs on it.
"""


@dataclass(frozen=True)
class PublishedColumn:
    """A column of a record file: the question's name, node and rule."""

    name: str
    node: Node
    rule: rules.Rule


@dataclass(frozen=True)
class LeftOut:
    """A question that is not in any record file. `reason` is a word of `left_out.*` in the catalogue."""

    form: str
    question: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """The decisions for one form. `own_id` is the question that `row_id` stands for; `rows_only_if` (path,
    value).
    """

    form: Form
    table: str | None
    columns: tuple[PublishedColumn, ...]
    left_out: tuple[LeftOut, ...]
    own_id: Node | None
    rows_only_if: tuple[tuple[str, str], ...]
    older: tuple[Form, ...] = ()

    def codes(self, node: Node, lists: Mapping[str, Collection[str]]) -> frozenset[str] | None:
        """What an answer to `node` may be made of, in any version of the form; None for a question without
        choices. `lists` gives the names in each attached list.

        A phone can write anything where a choice belongs: what is no choice is never published."""
        if node.choices is None:
            return None
        found: set[str] = set(lists.get(node.choices.instance, ()))
        for form in (self.form, *self.older):
            here = form.by_path.get(node.path)
            if here is not None:
                found.update(name for name, _, _ in choice_labels(form, form.nodes[here], {}))
        return frozenset(found)


def plan(form: Form, older: Sequence[Form] = ()) -> Plan:
    """Decides every question of `form`, the newest version; `older` are the versions that records still
    have.

    Raises HW-3501 or HW-3502 for a rule that is unknown or malformed, in whichever version.
    """
    for version in [form, *older]:
        for node in answered(version):
            if node.publish:
                rules.parse(node.publish, f"{version.form_id}/{node.name}")
    own_id = next(
        (n for n in answered(form) if n.publish == "reissue:public_id" and n.kind == "calculate"), None
    )
    columns: list[PublishedColumn] = []
    left_out: list[LeftOut] = []
    earlier = [{node.path: node.publish for node in version.nodes} for version in older]
    for node in answered(form):
        if node is own_id and form.form_id in ROW_FILES:
            continue
        reason = why_not(form, node, earlier)
        if reason:
            left_out.append(LeftOut(form.form_id, node.name, node.publish or "", reason))
        else:
            columns.append(PublishedColumn(node.name, node, rules.parse(node.publish or "", node.path)))
    columns.sort(key=lambda column: column.name != "county_code")
    table = ROW_FILES.get(form.form_id)
    return Plan(form, table, tuple(columns), tuple(left_out), own_id, only_if(form), tuple(older))


def answered(form: Form) -> list[Node]:
    """Nodes that can hold an answer; the form's own `meta` is none of the survey's business."""
    return [node for node in form.nodes if node.kind in ("question", "calculate")]


def why_not(form: Form, node: Node, earlier: Sequence[Mapping[str, str | None]]) -> str:
    """Why a question is in no record file; '' when it is in one."""
    if not node.publish:
        return "unnamed"
    rule = rules.parse(node.publish, f"{form.form_id}/{node.name}")
    if rule.name in rules.NOT_IN_ROWS:
        return rule.name
    if rule.name in rules.LATER:
        return "later"
    if form.form_id not in ROW_FILES:
        return "no_rows"
    if in_repeat(form, node):
        return "repeat"
    if rule.name == "reissue":
        return "linkable"
    if node.pii == "private":
        return "private"
    if any(node.path in version and version[node.path] != node.publish for version in earlier):
        return "versions"
    if node.choices is not None and node.choices.instance in FINER_PLACES:
        return "place"
    return ""


def in_repeat(form: Form, node: Node) -> bool:
    """True for a question of a repeat: a row holds one value of each column."""
    parent = node.parent
    while parent >= 0:
        if form.nodes[parent].kind == "repeat":
            return True
        parent = form.nodes[parent].parent
    return False


def only_if(form: Form) -> tuple[tuple[str, str], ...]:
    """(path, value) of every `rows_only_if:value` question."""
    found = []
    for node in answered(form):
        rule = rules.parse(node.publish, node.path) if node.publish else None
        if rule is not None and rule.name == "rows_only_if":
            found.append((node.path, rule.argument))
    return tuple(found)


# -- labels


def label(form: Form, text: int | None, tag: str, known: Mapping[str, str], otherwise: str) -> str:
    """A text in a language as one line. `known` fills values of the form by name (`ref_year`); others
    become `…`.
    """
    if text is None:
        return otherwise
    by_language = form.texts[text]
    chosen = by_language.get(form.language(tag)) or by_language.get("") or next(iter(by_language.values()))
    pieces = chosen.get("long", [])
    line = "".join(piece if isinstance(piece, str) else value_named(form, piece, known) for piece in pieces)
    return re.sub(r"\s+", " ", line).strip() or otherwise


def value_named(form: Form, expression: int, known: Mapping[str, str]) -> str:
    """The known value that an expression reads, such as `/data/ref_year`."""
    ast = form.expressions[expression]
    last = ast[-1] if isinstance(ast, list) and ast and ast[0] == "path" else None
    name = last[1] if isinstance(last, list) and len(last) > 1 else ""
    return known.get(str(name), "…")


def choice_labels(form: Form, node: Node, known: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(value, English, Chinese) of a question's own choices, in order; none for choices from an attached
    list.
    """
    if node.choices is None:
        return []
    items = form.instances.get(node.choices.instance, {}).get("items", [])
    found = []
    for item in items:
        name = item[node.choices.value]
        text = item.get("label")
        index = text if isinstance(text, int) else None
        found.append((name, label(form, index, "en", known, name), label(form, index, "zh", known, name)))
    return found
