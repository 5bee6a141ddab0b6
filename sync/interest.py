"""Interest: whom a change concerns, told by scope tags alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sync.canonical import encode, short_id
from sync.change import ERASE, Header

ANY = "*"  # at the end of a scope: all that begin so
NOTICES = frozenset({"review", "delete", "withdraw", ERASE})
"""Kinds that carry none of the respondent's answers."""


@dataclass(frozen=True, slots=True)
class Interest:
    """What somebody is given who gets no whole logs: every change with a scope of `whole`, and with a scope of
    `notice` those that carry no answers (`NOTICES`).

    `without`: scopes that were taken away. A change that carries one of them and none of `notice` concerns
    nobody here any more, whatever else it carries; only an erasure still does. A scope that ends with `*` stands
    for all that begin as it does."""

    whole: frozenset[str]
    notice: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """Names the interest, so that a cursor of another one is told apart."""
        return short_id(encode([sorted(each) for each in (self.whole, self.notice, self.without)]))

    @property
    def scopes(self) -> frozenset[str]:
        """All scopes that are meant."""
        return self.whole | self.notice

    def wants(self, header: Header) -> bool:
        """Whether a change concerns somebody."""
        near = matches(self.notice, header.scopes)
        if near and header.kind in NOTICES:
            return True
        if not matches(self.whole, header.scopes):
            return False
        return near or header.kind == ERASE or not matches(self.without, header.scopes)

    def has_left(self, scopes: Iterable[str]) -> bool:
        """Whether a record with these scopes was taken away."""
        tags = tuple(scopes)
        return matches(self.without, tags) and not matches(self.notice, tags)

    def as_dict(self) -> dict[str, list[str]]:
        """As it stands in an answer."""
        return {
            "whole": sorted(self.whole),
            "notice": sorted(self.notice),
            "without": sorted(self.without),
        }


def read(value: Mapping[str, Any]) -> Interest:
    """An interest from `as_dict`; `ValueError` for anything else."""
    parts = []
    for name in ("whole", "notice", "without"):
        scopes = value.get(name)
        if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
            raise ValueError(name)
        parts.append(frozenset(scopes))
    return Interest(*parts)


def matches(wanted: frozenset[str], scopes: Iterable[str]) -> bool:
    """Whether one of the scopes is wanted."""
    beginnings = _beginnings(wanted)
    return any(scope in wanted or scope.startswith(beginnings) for scope in scopes)


@lru_cache(256)
def _beginnings(wanted: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(scope[:-1] for scope in wanted if scope.endswith(ANY)))


def may_name(interest: Interest) -> tuple[str, ...]:
    """Texts of which one stands in every header that the interest wants: a quick look before a header is
    parsed."""
    return tuple(
        sorted(encode([scope])[1:-1].removesuffix(f'{ANY}"').removesuffix('"') for scope in interest.scopes)
    )
