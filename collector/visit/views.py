"""The page of one village's visit."""

from __future__ import annotations

import json

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from ..accounts.session import current_person
from ..i18n import PREFIX
from ..problems import Problem
from ..records.titles import form_name, title
from ..replica_access import replica
from ..villages.progress import rosters
from ..villages.registry import registry
from .own import own_forms, own_start
from .roster import Line, Start

bp = Blueprint("visit", __name__, url_prefix=PREFIX)


@bp.get("/visit/<village>")
def village(village: str) -> ResponseReturnValue:
    """What this village still needs, of what the signed-in person may see, each line with its starts; the
    empty shell when nobody is signed in."""
    person = current_person()
    if person is None:
        return render_template("visit.html", section="villages", page="visit", village=None)
    place = registry(replica()).get(village)
    if place is None:
        raise Problem("HW-3013", village, village=village)
    (roster,) = rosters(replica(), [place], person)
    return render_template(
        "visit.html",
        section="villages",
        page="visit",
        village=place,
        roster=roster,
        own=[
            own_start(form, {"village": place.code, "township": place.township, "county": place.county})
            for form in own_forms(replica())
        ],
        start_url=start_url,
        split=split_starts,
        title=title,
        form_name=form_name,
    )


def start_url(start: Start, village: str = "") -> str:
    """The address of a form with what is known filled in; `village` for a form that may not ask for it."""
    prefill = json.dumps(start["prefill"], ensure_ascii=False, separators=(",", ":"))
    return url_for("fill.new", form_id=start["form"], prefill=prefill, village=village or None)


def split_starts(line: Line) -> tuple[list[tuple[str, list[Start]]], list[Start]]:
    """A line's starts: those that close a gap, by gap (`jobs`, `support`, `inn`), and all others."""
    needed: list[tuple[str, list[Start]]] = []
    used: list[Start] = []
    for gap in line["missing"]:
        fitting = [
            start
            for start in line["starts"]
            if start["form"] == gap["what"] and (gap["what"] != "support" or start["kind"] in gap["kinds"])
        ]
        needed.append((gap["what"], fitting))
        used += fitting
    return needed, [start for start in line["starts"] if start not in used]
