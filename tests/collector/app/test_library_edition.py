"""The built-in forms and lists are examples: whatever people put counts, on whichever side and by whichever road."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from collector import library
from forms import library as built_in
from sync import Replica, merge

DIGEST = {1: "d0eb24add249a814", 2: "d3ebad2409db5427"}
"""Edition -> digest over the files of the library."""


def test_a_changed_library_is_a_new_edition() -> None:
    """When a built-in form or list changes, `EDITION` goes up by one and its digest is written here: an older copy
    elsewhere then gives way to it."""
    running = sha256()
    for folder in ("forms", "lists"):
        for path in sorted((built_in.HERE / folder).iterdir()):
            running.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    assert running.hexdigest()[:16] == DIGEST[library.EDITION]


def test_examples_of_a_later_laptop_give_way_to_the_hubs_own(tmp_path: Path) -> None:
    """A laptop that was started after the hub's lists and forms were put: merged in either direction, both show the
    hub's."""
    with (
        Replica.create(tmp_path / "hub" / "hub.db") as hub,
        Replica.create(tmp_path / "x" / "x.db") as laptop,
    ):
        library.install_library(hub)
        hub.put_document(library.LIST_KIND, "villages.csv", b"name,label\n1,One\n")
        own = hub.put_form("business", "9", b"<x/>", ["/data/name"])
        library.install_library(laptop)
        merge(laptop, [hub.path])
        merge(hub, [laptop.path])
        for replica in (hub, laptop):
            found = replica.document_named(library.LIST_KIND, "villages.csv")
            assert found is not None
            assert found.data == b"name,label\n1,One\n"
            form = replica.document_named(library.FORM_KIND, "business")
            assert form is not None
            assert form.id == own
        assert library.install_library(laptop) == []
