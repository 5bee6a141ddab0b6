"""Pictures, sound and video that forms show: documents as lists are, handed out at addresses that name their content.

They go by the names that forms use for them, and hold nobody's data: no sign-in is asked.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Flask, Response

from forms import Form
from forms.attached import ending_of
from forms.attached.media import LARGEST, kind_of_media
from forms.shown import names_shown
from sync import Replica
from sync.replica.documents import Glimpse

from .library import current_forms, forever
from .problems import Problem
from .replica_access import replica
from .security import POLICY

MEDIA_KIND = "form-media"

bp = Blueprint("form_media", __name__)


def shown_here(source: Replica) -> dict[str, Glimpse]:
    """The files here that can be shown, by name. What came from elsewhere and is not what its name says, or is too
    large, is passed over: no phone could take it."""
    return {
        name: found
        for name, found in source.glimpses(MEDIA_KIND).items()
        if found.size <= LARGEST and kind_of_media(found.head, name) is not None
    }


def addresses(source: Replica, form: Form) -> dict[str, str]:
    """The addresses of what a form shows, by name of file; what is not here has none."""
    names = names_shown(form)
    return _addresses(source, names) if names else {}


def all_addresses(source: Replica) -> list[str]:
    """The addresses of all that the current forms show, each once."""
    forms = [entry.form for entry in current_forms(source).values()]
    names = {name for form in forms for name in names_shown(form)}
    return sorted(set(_addresses(source, names).values())) if names else []


def _addresses(source: Replica, names: Iterable[str]) -> dict[str, str]:
    here = shown_here(source)
    return {name: f"/form-media/{here[name].id}{ending_of(name)}" for name in names if name in here}


@bp.get("/form-media/<document_id>.<ending>")
def file(document_id: str, ending: str) -> Response:
    """A file that a form shows, whole or a range of it. What came from elsewhere is looked at again: what is not what
    its address says is not there (HW-3470), and none is more than what it is even where it is opened as a page."""
    document = replica().document(document_id)
    kind = kind_of_media(document.data, f"x.{ending}")
    if document.kind != MEDIA_KIND or kind is None:
        raise Problem("HW-3470", f"{document_id}.{ending}")
    response = forever(document.data, kind.type, document_id, ranges=True)
    response.headers["Content-Security-Policy"] = f"{POLICY}; sandbox"
    return response


def init_app(app: Flask) -> None:
    """Adds the addresses of what forms show."""
    app.register_blueprint(bp)
