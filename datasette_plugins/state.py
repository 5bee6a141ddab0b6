"""The release that a Datasette serves, or the problem that keeps it from it; read once at the start."""

from __future__ import annotations

from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from .problems import Problem
from .release import Release, is_release, read_release

_found: WeakKeyDictionary[Any, Release | Problem] = WeakKeyDictionary()


async def load(datasette: Any) -> None:
    """Finds the release among the databases and reads it. A problem is kept for `current` to raise."""
    _found[datasette] = Problem("HW-4001")
    for name, database in datasette.databases.items():
        if name != "_internal" and await database.execute_fn(is_release):
            try:
                _found[datasette] = await database.execute_fn(partial(read_release, database=name))
            except Problem as problem:
                _found[datasette] = problem
            return


def current(datasette: Any) -> Release:
    """The release being served; raises the `Problem` (HW-4001, HW-4002) when there is none."""
    found = _found.get(datasette, Problem("HW-4001"))
    if isinstance(found, Problem):
        raise Problem(found.code, found.place, **found.params)
    return found


def served(datasette: Any) -> Release | None:
    """The release being served, or None."""
    found = _found.get(datasette)
    return found if isinstance(found, Release) else None
