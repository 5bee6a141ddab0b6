"""What a check finds: numbered problems with their place in the form, errors and warnings apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher, get_close_matches
from typing import Any

from forms.model import Form
from forms.problems import Problem, catalogue

WARNINGS = {
    "HW-1324", "HW-1325", "HW-1333", "HW-1340", "HW-1342", "HW-1343", "HW-1349", "HW-1350", "HW-1351",
    "HW-1361", "HW-1362", "HW-1364", "HW-1365", "HW-1366", "HW-1367", "HW-1368", "HW-1369", "HW-1370",
    "HW-1371", "HW-1372", "HW-1373", "HW-1374", "HW-1375", "HW-1377", "HW-1378", "HW-1379", "HW-1455",
    "HW-1456", "HW-1459", "HW-1474", "HW-1479", "HW-1480", "HW-1481", "HW-1482", "HW-1483", "HW-1491",
    "HW-1485", "HW-1492", "HW-1493", "HW-1494", "HW-1495",
}  # fmt: skip
"""Problems that do not keep a form from being used."""

_ALIKE = 0.75
_SHORT, _SHORT_ALIKE = 8, 0.8
"""Names below so many letters are meant only where they are so much alike (0 to 1)."""

SHEETS = ("", "settings", "survey", "choices", "external_choices", "entities", "osm")
"""In the order in which findings are told; "" for what concerns the whole file."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where: sheet and row as the file shows it (or the line of an XForm), question by name, column by header."""

    sheet: str = ""
    row: int = 0
    question: str = ""
    column: str = ""
    line: int = 0

    def text(self, lang: str) -> str:
        """In words: `survey, row 5, age, relevant`; "" for the whole file."""
        texts = catalogue(lang)
        parts = [self.sheet]
        if self.row:
            parts.append(texts["check.row"].format(row=self.row))
        if self.line:
            parts.append(texts["check.line"].format(line=self.line))
        if self.question:
            parts.append(texts["check.question"].format(name=self.question))
        if self.column:
            parts.append(texts["check.column"].format(name=self.column))
        return texts["check.comma"].join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the catalogue, with what stands in its braces."""

    key: str
    params: tuple[tuple[str, str], ...] = ()

    def text(self, lang: str) -> str:
        """In `zh` or `en`."""
        return catalogue(lang)[self.key].format_map(dict(self.params))


@dataclass(frozen=True, slots=True)
class Listed:
    """Several things one after the other, with the comma of the language."""

    each: tuple[str, ...]

    def text(self, lang: str) -> str:
        """In `zh` or `en`."""
        return catalogue(lang)["check.and"].join(self.each)


Param = str | Place | Words | Listed
"""What a text may have in its braces; all but a plain text is told in the language of the reader."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of a form at its place. `near`: what was probably meant; `records`: how many use it."""

    code: str
    at: Place = field(default_factory=Place)
    params: Mapping[str, Param] = field(default_factory=dict)
    excerpt: str = ""
    near: str = ""
    records: int | None = None

    @property
    def severity(self) -> str:
        """`error` or `warning`."""
        return "warning" if self.code in WARNINGS else "error"

    def message(self, lang: str) -> str:
        """What is wrong, in `zh` or `en`."""
        text = self._problem(lang).message(lang)
        if not self.records:
            return text
        key = "check.record" if self.records == 1 else "check.records"
        return catalogue(lang)[key].format(message=text, count=f"{self.records:,}")

    def remedy(self, lang: str) -> str:
        """How to mend it, in `zh` or `en`; first of all what was probably meant."""
        text = self._problem(lang).remedy(lang)
        return catalogue(lang)["check.near"].format(near=self.near, remedy=text) if self.near else text

    def _problem(self, lang: str) -> Problem:
        words = {key: each if isinstance(each, str) else each.text(lang) for key, each in self.params.items()}
        return Problem(self.code, params=words)

    def as_dict(self, lang: str, filename: str = "") -> dict[str, Any]:
        """For JSON: code, severity, place (in words and in parts), message, remedy; excerpt, near, records if any.

        The place of what concerns the whole file is its name, `filename`.
        """
        found: dict[str, Any] = {
            "code": self.code,
            "severity": self.severity,
            "place": self.at.text(lang) or filename,
            "sheet": self.at.sheet,
            "row": self.at.row or None,
            "line": self.at.line or None,
            "question": self.at.question,
            "column": self.at.column,
            "message": self.message(lang),
            "remedy": self.remedy(lang),
        }
        extra = {"excerpt": self.excerpt or None, "near": self.near or None, "records": self.records}
        return found | {key: value for key, value in extra.items() if value is not None}

    def sort_key(self) -> tuple[bool, int, int, int]:
        """Errors before warnings, then by sheet and row."""
        name = self.at.sheet.strip().lower()
        sheet = SHEETS.index(name) if name in SHEETS else len(SHEETS)
        return (self.severity == "warning", sheet, self.at.row, self.at.line)


@dataclass(frozen=True, slots=True)
class Report:
    """All that a check found, sorted; `form` is the form where it can be used, `places` where each path stands."""

    filename: str
    findings: tuple[Finding, ...]
    form: Form | None
    places: Mapping[str, Place] = field(default_factory=dict)

    def beside(self, more: Iterable[Finding]) -> Report:
        """The report with more findings, each once and in order."""
        return replace(self, findings=in_order([*self.findings, *more]))

    @property
    def ok(self) -> bool:
        """Whether the form can be used: no errors."""
        return self.form is not None and not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps the form from being used."""
        return tuple(found for found in self.findings if found.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is probably not meant."""
        return tuple(found for found in self.findings if found.severity == "warning")


def from_problem(problem: Problem) -> Finding:
    """A problem of a whole file as a finding."""
    return Finding(problem.code, Place(line=problem.line), problem.params, problem.excerpt)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorted, each once."""
    seen: dict[tuple[Any, ...], Finding] = {}
    for found in findings:
        seen.setdefault((found.code, found.at, tuple(found.params.items()), found.excerpt), found)
    return tuple(sorted(seen.values(), key=Finding.sort_key))


def nearest(name: str, names: Iterable[str]) -> str:
    """The name that was probably meant; "" where none is like it. Case and dashes count little; short names must be
    more alike than long ones, since many of them share most letters."""
    by_plain: dict[str, str] = {}
    for each in names:
        by_plain.setdefault(_plain(each), each)
    plain = _plain(name)
    for close in get_close_matches(plain, by_plain, 3, _ALIKE):
        short = min(len(plain), len(close)) < _SHORT
        if not short or SequenceMatcher(None, close, plain).ratio() >= _SHORT_ALIKE:
            return by_plain[close]
    return ""


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")


Findings = Iterator[Finding]
