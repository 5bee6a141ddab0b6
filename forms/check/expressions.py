"""Expressions in cells: references, syntax, functions and paths, each fault with a caret under its character."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from forms.check.finding import Finding, Findings, Place, nearest
from forms.check.foreign import foreign
from forms.check.survey import Cell, Expression, Item, Outline
from forms.problems import caret
from forms.sheets import Workbook
from forms.xform.references import Shape, references
from forms.xpath.errors import ExpressionError
from forms.xpath.functions.signatures import ARGUMENTS, check_call
from forms.xpath.parser import Ast, parse_with_calls

LOGIC = ("relevant", "constraint", "calculation", "required", "choice_filter", "repeat_count", "read_only")
TEXTS = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
ENTITY = ("create_if", "update_if", "entity_id", "label")
WORDS = {"yes", "no", "true", "false", "true()", "false()"}
"""What `required` and `read_only` may say instead of an expression."""

_SHOWN = ("label", "image", "big-image", "audio", "video", "media")

_OUTER = re.compile(r"\$\{([^}]*)\}|\$\{[^}]*$")
_NAME = re.compile(r"[^\W\d][\w.\-·]*")
_CURLY = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})
_DYNAMIC = re.compile(r"\$\{|[A-Za-z_:-]+\(|\)\s*[-+*]")
GUESSES = 100
_CLOSING = {")": "(", "]": "["}
MARK = "ʭ"
"""Begins the name that stands for a reference while it is parsed: no form has a question called so."""


class Names:
    """The names that a form has, with how often each occurs."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.paths: dict[str, str] = {}
        for item in outline.items:
            self.paths.setdefault(item.name, item.path)
        self.count = Counter(item.name for item in outline.items if item.name)
        self.guesses = GUESSES
        self.loops = any(item.kind == "loop" for item in outline.items)
        meta = [
            f"{outline.root}/meta{part}" for part in ("", "/instanceID", "/instanceName", "/audit", "/entity")
        ]
        made = [f"{item.path}_count" for item in outline.items if item.kind == "repeat"]
        made += [f"{item.path}_other" for item in outline.items if item.or_other]
        self.shape = Shape(outline.root, [*(item.path for item in outline.items), *meta, *made])

    def near(self, name: str) -> str:
        """The name that was probably meant, for so many that a person could look at."""
        self.guesses -= 1
        return nearest(name, self.count) if self.guesses >= 0 else ""


def check_expressions(outline: Outline, book: Workbook) -> Findings:
    """All faults in all expressions and texts. What could be parsed is kept at its item."""
    names = Names(outline)
    for item in outline.items:
        for cell in item.cells:
            yield from _cell(cell, item, names)
    if not outline.items:
        return  # without a survey there is no question: that is said already
    for place, text in _elsewhere(book):
        yield from check_expression(text, place, names, f"{outline.root}/meta")
    for place, text in _choice_labels(book):
        yield from check_references(text, place, names)


def _cell(cell: Cell, item: Item, names: Names) -> Findings:
    at = Place(item.at.sheet, item.at.row, item.at.question, cell.header)
    if cell.column in TEXTS or cell.column == "trigger":
        yield from check_references(cell.text, at, names)
        if cell.column == "trigger" and "${" not in cell.text:
            near = f"${{{cell.text}}}" if names.count[cell.text] else ""
            yield Finding("HW-1346", at, {"found": cell.text}, near=near)
    elif cell.column in LOGIC or (cell.column == "default" and is_dynamic(cell.text, item.type)):
        if cell.column in ("required", "read_only") and cell.text.lower() in WORDS:
            return
        yield from check_expression(cell.text, at, names, item.path, item, cell.column)
    if item.list_name.startswith("${") and cell.column == "type":
        yield from check_references(item.list_name, at, names)


def _elsewhere(book: Workbook) -> Iterator[tuple[Place, str]]:
    """Expressions of the other sheets."""
    for kind, columns in (("settings", ("instance_name",)), ("entities", ENTITY)):
        for row in book.rows(kind):
            for header, text in row.cells.items():
                if header.strip().lower() in columns:
                    yield Place(book.by_name[kind].name, row.number, column=header), text


def _choice_labels(book: Workbook) -> Iterator[tuple[Place, str]]:
    for row in book.rows("choices"):
        for header, text in row.cells.items():
            if "${" in text and header.lower().startswith(_SHOWN):
                yield Place(book.by_name["choices"].name, row.number, column=header), text


def is_dynamic(text: str, type_name: str) -> bool:
    """Whether a default is an expression: pyxform decides by operators and calls, dates and numbers aside."""
    return type_name not in ("image", "photo") and _DYNAMIC.search(text) is not None


# -- references


