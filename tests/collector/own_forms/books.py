"""A team's own form as a workbook made with openpyxl: a group, a repeat, choices filtered over an attached list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO

from openpyxl import Workbook

FORM_ID = "wells"
TITLE = "Wells and animals"
WELLS = "name,label,label_zh,area\nw1,Old well,老井,n\nw2,New well,新井,n\nw3,Mill well,磨坊井,s\n".encode()
LABELS = ["label::English (en)", "label::中文 (zh)"]
HEAD = ["type", "name", *LABELS, "choice_filter", "required", "relevant", "calculation", "default"]
SURVEY: tuple[Sequence[str | None], ...] = (
    ["begin group", "g_home", "The house", "房屋"],
    ["text", "owner", "Name of the owner", "户主姓名", None, "yes"],
    ["select_one region", "region", "Part of the village", "村子的哪一片"],
    ["select_one_from_file wells.csv", "well", "Which well", "哪一口井", "area=${region}"],
    ["end group", "g_home"],
    ["begin repeat", "animals", "Animals", "牲畜"],
    ["text", "kind", "Kind", "种类"],
    ["integer", "heads", "How many", "头数"],
    ["end repeat", "animals"],
    ["text", "remarks", "Remarks", "备注"],
)
TOWNS = (
    b'<towns region="n"><town code="t1"><name>North town</name></town>'
    b'<town code="t2"><name>Mill town</name></town></towns>'
)
REMEMBERING: tuple[Sequence[str | None], ...] = (
    ["xml-external", "towns"],
    ["text", "street", "Street", "街道", *[None] * 4, "${last-saved#street}"],
    ["text", "town", "Code of the town", "镇编码"],
    ["calculate", "town_name", *[None] * 5, "instance('towns')/towns/town[@code = ${town}]/name"],
    ["note", "told", "It is ${town_name}.", "是 ${town_name}。"],
)
"""Rows that read a tree, `TOWNS` as `towns.xml`, and what was answered in the record before."""
BROKEN: tuple[Sequence[str | None], ...] = (
    ["txt", "wrong", "Wrong", "错"],
    ["text", "late", "Late", "晚", None, None, "${ownr} = 'a'"],
    ["select_one nolist", "z", "Z", "丙"],
)
"""Rows with three errors: a type, a reference, a list."""


def book(
    version: str = "1",
    *,
    form_id: str = FORM_ID,
    title: str = TITLE,
    more: Iterable[Sequence[str | None]] = (),
    without: Iterable[str] = (),
) -> bytes:
    """The workbook, with `more` rows in its survey and without those of some names."""
    made = Workbook()
    survey = made.active
    survey.title = "survey"
    for row in ([HEAD], [row for row in SURVEY if row[1] not in set(without)], more):
        for cells in row:
            survey.append(list(cells))
    choices = made.create_sheet("choices")
    for row in (
        ["list_name", "name", *LABELS],
        ["region", "n", "North", "北片"],
        ["region", "s", "South", "南片"],
    ):
        choices.append(row)
    settings = made.create_sheet("settings")
    settings.append(["form_id", "form_title", "version", "instance_name"])
    settings.append([form_id, title, version, "${owner}"])
    out = BytesIO()
    made.save(out)
    return out.getvalue()
