"""The service worker: its script with the list of what it keeps, and the version worked out from what that
is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, current_app, request, url_for

from sync import Replica

from .. import form_media
from ..i18n import LANGUAGES, ROOT
from ..joined import BASES
from ..library import current_forms, list_addresses
from ..replica_access import replica
from ..static_files import JOINED, WORKER, joined_names

bp = Blueprint("offline", __name__)

PAGES = ("villages.index", "records.index", "pages.outbox", "pages.device", "enrol.self_test")
ANY_VILLAGE = "_"
"""Stands for the village in the address of the visit's shell: the shell is the same for all."""


@bp.get("/sw.js")
def service_worker() -> Response:
    """The script, never cached by HTTP, so that a browser sees a new version at once.

    It is a module, so that background sync can share the code of the pages; `?plain` is for browsers whose
    workers know
    no modules (they have no background sync either).
    """
    source = replica()
    files = [*shells(source), *static_files(), *forms_and_lists(source)]
    build = {"version": version(source), "files": files, "shells": shell_patterns(source)}
    script = (Path(str(current_app.static_folder)) / "sw.js").read_text("utf-8")
    sync_code = url_for("static", filename=f"{JOINED}{WORKER}.js")
    first = (
        "const syncOutbox = null;"
        if "plain" in request.args
        else f'import "{sync_code}";\nconst {{ syncNow: syncOutbox }} = homeward.modules["{BASES[WORKER]}"];'
    )
    text = f"{first}\nconst BUILD = {json.dumps(build, ensure_ascii=False, separators=(',', ':'))};\n{script}"
    response = Response(text, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    return response


def shells(source: Replica) -> list[str]:
    """Addresses of the pages that work without the server, in both languages. Asked for without cookies
    they hold nobody's data."""
    found = []
    for lang in LANGUAGES:
        found += [url_for(endpoint, lang=lang) for endpoint in PAGES]
        found.append(url_for("visit.village", lang=lang, village=ANY_VILLAGE))
        found += [
            url_for("fill.new", lang=lang, form_id=form_id) for form_id in sorted(current_forms(source))
        ]
    return found


def shell_patterns(source: Replica) -> list[tuple[str, str]]:
    """(start of an address, the shell that answers every address with this start)."""
    return [
        (url_for("visit.village", lang=lang, village=ANY_VILLAGE).removesuffix(ANY_VILLAGE), shell)
        for lang in LANGUAGES
        for shell in [url_for("visit.village", lang=lang, village=ANY_VILLAGE)]
    ]


def static_files() -> list[str]:
    """Addresses of all static files but the worker itself; modules as pages ask for them."""
    folder = Path(str(current_app.static_folder))
    found = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    names = [name for name in found if not name.startswith("app/")] + joined_names(folder / "app")
    manifests = [url_for("pages.manifest", lang=lang) for lang in LANGUAGES]
    return [url_for("static", filename=name) for name in names if name != "sw.js"] + manifests


def forms_and_lists(source: Replica) -> list[str]:
    """Addresses of the current forms, of lists and of what the forms show; they name their content."""
    forms = [f"/forms/{entry.version_id}.json" for entry in current_forms(source).values()]
    return sorted([*forms, *list_addresses(source).values(), *form_media.all_addresses(source)])


def version(source: Replica) -> str:
    """Names everything that is kept: program files by their bytes, forms and lists by their addresses."""
    return hashlib.sha256("\n".join([_program(), *forms_and_lists(source)]).encode()).hexdigest()[:16]


@cache
def _program() -> str:
    """SHA-256 over the files that pages are made of. A running program does not change, so once is enough."""
    total = hashlib.sha256()
    for path in _sources():
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _sources() -> Iterator[Path]:
    for package in ("collector", "forms", "sync"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
