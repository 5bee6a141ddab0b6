"""The page of a record being filled in: what the templates get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, url_for

from .. import form_media
from ..i18n import show_time, t
from ..records.titles import form_name
from ..records.titles import title as record_title
from ..replica_access import app_connection, replica
from . import drafts, moved, work
from .outline import Item, outline
from .work import Work

DRAFTS_SHOWN = 5


def render(found: Work, errors: Mapping[str, str] | None = None, raw: Mapping[str, str] | None = None) -> str:
    """The HTML. `errors` are texts by flat path; `raw` is what was posted, shown again where it could not
    be kept."""
    items = outline(found.session, errors, form_media.addresses(replica(), found.session.form))
    asked = [one for top in items for one in top.walk() if one.node.kind == "question" and not one.hidden]
    for one in asked:
        if raw is not None and one.error and one.path in raw:
            one.value = raw[one.path]  # what could not be kept stays in its box to be mended
    return render_template(
        "fill/page.html",
        page="fill",
        enrols=found.person is None or not found.person.supervises,
        section="villages",
        title=form_name(found.form.form_id),
        form_id=found.form.form_id,
        version_id=found.draft.form,
        action=_action(found),
        token=found.token,
        seed_name=work.SEED,
        state=_state(found),
        draft_id=found.draft.id if found.stored else "",
        save_state=_save_state(found),
        items=items,
        parts=[one for one in items if one.shape == "group" and one.label],
        progress={"all": len(asked), "done": sum(1 for one in asked if one.value or one.reason)},
        moved=moved.shown(found.session, found.draft.moved) if found.draft.moved else None,
        problems=_summary(found, asked, errors or {}),
        earlier=[] if found.stored or found.draft.record else _kept_drafts(found),
    )


def _summary(found: Work, asked: list[Item], errors: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(path, label, text) of each problem, in the order of the page; what nobody is asked comes last, by
    its path."""
    on_page = [(one.path, _in_its_place(found, one), one.error) for one in asked if one.error]
    shown = {path for path, _, _ in on_page}
    return on_page + [("", path, text) for path, text in errors.items() if path not in shown]


def _in_its_place(found: Work, item: Item) -> str:
    """The label of a question; inside a repeat with the place of its instance, since all instances ask the
    same."""
    instance, bracket, _ = item.path.rpartition("]/")
    if not bracket:
        return item.label
    path = f"{instance}]"
    place = found.session.instances(path.rpartition("[")[0]).index(path) + 1
    return t("fill.instance", n=place, label=item.label)


def _kept_drafts(found: Work) -> list[tuple[str, str, str]]:
    """(address, name, when) of the drafts of this form, of whatever version, that the person has kept here."""
    if found.person is None:
        return []
    same = [
        one
        for one in drafts.of_person(app_connection(), found.person.id)
        if (version := replica().form(one.form)) is not None and version.form_id == found.form.form_id
    ]
    return [
        (
            url_for("fill.new", form_id=found.form.form_id, kept=one.id),
            record_title(found.form.form_id, one.answers) or t("records.unnamed"),
            show_time(one.updated).striptags(),
        )
        for one in same[:DRAFTS_SHOWN]
        if not one.record
    ]


def _action(found: Work) -> str:
    if found.draft.record:
        return url_for("fill.post_edit", record=found.draft.record)
    return url_for("fill.post_new", form_id=found.form.form_id, village=found.village or None)


def _save_state(found: Work) -> str:
    if found.stored:
        return t("fill.state.kept", time=show_time(found.draft.updated or found.draft.created).striptags())
    return t("fill.state.editing" if found.draft.record else "fill.state.new")


def _state(found: Work) -> dict[str, Any]:
    """What scripts need to go on with an edit or a kept draft; a new record has its beginning in its
    address."""
    if not found.draft.record and not found.stored:
        return {}
    return {
        "moved": found.draft.moved,
        "kept": found.draft.id if found.stored else "",
        "record": found.draft.record,
        "parents": list(found.draft.parents),
        "base": dict(found.draft.base_answers),
        "baseReasons": dict(found.draft.base_reasons),
        "answers": dict(found.session.answers()),
        "reasons": dict(found.session.reasons()),
    }
