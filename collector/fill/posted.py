"""Puts what a page posted into a `forms.Session`, answer by answer, and says what could not be taken.

Only what differs from the session's answers is set, in the order of the form. An answer that cannot be kept
at all (too long, broken text, a file that is too large) is refused at its question, and the earlier answer
stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from forms import Session

from ..app import MEGABYTE, PHOTO_LIMIT
from ..problems import Problem
from . import fields
from .outline import Item

REASONS = ("", "dont_know", "refused", "not_applicable", "come_back")
INSTANCE = re.compile(r"\[[^\]]*\]")

Keep = Callable[[FileStorage], str]
"""Stores a file and gives the answer that names it."""


def apply(session: Session, items: list[Item], posted: MultiDict[str, Any], keep: Keep) -> dict[str, Problem]:
    """Sets the posted answers and reasons; returns problems by flat path.

    `items` is the outline of the page that was posted. `keep` is called for each file of a permitted size.
    """
    shown = [one for top in items for one in top.walk() if one.node.kind == "question" and not one.readonly]
    form = fields.record_form([(one.path, one.shape) for one in shown], session.answers(), posted)
    if not form.validate():
        raise Problem("HW-3003")
    problems = {}
    for item in shown:
        # An answer before this one may have removed the instance, when a count went down.
        if not exists(session, item.path):
            continue
        try:
            _apply_one(session, item, form[item.path].data, posted, keep)
        except Problem as problem:
            problems[item.path] = problem
    return problems


def _apply_one(session: Session, item: Item, data: Any, posted: MultiDict[str, Any], keep: Keep) -> None:
    path = item.path
    held = session.value(path)
    if item.shape == "upload":
        value = held if data is None else keep(_of_size(path, data))
    else:
        value = _kept_text(path, data or "")
    reason = posted.get(f"reason:{path}", item.reason)
    if reason not in REASONS:
        raise Problem("HW-3011", path)
    if value != held:
        session.answer(path, value)
    if reason != item.reason or (reason and value):
        # Giving an answer takes the reason back; giving a reason afterwards takes the answer back.
        new_reason = "" if value and value != held else reason
        if new_reason and value:
            session.answer(path, "")
        session.reason(path, new_reason)


def _kept_text(path: str, text: str) -> str:
    if len(text) > fields.LONGEST:
        raise Problem("HW-3602", path, most=fields.LONGEST, length=len(text))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Problem("HW-3603", path) from error
    return text


def _of_size(path: str, upload: FileStorage) -> FileStorage:
    size = upload.stream.seek(0, 2)
    upload.stream.seek(0)
    if size > PHOTO_LIMIT:
        raise Problem("HW-3008", path, limit=PHOTO_LIMIT // MEGABYTE)
    return upload


def exists(session: Session, path: str) -> bool:
    """Every instance of a repeat that the path goes through is there."""
    return all(
        path[: found.end()] in session.instances(path[: found.start()]) for found in INSTANCE.finditer(path)
    )


def drop_unoffered(session: Session, items: list[Item]) -> None:
    """Takes back choices that are no longer offered, as when another county was chosen after the township."""
    for top in items:
        for item in top.walk():
            if item.node.choices is None or item.node.control == "rank":
                continue
            if not exists(session, item.path) or not session.relevant(item.path):
                continue
            held = session.value(item.path)
            if not held:
                continue
            offered = {value for value, _ in session.choices(item.path)}
            kept = [value for value in held.split(" ") if value in offered]
            if item.node.control == "select1":
                kept = [held] if held in offered else []
            if " ".join(kept) != held:
                session.answer(item.path, " ".join(kept))
