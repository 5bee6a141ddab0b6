"""Villages, townships and counties from the lists that the replica holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sync import Replica

from ..lists import Table, by_stem, table_of

LISTS = ("villages", "townships", "counties")


@dataclass(frozen=True)
class Village:
    """A village: `code` as in the list; names by language (`zh`, `en`); codes of township and county."""

    code: str
    names: tuple[tuple[str, str], ...]
    township: str
    county: str
    townships: tuple[tuple[str, str], ...]
    counties: tuple[tuple[str, str], ...]

    def name(self, lang: str) -> str:
        """Its name in a language."""
        return dict(self.names)[lang]

    def where(self, lang: str) -> str:
        """County and township in a language."""
        parts = (dict(self.counties).get(lang, ""), dict(self.townships).get(lang, ""))
        return (" · ").join(part for part in parts if part)

    @property
    def searched(self) -> str:
        """Everything a person may type to find it, in lower case."""
        texts = [
            self.code,
            *(text for names in (self.names, self.townships, self.counties) for _, text in names),
        ]
        return "\n".join(texts).lower()


class Registry:
    """All villages of the lists, in the order of the list."""

    def __init__(self, villages: Iterable[Village]) -> None:
        self.all = tuple(villages)
        self._by_code = {village.code: village for village in self.all}
        self._searched = tuple((village.searched, village) for village in self.all)

    def get(self, code: str) -> Village | None:
        """The village with this code."""
        return self._by_code.get(code)

    def of_scopes(self, scopes: Iterable[str]) -> Village | None:
        """The village that a record's tags name, if the list knows it."""
        for scope in scopes:
            if scope.startswith("v:") and scope[2:] in self._by_code:
                return self._by_code[scope[2:]]
        return None

    def search(self, wanted: str) -> list[Village]:
        """Villages in whose code, name or place every word of `wanted` occurs."""
        words = wanted.lower().split()
        return [village for text, village in self._searched if all(word in text for word in words)]


def registry(replica: Replica) -> Registry:
    """The villages of the replica's lists `villages`, `townships` and `counties`; empty without lists."""
    found = by_stem(replica.documents(kind="list"))
    key = tuple(found[name].id if name in found else "" for name in LISTS)
    tables = tuple(table_of(found[name]) if name in found else Table([]) for name in LISTS)
    return _registry(key, tables)


@lru_cache(maxsize=8)
def _registry(key: tuple[str, ...], tables: tuple[Table, ...]) -> Registry:
    villages, townships, counties = tables
    of_township = {row["name"]: _names(row) for row in townships.rows()}
    of_county = {row["name"]: _names(row) for row in counties.rows()}
    return Registry(
        Village(
            code=row["name"],
            names=_names(row),
            township=row.get("township", ""),
            county=row.get("county", ""),
            townships=of_township.get(row.get("township", ""), ()),
            counties=of_county.get(row.get("county", ""), ()),
        )
        for row in villages.rows()
    )


def _names(row: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((lang, row.get(f"label_{lang}") or row["label"]) for lang in ("zh", "en"))
