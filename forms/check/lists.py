"""Choice lists: missing, doubled, empty or unused, and choices without a name, doubled, or with blanks in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pyxform import aliases

from forms.check.columns import columns_of
from forms.check.finding import Finding, Findings, Listed, Place, nearest
from forms.check.survey import Item, Outline
from forms.sheets import Sheet, Workbook

_FILES = (".csv", ".xml", ".geojson")
_WORKBOOKS = (".xlsx", ".xls", ".ods")


@dataclass(slots=True)
class Choice:
    """A row of the choices sheet."""

    row: int
    name: str
    label: str


@dataclass(slots=True)
class ChoiceList:
    """A list and the rows that belong to it, in order."""

    name: str
    choices: list[Choice] = field(default_factory=list)

    def blocks(self, between: set[int]) -> list[tuple[int, int]]:
        """First and last row of each stretch of the list; `between`: rows that belong to other lists."""
        found: list[tuple[int, int]] = []
        for choice in self.choices:
            apart = not found or any(row in between for row in range(found[-1][1] + 1, choice.row))
            if apart:
                found.append((choice.row, choice.row))
            else:
                found[-1] = (found[-1][0], choice.row)
        return found


def read_lists(book: Workbook) -> dict[str, ChoiceList]:
    """The lists of the choices sheet by name, in order."""
    sheet = book.by_name.get("choices")
    if sheet is None:
        return {}
    names = {column.header: column.name for column in columns_of(sheet, "choices")}
    found: dict[str, ChoiceList] = {}
    for row in sheet.rows:
        cells: dict[str, str] = {}
        for header, text in row.cells.items():
            cells.setdefault(names[header], text)
        key = cells.get("list_name", "")
        if key:
            choice = Choice(row.number, cells.get("name", ""), _label(cells))
            found.setdefault(key, ChoiceList(key)).choices.append(choice)
    return found


def _label(cells: dict[str, str]) -> str:
    return next((cells[key] for key in ("label", "image", "audio", "video") if cells.get(key)), "")


def check_lists(book: Workbook, outline: Outline) -> Findings:
    """All faults of choice lists and of the questions that choose from them."""
    lists = read_lists(book)
    outline.choices = {key: [(c.name, c.label) for c in each.choices] for key, each in lists.items()}
    used: set[str] = set()
    meant: set[str] = set()
    for item in outline.items:
        if item.type.startswith(("select_one", "select_multiple", "rank")):
            used.add(item.list_name)
            for finding in _question(item, lists, book):
                meant.add(finding.near)
                yield finding
        elif item.type == "range" or item.kind == "loop":
            used.update(item.text("parameters").replace("=", " ").split())
            used.add(item.text("type").split()[-1])
    sheet = book.by_name.get("choices")
    if sheet is not None:
        yield from _sheet(sheet)
        yield from _lists(lists, sheet, allowed(book))
        yield from _unused(lists, used | meant, outline, sheet)


def allowed(book: Workbook) -> bool:
    """Whether the settings allow doubled choices."""
    rows = book.rows("settings")[:1]
    return any(
        aliases.yes_no.get(text, False)
        for row in rows
        for key, text in row.cells.items()
        if key.strip().lower() == "allow_choice_duplicates"
    )


def _question(item: Item, lists: dict[str, ChoiceList], book: Workbook) -> Findings:
    name = item.list_name
    at = item.place("type")
    if not name:
        yield Finding("HW-1338", at, {"type": item.text("type")})
        return
    if name.startswith("${") or Path(name).suffix in _FILES or item.type == "select_one_external":
        return
    if "_from_file" in item.text("type").replace(" ", "_") or Path(name).suffix.lower() in _WORKBOOKS:
        near = f"{Path(name).stem or name}.csv"
        yield Finding("HW-1484", at, {"name": name}, near=near)
    elif name not in lists:
        none = not lists and "choices" not in book.by_name
        yield Finding("HW-1337", at, {"name": name}, near="" if none else nearest(name, lists))
    elif item.type == "select_multiple":
        yield from _blanks(lists[name], item, book.by_name["choices"].name)


def _blanks(found: ChoiceList, item: Item, sheet: str) -> Findings:
    for choice in found.choices:
        if " " in choice.name:
            at = Place(sheet, choice.row, column="name")
            params = {"name": choice.name, "question": item.name}
            yield Finding("HW-1344", at, params, near=choice.name.replace(" ", "_"))


def _sheet(sheet: Sheet) -> Findings:
    """The columns that every choices sheet has, and rows that belong to no list."""
    columns = columns_of(sheet, "choices")
    names = {column.name for column in columns}
    for needed in ("list_name", "name"):
        if sheet.rows and needed not in names:
            yield Finding("HW-1327", Place(sheet.name, sheet.header_row), {"name": needed})


def _lists(lists: dict[str, ChoiceList], sheet: Sheet, doubles: bool) -> Findings:
    rows_of = {key: {choice.row for choice in each.choices} for key, each in lists.items()}
    all_rows: set[int] = set().union(*rows_of.values()) if rows_of else set()
    for key, each in lists.items():
        blocks = each.blocks(all_rows - rows_of[key])
        for first, _ in blocks[1:]:
            rows = Listed(tuple(f"{a}–{b}" if a != b else str(a) for a, b in blocks))
            yield Finding(
                "HW-1342", Place(sheet.name, first, column="list_name"), {"name": key, "rows": rows}
            )
            break
        yield from _choices(each, sheet, doubles)


def _choices(found: ChoiceList, sheet: Sheet, doubles: bool) -> Findings:
    seen: dict[str, int] = {}
    for choice in found.choices:
        at = Place(sheet.name, choice.row, column="name")
        if not choice.name:
            yield Finding("HW-1339", at, {"list": found.name})
            continue
        if not choice.label:
            at = Place(sheet.name, choice.row, column="label")
            yield Finding("HW-1340", at, {"name": choice.name, "list": found.name})
        first = seen.setdefault(choice.name, choice.row)
        if first != choice.row and not doubles:
            at = Place(sheet.name, choice.row, column="name")
            yield Finding("HW-1341", at, {"name": choice.name, "list": found.name, "row": str(first)})


def _unused(lists: dict[str, ChoiceList], used: set[str], outline: Outline, sheet: Sheet) -> Findings:
    """Lists that no question takes and no expression reads."""
    read = " ".join(_expressions(outline.items))
    for key, each in lists.items():
        if key not in used and f"'{key}'" not in read and f'"{key}"' not in read:
            yield Finding("HW-1343", Place(sheet.name, each.choices[0].row), {"name": key})


def _expressions(items: Iterable[Item]) -> Iterable[str]:
    return (cell.text for item in items for cell in item.cells if "instance(" in cell.text)
