"""What could not be carried over: shown to the enumerator until it is let go of. Twin of `logic/carry_left.js`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from forms.model import Form
from forms.session import Session
from forms.session.record import form_path


class Left(TypedDict):
    """An answer (`value`) or reason that a new version has no room for. JSON, as drafts keep it.

    `path`: where it is asked now (`why` not `gone`), else where it was asked. `why`: `gone` is not asked any more,
    `type` asked in another way, `choice` the choice is there no more, `calculated` the form works it out. `label`,
    `shown`: question and value in words by language tag, {} for a value that is its own words. `type`: the family of
    the question. `within`: order keys of the instances that went with it.
    """

    path: str
    why: str
    type: str
    label: dict[str, str]
    value: str
    reason: str
    shown: dict[str, str]
    within: dict[str, str]


def lying(form: Form, item: Left) -> bool:
    """Whether the form has no question for it, so that it stays beside the answers of the record."""
    number = form.by_path.get(form_path(item["path"]), -1)
    return number < 0 or not form.nodes[number].is_leaf()


def undecided(session: Session, left: Iterable[Left]) -> list[Left]:
    """What stands in the way of finishing: it is asked now, in another way, and has not been answered anew."""
    paths, reasons = set(session.paths()), session.reasons()
    found = []
    for item in left:
        path = item["path"]
        if lying(session.form, item) or path not in paths or not session.relevant(path):
            continue
        derived = session.form.node(form_path(path)).is_derived()
        if derived or not (session.value(path) or reasons.get(path)):
            found.append(item)
    return found


def kept(session: Session, left: Iterable[Left]) -> tuple[dict[str, str], dict[str, str]]:
    """Answers and reasons that go with the record although its form does not ask for them."""
    paths = set(session.paths())
    answers: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for item in left:
        path = item["path"]
        if path in paths and not lying(session.form, item):
            continue
        answers |= {instance: order for instance, order in item["within"].items() if instance not in paths}
        if item["reason"]:
            reasons[path] = item["reason"]
        else:
            answers[path] = item["value"]
    return answers, reasons


def words(joined: Iterable[Mapping[str, str]], tags: Iterable[str]) -> dict[str, str]:
    """Several texts by language as one text by language."""
    parts = list(joined)
    return {
        tag: ("、" if tag.startswith("zh") else ", ").join(part.get(tag, "") for part in parts)
        for tag in tags
    }