def check_references(text: str, at: Place, names: Names) -> Findings:
    """Faulty `${…}` in an expression or a text."""
    for match in _OUTER.finditer(text):
        name = match[1]
        excerpt = caret(text, match.start())
        if name is None or not _NAME.fullmatch(name.removeprefix("last-saved#")):
            trimmed = (name or "").strip()
            near = f"${{{trimmed}}}" if names.count[trimmed] else ""
            yield Finding("HW-1346", at, {"found": match[0][:60]}, excerpt, near)
            continue
        name = name.removeprefix("last-saved#")
        if not names.count[name]:
            excerpt = caret(text, match.start() + 2)
            yield Finding("HW-1345", at, {"name": name}, excerpt, names.near(name))
        elif names.count[name] > 1:
            yield Finding("HW-1347", at, {"name": name, "count": str(names.count[name])}, excerpt)


# -- expressions


def check_expression(
    text: str, at: Place, names: Names, context: str, item: Item | None = None, column: str = ""
) -> Findings:
    """All faults of an expression that stands at the path `context`; what can be parsed goes to `item`."""
    shown = re.sub(" +", " ", text.strip())
    plain = shown.translate(_CURLY)
    yield from check_references(shown, at, names)
    source = _OUTER.sub(_stand_in, plain)
    try:
        parsed = parse_with_calls(source)
    except ExpressionError as error:
        yield _syntax(error, shown, plain, at)
        return
    if shown != plain:
        position = next(n for n, (a, b) in enumerate(zip(shown, plain, strict=True)) if a != b)
        yield Finding("HW-1349", at, {"found": shown[position]}, caret(shown, position))
    for call in parsed.calls:
        try:
            check_call(call, source)
        except ExpressionError as error:
            near = _function(call.name)
            code = "HW-1109" if error.code == "HW-1110" else error.code
            params = {key: value for key, value in error.params.items() if key != "near"}
            yield Finding(code, at, params, caret(shown, error.position), near if code == "HW-1109" else "")
    ast = _resolved(parsed.ast, names)
    if not names.loops:
        yield from _paths(ast, shown, at, names, context)
    if item is not None:
        item.expressions.append(Expression(shown, ast, column, at))


def _stand_in(match: re.Match[str]) -> str:
    """A name as long as the reference, so that positions stay; blanks around it as pyxform puts them."""
    inner: str | None = match[1]
    if inner is None:
        return " " + MARK + "_" * (len(match[0]) - 2)
    name = inner if _NAME.fullmatch(inner) else "_" * len(inner)
    return f" {MARK}{name} "


def _syntax(error: ExpressionError, shown: str, plain: str, at: Place) -> Finding:
    """A fault in the syntax; a quotation mark of a word processor before it is named first."""
    if shown != plain and error.code in ("HW-1101", "HW-1102"):
        position = next(n for n, (a, b) in enumerate(zip(shown, plain, strict=True)) if a != b)
        params = {"found": shown[position], "wanted": plain[position]}
        return Finding("HW-1103", at, params, caret(shown, position))
    sign = foreign(plain, error.position) if error.code == "HW-1101" else None
    if sign is not None:
        position, found, wanted = sign
        return Finding("HW-1486", at, {"found": found, "wanted": wanted}, caret(shown, position))
    params = dict(error.params)
    if error.code == "HW-1101" and params["found"] in _CLOSING:
        opening = _CLOSING[params["found"]]
        if plain.count(params["found"]) > plain.count(opening):
            return Finding("HW-1348", at, params | {"opening": opening}, caret(shown, error.position))
    if MARK in params.get("found", ""):
        params["found"] = f"${{{params['found'].replace(MARK, '')}}}"
    return Finding(error.code, at, params, caret(shown, error.position))


def _function(name: str) -> str:
    by_lower = {known.lower(): known for known in ARGUMENTS}
    close = get_close_matches(name.lower().replace("_", "-"), by_lower, 1, 0.7)
    return by_lower[close[0]] if close else ""


def _resolved(ast: Any, names: Names) -> Any:
    """The tree with each reference as the absolute path of its question."""
    if not isinstance(ast, list):
        return ast
    if ast and ast[0] == "path" and ast[1] == "." and len(ast) > 2 and str(ast[2][1]).startswith(MARK):
        first = ast[2]
        path = names.paths.get(first[1].removeprefix(MARK))
        rest = [_resolved(step, names) for step in ast[3:]]
        if path is None:
            return ["str", ""]
        steps: list[Ast] = [["child", part] for part in path.split("/")[1:]]
        steps[-1] += [_resolved(predicate, names) for predicate in first[2:]]
        return ["path", "/", *steps, *rest]
    return [_resolved(part, names) for part in ast]


def _paths(ast: Ast, shown: str, at: Place, names: Names, context: str) -> Findings:
    found = references(ast, context, names.shape)
    for path in sorted(found.unknown):
        last = path.rpartition("/")[2]
        position = max(shown.find(last), 0)
        near = names.near(last)
        known = names.paths.get(near, "")
        yield Finding("HW-1013", at, {"path": path}, caret(shown, position), known)
