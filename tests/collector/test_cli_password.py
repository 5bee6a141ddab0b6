"""A password that is asked for at a terminal."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import pytest

from collector import app_db
from collector.accounts import people
from sync import Replica

WORDS = {
    "en": ("Password: ", "The same password again: ", "They are not the same."),
    "zh": ("密码: ", "再输一次密码: ", "两次输入的不一样"),
}


def until(terminal: int, wanted: str) -> str:
    """What the terminal shows until this stands there. Raises OSError when the program ends before it does."""
    shown = b""
    while wanted.encode() not in shown:
        shown += os.read(terminal, 1024)
    return shown.decode()


@pytest.mark.parametrize("lang", WORDS)
def test_a_password_is_asked_for_twice_until_both_are_the_same(tmp_path: Path, lang: str) -> None:
    """In the language of the call, and what was mistyped once is asked for again."""
    db = tmp_path / "hub.db"
    Replica.create(db).close()
    first, again, differ = WORDS[lang]
    process, terminal = pty.fork()
    if process == 0:
        command = ["-m", "collector.cli", "user", "add", str(db), "anna", "--lang", lang]
        os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 - ours
    for asked, typed in ((first, "long-enough-1"), (again, "long-enough-2"), (first, "long-enough-3")):
        shown = until(terminal, asked)
        os.write(terminal, f"{typed}\n".encode())
    assert differ in shown
    until(terminal, again)
    os.write(terminal, b"long-enough-3\n")
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    connection = app_db.connect(app_db.path_for(db))
    try:
        assert people.by_password(connection, "anna", "long-enough-3") is not None
    finally:
        connection.close()
