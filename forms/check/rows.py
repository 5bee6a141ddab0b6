"""The rows of the survey sheet: types, names, labels, calculations, groups that open and close."""

from __future__ import annotations

from collections import defaultdict

from pyxform.parsing.expression import is_xml_tag

from forms.check.columns import columns_of
from forms.check.finding import Finding, Findings, Listed, Place, nearest
from forms.check.survey import BLOCKS, SILENT, TYPES, Item, Outline
from forms.sheets import Workbook
from forms.sheets.model import SUPPORTED

DEEPEST = 40
_SEEN = ("label", "hint", "image", "audio", "video")


def check_sheets(book: Workbook) -> Findings:
    """That there is a survey, and sheets whose names are nearly right."""
    read = {sheet.name for sheet in book.by_name.values()}
    unread = [name for name in book.names if name.lower() not in SUPPORTED and name not in read]
    others = [name for name in unread if not name.startswith("_")]
    for kind, sheet in book.by_name.items():
        if sheet.name.strip() != sheet.name and kind == sheet.name.strip().lower():
            yield Finding("HW-1485", Place(sheet.name), {"name": sheet.name}, near=sheet.name.strip())
    for name in others:
        near = nearest(name, [known for known in SUPPORTED if known not in book.by_name and known != "osm"])
        if near and near != "survey":
            yield Finding("HW-1324", Place(name), {"name": name}, near=near)
    survey = book.by_name.get("survey")
    if survey is None:
        near = nearest("survey", others)
        yield Finding("HW-1323", Place(), {"names": Listed(tuple(book.names[:8]) or ("–",))}, near=near)
        return
    if not survey.rows:
        yield Finding("HW-1327", Place(survey.name), {"name": "type, name, label"})
    elif not any(column.name == "type" for column in columns_of(survey, "survey")):
        yield Finding("HW-1327", Place(survey.name, survey.header_row), {"name": "type"})


def check_rows(outline: Outline) -> Findings:
    """What is wrong with rows by themselves."""
    for item in outline.items:
        yield from _type(item)
        if item.problem != "setting":
            yield from _name(item, outline)
        yield from _content(item)
        depth = sum(1 for _ in outline.above(item))
        if depth == DEEPEST and item.kind in BLOCKS:
            yield Finding("HW-1311", item.at, {"levels": str(DEEPEST)})
    yield from _names_twice(outline)
    for item in outline.open:
        yield Finding("HW-1335", item.at, {"type": item.kind, "name": item.name})
    for item in outline.unmatched:
        yield Finding("HW-1336", item.at, {"type": item.type})


def _type(item: Item) -> Findings:
    if item.problem == "missing":
        if item.name or item.text("label"):
            yield Finding("HW-1329", item.at)
        else:
            yield Finding("HW-1375", item.at)
    elif item.problem == "unknown":
        yield Finding("HW-1328", item.place("type"), {"type": item.type}, near=_type_meant(item.type))


def _type_meant(written: str) -> str:
    """The type that was probably meant, with the list that is named behind it."""
    head, *rest = written.split()
    joined = "_".join([head, *rest[:1]])
    # `select` and `begin` are halves of types: what follows says of which
    half = bool(rest) and any(known.startswith(f"{head.lower()}_") for known in TYPES)
    near = nearest(joined, TYPES) if half else ""
    if near:
        rest = rest[1:]
    else:
        near = nearest(head, TYPES) or nearest(joined, TYPES)
    return f"{near} {rest[-1] if rest else 'LIST'}" if near.startswith(("select", "rank")) else near


def _name(item: Item, outline: Outline) -> Findings:
    if item.problem == "missing" and not item.name:
        return
    if not item.name:
        yield Finding("HW-1330", item.at, {"type": item.type})
    elif not is_xml_tag(item.name):
        yield Finding("HW-1331", item.place("name"), {"name": item.name}, near=_mended(item.name))
    elif item.name == "meta" or (item.kind == "repeat" and f"/{item.name}" == outline.root):
        yield Finding("HW-1334", item.place("name"), {"name": item.name})


def _mended(name: str) -> str:
    """The name with underscores for what a name may not have."""
    kept = "".join(char if is_xml_tag(f"a{char}") and char != ":" else "_" for char in name.strip())
    kept = kept if is_xml_tag(kept) else f"q_{kept}"
    return kept if is_xml_tag(kept) else ""


def _names_twice(outline: Outline) -> Findings:
    by_path: dict[str, Item] = {}
    by_lower: dict[str, Item] = {}
    repeats: defaultdict[str, list[Item]] = defaultdict(list)
    for item in outline.items:
        if not item.name or item.problem == "setting":
            continue
        first = by_path.setdefault(item.path, item)
        alike = by_lower.setdefault(item.path.lower(), item)
        if item.kind == "repeat":
            repeats[item.name].append(item)
        if first is not item:
            row = str(first.at.row)
            yield Finding("HW-1332", item.place("name"), {"name": item.name, "row": row})
        elif alike is not item:
            params = {"name": item.name, "other": alike.name, "row": str(alike.at.row)}
            yield Finding("HW-1333", item.place("name"), params)
    for same in repeats.values():
        for item in same[1:]:
            if by_path[item.path] is item:
                row = str(same[0].at.row)
                yield Finding("HW-1332", item.place("name"), {"name": item.name, "row": row})


def _content(item: Item) -> Findings:
    if item.type == "calculate" and not item.text("calculation") and not item.text("default"):
        yield Finding("HW-1357", item.place("calculation"))
    computed = item.text("calculation") or item.text("trigger")
    if item.kind in BLOCKS or item.type in SILENT or item.problem or computed:
        return
    if not any(item.text(column) for column in _SEEN) and item.type != "osm":
        yield Finding("HW-1356", item.at)
