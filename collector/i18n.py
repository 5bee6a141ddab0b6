"""Two languages: the text catalogues, the language of a request, `t()` for templates.

Texts are flat JSON files, key → text with `{name}` placeholders: every `en.json`/`zh.json` and
`*.en.json`/`*.zh.json`
below a package's `locale/`. Pages live under `/zh/…` and `/en/…`; the address alone decides the language of a
page.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, g, has_request_context, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

LANGUAGES = ("zh", "en")
NAMES = {"zh": "中文", "en": "English"}
TAGS = {"zh": "zh-Hans", "en": "en"}
FALLBACK = "zh"
"""The language of a request that says nothing: the people in the villages read Chinese."""

PREFIX = "/<any(zh, en):lang>"
"""The start of every page's address; the language goes to `g.lang` and not to the view."""

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("collector", "forms", "sync")


class MissingText(KeyError):
    """A key that no catalogue has, or a placeholder without a value: a fault of the program, never shown as
    text."""


@cache
def catalogue(lang: str) -> dict[str, str]:
    """All texts of one language. `MissingText` when two files give the same key."""
    texts: dict[str, str] = {}
    for package in PACKAGES:
        folder = ROOT / package / "locale"
        for path in sorted({*folder.rglob(f"{lang}.json"), *folder.rglob(f"*.{lang}.json")}):
            part: dict[str, str] = json.loads(path.read_text("utf-8"))
            twice = texts.keys() & part.keys()
            if twice:
                raise MissingText(f"{path.name} repeats {sorted(twice)}")
            texts |= part
    return texts


def translate(key: str, lang: str, **params: object) -> str:
    """The text of `key` in `lang`, with its placeholders filled. `MissingText` when there is none."""
    try:
        return catalogue(lang)[key].format_map({name: str(value) for name, value in params.items()})
    except KeyError as missing:
        raise MissingText(f"{key} ({lang}): {missing}") from missing


def translate_n(key: str, n: int, lang: str, **params: object) -> str:
    """The text of `key.one` or `key.other` in `lang` for the number `n`, which fills `{n}`."""
    return translate(f"{key}.{'one' if n == 1 else 'other'}", lang, n=n, **params)


def size_text(size: int) -> str:
    """Bytes as kB or MB, in every language alike."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1000:.0f} kB"


def has_text(key: str) -> bool:
    """Some catalogue has this key: for names of things that users may add, such as forms."""
    return key in catalogue(FALLBACK)


def current_lang() -> str:
    """The language of this request: of its address (even one without a page), else of the browser's wish."""
    if not has_request_context():
        return FALLBACK
    lang: str | None = g.get("lang")
    first = request.path.split("/", 2)[1]
    return lang or (first if first in LANGUAGES else wished_lang())


def wished_lang() -> str:
    """What the browser asks for in Accept-Language."""
    for tag in (
        request.accept_languages.values()
    ):  # best first; werkzeug's best_match prefers a plain `zh` to `en-GB`
        main = tag.split("-")[0].lower()
        if main in LANGUAGES:
            return main
    return FALLBACK


def t(key: str, /, **params: object) -> str:
    """The text of `key` in the language of the request."""
    return translate(key, current_lang(), **params)


def tn(key: str, n: int, /, **params: object) -> str:
    """The text of `key.one` or `key.other` for the number `n`, which fills `{n}`."""
    return t(f"{key}.{'one' if n == 1 else 'other'}", n=n, **params)


SHARED_WITH_SCRIPTS = ("villages.", "visit.", "records.", "moved.", "fill.reason.")
"""Texts of pages that scripts draw again from what is on the phone."""

ANSWER_PROBLEMS = ("HW-12", "HW-13")
"""Problems of answers and expressions, which a session in the browser finds as the one on the server does."""


def script_texts(lang: str, more: tuple[str, ...] = ()) -> dict[str, str]:
    """The texts that scripts may need: keys that begin with `js.` (without it), those of shared pages, and
    the messages of problems of answers; also those that begin with one of `more`, which only one page needs."""
    texts = catalogue(lang)
    found = {
        key: text
        for key, text in texts.items()
        if key.startswith((*SHARED_WITH_SCRIPTS, *more))
        or (key.startswith(ANSWER_PROBLEMS) and key.endswith(".message"))
    }
    return found | {key[3:]: text for key, text in texts.items() if key.startswith("js.")}


def script_json(value: Any) -> Markup:
    """A value as JSON that is safe inside a `<script type="application/json">`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704


def switch_address(lang: str) -> str:
    """The address of this page in another language, with its query."""
    parts = request.path.split("/", 2)
    if len(parts) < 3 or parts[1] not in LANGUAGES:
        return f"/{lang}/"
    query = request.query_string.decode("utf-8", "replace")
    return f"/{lang}/{parts[2]}" + (f"?{query}" if query else "")


def as_moment(value: str | float | datetime) -> datetime:
    """A moment in the computer's own time zone, from ISO text, seconds since 1970 or a datetime."""
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
    elif isinstance(value, datetime):
        moment = value
    else:
        moment = datetime.fromtimestamp(value, UTC)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone()
    except OverflowError:  # a device's clock at the end of time, which has no hour here any more
        return moment


def show_time(value: str | float | datetime | None) -> Markup:
    """A `<time>` element that reads naturally in the language of the request; empty for None or ''."""
    if value is None or value == "":
        return Markup("")
    moment = as_moment(value)
    parts = {"day": moment.day, "name": t(f"time.month.{moment.month}")}
    this_year = moment.year == datetime.now().astimezone().year
    day = t("time.day_this_year", **parts) if this_year else t("time.day", year=moment.year, **parts)
    text = t("time.minute", day=day, clock=moment.strftime("%H:%M"))
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(timespec="seconds"), text)


bp = Blueprint("i18n", __name__)


@bp.get("/")
def front() -> Response:
    """`/` leads to the first page in the browser's language."""
    return redirect(url_for("villages.index", lang=wished_lang()))


@bp.get(PREFIX + "/")
def home() -> Response:
    """`/zh/` and `/en/` lead to the first page."""
    return redirect(url_for("villages.index"))


def init_app(app: Flask) -> None:
    """Brings the language of the address, `t`, `tn` and what base templates need."""
    app.register_blueprint(bp)

    @app.url_value_preprocessor
    def take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.lang = values.pop("lang", None) if values else None

    @app.url_defaults
    def give_language(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = current_lang()

    @app.context_processor
    def helpers() -> dict[str, Any]:
        lang = current_lang()
        return {
            "lang": lang,
            "lang_tag": TAGS[lang],
            "other_langs": [
                (code, TAGS[code], NAMES[code], switch_address(code)) for code in LANGUAGES if code != lang
            ],
        }

    # Globals and not the context, so that imported macros know them too.
    app.jinja_env.globals.update(
        t=t, tn=tn, has_text=has_text, script_texts=script_texts, script_json=script_json, show_time=show_time
    )
