"""`homeward public`: the site as a process, and what it does when a new release takes the old one's place."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

PATIENCE = 40.0


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(out: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The command, from the line that says that it is ready until the end of the block."""
    command = [str(Path(sys.executable).with_name("homeward")), "public", str(out), "--port", str(port)]
    environment = {**os.environ, "LC_ALL": "en_US.UTF-8", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        assert str(port) in process.stdout.readline()
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def fetched(port: int) -> str:
    """The front page; empty while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/en")
        return connection.getresponse().read().decode()
    except (http.client.HTTPException, OSError):
        return ""
    finally:
        connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_new_release_is_shown_and_the_child_ends_with_its_parent(
    tmp_path: Path, written: ModuleType, number: signal.Signals
) -> None:
    """A release renamed into place is served without being asked; a signal ends both processes, status 0."""
    out, port = tmp_path / "out", free_port()
    written.write_release(out)
    with serving(out, port) as process:
        assert "2026-11-22.1" in fetched(port)
        written.write_release(tmp_path / "new", info={"version": "2026-12-24.7"})
        out.rename(tmp_path / "old")
        (tmp_path / "new").rename(out)
        until = time.monotonic() + PATIENCE
        while "2026-12-24.7" not in fetched(port):
            assert time.monotonic() < until
            time.sleep(0.1)
        process.send_signal(number)
        assert process.wait(20) == 0
    assert fetched(port) == ""
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def run(*arguments: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    command = [str(Path(sys.executable).with_name("homeward")), "public", *arguments]
    environment = {**os.environ, "LC_ALL": f"{lang}_XX.UTF-8"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


@pytest.mark.parametrize(("lang", "word"), [("en", "There is no release"), ("zh", "没有发布文件")])
def test_a_folder_without_a_release_is_refused(tmp_path: Path, lang: str, word: str) -> None:
    """HW-3701 in the terminal's language, status 1, nothing made."""
    done = run(str(tmp_path / "nothing"), "--port", "0", lang=lang)
    assert done.returncode == 1
    assert "HW-3701" in done.stderr
    assert word in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_refused(release_dir: Path) -> None:
    """HW-3018 with the port, status 1."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        done = run(str(release_dir), "--port", port)
    assert done.returncode == 1
    assert "HW-3018" in done.stderr
    assert port in done.stderr


def test_a_release_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A file that Datasette cannot open gives HW-3702 with Datasette's own words."""
    (tmp_path / "homeward.db").write_bytes(b"this is no database, whatever its name says" * 40)
    (tmp_path / "release.json").write_text('{"version": "x"}', "utf-8")
    done = run(str(tmp_path), "--port", "0")
    assert done.returncode == 1
    assert "HW-3702" in done.stderr
