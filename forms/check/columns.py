"""Columns by the names that XLSForm knows them by: aliases, languages after two colons, what is no column."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from forms.check.finding import Finding, Findings, Place, nearest
from forms.sheets import Sheet, Workbook

_SURVEY = (
    "type", "name", "label", "hint", "guidance_hint", "image", "big-image", "audio", "video", "appearance",
    "relevant", "required", "required_message", "constraint", "constraint_message", "calculation", "default",
    "choice_filter", "parameters", "repeat_count", "read_only", "trigger", "save_to", "autoplay", "rows",
    "intent", "query", "disabled", "list_name", "compact_tag", "no_app_error_string", "itemset", "choices",
    "sms_field", "sms_option", "sms_separator", "sms_allow_media", "sms_date_format", "sms_datetime_format",
    "sms_response",
)  # fmt: skip
_ALIASES = {
    "survey": {
        "caption": "label", "relevance": "relevant", "calculate": "calculation", "readonly": "read_only",
        "constraining_message": "constraint_message", "requiredmsg": "required_message", "command": "type",
        "tag": "name", "value": "name", "count": "repeat_count", "jr:count": "repeat_count",
        "noapperrorstring": "no_app_error_string", "instruction": "hint",
    },
    "choices": {"caption": "label", "value": "name", "list name": "list_name"},
    "settings": {
        "set_form_title": "form_title", "title": "form_title", "set_form_id": "form_id", "id_string": "form_id",
    },
    "entities": {"dataset": "list_name", "list name": "list_name"},
}  # fmt: skip
_INSIDE = {
    ("bind", "relevant"): "relevant", ("bind", "required"): "required", ("bind", "constraint"): "constraint",
    ("bind", "calculate"): "calculation", ("bind", "readonly"): "read_only",
    ("bind", "jr:constraintmsg"): "constraint_message", ("bind", "jr:requiredmsg"): "required_message",
    ("media", "image"): "image", ("media", "audio"): "audio", ("media", "video"): "video",
    ("control", "appearance"): "appearance", ("body", "appearance"): "appearance",
}  # fmt: skip
KNOWN = {
    "survey": _SURVEY,
    "choices": ("list_name", "name", "label", "image", "big-image", "audio", "video", "geometry"),
    "settings": (
        "form_title", "form_id", "version", "instance_name", "default_language", "style", "public_key",
        "submission_url", "auto_send", "auto_delete", "allow_choice_duplicates", "name", "namespaces", "prefix",
        "clean_text_values", "client_editable", "omit_instanceid", "instance_xmlns", "sms_keyword",
        "sms_separator", "sms_allow_media", "sms_date_format", "sms_datetime_format", "sms_response",
        "add_none_option", "attribute", "entity_version", "flat", "delimiter",
    ),
    "entities": ("list_name", "label", "entity_id", "create_if", "update_if", "repeat"),
}  # fmt: skip
_FREE = ("bind", "body", "control", "instance", "media", "attribute")
"""Columns that are written through to the XForm, whatever stands behind the colons."""
_TRANSLATED = {
    "label", "hint", "guidance_hint", "image", "big-image", "audio", "video", "constraint_message",
    "required_message",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A header read: the column by its usual name, the language behind it, and whether it is known at all."""

    header: str
    name: str
    language: str = ""
    known: bool = True


def columns_of(sheet: Sheet, kind: str) -> list[Column]:
    """All headers of a sheet; `kind` is its name in small letters."""
    double = any("::" in header for header in sheet.headers)
    return [_column(header, kind, double) for header in sheet.headers]


def _column(header: str, kind: str, double: bool) -> Column:
    whole = _snake(header)
    plain = _ALIASES.get(kind, {}).get(whole, whole)
    if plain in KNOWN.get(kind, ()):
        return Column(header, plain)
    parts = [part.strip() for part in header.split("::" if double else ":")]
    first = _snake(parts[0])
    first = _ALIASES.get(kind, {}).get(first, first)
    rest = parts[1:]
    inside = _INSIDE.get((first, ":".join(rest).lower())) if rest else None
    if inside:
        return Column(header, inside)
    if first == "media" and len(rest) > 1:
        return Column(header, _snake(rest[0]), rest[1])
    if first in _FREE and rest:
        return Column(header, f"{first}::{'::'.join(rest)}")
    if first in KNOWN.get(kind, ()) and rest:
        return Column(header, first, "::".join(rest), known=first in _TRANSLATED)
    return Column(header, header, known=False)


def _snake(text: str) -> str:
    return "_".join(text.split()).lower()


def check_columns(book: Workbook) -> Findings:
    """Unknown columns, doubled ones, and two names for one column."""
    for kind, sheet in book.by_name.items():
        if kind not in KNOWN:
            continue
        columns = columns_of(sheet, kind)
        for header in sheet.doubled:
            yield Finding("HW-1326", Place(sheet.name, sheet.header_row, column=header), {"other": header})
        yield from _unknown(columns, sheet, kind)
        yield from _twice(columns, sheet, kind)


def _unknown(columns: list[Column], sheet: Sheet, kind: str) -> Findings:
    for column in columns:
        if column.known or column.header.startswith(("_", "$", "#")):
            continue
        first = column.header.split(":")[0].strip()
        used = {each.name for each in columns if each.known}
        near = nearest(first, [*KNOWN[kind], *_ALIASES.get(kind, {})])
        if kind == "choices" and (not near or near in used or near == "geometry"):
            continue  # choices may have columns of their own, for choice filters
        at = Place(sheet.name, sheet.header_row, column=column.header)
        yield Finding("HW-1325", at, {"name": column.header}, near=near)


def _twice(columns: list[Column], sheet: Sheet, kind: str) -> Findings:
    seen: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for column in columns:
        if column.known:
            seen[column.name, column.language].append(column.header)
    for headers in seen.values():
        if kind == "settings":
            continue  # form_id and its older name may stand together: pyxform takes the first
        for header in headers[1:]:
            at = Place(sheet.name, sheet.header_row, column=header)
            yield Finding("HW-1326", at, {"other": headers[0]})
