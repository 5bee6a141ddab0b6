"""The machine itself fails, or the person stops the program: a number, never a traceback, nothing half done.

Run as real processes on real files."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sync import Replica, verify
from tests.bad_input.conftest import House, homeward

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def start(*arguments: object, **more: object) -> subprocess.Popen[str]:
    """`homeward` as a process of its own."""
    command = [sys.executable, "-m", "collector.cli", *map(str, arguments), "--lang", "en"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, **more
    )  # type: ignore[call-overload, no-any-return]


def test_a_locked_hub(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process writes to the hub, a command waits its time and then says HW-2028; freed, the
    hub is as it was and the command goes through."""
    before = house.digest()
    monkeypatch.setattr("sync.replica.connection.TIMEOUT_SECONDS", 0.2)
    with closing(sqlite3.connect(house.hub, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for command in (("merge", house.hub, house.laptop), ("status", house.hub), ("verify", house.hub)):
            done = homeward(*command, "--lang", "en")
            assert (done.exit_code, "HW-2028" in done.stderr) == (1, True), done.output
            assert str(house.hub) in done.stderr
        page = house.client("boris").get("/en/records")
        assert page.status_code == 503
        assert "HW-2028" in page.text
        other.execute("ROLLBACK")
    assert house.digest() == before
    assert homeward("merge", house.hub, house.laptop).exit_code == 0


def test_a_locked_source_is_set_aside_and_taken_later(house: House) -> None:
    """A field database that its laptop is writing to at this moment is named with HW-2002, and the merge of
    the others goes on."""
    shutil.copy(house.laptop, house.folder / "busy.db")
    before = house.digest()
    with closing(sqlite3.connect(house.folder / "busy.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        done = start("merge", house.hub, house.folder / "busy.db")
        _, error = done.communicate(timeout=120)
        assert (done.returncode, "HW-2002" in error) == (3, True), error
        assert house.digest() == before
        other.execute("ROLLBACK")
    assert homeward("merge", house.hub, house.folder / "busy.db").exit_code == 0
    assert house.digest() != before


def small_disk(folder: Path, size: int) -> Path:
    """A file system of a few bytes, mounted for the test; skips where mounting is not allowed."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs a right that this machine does not give")
    return folder


def test_a_full_disk(house: House, tmp_path: Path) -> None:
    """Merge and release onto a disk without room end with a number; the hub and an earlier release are what
    they were."""
    size = house.hub.stat().st_size
    disk = small_disk(tmp_path / "disk", size + 200_000)
    try:
        hub = disk / "hub.db"
        shutil.copy(house.hub, hub)
        (disk / "filler").write_bytes(b"\0" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize))
        before = hub.read_bytes()
        for command in (
            ("merge", hub, house.laptop),
            ("release", hub, disk / "out"),
            ("review", hub, "--approve"),
        ):
            done = start(*command)
            _, error = done.communicate(timeout=120)
            assert (done.returncode, "HW-" in error, "Traceback" in error) == (1, True, False), error
        (disk / "filler").unlink()
        assert hub.read_bytes() == before
        with Replica.open(hub) as replica:
            assert verify(replica).sound
        assert not (disk / "out").exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_file_that_may_not_be_read(house: House) -> None:
    """A database or form that belongs to somebody else is a numbered problem."""
    secret = house.folder / "field" / "secret.md"
    secret.write_text("secret")
    commands = ((("status", house.laptop), "HW-2002"), (("forms", "check", secret), "HW-1001"))
    for command, _ in commands:
        homeward(*command)  # loads the program while it may be read
    for path in (secret, house.laptop):
        path.chmod(0)
    root = os.geteuid() == 0  # who may read everything, and becomes somebody else for a moment
    if root:
        os.seteuid(NOBODY)
    try:
        done = [(homeward(*command, "--lang", "en"), number) for command, number in commands]
    finally:
        if root:
            os.seteuid(0)
        house.laptop.chmod(0o644)
    for result, number in done:
        assert (result.exit_code, number in result.stderr) == (1, True), result.output
        assert "Permission denied" in result.stderr


def test_a_folder_that_may_not_be_read(house: House) -> None:
    """Merged by name or by a pattern, it is told as such, and not as one in which nothing lies."""
    root = os.geteuid() == 0
    with TemporaryDirectory() as folder:  # below folders that everybody may enter
        Path(folder).chmod(0o755)
        field = Path(folder) / "field"
        field.mkdir()
        shutil.copy(house.laptop, field)
        homeward(
            "merge", house.hub, field / "none*.db", "--lang", "en"
        )  # loads the program while it may be read
        field.chmod(0)
        if root:
            os.seteuid(NOBODY)
        try:
            done = [
                homeward("merge", house.hub, source, "--lang", "en") for source in (field, field / "*.db")
            ]
        finally:
            if root:
                os.seteuid(0)
            field.chmod(0o755)
    for result in done:
        assert (result.exit_code, result.stderr[:7]) == (1, "HW-2002"), result.output
        assert "Permission denied" in result.stderr


STOPPED = """
import os, signal, sys
from importlib import import_module
module = import_module("{module}")
real = module.{name}
def stopped(*args, **kwargs):
    result = real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGINT)
    return result
module.{name} = stopped
from collector.cli import main
main()
"""


@pytest.mark.parametrize(
    ("module", "name", "command"),
    [
        ("sync.merge", "_take_new", "merge"),
        ("sync.merge", "_take_log", "merge"),
        ("collector.release.make", "gather", "release"),
        ("collector.release.make", "put", "release"),
    ],
)
def test_ctrl_c_in_the_middle(house: House, module: str, name: str, command: str) -> None:
    """Stopped while a merge or a release is at work: HW-3024 and status 1, the hub is sound and as before,
    no half release stands there, and the same command then goes through."""
    out = house.folder / "out"
    arguments = [command, house.hub, house.laptop if command == "merge" else out]
    before = house.digest()
    script = STOPPED.format(module=module, name=name)
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments), "--lang", "en"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (done.returncode, "HW-3024" in done.stderr, "Traceback" in done.stderr) == (1, True, False), done
    assert house.digest() == before
    assert not out.exists()
    assert [path for path in house.folder.iterdir() if path.name.startswith((".out", ".new"))] == []
    with Replica.open(house.hub) as hub:
        assert verify(hub).sound
    assert homeward(*arguments).exit_code == 0


def test_serving_is_ended_by_a_signal(house: House) -> None:
    """Ctrl+C ends the server quietly with status 0."""
    process = start("serve", house.hub, "--port", "0")
    assert process.stdout
    assert "http://127.0.0.1:" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in error) == (0, False), error
