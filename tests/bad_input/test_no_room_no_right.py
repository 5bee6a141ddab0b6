"""A disk that is full and a folder that may only be read: told as what they are, no file of ours is blamed, and what
only reads goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sync import Replica
from tests.bad_input.conftest import House
from tests.bad_input.test_surroundings import small_disk, start


@contextmanager
def disk(folder: Path, size: int) -> Iterator[Path]:
    """A small file system while the block runs."""
    made = small_disk(folder, size)
    try:
        yield made
    finally:
        subprocess.run(["umount", str(made)], check=True)


def fill(folder: Path) -> None:
    """Leave no byte free."""
    room = os.statvfs(folder)
    (folder / "filler").write_bytes(b"\0" * (room.f_bavail * room.f_frsize))


def outcome(*arguments: object) -> tuple[int, str, str]:
    """Status, output and error of a command that runs as a process of its own."""
    process = start(*arguments)
    output, error = process.communicate(timeout=120)
    assert "Traceback" not in error, error
    return process.returncode, output, error


@pytest.fixture
def brought(house: House) -> House:
    """The hub after one merge, with its files as a machine leaves them that was shut down."""
    assert outcome("merge", house.hub, house.laptop)[0] == 0
    return house


def carried(house: House, folder: Path) -> Path:
    """Hub and accounts in another folder; the hub there."""
    for name in ("hub.db", "hub-app.db"):
        shutil.copy(house.folder / name, folder / name)
    return folder / "hub.db"


def test_a_full_disk_is_no_fault_of_the_accounts(brought: House, tmp_path: Path) -> None:
    """Whatever a command lacks room for, it says that the disk is full; nobody is told to bring the accounts back or to
    move them away, and who the people are is still known."""
    size = sum(path.stat().st_size for path in brought.folder.glob("hub*.db"))
    with disk(tmp_path / "disk", size + 100_000) as folder:
        hub = carried(brought, folder)
        fill(folder)
        for command in (
            ("undo", hub, "1", "--yes"),
            ("review", hub, "--reject"),
            ("user", "add", hub, "cora", "--password", "long enough to pass"),
            ("bundle", "key", hub),
        ):
            status, _, error = outcome(*command)
            assert (status, "full" in error, "HW-3026" in error) == (1, True, False), (command, error)
        status, _, error = outcome("merge", hub, brought.laptop)
        assert (status, error) == (0, ""), error
        (folder / "filler").unlink()
        assert outcome("undo", hub, "1", "--yes")[0] == 0


def test_a_full_target_is_named(brought: House, tmp_path: Path) -> None:
    """A backup or a bundle that finds no room says where, and leaves nothing there."""
    with disk(tmp_path / "disk", 100_000) as folder:
        for command in (
            ("backup", brought.hub, folder / "b.db"),
            ("bundle", "write", brought.hub, folder / "b.homeward"),
        ):
            if command[0] == "bundle":
                fill(folder)
            status, _, error = outcome(*command)
            assert (status, error[:7], f"{command[-1]}" in error) == (1, "HW-2101", True), error
            (folder / "filler").unlink(missing_ok=True)
            assert list(folder.iterdir()) == []


def test_a_folder_that_may_only_be_read(brought: House, tmp_path: Path) -> None:
    """What only reads works, with people's names; what writes says that the folder cannot be written to. A backup of
    it is whole, accounts included, and tells what could not be noted."""
    with Replica.open(brought.hub) as replica:
        record = next(iter(replica.states())).record
    with disk(tmp_path / "disk", 20_000_000) as folder:
        hub = carried(brought, folder)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        before = sorted(path.name for path in folder.iterdir())
        for command in (
            ("status", hub),
            ("verify", hub),
            ("quarantine", hub),
            ("explain", hub, record),
            ("undo", hub),
            ("undo", hub, "1"),
            ("user", "list", hub),
        ):
            status, output, error = outcome(*command)
            assert status == 0, (command, error)
        assert "boris" in output
        for command in (("bundle", "key", hub), ("serve", hub, "--port", "0"), ("undo", hub, "1", "--yes")):
            status, _, error = outcome(*command)
            assert (status, error[:7] in ("HW-2102", "HW-2028")) == (1, True), (command, error)
            assert command[0] == "undo" or f"{folder} can be read here, but not written to" in error
        status, output, error = outcome("backup", hub, tmp_path / "copy.db")
        assert (status, "HW-2103" in error, "is checked" in output) == (0, True, True), error
        assert sorted(path.name for path in folder.iterdir()) == before
    with Replica.open(tmp_path / "copy.db") as copy:
        assert copy.counts()["records"] == 2
    assert "boris" in outcome("user", "list", tmp_path / "copy.db")[1]
