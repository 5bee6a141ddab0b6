"""A merge of files that is killed: nothing is lost, and the next one completes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sync import Replica, keys, merge, verify
from sync.transfer import pack
from tests.soak import HOURS, SEED, share
from tests.sync.conftest import LAYOUT
from tests.sync.halfway import states
from tests.sync.kill import Command, survives


def template(folder: Path) -> None:
    """A hub with records of its own, and three field databases: edits of one answer on two devices, a review, an
    erasure, a signed log past a block's end, a new form version, photos."""
    folder.mkdir()
    hub, anna, bo, cai = (Replica.create(folder / f"{name}.db") for name in ("hub", "anna", "bo", "cai"))
    form = hub.put_form("test", "1", b"<h:html/>", LAYOUT)
    records = [hub.save(form=form, answers={"/data/name": str(n)}, author="h") for n in range(3)]
    for replica in (anna, bo, cai):
        merge(replica, [hub.path])
    newer = bo.put_form("test", "2", b"<h:html/>", [*LAYOUT, "/data/note"])
    photo = anna.put_media(b"photo" * 5000, "image/jpeg")
    with anna.transaction():
        for n in range(150):
            anna.save(form=form, answers={"/data/name": f"甲{n}" * 20}, author="a")
    anna.save(form=form, answers={"/data/name": photo}, author="a")
    for replica, value in ((anna, "乙"), (bo, "丙")):
        replica.save(record=records[0], form=form, answers={"/data/name": value}, author="a")
    bo.save(record=records[1], form=newer, answers={"/data/note": "new"}, author="b")
    bo.review(records[1], "approved", author="s")
    cai.erase(records[2], "asked", author="s")
    anna.save(record=records[2], form=form, answers={"/data/name": "secret"}, author="a")
    key = keys.generate()
    anna.sign_tip(key)
    for replica in (hub, anna, bo, cai):
        pack.write(replica, replica.path.with_suffix(".homeward"), sign=key if replica is anna else None)
        replica.close()


def names(folder: Path, road: str) -> list[str]:
    """What is merged in a case: field databases, or the bundles that they wrote."""
    return [str(folder / f"{name}{road}") for name in ("anna", "bo", "cai")]


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(HOURS)
@pytest.mark.parametrize("road", [".db", ".homeward"])
def test_a_merge_killed_at_any_point_loses_nothing(tmp_path: Path, road: str) -> None:
    """A merge of files or bundles that is killed with SIGKILL at any statement, within one, between two files, or at
    any time: the hub proves itself, what it held is there, whoever takes it as a source before it is opened again
    reads it whole, and the next merge completes it to the digest of an undisturbed run."""
    template(tmp_path / "template")
    shutil.copytree(tmp_path / "template", tmp_path / "calm")
    digests, whole = states(tmp_path / "calm" / "hub.db", names(tmp_path / "calm", road), tmp_path / "calm")

    def prepare(case: Path) -> Command:
        shutil.copytree(tmp_path / "template", case)
        return ["collector.cli", "merge", str(case / "hub.db"), *names(case, road)]

    def check(case: Path) -> None:
        with Replica.create(case / "other.db") as other:
            assert merge(other, [case / "hub.db"]).set_aside == []
            assert other.state_digest() in digests
        with Replica.open(case / "hub.db") as hub:
            report = verify(hub)
            assert report.problems == []
            assert report.state_digest in digests
            assert merge(hub, names(case, road)).set_aside == []
            assert (hub.state_digest(), hub.media_missing()) == (whole, [])
            assert verify(hub).problems == []
            assert merge(hub, names(case, road)).taken == 0

    survives(prepare, check, tmp_path, times=share(8, 200), seed=SEED)
