"""A draft of these pages in a newer version of its form: moved when it is opened; what is left is shown until the
person lets go of it. Edits of records stay in the version that the record was made with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from forms import Session
from forms.carry import Left, carry, lying, undecided
from forms.session.record import form_path
from sync import Replica

from .. import library
from ..accounts.people import Person
from ..i18n import current_lang, t, tn
from ..replica_access import app_connection
from ..server_session import lists_for, session_for
from . import drafts
from .drafts import Draft, Moved


def move(source: Replica, draft: Draft, person: Person, at: str) -> Draft:
    """The draft in the newest version of its form, kept so. The caller holds the transaction."""
    if draft.record:
        return draft
    newest = library.current_form(source, library.form_for(source, draft.form).form_id)
    now = into(source, draft, newest.version_id, person, at)
    if now is not draft:
        drafts.put(app_connection(), now)
    return now


def into(source: Replica, draft: Draft, version: str, person: Person, at: str) -> Draft:
    """The draft in a version of its form. Raises Problem HW-3605 when that is not here."""
    if version == draft.form or draft.saved_as:
        return draft
    old, form = (library.form_for(source, each) for each in (draft.form, version))
    found = carry(old, form, draft.answers, draft.reasons, lists_for(source, person), draft.left)
    moved: Moved = {"carried": found.carried, "added": found.added, "left": found.left}
    session = session_for(source, form, person, current_lang(), found.answers, found.reasons)
    session.begin(found.fresh)
    answers = session.answers() | session.extra()
    return replace(draft.holding(answers, found.reasons, at), form=version, moved=moved)


def key(item: Left) -> str:
    """Names something left, for its button."""
    return hashlib.sha256("\0".join((item["path"], item["value"], item["reason"])).encode()).hexdigest()[:16]


def without(draft: Draft, target: str) -> Draft:
    """The draft after its person has let go of one thing (its key) or, for "", of all."""
    if draft.moved is None:
        return draft
    rest = [item for item in draft.left if target and key(item) != target]
    return replace(draft, moved={**draft.moved, "left": rest} if rest else None)


@dataclass(frozen=True)
class Line:
    """Something left, in words. `question`: the path where it is asked now, "" for nowhere on the page."""

    key: str
    path: str
    label: str
    text: str
    note: str
    open: bool
    question: str


def shown(session: Session, moved: Moved) -> dict[str, object]:
    """What the page says of the move."""
    open_ = undecided(session, moved["left"])
    words = tn("moved.carried", moved["carried"])
    if moved["added"]:
        words += " " + tn("moved.added", moved["added"])
    return {"words": words, "left": [_line(session, item, item in open_) for item in moved["left"]]}


def problems(session: Session, left: list[Left]) -> dict[str, str]:
    """Texts by path of what keeps a record from being finished."""
    return {item["path"]: t("moved.undecided") for item in undecided(session, left)}


def _line(session: Session, item: Left, is_open: bool) -> Line:
    stays, path = lying(session.form, item), item["path"]
    label = _words(item["label"])
    asked = not stays and item["why"] != "calculated" and path in session.paths() and session.relevant(path)
    asked = asked and session.form.node(form_path(path)).role != "desk"
    return Line(
        key=key(item),
        path=path,
        label=label,
        text=t(f"moved.{item['why']}", label=label, value=_value(item)),
        note=t("moved.stays" if stays else "moved.again" if is_open else "moved.answered"),
        open=is_open,
        question=path if asked else "",
    )


def _value(item: Left) -> str:
    """An answer in words, or why there was none."""
    if item["reason"]:
        return t(f"fill.reason.{item['reason']}")
    if item["type"] == "trigger":
        return t("moved.confirmed")
    return t("moved.file") if item["type"].startswith("file:") else _words(item["shown"]) or item["value"]


def _words(texts: dict[str, str]) -> str:
    """A text in the language of the page, else in any."""
    return texts.get(current_lang()) or texts.get("") or next(iter(texts.values()), "")
