"""Pages of records: the list with its filters, and one record to read."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..accounts.session import current_person
from ..i18n import PREFIX, current_lang, t
from ..replica_access import replica
from ..villages.registry import registry
from ..visit.own import own_forms
from .access import Filter, matching, newest, record_for
from .reading import changes, disputes, faults, sections
from .titles import form_name, title

bp = Blueprint("records", __name__, url_prefix=PREFIX)
PAGE = 50
FORMS = ("village_visit", "business", "inn", "jobs", "support", "event", "case_story")
REVIEWS = ("received", "edited", "has_issues", "approved", "rejected", "conflict")


@bp.get("/records")
def index() -> ResponseReturnValue:
    """The records that the signed-in person may see, changed last first; the empty shell when signed out."""
    person = current_person()
    if person is None:
        return render_template("records.html", section="records", page="records", rows=None)
    wanted = Filter(
        form=request.args.get("form", ""),
        review=request.args.get("review", ""),
        village=request.args.get("village", ""),
        words=request.args.get("q", "").strip()[:100],
        mine=request.args.get("mine") == "1",
    )
    upto = max(PAGE, min(request.args.get("upto", PAGE, int), 1000))
    found, total = newest(matching(replica(), person, wanted), upto)
    places = registry(replica())
    rows = [(state, title(state.form_id, state.answers), places.of_scopes(state.scopes)) for state in found]
    mine = [village for village in places.all if person.villages and person.works_in(village.code)]
    return render_template(
        "records.html",
        section="records",
        page="records",
        rows=rows,
        total=total,
        wanted=wanted,
        upto=upto + PAGE,
        args={k: v for k, v in request.args.items() if k != "upto" and v},
        forms=[*FORMS, *(form.form_id for form in own_forms(replica()))],
        reviews=REVIEWS,
        villages=mine,
        form_name=form_name,
    )


@bp.get("/record/<record>")
def show(record: str) -> ResponseReturnValue:
    """One record: what it says, what was decided about it, who changed what when."""
    person = current_person()
    if person is None:
        return render_template("record.html", section="records", page="record", state=None)
    state = record_for(replica(), person, record)
    name = title(state.form_id, state.answers) or t("records.unnamed")
    return render_template(
        "record.html",
        section="records",
        page="record",
        state=state,
        name=name,
        village=registry(replica()).of_scopes(state.scopes),
        faults=[] if state.deleted else faults(replica(), state, current_lang()),
        disputes=disputes(replica(), state, current_lang(), person),
        sections=sections(replica(), state, current_lang(), person),
        changes=changes(replica(), state, current_lang()),
        edit_url=url_for("fill.edit", record=record),
        form_name=form_name,
    )
