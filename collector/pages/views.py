"""Outbox, device, help, display, manifest."""

from __future__ import annotations

from importlib.metadata import version

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..accounts.session import current_person
from ..accounts.views import safe_next
from ..i18n import PREFIX, TAGS, current_lang, t
from ..records.access import Filter, matching
from ..replica_access import replica

bp = Blueprint("pages", __name__, url_prefix=PREFIX)
DISPLAYS = ("auto", "light", "dark", "sun")
DISPLAY_COOKIE = "homeward_display"
QUESTIONS = ("offline", "lost", "update", "sunlight", "conflict", "privacy")
YEAR = 365 * 24 * 3600


def chosen_display() -> str:
    """The display that this browser asked for, "" for the system's own. Scripts read the same cookie
    (display.js)."""
    chosen = request.cookies.get(DISPLAY_COOKIE, "")
    return chosen if chosen in DISPLAYS and chosen != "auto" else ""


@bp.get("/outbox")
def outbox() -> ResponseReturnValue:
    """What has reached the hub and what has not: scripts fill in this device; the server tells what it
    holds."""
    person = current_person()
    mine = None
    if person is not None:
        mine = sum(1 for _ in matching(replica(), person, Filter(mine=True)))
    return render_template("outbox.html", section="outbox", page="outbox", mine=mine)


@bp.get("/device")
def device() -> ResponseReturnValue:
    """This device: who is signed in, what it stores, how it shows pages. Needs no sign-in."""
    return render_template(
        "device.html", section="device", page="device", displays=DISPLAYS, chosen=chosen_display() or "auto",
        version=version("homeward"),
    )  # fmt: skip


@bp.post("/display")
def display() -> ResponseReturnValue:
    """Chooses light, dark or sunlight display for this browser."""
    response = redirect(safe_next(request.form.get("next")))
    wanted = request.form.get("display", "auto")
    response.set_cookie(
        DISPLAY_COOKIE,
        wanted if wanted in DISPLAYS else "auto",
        max_age=YEAR,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response


@bp.get("/help")
def guide() -> ResponseReturnValue:
    """Answers to what people ask first."""
    return render_template("help.html", section="device", page="help", questions=QUESTIONS)


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    """The web app manifest in the language of the address."""
    icon = [
        {
            "src": url_for("static", filename=f"icons/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
        }
        for size in (192, 512)
    ]
    maskable = {
        **icon[1],
        "src": url_for("static", filename="icons/icon-maskable-512.png"),
        "purpose": "maskable",
    }
    response = jsonify(
        {
            "id": "/",
            "name": t("app.title"),
            "short_name": t("app.name"),
            "description": t("app.description"),
            "lang": TAGS[current_lang()],
            "start_url": url_for("villages.index"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#f8f5ef",
            "theme_color": "#1b5e4b",
            "icons": [*icon, maskable],
        }
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response
