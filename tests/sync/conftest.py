"""Small replicas in temporary folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sync import Replica

LAYOUT = [
    "/data/name",
    "/data/size",
    ["/data/label"],
    ["/data/founders", ["founder_name", "founder_sex", ["age"]]],
]

Make = Callable[[str], Replica]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """`make("anna")` creates `field/anna.db` with the test form, whose id is `form_of(replica)`."""
    with ExitStack() as stack:

        def build(name: str) -> Replica:
            replica = stack.enter_context(Replica.create(tmp_path / f"{name}.db"))
            replica.put_form("test", "1", b"<h:html/>", LAYOUT)
            return replica

        yield build


@pytest.fixture
def form() -> str:
    """The id of the test form's version: the same in every replica, as its bytes are."""
    from sync.canonical import encode, short_id

    return short_id(encode(["form", "test", "1", short_id(b"<h:html/>"), LAYOUT]))
