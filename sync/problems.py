"""The numbered problems HW-2xxx: place, what is wrong, how to mend it, in every language of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

SURROGATE = "HW-2001"
UNREADABLE_FILE = "HW-2002"
EMPTY_FILE = "HW-2003"
NOT_SQLITE = "HW-2004"
OTHER_PROGRAM = "HW-2005"
DAMAGED_FILE = "HW-2006"
FUTURE_SCHEMA = "HW-2007"
PAYLOAD_CHANGED = "HW-2008"
HEADER_MALFORMED = "HW-2009"
CHAIN_BROKEN = "HW-2010"
FORK = "HW-2011"
BAD_SIGNATURE = "HW-2012"
OTHER_KEY = "HW-2013"
GAP = "HW-2014"
DOCUMENT_CHANGED = "HW-2015"
ANSWER_TOO_LONG = "HW-2016"
RECORD_TOO_LARGE = "HW-2017"
UNKNOWN_FORM = "HW-2018"
FOREIGN_REPLICA = "HW-2019"
BAD_REQUEST = "HW-2020"
UNKNOWN_RECORD = "HW-2021"
BAD_ANSWER = "HW-2022"
BAD_REVIEW = "HW-2023"
SAME_FILE = "HW-2024"
MEDIA_CHANGED = "HW-2025"
PAYLOAD_UNREADABLE = "HW-2026"
STATE_DIFFERS = "HW-2027"
HUB_UNWRITABLE = "HW-2028"
LOG_FULL = "HW-2029"
FILE_EXISTS = "HW-2030"
UNKNOWN_DOCUMENT = "HW-2031"
BAD_NAME = "HW-2032"
KIND_REFUSED = "HW-2033"
RECORD_REFUSED = "HW-2034"
RECORD_ERASED = "HW-2035"
BAD_LINES = "HW-2036"
CUT_SHORT = "HW-2037"
RELEASED = "HW-2038"
NOT_SIGNED = "HW-2039"
BUNDLE_DAMAGED = "HW-2040"
BUNDLE_CUT = "HW-2041"
NOT_A_BUNDLE = "HW-2042"
BUNDLE_FUTURE = "HW-2043"
BUNDLE_NOT_SIGNED = "HW-2044"
SEALED_TO_OTHER = "HW-2045"
SEAL_BROKEN = "HW-2046"
NO_SEAL_KEY = "HW-2047"
NOT_SINCE = "HW-2048"
KEY_NOT_HERE = "HW-2049"
AUTHOR_REFUSED = "HW-2050"
OTHER_PROTOCOL = "HW-2051"
UNREACHABLE = "HW-2052"
NOT_HOMEWARD = "HW-2053"
SET_BACK = "HW-2054"
MEDIUM_REFUSED = "HW-2056"
HUB_SET_BACK = "HW-2057"
PART_ENDS_ELSEWHERE = "HW-2060"
BAD_PIECE = "HW-2061"
BRANCH_UNSIGNED = "HW-2073"
NOT_ASIDE = "HW-2074"
NOTHING_KEPT = "HW-2075"
RESOLVED = "HW-2076"
BACKUP_IS_OLDER = "HW-2077"
BACKUP_DIFFERS = "HW-2078"
RENEWED = "HW-2079"
BACKUP_ONTO_ITSELF = "HW-2080"
BACKUP_IN_USE = "HW-2081"
NO_BACKUP_OF_THIS = "HW-2082"
NO_PREVIEW = "HW-2086"
NO_INTAKE = "HW-2087"
UNDONE = "HW-2088"
INDEX_MISSING = "HW-2093"
ERASE_UNFINISHED = "HW-2094"
DISK_FULL = "HW-2101"
NOT_WRITABLE = "HW-2102"
NOT_NOTED = "HW-2103"
OWN_PARTED = "HW-2110"
REPORTED_LOST = "HW-2115"


@cache
def _catalogue(lang: str) -> Mapping[str, str]:
    text = files("sync").joinpath("locale", f"{lang}.json").read_text("utf-8")
    loaded: dict[str, str] = json.loads(text)
    return loaded


_SENTENCE = {
    "en": ("{code}: {message} {remedy}", "{code} ({place}): {message} {remedy}"),
    "zh": ("{code}：{message}{remedy}", "{code}（{place}）：{message}{remedy}"),
}


def sentence(code: str, place: str, message: str, remedy: str, lang: str) -> str:
    """A problem as running text in `lang` (`en` or `zh`): number, place (`""` for none), what is wrong and how to
    mend it (`""` where that is said elsewhere)."""
    pattern = _SENTENCE[lang][bool(place)]
    return pattern.format(code=code, place=place, message=message, remedy=remedy).rstrip()


@dataclass(frozen=True)
class Problem:
    """One numbered problem. `place` is the file, change or path it is about; `params` fill the text."""

    code: str
    place: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    def text(self, lang: str = "en") -> str:
        """Number, place, what is wrong and how to mend it, in `lang` (`en` or `zh`)."""
        parts = self.as_dict(lang)
        return sentence(self.code, self.place, parts["message"], parts["remedy"], lang)

    def as_dict(self, lang: str = "en") -> dict[str, str]:
        """`{"code", "place", "message", "remedy"}`, the form in which a problem stands in JSON."""
        catalogue = _catalogue(lang)
        values = {"place": self.place, **self.params}
        return {
            "code": self.code,
            "place": self.place,
            "message": catalogue[f"{self.code}.message"].format_map(values),
            "remedy": catalogue[f"{self.code}.remedy"].format_map(values),
        }


class SyncError(Exception):
    """Raised with the `Problem` that explains it."""

    def __init__(self, code: str, place: str = "", **params: object) -> None:
        self.problem = Problem(code, place, {key: str(value) for key, value in params.items()})
        super().__init__(code, place)

    def __str__(self) -> str:
        return self.problem.text("en")
