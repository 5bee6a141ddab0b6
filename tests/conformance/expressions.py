"""`xpath_cases.json`: expressions, in Python and in JavaScript."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conformance.cases import Case, Job, as_expected, in_javascript, in_python, job
from tests.conformance.report import Misses, Section
from tests.js.outcomes import Outcome, same

DECIDED: dict[str, dict[str, list[str]]] = json.loads(
    (Path(__file__).parent / "decided.json").read_text("utf-8")
)
"""`table`: cases that the table of decisions beside them answers otherwise; `other`: further ones. By reason."""


@dataclass(frozen=True)
class Results:
    """`agreed`: ids of the cases that both recorded engines agree on. `missed`: of these, what a language misses.

    `different`: ids of cases, agreed or not, whose outcomes in the two languages are not equal.
    """

    cases: int
    agreed: tuple[str, ...]
    missed: dict[str, tuple[str, ...]]
    different: tuple[str, ...]


def is_agreed(case: Case) -> bool:
    """Whether both engines that replayed a case found what it says; a case about another's syntax tree is none."""
    agrees = case.get("agrees")
    return bool(agrees) and all(agrees.values()) and case["kind"] != "parse-ast"


@cache
def results(folder: Path) -> Results:
    """Runs all cases in both languages, once in a process."""
    file = json.loads((folder / "xpath_cases.json").read_text("utf-8"))
    jobs = [(case, job(case, file["contexts"])) for case in file["cases"]]
    found = [each for _, each in jobs if each is not None]
    ours = [in_python(each) for each in found]
    theirs = in_javascript(found)
    return Results(
        cases=len(found),
        agreed=tuple(case["id"] for case, _ in jobs if is_agreed(case)),
        missed={
            "py": _missed(found, ours) + _unfound(jobs),
            "js": _missed(found, theirs) + _unfound(jobs),
        },
        different=tuple(
            each.case["id"]
            for each, left, right in zip(found, ours, theirs, strict=True)
            if not same(left, right)
        ),
    )


def _missed(jobs: list[Job], outcomes: list[Outcome]) -> tuple[str, ...]:
    return tuple(
        each.case["id"]
        for each, outcome in zip(jobs, outcomes, strict=True)
        if is_agreed(each.case) and not as_expected(each, outcome)
    )


def _unfound(jobs: list[tuple[Case, Job | None]]) -> tuple[str, ...]:
    """Cases that stand at a node our documents do not have."""
    return tuple(case["id"] for case, each in jobs if each is None and is_agreed(case))


def reasons() -> dict[str, str]:
    """The reason for each case that is decided to be other."""
    return {name: reason for part in DECIDED.values() for reason, names in part.items() for name in names}


def run(folder: Path) -> Section:
    """The section of the report."""
    found = results(folder)
    by_table = {name for names in DECIDED["table"].values() for name in names}
    contested = by_table.intersection(found.agreed)
    figures: dict[str, tuple[int, int]] = {}
    for language in ("py", "js"):
        missed = set(found.missed[language])
        total = len(found.agreed) - len(contested)
        figures[f"xpath_uncontested_{language}"] = (total - len(missed - contested), total)
    for language in ("py", "js"):
        total = len(found.agreed)
        figures[f"xpath_both_engines_{language}"] = (total - len(found.missed[language]), total)
    figures["xpath_equal"] = (found.cases - len(found.different), found.cases)
    return Section("Expressions (`xpath_cases.json`)", figures, TEXTS, _misses(found))


def _misses(found: Results) -> list[Misses]:
    missed = {name for names in found.missed.values() for name in names}
    known = reasons()
    groups = [
        Misses(f"{reason}{note}", tuple(name for name in names if name in missed))
        for part, note in (("table", " (the table of decisions has it so)"), ("other", ""))
        for reason, names in DECIDED[part].items()
    ]
    groups.append(Misses("not decided", tuple(sorted(missed - known.keys()))))
    groups.append(Misses("Python and JavaScript differ", found.different))
    return [group for group in groups if group.cases]


_BOTH = "cases that both recorded engines agree on"
TEXTS = {
    "xpath_uncontested_py": f"Python: {_BOTH}, but for those that the table of decisions answers otherwise",
    "xpath_uncontested_js": "JavaScript: the same",
    "xpath_both_engines_py": f"Python: all {_BOTH}",
    "xpath_both_engines_js": "JavaScript: the same",
    "xpath_equal": "all cases: the same kind, value, text, number and truth, or the same fault, in both",
}
