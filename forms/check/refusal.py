"""What pyxform says, in the shape of our own findings. It stops at its first reason, so most are ours already."""

from __future__ import annotations

import re

from forms.check.finding import Finding, Findings, Place
from forms.check.sayings import said
from forms.check.survey import Item, Outline
from forms.sheets import Workbook

_ROW = re.compile(r"\[row\s*:\s*(?P<row>\d+|unknown)\]\s*(?P<rest>.*)", re.DOTALL)
_ON_SHEET = re.compile(
    r"On the '(?P<sheet>\w+)' sheet, "
    r"(?:the '(?P<column>[^']+)' value(?: '[^']*')? is (?:invalid|problematic)\. )?(?P<rest>.*)",
    re.DOTALL,
)
_NAMED = re.compile(r"(?:survey element named|the 'name' value) '(?P<name>[^']+)'|\$\{(?P<question>[^}]+)\}")
_OURS = (
    (re.compile(r"RecursionError"), "HW-1311"),
    (re.compile(r"no label or hint"), "HW-1356"),
    (re.compile(r"[Cc]hoice names with spaces"), "HW-1344"),
    (re.compile(r"[Ll]ist name not in|should be a choices sheet|should be choices"), "HW-1337"),
    (re.compile(r"Headers that are different names|Duplicate column header"), "HW-1326"),
    (re.compile(r"required column headers were not found|Invalid headers provided"), "HW-1327"),
    (re.compile(r"must have a sheet named"), "HW-1323"),
    (re.compile(r"must have a sheet named"), "HW-1327"),  # one without rows
    (re.compile(r"Unknown question type|section has not been included"), "HW-1328"),
    (
        re.compile(r"Unknown question type|'itemset' and 'list_name' must not both be None"),
        "HW-1338",
    ),  # one that names no list
    (re.compile(r"Could not find the name|no survey element named"), "HW-1345"),
    (re.compile(r"Reference variables must start"), "HW-1346"),
    (re.compile(r"appears more than once|multiple survey elements"), "HW-1347"),
    (re.compile(r"value is invalid\. Names must begin"), "HW-1331"),
)
_PARAMETERS = re.compile(r"'parameters'|[Pp]arameter|max-pixels|quality|randomize|seed")
_ENTITIES = re.compile(r"'save_to'|'entities'|[Ee]ntit(?:y|ies)")
_OTHER = re.compile(r"uses or_other and translations")
_KNOWN_WARNINGS = re.compile(
    r"has no label|Choices should have a label|machine-readable codes|is missing the (?:survey|choices) .*column"
    r"|case-insensitive match|sheets with similar names|is being skipped|max-pixels|Column headers must not be empty"
)


def refused(message: str, book: Workbook, outline: Outline, found: list[Finding]) -> Findings:
    """The reasons of pyxform that no finding of ours has said yet."""
    errors = [each for each in found if each.severity == "error"]
    # doubled choices come all at once, one a line
    parts = message.split("\n[row") if message.startswith("[row") else [message]
    for number, part in enumerate(parts):
        finding = _finding(f"[row{part}" if number else part, book, outline)
        if not _said(finding, errors, part):
            yield finding


def _said(finding: Finding, errors: list[Finding], message: str) -> bool:
    for error in errors:
        if finding.at.row and (finding.at.sheet, finding.at.row) == (error.at.sheet, error.at.row):
            return True
    codes = {error.code for error in errors}
    return any(pattern.search(message) and code in codes for pattern, code in _OURS)


def warned(messages: list[str], book: Workbook, outline: Outline) -> Findings:
    """pyxform's warnings, but for those that our own rules tell better."""
    for message in messages:
        if _OTHER.search(message):
            for item in outline.items:
                if item.or_other:
                    yield Finding("HW-1494", item.place("type"))
        elif not _KNOWN_WARNINGS.search(message):
            finding = _finding(message, book, outline)
            yield Finding("HW-1373", finding.at, finding.params)


def _finding(message: str, book: Workbook, outline: Outline) -> Finding:
    row = _ROW.match(message)
    rest = row["rest"] if row else message
    on = _ON_SHEET.match(rest)
    sheet = on["sheet"] if on else "survey" if row else ""
    code = "HW-1010"
    if _ENTITIES.search(rest):
        code = "HW-1359"
    elif _PARAMETERS.search(rest):
        code = "HW-1358"
    reason = " ".join(re.sub(r"Learn more: \S+", "", on["rest"] if on else rest).split())
    at = Place(sheet, column=(on["column"] or "") if on else "")
    if row and row["row"].isdigit():
        table = book.by_name.get(sheet)
        number = table.number_of(int(row["row"])) if table else 0
        name = _at_row(number, outline) if sheet == "survey" else ""
        at = Place(table.name if table else sheet, number, name, at.column)
    else:
        named = _NAMED.search(rest)
        item = _called((named["name"] or named["question"]) if named else "", outline)
        at = item.at if item else at
    return Finding(code, at, {"reason": said(reason)})


def _at_row(number: int, outline: Outline) -> str:
    return next((item.name for item in outline.items if item.at.row == number), "")


def _called(name: str, outline: Outline) -> Item | None:
    return next((item for item in outline.items if name and item.name == name), None)
