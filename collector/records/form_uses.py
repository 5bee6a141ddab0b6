"""How many records use which questions and choices of a form, for the check of its next version."""

from __future__ import annotations

from collections import Counter, defaultdict

from forms import Form, Uses
from sync import Replica

from .reading import bare


def uses_of(replica: Replica, form: Form) -> Uses:
    """Counts the records of a form that are not deleted, by path without instances and by choice."""
    several = {node.path for node in form.nodes if node.control in ("select", "rank")}
    chosen = {node.path for node in form.nodes if node.choices}
    questions: Counter[str] = Counter()
    choices: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for state in replica.states(form.form_id):
        if state.deleted:
            continue
        values: defaultdict[str, set[str]] = defaultdict(set)
        for path, value in state.answers.items():
            if value:
                plain = bare(path)
                values[plain].update(value.split() if plain in several else [value])
        questions.update(values.keys())
        for path in chosen & values.keys():
            choices[path].update(values[path])
    return Uses(questions, choices)
