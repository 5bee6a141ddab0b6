"""Problems of forms and answers: HW-1000 to HW-1999 of the numbered catalogue.

The texts are in `locale/en.json` and `locale/zh.json`, `HW-nnnn.message` and `HW-nnnn.remedy`. Retired
numbers: none yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

LANGUAGES = ("zh", "en")


@cache
def catalogue(lang: str) -> dict[str, str]:
    """All texts of this package in a language (`zh` or `en`), by key."""
    folder = files("forms").joinpath("locale")
    loaded: dict[str, str] = {}
    for part in (folder, folder.joinpath("check")):
        loaded |= json.loads(part.joinpath(f"{lang}.json").read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Problem:
    """One numbered problem: where it is, what is wrong, how to mend it.

    `place` is a file, with row or question where known. `excerpt` holds the expression with a caret below.
    `what` is the path of the question and the column, where there is one; `line` that of the XForm, 0 for none.
    """

    code: str
    place: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    excerpt: str = ""
    what: str = ""
    line: int = 0

    def message(self, lang: str) -> str:
        """What is wrong, in `zh` or `en`."""
        return catalogue(lang)[f"{self.code}.message"].format_map(dict(self.params))

    def remedy(self, lang: str) -> str:
        """How to mend it, in `zh` or `en`."""
        return catalogue(lang)[f"{self.code}.remedy"].format_map(dict(self.params))

    def text(self, lang: str) -> str:
        """Number, place, fault and remedy as one text."""
        place = f" {self.place}:" if self.place else ":"
        excerpt = f"\n{self.excerpt}\n" if self.excerpt else " "
        return f"{self.code}{place} {self.message(lang)}{excerpt}{self.remedy(lang)}"

    def as_dict(self, lang: str) -> dict[str, str]:
        """For JSON: code, place, message, remedy, and the excerpt if there is one."""
        found = {
            "code": self.code,
            "place": self.place,
            "message": self.message(lang),
            "remedy": self.remedy(lang),
        }
        return {**found, "excerpt": self.excerpt} if self.excerpt else found


class FormError(Exception):
    """A form that cannot be used. `problems` has at least one entry, all that were found at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.code} {p.place} {dict(p.params)}" for p in problems))
        self.problems = tuple(problems)


def caret(expression: str, position: int, width: int = 72) -> str:
    """Two lines: the expression around `position`, and a caret under it (wide characters count twice)."""
    start = max(0, position - width // 2)
    line = " ".join(expression[start : start + width].splitlines())
    lead = expression[start:position]
    columns = sum(2 if ord(char) > 0x2E7F else 1 for char in lead)
    return f"    {line}\n    {' ' * columns}^"
