"""Bundles for tests: replicas with folders of their own, bundles put together by hand."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from sync import Replica, keys
from sync.transfer import manifest as manifests
from sync.transfer.zips import ZipWriter
from tests.sync.conftest import LAYOUT

Make = Callable[[str], Replica]


@contextmanager
def making(folder: Path) -> Iterator[Make]:
    """`make("anna")` creates `anna/anna.db` with the test form, and so with a folder of media of its own."""
    with ExitStack() as stack:

        def build(name: str) -> Replica:
            replica = stack.enter_context(Replica.create(folder / name / f"{name}.db"))
            replica.put_form("test", "1", b"<h:html/>", LAYOUT)
            return replica

        yield build


def answer(replica: Replica, record: str, form: str, value: str) -> str:
    """Answer the name of a record."""
    answers = dict(replica.state(record).answers) | {"/data/name": value}
    return replica.save(record=record, form=form, answers=answers, author="p")


def busy(replica: Replica, form: str, count: int = 20) -> Replica:
    """Records, edits, a review, a document and photos of a replica."""
    for number in range(count):
        record = replica.save(form=form, answers={"/data/name": f"甲 {number}"}, author="a", scopes=["v:1"])
        if number % 3 == 0:
            answer(replica, record, form, f"乙 {number}")
    replica.review(record, "has_issues", "which village?", author="s")
    replica.put_document("note", "x", b"y" * 100)
    for number in range(3):
        replica.put_media(Random(number).randbytes(5000), "image/jpeg")
    return replica


def entries(path: Path) -> dict[str, bytes]:
    """The entries of a bundle, by name."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def put_together(path: Path, found: Mapping[str, bytes]) -> None:
    """A bundle of these entries, its ZIP as it must be."""
    with path.open("wb") as file:
        writer = ZipWriter(file)
        for name, data in found.items():
            with writer.entry(name) as entry:
                entry.write(data)
        writer.close()


def rewritten(
    path: Path, target: Path, parts: Mapping[str, bytes], say: Mapping[str, Any] | None = None
) -> None:
    """A copy with other parts (`b""`-valued names are left out), sizes and sums as they then are, `say` in its
    manifest, unsigned."""
    found = entries(path)
    manifest = json.loads(found.pop(manifests.MANIFEST))
    found.pop(manifests.SIGNATURE)
    found = {name: data for name, data in (found | dict(parts)).items() if data or name not in parts}
    manifest["parts"] = [[name, len(data), sha256(data).hexdigest()] for name, data in found.items()]
    manifest |= say or {}
    text = json.dumps(manifest).encode()
    put_together(target, found | {manifests.MANIFEST: text, manifests.SIGNATURE: b""})


def resigned(path: Path, key: keys.PrivateKey) -> None:
    """Put another signature on a bundle."""
    found = entries(path)
    manifest = manifests.decode(found[manifests.MANIFEST], "")
    found[manifests.SIGNATURE] = manifests.sign(key, manifest.writer, found[manifests.MANIFEST].decode())
    put_together(path, found)
