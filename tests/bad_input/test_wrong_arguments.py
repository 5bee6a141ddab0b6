"""Commands called wrongly: what is wrong and how to mend it, status 1 (a number) or 2 (the usage)."""

from __future__ import annotations

import pytest

from tests.bad_input.conftest import House, homeward

NUMBERED = [
    (("merge", "{hub}", "{folder}/none*.db"), "HW-2002"),
    (("merge", "{hub}", "{empty}"), "HW-2002"),
    (("merge", "{hub}", ""), "HW-2002"),
    (("merge", "{folder}/none.db", "{laptop}"), "HW-2002"),
    (("merge", "{folder}/none.db", "{laptop}", "--preview"), "HW-2002"),
    (("undo", "{hub}", "99"), "HW-2087"),
    (("undo", "{hub}", "99", "--yes"), "HW-2087"),
    (("watch", "{hub}", "{folder}/none", "--once"), "HW-3436"),
    (("watch", "{folder}/none.db", "{folder}"), "HW-2002"),
    (("status", ""), "HW-2002"),
    (("review", "{hub}", "--approve", "colour=red"), "HW-3507"),
    (("review", "{hub}", "--approve", "--as", "nobody"), "HW-3508"),
    (("release", "{hub}", "{hub}"), "HW-3503"),
    (("release", "{hub}", "{hub}/out"), "HW-3504"),
    (("public", "{hub}", "--port", "0"), "HW-3701"),
    (("public", "{empty}", "--port", "0"), "HW-3701"),
    (("serve", "{folder}/none/hub.db"), "HW-3019"),
    (("serve", "{hub}", "--host", "192.0.2.1", "--listen-everywhere", "--port", "0"), "HW-3025"),
    (("user", "list", "{folder}"), "HW-2002"),
    (("demo", "--dir", "{hub}", "--no-serve"), "HW-3710"),
    (("demo", "--dir", "/proc/none", "--no-serve"), "HW-3023"),
    (("forms", "check", "{folder}"), "HW-1001"),
    (("forms", "add", "{hub}", "{folder}/none.xlsx"), "HW-1001"),
    (("forms", "add", "{hub}", "{folder}"), "HW-1001"),
    (("forms", "add", "{hub}", "{laptop}"), "HW-1007"),
    (("forms", "add", "{folder}/none.db", "{laptop}"), "HW-2002"),
    (("forms", "list", "{folder}/none.db"), "HW-2002"),
]
USAGE = [
    ("nonsense",),
    ("merge",),
    ("merge", "{hub}"),
    ("merge", "{folder}", "{laptop}"),
    ("status", "{folder}"),
    ("undo", "{hub}", "everything"),
    ("watch", "{hub}"),
    ("watch", "{hub}", "{laptop}"),
    ("watch", "{hub}", "{folder}", "--every", "0"),
    ("review", "{hub}"),
    ("release", "{hub}", "{empty}", "--date", "2026-13-01"),
    ("serve", "{hub}", "--port", "99999"),
    ("user", "add", "{hub}"),
    ("forms", "check"),
    ("forms", "add", "{hub}"),
    ("forms", "list"),
    ("demo", "--scale", "galaxy"),
]


def call(house: House, arguments: tuple[str, ...]) -> tuple[int, str]:
    """Status and error output of a command whose paths are filled in; the hub must be as before."""
    empty = house.folder / "empty"
    empty.mkdir()
    names = {"hub": house.hub, "folder": house.folder, "laptop": house.laptop, "empty": empty}
    before = house.digest()
    done = homeward(*(one.format(**names) for one in arguments))
    assert house.digest() == before
    return done.exit_code, done.stderr


@pytest.mark.parametrize(("arguments", "number"), NUMBERED)
def test_what_cannot_be_done_has_a_number(house: House, arguments: tuple[str, ...], number: str) -> None:
    """Status 1 and the number, and the hub is as before."""
    status, error = call(house, arguments)
    assert (status, number in error) == (1, True), error


@pytest.mark.parametrize("arguments", USAGE)
def test_what_is_no_command_shows_the_usage(house: House, arguments: tuple[str, ...]) -> None:
    """Status 2 and how to get help, and the hub is as before."""
    status, error = call(house, arguments)
    assert (status, "--help" in error) == (2, True), error
