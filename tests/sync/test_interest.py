"""Whom a change concerns, told by its scopes alone."""

from __future__ import annotations

import pytest

from sync.change import Header
from sync.interest import Interest, may_name, read

ENUMERATOR = Interest(frozenset({"p:me"}), frozenset({"v:1", "v:2"}), frozenset({"v:3"}))
EVERYWHERE = Interest(frozenset({"p:me"}), frozenset({"v:*"}))
MOVED = Interest(frozenset({"p:me"}), frozenset({"v:1"}), frozenset({"v:*"}))
AREA = Interest(frozenset({"v:1"}), frozenset({"v:1"}))


def header(kind: str, *scopes: str) -> Header:
    """A header as far as it matters."""
    return Header("0aaaaaaa", 1, "0aaaaaaa-1", "A" * 22, (), "0" * 16, "p", kind, scopes, "A" * 43)


@pytest.mark.parametrize(
    ("interest", "kind", "scopes", "wanted"),
    [
        (ENUMERATOR, "edit", ("p:me", "v:1"), True),
        (ENUMERATOR, "edit", ("p:other", "v:1"), False),
        (ENUMERATOR, "settle", ("v:1",), False),
        (ENUMERATOR, "review", ("p:other", "v:1"), True),
        (ENUMERATOR, "delete", ("v:2",), True),
        (ENUMERATOR, "withdraw", ("v:2",), True),
        (ENUMERATOR, "erase", ("v:2",), True),
        (ENUMERATOR, "review", ("p:other", "v:9"), False),
        (ENUMERATOR, "edit", ("p:me", "v:9"), True),
        (ENUMERATOR, "edit", ("p:me", "v:3"), False),
        (ENUMERATOR, "review", ("p:me", "v:3"), False),
        (ENUMERATOR, "erase", ("p:me", "v:3"), True),
        (ENUMERATOR, "edit", ("p:me", "v:1", "v:3"), True),
        (ENUMERATOR, "edit", (), False),
        (EVERYWHERE, "review", ("p:other", "v:77"), True),
        (EVERYWHERE, "edit", ("p:other", "v:77"), False),
        (MOVED, "edit", ("p:me", "v:1"), True),
        (MOVED, "edit", ("p:me", "v:77"), False),
        (MOVED, "edit", ("p:me",), True),
        (AREA, "edit", ("p:other", "v:1"), True),
        (AREA, "edit", ("p:other", "v:11"), False),
    ],
)
def test_who_is_given_what(interest: Interest, kind: str, scopes: tuple[str, ...], wanted: bool) -> None:
    """Own records whole, of own villages what carries no answers, and of what was taken away erasures alone."""
    found = header(kind, *scopes)
    assert interest.wants(found) is wanted
    if wanted:
        assert any(name in found.encode() for name in may_name(interest))


def test_what_was_taken_away_is_told_by_the_record() -> None:
    """A record that moved into a village that is still hers stays."""
    assert ENUMERATOR.has_left(("p:me", "v:3"))
    assert not ENUMERATOR.has_left(("p:me", "v:1", "v:3"))
    assert not ENUMERATOR.has_left(("p:me", "v:9"))
    assert not EVERYWHERE.has_left(("p:me", "v:3"))
    assert MOVED.has_left(("p:me", "v:3"))
    assert not MOVED.has_left(("p:me",))


def test_it_travels_and_is_named() -> None:
    """The same after a journey as JSON; another one has another digest; what is none is refused."""
    every = [ENUMERATOR, EVERYWHERE, MOVED, AREA]
    assert [read(each.as_dict()) for each in every] == every
    assert len({each.digest for each in every}) == len(every)
    for bad in (
        {},
        {"whole": "p:me", "notice": [], "without": []},
        {"whole": [1], "notice": [], "without": []},
    ):
        with pytest.raises(ValueError, match="whole"):
            read(bad)
