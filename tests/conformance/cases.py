"""The expression cases that may lie beside the checkout, run in Python and in JavaScript; nothing is copied here."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from forms.xpath.dates import date_of_days
from forms.xpath.errors import ExpressionError
from forms.xpath.functions.signatures import check_prefix, with_faults
from forms.xpath.nodes import Node
from forms.xpath.parser import parse_with_calls
from tests.conformance.documents import Document, document, find
from tests.js.outcomes import JavaScript, Outcome, described, outcome

Case = dict[str, Any]
UUID = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"
RANDOM = 0.5


def folder() -> Path | None:
    """Where the cases are; None where they are not beside this checkout."""
    name = os.environ.get("HOMEWARD_CONFORMANCE", "")
    return Path(name) if name else None


def now_of(case: Case) -> str:
    """The moment that a case was recorded at, on the clock of its place."""
    hours, zone = (0, "Z") if case["tz"] == "GMT" else (-7, "-07:00")
    moment = datetime.fromtimestamp(case.get("now_ms", 1_795_341_600_000) / 1000, UTC) + timedelta(
        hours=hours
    )
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}{zone}"


class World:
    """The surroundings that the cases were recorded in."""

    def __init__(self, case: Case, root: Node) -> None:
        self._now = now_of(case)
        self.root = root

    def now(self) -> str:
        return self._now

    def random(self) -> float:
        return RANDOM

    def uuid(self) -> str:
        return UUID

    def instance(self, name: str) -> Node | None:
        for node in self.root.below():
            is_one = node.name.rpartition(":")[2] == "instance"
            if is_one and any(each.name == "id" and each.value == name for each in node.attributes):
                return node
        return None

    def rows(self, name: str, filters: Mapping[str, str]) -> Sequence[Node] | None:
        return None

    def choice_name(self, value: str, path: str, origin: Node) -> str:
        raise AssertionError("no case asks for the name of a choice")

    def itext(self, key: str, origin: Node) -> str:
        return f"itext {key}"


@dataclass(frozen=True)
class Job:
    """A case ready to be run: its document, context node and syntax tree, or the number of what is wrong with it."""

    case: Case
    document: Document
    context: Node
    top: Node
    ast: list[Any] | None
    fault: str = ""


def job(case: Case, contexts: Mapping[str, str]) -> Job | None:
    """A case with its own document; None where the document has no such node (a document type)."""
    found = document(contexts.get(case["xml"], ""))
    try:
        context = find(found.root, case["context"])
        top = find(found.root, case.get("root", "/"))
    except LookupError:
        return None
    try:
        parsed = parse_with_calls(case["expression"])
        for prefix in parsed.prefixes:
            check_prefix(prefix, found.prefixes, case["expression"])
    except ExpressionError as error:
        return Job(case, found, context, top, None, error.code)
    return Job(case, found, context, top, with_faults(parsed.ast))


def in_python(job: Job) -> Outcome:
    """What Python makes of a case."""
    if job.ast is None:
        return {"kind": "error", "code": job.fault}
    above, job.top.parent = (
        job.top.parent,
        None,
    )  # absolute paths are of the record, which may stand in a form
    try:
        return outcome(job.ast, job.context, World(job.case, job.document.root), job.document.numbers)
    finally:
        job.top.parent = above


def in_javascript(jobs: Sequence[Job]) -> list[Outcome]:
    """What JavaScript makes of cases, all in one process."""
    trees = {job.case["xml"]: described(job.document.root) for job in jobs}
    asked = [
        {
            "tree": job.case["xml"],
            "at": job.document.numbers[id(job.context)],
            "top": job.document.numbers[id(job.top)],
            "ast": job.ast,
            "fault": job.fault,
            "now": now_of(job.case),
        }
        for job in jobs
    ]
    with JavaScript() as javascript:
        return javascript.outcomes({"trees": trees, "jobs": asked, "random": RANDOM, "uuid": UUID})


def as_expected(job: Job, outcome: Outcome) -> bool:
    """Whether an outcome is what the case says."""
    kind, wanted = job.case["kind"], job.case["expected"]
    if outcome["kind"] == "error" or kind in ("throws", "parse-error"):
        return outcome["kind"] == "error" and kind in ("throws", "parse-error")
    if kind.startswith("nodeset") or kind == "node-count":
        return outcome["kind"] == "nodes" and _expected_nodes(job, kind, outcome["value"], wanted)
    text, number = outcome["text"], outcome["number"]
    if kind == "boolean":
        return bool(outcome["boolean"] is wanted)
    if kind.startswith("number"):
        factor = job.case.get("factor")
        if factor and math.isfinite(number):
            number = math.floor(number * factor + 0.5) / factor
        return _close(number, float(wanted), job.case.get("tolerance") or 1e-12)
    if kind == "string":
        return bool(text == wanted)
    if kind == "string-matches":
        return re.search(wanted, text) is not None
    if kind == "string-length":
        return bool(len(text) == wanted)
    assert kind == "date", kind
    return bool((date_of_days(number) if outcome["kind"] == "number" else text[:10]) == wanted)


def _close(number: float, wanted: float, close: float) -> bool:
    return number == wanted or (math.isnan(number) and math.isnan(wanted)) or abs(number - wanted) < close


def _expected_nodes(job: Job, kind: str, numbers: list[int], wanted: Any) -> bool:
    if kind == "node-count":
        return bool(len(numbers) == wanted)
    if kind == "nodeset-unordered-names":
        names = {job.document.numbers[id(node)]: node.written for node in _all(job.document.root)}
        return sorted(names[number] for number in numbers) == sorted(wanted)
    try:
        expected = [job.document.numbers[id(find(job.document.root, path))] for path in wanted]
    except LookupError:
        return False
    expected = list(dict.fromkeys(expected))  # text beside a CDATA section is one node, in a browser two
    return numbers == expected or (kind == "nodeset-unordered" and sorted(numbers) == sorted(expected))


def _all(root: Node) -> list[Node]:
    return [each for node in (root, *root.below()) for each in (node, *node.attributes)]
