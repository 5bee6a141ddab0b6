"""How much of a long test runs: a sample in `make test`, all of it in `make soak`.

`HOMEWARD_SOAK` asks for all of it. `HOMEWARD_SEED` is the number that random choices are drawn from; `make soak` prints
it first, and `make soak SEED=N` takes the same way again."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("HOMEWARD_SOAK"))
SEED = int(os.environ.get("HOMEWARD_SEED") or 1)
HOURS = 4 * 3600 if SOAK else 900  # seconds that one test may take; shrinking what fails takes minutes


def share(sample: int, whole: int) -> int:
    """How often: the sample, or in `make soak` the whole."""
    return whole if SOAK else sample
