"""The phone's two pages: enrolling by a code, and the test before the first field day. Both need no sign-in, and hold
nobody's data."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ..i18n import PREFIX

bp = Blueprint("enrol", __name__, url_prefix=PREFIX)


@bp.get("/enrol")
def enrol() -> ResponseReturnValue:
    """Enrols this phone; the code stands in the fragment of the address, which no server sees, or is typed."""
    return render_template("enrol/page.html", page="enrol", texts=("enrol.", "HW-3480", "HW-3485"))


@bp.get("/self-test")
def self_test() -> ResponseReturnValue:
    """What this phone can do, each in words."""
    return render_template("enrol/self_test.html", section="device", page="self-test", texts=("selftest.",))
