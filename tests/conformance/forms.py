"""XLSForms and real forms of other projects: each case kept, or missed with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from forms import FixedContext, Form, MemoryLists, Report, Session, check_form
from forms.problems import LANGUAGES
from forms.xform.names import elements, local
from tests.conformance.report import Misses, Section

FORMS = (".xml", ".xlsx", ".xls", ".md", ".csv")
STRICTER = {
    "test_instance_expression__permutations": "`<>` is no XPath",
    "test_validate_unicode_exception": "`$(name)` is no XPath",
    "test_validate_with_more_unicode": "`£` is no XPath",
    "test_manual_xpath__generated_element_different_name__ok": "the root of its path is another",
}
"""Forms that pyxform accepts and that we refuse, as they could not work on any phone."""


@dataclass
class Score:
    """How many cases hold; why the others do not; which are refused by intent."""

    passed: int = 0
    total: int = 0
    misses: dict[str, str] = field(default_factory=dict)
    stricter: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, miss: str, stricter: str = "") -> None:
        """Counts a case: `miss` says why it does not hold, `stricter` why it need not."""
        self.total += 1
        if miss and not stricter:
            self.misses[name] = miss
            return
        self.passed += 1
        if miss:
            self.stricter[name] = f"{stricter} ({miss})"


def cases(folder: Path) -> list[dict[str, Any]]:
    """The cases of `pyxform_cases.json`."""
    found: list[dict[str, Any]] = json.loads((folder / "pyxform_cases.json").read_text("utf-8"))["cases"]
    return found


def pyxform(folder: Path) -> Score:
    """`pyxform_cases.json`: accepted or refused as expected; accepted ones load with the questions expected."""
    score = Score()
    for number, case in enumerate(cases(folder)):
        name = case["test"].rpartition(".")[2]
        stricter = "" if case["errored"] else STRICTER.get(name, "")
        score.take(f"{number} {name}", _case(case), stricter)
    return score


def _case(case: dict[str, Any]) -> str:
    """Why a case does not hold, "" where it does."""
    report = check_form(_markdown(case).encode(), "case.md")
    told = _told(report)
    if told:
        return told
    if case["errored"]:
        return "" if not report.ok else "accepted, though pyxform refuses it"
    if report.form is None or not report.ok:
        return "; ".join(f"{each.code} {each.message('en')}" for each in report.errors)
    wanted, found = expected_paths(case["xform"]), {node.path.partition("/")[2] for node in report.form.nodes}
    lost = sorted(wanted - {path.partition("/")[2] for path in found})
    return f"lost: {', '.join(lost)}" if lost else ""


def _markdown(case: dict[str, Any]) -> str:
    if "md" in case:
        return str(case["md"])
    lines = []
    for sheet, rows in case["sheets"].items():
        headers = list(dict.fromkeys(key for row in rows for key in row))
        lines.append(f"| {sheet} |")
        for cells in (headers, *([row.get(key, "") for key in headers] for row in rows)):
            lines += ["| | " + " | ".join(str(cell).replace("|", r"\|") for cell in cells) + " |"]
    return "\n".join(lines)


def expected_paths(xform: str) -> set[str]:
    """The paths of the primary instance of an XForm below its root, without those of entities."""
    root = etree.fromstring(xform.encode())
    instance = next(element for element in root.iter() if local(element) == "instance")
    return {path for path in _below(elements(instance)[0], "") if "meta/entity" not in path}


def _below(element: etree._Element, above: str) -> Iterator[str]:
    for child in elements(element):
        path = f"{above}{local(child)}"
        yield path
        yield from _below(child, f"{path}/")


def forms_ok(folder: Path) -> Score:
    """Every form below `forms/`: it loads and can be filled, or is refused with problems that have place and text."""
    score = Score()
    for path in sorted((folder / "forms").rglob("*")):
        if path.suffix in FORMS:
            score.take(f"{path.parent.name}/{path.name}", _form(path))
    return score


def _form(path: Path) -> str:
    report = check_form(path)
    told = _told(report)
    if told:
        return told
    if report.form is not None:
        return rendered(report.form)
    untrue = [each for each in report.errors if each.code in ("HW-1010", "HW-1016")]
    return "; ".join(each.message("en") for each in untrue)


def _told(report: Report) -> str:
    """Whether each finding can be told in both languages, and a form that is refused has one."""
    for lang in LANGUAGES:
        for finding in report.findings:
            if not finding.message(lang) or not finding.remedy(lang) or "{" in finding.at.text(lang):
                return f"{finding.code} cannot be told in {lang}"
    return "" if report.ok or report.errors else "refused without a reason"


def rendered(form: Form) -> str:
    """Opens a record and reads all that a page would show of it; why that cannot be done, "" where it can."""
    session = Session(form, MemoryLists({}), context=FixedContext("2026-11-22T09:30:00.000+08:00"))
    for node in form.nodes:
        if "[" in node.path or any(above.kind == "repeat" for above in _above(form, node.parent)):
            continue
        session.relevant(node.path)
        if node.kind in ("question", "note"):
            session.label(node.path)
            session.hint(node.path)
            session.required(node.path)
        if node.choices:
            session.choices(node.path)
    session.problems()
    Form.from_json(form.to_json())
    return ""


def _above(form: Form, number: int) -> Iterator[Any]:
    while number >= 0:
        yield form.nodes[number]
        number = form.nodes[number].parent


def run(folder: Path) -> Section:
    """The section of the report."""
    scores = {"pyxform": pyxform(folder), "forms_ok": forms_ok(folder)}
    groups = [Misses(why, (name,)) for score in scores.values() for name, why in score.misses.items()]
    groups += [
        Misses(f"{why}, refused by intent and counted as passed", (name,))
        for score in scores.values()
        for name, why in score.stricter.items()
    ]
    return Section(
        "Forms (`pyxform_cases.json`, `forms/`)",
        {name: (score.passed, score.total) for name, score in scores.items()},
        {
            "pyxform": "accepted or refused as expected; accepted ones load with the questions of the expected XForm",
            "forms_ok": "forms that load and can be shown, or are refused with problems of our own",
        },
        groups,
    )
