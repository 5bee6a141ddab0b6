"""What a record is called in a list: a name that its people would use, else the form's own instance name."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g

from sync import SyncError

from .. import library
from ..i18n import current_lang, has_text, t, translate
from ..problems import Problem
from ..replica_access import replica
from ..visit.roster import find

NAMED_BY = {
    "business": ("business_name", "business_code"),
    "inn": ("inn_name", "inn_code"),
    "case_story": ("title",),
    "event": ("event_name",),
    "jobs": ("occupation_text",),
    "village_visit": ("visit_date",),
}
"""Questions that name a record of a built-in form, the first answered one counts."""


def title(form_id: str, answers: Mapping[str, str], lang: str = "") -> str:
    """The title of a record in a language (`""`: that of the request); "" when nothing names it."""
    for name in NAMED_BY.get(form_id, ()):
        found = find(answers, name)
        if found:
            return found
    if form_id == "support" and has_text(f"js.support.{find(answers, 'instrument')}"):
        lang = lang or current_lang()
        kind = translate(f"js.support.{find(answers, 'instrument')}", lang)
        return translate("records.support", lang, kind=kind)
    return find(answers, "meta/instanceName")


def form_name(form_id: str) -> str:
    """The short name of a form in the language of the request; a form that a team brought has its title, one that is
    not here its id."""
    key = f"js.form.{form_id}"
    if has_text(key):
        return t(key)
    titles: dict[str, str] = g.setdefault("form_titles", {})
    if form_id not in titles:
        titles[form_id] = _title(form_id) or form_id
    return titles[form_id]


def _title(form_id: str) -> str:
    try:
        return library.current_form(replica(), form_id).form.title
    except (Problem, SyncError):  # its form is not here, or cannot be read
        return ""
