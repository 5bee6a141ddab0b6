"""A file that appears whole or not at all, also where the program is killed or the stick is pulled out."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sync.faults import writing
from sync.problems import FILE_EXISTS, SyncError

_PART = ".part"


@contextmanager
def appearing(target: Path) -> Iterator[BinaryIO]:
    """A file to write, which gets its name when the block ends well. HW-2030 when there is one of that name,
    HW-2101 when its disk is full.

    What an earlier run that was killed left behind is removed first."""
    if target.exists():
        raise SyncError(FILE_EXISTS, str(target))
    start = f".{target.name}."
    for old in target.parent.iterdir():
        if old.name.startswith(start) and old.name.endswith(_PART):
            old.unlink(missing_ok=True)
    new = target.parent / f"{start}{secrets.token_hex(4)}{_PART}"
    try:
        with writing(target), new.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _put(new, target)
    finally:
        new.unlink(missing_ok=True)
    _flush(target.parent)


def _put(new: Path, target: Path) -> None:
    """Give a finished file its name; a file that came meanwhile is not replaced."""
    try:
        target.hardlink_to(new)
    except FileExistsError:
        raise SyncError(FILE_EXISTS, str(target)) from None
    except OSError:  # the file systems of sticks (FAT, exFAT) know no second name
        new.replace(target)


def _flush(folder: Path) -> None:
    """The names in a folder, on the disk (where the system can do that)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
