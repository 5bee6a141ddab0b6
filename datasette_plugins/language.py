"""Two languages: texts of the public site, the language of a request, numbers and dates as they are written.

A page says its language in its address: `/zh`, `/en`, or `?_lang=` on Datasette's own pages.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

LANGUAGES = ("zh", "en")
NAMES = {"zh": "中文", "en": "English"}
TAGS = {"zh": "zh-Hans", "en": "en"}
FALLBACK = "zh"


@cache
def catalogue(lang: str) -> dict[str, str]:
    """All texts of this package in a language (`zh` or `en`), by key."""
    text = files("datasette_plugins").joinpath("locale", f"{lang}.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(text)
    return loaded


def translate(key: str, lang: str, **params: object) -> str:
    """The text of `key` with its placeholders filled; `KeyError` when the catalogue has no such key."""
    return catalogue(lang)[key].format_map({name: str(value) for name, value in params.items()})


def wished(accept_language: str) -> str:
    """The language of ours that an Accept-Language header prefers (RFC 9110, 12.5.4), else Chinese."""
    best, weight = FALLBACK, 0.0
    for part in accept_language.split(","):
        tag, _, quality = part.strip().partition(";")
        found = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", quality) if quality else None
        value = float(found[1]) if found else (0.0 if quality else 1.0)
        lang = tag.strip().lower().split("-")[0]
        if lang in LANGUAGES and value > weight:
            best, weight = lang, value
    return best


def number(value: int | float) -> str:
    """A number with commas between thousands, in both languages."""
    return f"{value:,}"


def date(iso: str, lang: str) -> str:
    """`2026-11-22` as it is written in the language; any other text unchanged."""
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", iso)
    if not found:
        return iso
    year, month, day = found[1], int(found[2]), int(found[3])
    return translate("date", lang, year=year, month=translate(f"month.{month}", lang), day=day)
