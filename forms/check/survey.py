"""The survey sheet as an outline: groups, repeats and questions in their places, with what their cells say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pyxform import aliases
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

from forms.check.columns import columns_of
from forms.check.finding import Place
from forms.sheets import Row, Workbook
from forms.xpath.parser import Ast

_CONTROL = "|".join(aliases.control)
_BEGIN = re.compile(rf"^begin(?:\s|_)({_CONTROL})(?: (?:over )?\S+)?$")
_END = re.compile(rf"^end(?:\s|_)({_CONTROL})$")
_CHOOSING = "|".join(sorted(aliases.select, key=len, reverse=True))
_SELECT = re.compile(rf"^({_CHOOSING})(?: (\S+)( (?:or specify other|or_other|or other))?)?$")
_OSM = re.compile(r"^osm( \S+)?$")
TYPES = (
    "text", "integer", "decimal", "date", "time", "datetime", "geopoint", "geotrace", "geoshape", "image",
    "audio", "video", "file", "barcode", "calculate", "note", "acknowledge", "range", "rank", "hidden",
    "select_one", "select_multiple", "select_one_from_file", "select_multiple_from_file", "csv-external",
    "xml-external", "begin_group", "end_group", "begin_repeat", "end_repeat", "start", "end", "today",
    "deviceid", "username", "phonenumber", "email", "audit", "start-geopoint", "background-audio",
    "background-geopoint",
)  # fmt: skip
"""The types that people write; pyxform knows more names for them."""

PRELOADS = {
    "start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit", "start-geopoint",
    "background-audio", "background-geopoint",
}  # fmt: skip
BLOCKS = ("group", "repeat", "loop")
SILENT = {*PRELOADS, *(name for name, about in QUESTION_TYPE_DICT.items() if "control" not in about)}
"""Types that nobody is asked."""


@dataclass(slots=True)
class Cell:
    """A cell as the compiler reads it: column by its usual name, header as written, language, text."""

    column: str
    header: str
    language: str
    text: str


@dataclass(slots=True)
class Expression:
    """An expression that could be parsed: as it is shown, its tree with absolute paths, where it stands."""

    shown: str
    ast: Ast
    column: str
    at: Place


@dataclass(slots=True)
class Item:
    """A group, repeat or question. `parent` is a place in the outline, -1 at the top; `asked`: by a person.

    `problem` is what is wrong with the type: `unknown`, `missing` or ``.
    """

    name: str
    path: str
    kind: str
    type: str
    parent: int
    at: Place
    list_name: str = ""
    or_other: bool = False
    cells: list[Cell] = field(default_factory=list)
    expressions: list[Expression] = field(default_factory=list)
    problem: str = ""
    asked: bool = True
    role: str = ""

    def text(self, column: str) -> str:
        """What a column says in any language, "" for nothing."""
        return next((cell.text for cell in self.cells if cell.column == column), "")

    def place(self, column: str = "") -> Place:
        """The place of a cell of this item, by the header as it is written."""
        header = next((cell.header for cell in self.cells if cell.column == column), column)
        return Place(self.at.sheet, self.at.row, self.at.question, header, self.at.line)


@dataclass(slots=True)
class Outline:
    """All items in order; `choices` by list: (value, label) pairs. `root` is the path that all begin with."""

    root: str = "/data"
    items: list[Item] = field(default_factory=list)
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    unmatched: list[Item] = field(default_factory=list)
    open: list[Item] = field(default_factory=list)

    def above(self, item: Item) -> Iterator[Item]:
        """The groups and repeats around an item, the nearest first."""
        number = item.parent
        while number >= 0:
            yield self.items[number]
            number = self.items[number].parent


def read_survey(book: Workbook) -> Outline:
    """The outline of the survey sheet; groups that are not closed are closed at its end."""
    settings = book.rows("settings")
    names = [row.cells[key] for row in settings[:1] for key in row.cells if key.strip().lower() == "name"]
    outline = Outline(f"/{names[0]}" if names else "/data")
    sheet = book.by_name.get("survey")
    if sheet is None:
        return outline
    columns = {column.header: column for column in columns_of(sheet, "survey")}
    if not any(column.name == "type" for column in columns.values()):
        return outline
    stack = [-1]
    for row in sheet.rows:
        cells = [Cell(columns[key].name, key, columns[key].language, text) for key, text in row.cells.items()]
        item = _item(row, cells, sheet.name)
        if aliases.yes_no.get(item.text("disabled")):
            continue
        _put(item, outline, stack)
    outline.open += [outline.items[number] for number in stack[1:]]
    return outline


def _put(item: Item, outline: Outline, stack: list[int]) -> None:
    """Adds an item below the group that is open, and opens or closes one."""
    if item.kind == "end":
        top = outline.items[stack[-1]] if stack[-1] >= 0 else None
        if top is not None and top.kind == item.type:
            stack.pop()
            return
        kinds = [outline.items[number].kind for number in stack[1:]]
        if item.type not in kinds:
            outline.unmatched.append(item)
            return
        # the nearest of its kind was probably meant: what stands between was not closed
        last = len(kinds) - 1 - kinds[::-1].index(item.type)
        outline.open += [outline.items[number] for number in stack[last + 2 :]]
        del stack[last + 1 :]
        return
    item.parent = stack[-1]
    above = outline.items[item.parent].path if item.parent >= 0 else outline.root
    item.path = f"{above}/{item.name}"
    outline.items.append(item)
    if item.kind in BLOCKS:
        stack.append(len(outline.items) - 1)


def _item(row: Row, cells: list[Cell], sheet: str) -> Item:
    name = next((cell.text for cell in cells if cell.column == "name"), "")
    written = " ".join(next((cell.text for cell in cells if cell.column == "type"), "").split())
    item = Item(name, "", "question", written, -1, Place(sheet, row.number, name), cells=cells)
    item.role = item.text("bind::fs:role")
    begin, end, select = _BEGIN.match(written), _END.match(written), _SELECT.match(written)
    if begin or end:
        control = aliases.control[(begin or end)[1]]  # type: ignore[index]
        item.kind, item.type = ("end", _block(control)) if end else (_block(control), control)
    elif select:
        item.type = {"select one": "select_one", "select all that apply": "select_multiple"}.get(
            aliases.select[select[1]], select[1]
        )
        item.list_name, item.or_other = select[2] or "", bool(select[3])
    elif not written:
        item.problem = "missing"
    elif not (written in QUESTION_TYPE_DICT or written in aliases._type_alias_map or _OSM.match(written)):
        item.problem = "unknown" if written not in aliases.settings_header else "setting"
    if not name and item.type == "note":
        item.name = f"generated_note_name_{row.ordinal}"
    if item.type == "audit":
        item.name = "audit"
    silent = item.type in SILENT or item.kind != "question" or item.type == "note" or item.role == "desk"
    computed = item.text("calculation") and not item.text("label")
    item.asked = not silent and not computed and not item.problem
    return item


def _block(control: str) -> str:
    """What closes what: a loop is closed as a loop, a repeat as a repeat."""
    return {"repeat": "repeat", "loop": "loop"}.get(control, "group")
