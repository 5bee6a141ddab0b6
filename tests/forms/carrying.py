"""Forms in two versions and drafts that move between them: `tests/vectors/carry.json`, and as many others as one wants.

`python -m tests.forms.carrying` writes the results of the vectors as they are now.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from random import Random
from typing import Any

from forms import Form, MemoryLists, compile_form
from forms.carry import carry
from forms.session.record import form_path
from tests.forms.vectors import VECTORS, read

FILE = "carry.json"


def forms_of(file: dict[str, Any]) -> dict[str, Form]:
    """The forms of a file of cases, by name."""
    return {name: compile_form(text.encode(), f"{name}.md") for name, text in file["forms"].items()}


def result(file: dict[str, Any], forms: dict[str, Form], case: dict[str, Any]) -> dict[str, Any]:
    """What Python makes of a case; `left` in it may name the case whose leftovers it begins with."""
    old = forms[case["old"]] if case["old"] else None
    lists = MemoryLists(file["lists"])
    return asdict(
        carry(old, forms[case["new"]], case["answers"], case["reasons"], lists, case.get("left", []))
    )


TYPES = [
    "text",
    "integer",
    "decimal",
    "date",
    "select_one c",
    "select_multiple c",
    "rank c",
    "geopoint",
    "image",
    "barcode",
]
VALUES = ["12", "1.5", "a", "b", "a b", "b a", "x", "2026-01-02", "35.1 112.2 1 1", "yes", ""]


def random_form(chance: Random, names: list[str]) -> str:
    """A form with these questions in any order, of any type, in groups and repeats or not."""
    rows, open_ = [], []
    for name in chance.sample(names, chance.randint(1, len(names))):
        while open_ and chance.random() < 0.4:
            rows.append(f"| | end {open_.pop()} | | | | |")
        if chance.random() < 0.3 and len(open_) < 2:
            kind = chance.choice(["group", "repeat"])
            open_.append(kind)
            rows.append(f"| | begin {kind} | {chance.choice('gh')}{len(rows)} | G | | |")
        kind = chance.choice(TYPES)
        label = chance.choice(["Alpha", "Beta", f"What {name}?"])
        default = chance.choice(["", "", "12"]) if kind in ("text", "integer") else ""
        derived = chance.random() < 0.1
        kind, label, calculation = ("calculate", "", "'c'") if derived else (kind, label, "")
        rows.append(f"| | {kind} | {name} | {label} | {default} | {calculation} |")
    rows += [f"| | end {kind} | | | | |" for kind in reversed(open_)]
    choices = [
        f"| | c | {name} | {chance.choice(['A', 'B', name])} |"
        for name in chance.sample("abx", chance.randint(1, 3))
    ]
    survey = ["| survey | | | | | |", "| | type | name | label | default | calculation |", *rows]
    return "\n".join([*survey, "| choices | | | |", "| | list_name | name | label |", *choices, ""])


def random_answers(chance: Random, form: Form) -> tuple[dict[str, str], dict[str, str]]:
    """Answers and reasons that a draft of the form might hold, two instances of every repeat."""
    answers: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for node in form.nodes:
        steps = [
            step
            for step in form.nodes
            if step.kind == "repeat" and f"{node.path}/".startswith(f"{step.path}/")
        ]
        paths = [node.path]
        for step in steps:
            at = step.path
            paths = [
                f"{p[: len(p) - len(node.path) + len(at)]}[{i}]{p[len(p) - len(node.path) + len(at) :]}"
                for p in paths
                for i in ("k3f9", "a1b2")
            ]
        for path in paths:
            if node.kind == "repeat":
                answers[path] = chance.choice(["0001", "0002"])
            elif node.is_leaf() and (value := chance.choice(VALUES)):
                answers[path] = value
            elif node.kind == "question":
                reasons[path] = "refused"
    assert all(form_path(path) in form.by_path for path in answers)
    return answers, reasons


def random_file(chance: Random, cases: int) -> dict[str, Any]:
    """A file as the vectors, with what Python says of each case: there, and on to a third version."""
    file: dict[str, Any] = {"forms": {}, "lists": {}, "cases": []}
    for number in range(cases):
        names = [f"v{number}{letter}" for letter in "123"]
        file["forms"] |= {name: random_form(chance, ["p", "q", "r", "s", "t"]) for name in names}
    forms = forms_of(file)
    for number in range(cases):
        first, second, third = (f"v{number}{letter}" for letter in "123")
        answers, reasons = random_answers(chance, forms[first])
        one = {"old": first, "new": second, "answers": answers, "reasons": reasons}
        one["result"] = result(file, forms, one)
        two = {
            "old": second,
            "new": third,
            **{key: one["result"][key] for key in ("answers", "reasons", "left")},
        }
        blind = {**one, "old": ""}
        file["cases"] += [{**case, "result": result(file, forms, case)} for case in (one, two, blind)]
    return file


def main() -> None:
    """Rewrites the vectors, one case a line."""
    file = read(FILE)
    forms = forms_of(file)
    rows = [
        json.dumps({**case, "result": result(file, forms, case)}, ensure_ascii=False)
        for case in file["cases"]
    ]
    head = [f' "{key}": {json.dumps(file[key], ensure_ascii=False)},' for key in ("forms", "lists")]
    text = "\n".join(["{", *head, ' "cases": [', ",\n".join(f"  {row}" for row in rows), " ]", "}"]) + "\n"
    (VECTORS / FILE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
