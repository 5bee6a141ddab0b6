"""What the collector makes of a record that was folded from several people's edits, before its form sees
it.

Two people who each added a founder leave both founders, and a count of founders that knows of one addition
only. A form makes as many instances as its count says: without this, one of the founders would be gone on
opening.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from forms import Form
from sync import RecordState

INSTANCE = re.compile(r"\[[^\]]*\]")


def answers_of(form: Form, state: RecordState) -> dict[str, str]:
    """The answers of a record; counts of instances raised to what is there when the record was folded."""
    return counted(form, state.answers) if state.recompute else dict(state.answers)


def counted(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers with every question that counts a repeat raised to the number of its instances."""
    found = dict(answers)
    present = Counter(
        path[: path.rindex("[")] for path in answers if path.endswith("]")
    )  # repeat path (with the ids around it) -> instances
    for repeat, number in present.items():
        question = counting_question(form, INSTANCE.sub("", repeat))
        path = in_place(question, repeat) if question else ""
        if path and (said(found.get(path, "")) < number):
            found[path] = str(number)
    return found


def counting_question(form: Form, repeat: str) -> str:
    """Path of the question whose answer is the number of instances of a repeat; '' where a count is
    anything else.
    """
    at = form.by_path.get(repeat)
    count = form.nodes[at].count if at is not None else None
    ast = form.expressions[count] if count is not None else None
    if not isinstance(ast, list) or ast[:2] != ["path", "/"]:
        return ""
    if not all(isinstance(step, list) and step[0] == "child" and len(step) == 2 for step in ast[2:]):
        return ""
    path = "/" + "/".join(step[1] for step in ast[2:])
    node = form.nodes[form.by_path[path]] if path in form.by_path else None
    return path if node is not None and node.kind == "question" and not node.is_derived() else ""


def in_place(question: str, repeat: str) -> str:
    """The question's flat path beside a repeat that may itself lie inside instances."""
    steps, around = question.split("/"), repeat.split("/")
    for place, step in enumerate(around[: len(steps)]):
        if INSTANCE.sub("", step) != steps[place]:
            break
        steps[place] = step
    return "/".join(steps)


def said(text: str) -> int:
    """A count as a number; 0 for none."""
    return int(text) if text.isdecimal() else 0
