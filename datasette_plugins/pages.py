"""What templates are given: language, texts, labels of the release, addresses that keep the language."""

from __future__ import annotations

import re
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import Any

from datasette.utils import path_with_replaced_args
from markupsafe import Markup

from . import front, language, state
from .release import Release

FRONT = re.compile(r"/(zh|en)/?$")
PLACES = ("county_code", "place_code", "code", "parent")
"""Columns that hold the code of a place."""


def lang_of(request: Any) -> str:
    """The language of a request: of its address, of `?_lang=`, else of the browser's wish."""
    if request is None:
        return language.FALLBACK
    found = FRONT.search(request.path)
    if found:
        return found[1]
    asked = request.args.get("_lang")
    return (
        asked if asked in language.LANGUAGES else language.wished(request.headers.get("accept-language", ""))
    )


def variables(datasette: Any, request: Any) -> dict[str, Any]:
    """Variables of every template of the site."""
    lang = lang_of(request)
    release = state.served(datasette)
    return {
        "lang": lang,
        "html_lang": language.TAGS[lang],
        "t": partial(text, lang),
        "number": language.number,
        "date": partial(language.date, lang=lang),
        "release": release,
        "asset": partial(asset, datasette),
        "front_url": partial(front_url, datasette),
        "with_lang": partial(with_lang, lang),
        "others": other_addresses(datasette, request, lang),
        "table_title": partial(front.table_title, lang=lang),
        "table_about": partial(front.table_description, lang=lang),
        "column_label": partial(column_label, release, lang),
        "column_labels": partial(column_labels, release, lang),
        "shown": partial(shown, release, lang),
        "keep_lang": partial(keep_lang, lang),
        "lookup_label": partial(lookup_label, lang),
        "tables_of": partial(front.tables, lang=lang),
    }


def text(lang: str, key: str, /, **params: object) -> str:
    """The text of a key in the language of the page."""
    return language.translate(key, lang, **params)


def other_addresses(datasette: Any, request: Any, lang: str) -> list[tuple[str, str, str]]:
    """(language, its own name, address of this page in it) for the languages that the page is not in."""
    if request is None:
        return []
    others = [tag for tag in language.LANGUAGES if tag != lang]
    return [(tag, language.NAMES[tag], here(datasette, request, tag)) for tag in others]


def front_url(datasette: Any, lang: str) -> str:
    """Address of the front page in a language."""
    return str(datasette.urls.path(f"/{lang}"))


def here(datasette: Any, request: Any, lang: str) -> str:
    """Address of the same page in another language."""
    if FRONT.search(request.path) or request.path in ("", "/"):
        return front_url(datasette, lang)
    return str(datasette.urls.path(path_with_replaced_args(request, {"_lang": lang})))


def with_lang(lang: str, address: str) -> str:
    """An address of Datasette's own pages, in the language of the page that links to it."""
    return f"{address}{'&' if '?' in address else '?'}_lang={lang}"


def keep_lang(lang: str, link: Markup) -> Markup:
    """A link to a row as Datasette made it, with the language added to its address."""
    return link.replace(Markup('">'), Markup('?_lang={}">').format(lang), 1)


@cache
def digest(name: str) -> str:
    """The first characters of a static file's SHA-256, which stand in its address."""
    return sha256(files("datasette_plugins").joinpath("static", name).read_bytes()).hexdigest()[:12]


def asset(datasette: Any, name: str) -> str:
    """Address of a static file of the site; it changes with the file."""
    return f"{datasette.urls.path('/-/homeward/' + name)}?v={digest(name)}"


def column_label(release: Release | None, lang: str, table: str, column: str) -> str:
    """What a column is called for a reader: the label of the release, a word of the site, or its own name."""
    if release and (table, column) in release.columns:
        return release.columns[table, column].text(lang)
    return language.catalogue(lang).get(f"column.{column}", column)


def column_labels(release: Release | None, lang: str, table: str, names: list[str]) -> list[tuple[str, str]]:
    """(name, label) of the columns whose label says more than their name."""
    labels = [(name, column_label(release, lang, table, name)) for name in names]
    return [(name, label) for name, label in labels if label != name]


def shown(release: Release | None, lang: str, table: str, column: str, value: object) -> str | None:
    """The label of a code: a choice (several apart by spaces), a place, an indicator; None without one."""
    if release is None or not isinstance(value, str) or not value:
        return None
    if column in PLACES and value in release.places:
        return release.places[value].text(lang)
    if table == "figures":
        known = figure_word(release, lang, column, value)
        if known:
            return known
    choices = release.choices.get((table, column), {})
    parts = [value] if value in choices else value.split()
    if parts and all(part in choices for part in parts):
        return language.translate("list.join", lang).join(choices[part].text(lang) for part in parts)
    return None


def figure_word(release: Release, lang: str, column: str, value: str) -> str | None:
    """Words for the coded columns of `figures` that are no choices of a form."""
    if column == "indicator":
        return next((each.name.text(lang) for each in release.indicators if each.id == value), None)
    if column == "place_level":
        return language.catalogue(lang).get(f"level.{value}")
    if column == "withheld":
        return language.catalogue(lang).get(f"withheld.{value}")
    return None


def lookup_label(lang: str, key: str, display: str) -> str:
    """How a filter's comparison is written; Datasette's own words where the site has none."""
    return language.catalogue(lang).get(f"lookup.{key}", display)
