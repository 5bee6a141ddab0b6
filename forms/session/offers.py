"""Answers that a filter of choices offers no more: another county has other townships."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from forms.model import Choices
from forms.session.columns import column
from forms.xpath.functions.string import words
from forms.xpath.nodes import Node
from forms.xpath.parser import Ast
from forms.xpath.values import Value

Ask = Callable[[Ast], Value]
"""The value of a syntax tree at the question."""


def offered(text: str, choices: Choices, one: bool, open_now: Iterable[Node], nodeset: Ast, ask: Ask) -> str:
    """The part of an answer that can be chosen now (JavaRosa takes the rest out of the record).

    What no filter would let through stays: the list is another one, or has not come yet, and that is not for a
    person's answer to pay for.
    """
    names = {column(node, choices.value) for node in open_now}
    chosen = [text] if one else words(text)
    left = [word for word in chosen if word in names or not _listed(word, choices, nodeset, ask)]
    return text if len(left) == len(chosen) else " ".join(left)


def _listed(word: str, choices: Choices, nodeset: Ast, ask: Ask) -> bool:
    """Whether a value is in the list without its filter."""
    if nodeset[0] == "call" and nodeset[1] == "randomize":
        nodeset = nodeset[2]
    if nodeset[0] != "path" or len(nodeset) < 3:
        return False
    *above, last = [step[:2] for step in nodeset[2:]]
    same = ["=", ["path", ".", *(["child", name] for name in choices.value.split("/"))], ["str", word]]
    return bool(ask(["path", nodeset[1], *above, [*last, same]]))
