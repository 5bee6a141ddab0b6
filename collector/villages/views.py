"""The first page: my villages with their progress, and a search over all."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ..accounts.session import current_person
from ..i18n import PREFIX
from ..replica_access import replica
from ..visit.own import own_forms
from .progress import rosters
from .registry import registry

bp = Blueprint("villages", __name__, url_prefix=PREFIX)
SHOWN = 30
"""Villages on the page: more than anybody scrolls through; the search finds the others."""


@bp.get("/villages")
def index() -> ResponseReturnValue:
    """Villages of the signed-in person, or the empty shell."""
    person = current_person()
    if person is None:
        return render_template("villages.html", section="villages", page="villages", found=None)
    wanted = request.args.get("q", "").strip()[:100]
    places = registry(replica())
    villages = places.search(wanted) if wanted else [v for v in places.all if person.works_in(v.code)]
    villages.sort(key=lambda village: not person.works_in(village.code))  # stable: mine first
    shown = villages[:SHOWN]
    cards = list(zip(shown, rosters(replica(), shown, person), strict=True))
    return render_template(
        "villages.html",
        section="villages",
        page="villages",
        found=villages,
        cards=cards,
        wanted=wanted,
        total=len(places.all),
        own=own_forms(replica()),
    )
