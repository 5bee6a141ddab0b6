"""Where a merge of several files may stop: each file is taken whole or not at all, in whichever order."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path

from sync import Replica, merge


def states(hub: Path, sources: Sequence[str | Path], folder: Path) -> tuple[set[str], str]:
    """The state digests of a hub with any of the sources, and the one with all of them."""
    found: dict[int, set[str]] = {}
    for count in range(len(sources) + 1):
        for some in itertools.combinations(sources, count):
            shutil.copy(hub, folder / "halfway.db")
            with Replica.open(folder / "halfway.db") as calm:
                assert merge(calm, some).set_aside == []
                found.setdefault(count, set()).add(calm.state_digest())
    (whole,) = found[len(sources)]
    return set().union(*found.values()), whole
